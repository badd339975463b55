//! What holds for every Pod, not only for the recorded ones?

#![allow(clippy::unwrap_used, reason = "a test: what does not fit fails it")]

#[path = "oracle/world.rs"]
#[expect(dead_code, reason = "the oracle test uses the rest")]
mod world;

use std::sync::Arc;

use facts::{Language, OwnerReference, PodShape, PodView};
use injection::{Decision, Outcome, PodRequest, Policies, decide, inject, marks, refusal};
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};
use world::World;

const NAMESPACE: &str = "shop";
const PREFIX: &str = "instrumentation.opentelemetry.io/";

/// Texts that mean something to the operator, and some that do not.
fn annotation_value() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => Just("true".to_owned()),
        1 => prop::sample::select(vec!["false", "inst", "other/far", "", "TRUE", "app", "app,web", "app,app", "init", "musl", "a b"])
            .prop_map(str::to_owned),
        1 => "\\PC{0,8}",
    ]
}

fn annotation_key() -> impl Strategy<Value = String> {
    let keys: Vec<String> = Language::ALL
        .iter()
        .flat_map(|language| [language.inject_key(), language.container_names_key()])
        .map(str::to_owned)
        .chain(
            ["container-names", "otel-python-platform", "otel-go-auto-target-exe"]
                .map(|word| format!("{PREFIX}{word}")),
        )
        .chain(["sidecar.opentelemetry.io/inject", "resource.opentelemetry.io/team"].map(str::to_owned))
        .collect();
    prop::sample::select(keys)
}

fn variable() -> impl Strategy<Value = Value> {
    let names = vec![
        "JAVA_TOOL_OPTIONS",
        "NODE_OPTIONS",
        "PYTHONPATH",
        "DOTNET_STARTUP_HOOKS",
        "LD_LIBRARY_PATH",
        "OTEL_RESOURCE_ATTRIBUTES",
        "OTEL_SERVICE_NAME",
        "OTEL_TRACES_SAMPLER",
        "OTHER",
    ];
    let reference = json!({ "configMapKeyRef": {"name": "c", "key": "k"} });
    (prop::sample::select(names), prop_oneof![Just(None), Just(Some(reference))], "[a-z=,]{0,12}").prop_map(
        |(name, reference, value)| match reference {
            Some(reference) => json!({ "name": name, "valueFrom": reference }),
            None => json!({ "name": name, "value": value }),
        },
    )
}

fn container(name: &'static str) -> impl Strategy<Value = Value> {
    let image = prop::sample::select(vec!["app:1", "registry:5000/shop/app", "app@sha256:abc", ""]);
    (prop::collection::vec(variable(), 0..6), image, any::<bool>()).prop_map(
        move |(env, image, with_context)| {
            let mut container = json!({ "name": name, "image": image, "env": env, "resources": {} });
            if with_context {
                container["securityContext"] = json!({ "runAsUser": 1000 });
            }
            container
        },
    )
}

fn pod() -> impl Strategy<Value = Value> {
    let annotations = prop::collection::btree_map(annotation_key(), annotation_value(), 0..6);
    let some = |name| prop::option::of(container(name));
    (annotations, (some("init"), some("init-b"), container("app"), some("web")), any::<(bool, bool)>())
        .prop_map(|(annotations, (init, init_b, app, web), (named, with_node))| {
            let mut pod = json!({
                "metadata": {"namespace": NAMESPACE, "annotations": annotations, "generateName": "p-"},
                "spec": {
                    "initContainers": init.into_iter().chain(init_b).collect::<Vec<_>>(),
                    "containers": std::iter::once(app).chain(web).collect::<Vec<_>>(),
                },
            });
            if named {
                pod["metadata"]["name"] = "p".into();
            }
            if with_node {
                pod["spec"]["nodeName"] = "n".into();
            }
            pod
        })
}

fn instrumentation(namespace: &str, name: &str) -> Value {
    let agent = |image: &str| json!({ "image": image });
    json!({
        "metadata": {"namespace": namespace, "name": name},
        "spec": {
            "exporter": {"endpoint": "http://collector:4318"},
            "java": agent("java:2"), "nodejs": agent("node:1"), "python": agent("python:1"), "dotnet": agent("dotnet:1"),
            "go": agent("go:1"), "apacheHttpd": agent("apache:1"), "nginx": agent("nginx:1"),
        },
    })
}

fn world(instrumentations: &[Value]) -> World {
    World::read(&json!({
        "operatorVersion": "0.158.0",
        "flags": ["--enable-go-instrumentation", "--enable-nginx-instrumentation"],
        "webhook": {},
        "namespaces": [{"name": NAMESPACE}],
        "instrumentations": instrumentations,
    }))
    .unwrap()
}

struct Submitted {
    name: String,
    owners: Arc<[OwnerReference]>,
    shape: PodShape,
}

fn submitted(pod: &Value) -> Submitted {
    let PodView { metadata, spec, .. } = PodView::deserialize(pod).unwrap();
    let shape = PodShape { annotations: metadata.annotations, labels: metadata.labels, spec };
    Submitted { name: metadata.name.to_string(), owners: metadata.owner_references, shape }
}

fn decide_for(pod: &Value, world: &World) -> Decision {
    let Submitted { name, owners, shape } = &submitted(pod);
    let request = PodRequest { namespace: NAMESPACE, name, generate_name: "p-", owners, shape };
    decide(&request, world, &world.operator)
}

fn inject_into(pod: &Value, world: &World) -> (Decision, Value) {
    let decision = decide_for(pod, world);
    let injected = inject(pod, NAMESPACE, &decision, world);
    (decision, injected)
}

/// SDK-only injection that the operator does not find again: into init containers alone, or into a Pod that came with a
/// node, so that no regular container has `OTEL_RESOURCE_ATTRIBUTES_NODE_NAME`.
fn is_missed_by_the_operator(injected: &Value) -> bool {
    let has_variable = |container: &Value| {
        let env = container["env"].as_array().into_iter().flatten();
        env.map(|var| &var["name"]).any(|name| name == injection::NODE_NAME_VARIABLE)
    };
    let shape = submitted(injected).shape;
    let only_sdk = marks(&shape).agents.is_empty();
    only_sdk && !injected["spec"]["containers"].as_array().into_iter().flatten().any(has_variable)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn injecting_twice_changes_nothing_more(pod in pod()) {
        let world = world(&[instrumentation(NAMESPACE, "inst")]);
        let (first, once) = inject_into(&pod, &world);
        let (_, twice) = inject_into(&once, &world);
        if !first.injects() || !is_missed_by_the_operator(&once) {
            prop_assert_eq!(once, twice);
        }
    }

    #[test]
    fn containers_that_are_not_targets_are_untouched(pod in pod()) {
        let world = world(&[instrumentation(NAMESPACE, "inst")]);
        let (decision, injected) = inject_into(&pod, &world);
        let is_target = |name: &Value| decision.injected().any(|(_, target)| *name == *target.container);
        for list in ["initContainers", "containers"] {
            for container in pod["spec"][list].as_array().unwrap().iter().filter(|container| !is_target(&container["name"])) {
                prop_assert!(injected["spec"][list].as_array().unwrap().contains(container), "{}", container["name"]);
            }
        }
    }

    #[test]
    fn what_does_not_concern_the_pod_changes_nothing(pod in pod(), value in "\\PC{0,8}") {
        let near = world(&[instrumentation(NAMESPACE, "inst")]);
        let both = world(&[instrumentation(NAMESPACE, "inst"), instrumentation("elsewhere", "inst")]);
        prop_assert_eq!(inject_into(&pod, &near).1, inject_into(&pod, &both).1);
        let mut noted = pod.clone();
        noted["metadata"]["annotations"]["example.com/note"] = value.into();
        prop_assert_eq!(&inject_into(&noted, &near).1["spec"], &inject_into(&pod, &near).1["spec"]);
    }

    #[test]
    fn decide_and_inject_agree(pod in pod()) {
        let world = world(&[instrumentation(NAMESPACE, "inst")]);
        let (decision, injected) = inject_into(&pod, &world);
        prop_assert_eq!(decision.changes_pod(), injected != pod);
        let found = marks(&submitted(&injected).shape);
        for (language, target) in decision.injected() {
            prop_assert!(found.is_injected(language, &target.container) || target.outcome != injection::TargetOutcome::Injected);
        }
        if decision.outcome != Outcome::Processed && !decision.changes_pod() {
            prop_assert_eq!(injected, pod);
        }
    }

    #[test]
    fn nothing_panics(pod in pod(), instrumented in any::<bool>(), garbage in "\\PC{0,20}") {
        let instrumentations = if instrumented { vec![instrumentation(NAMESPACE, "inst")] } else { vec![] };
        let world = world(&instrumentations);
        let (decision, injected) = inject_into(&pod, &world);
        let shape = submitted(&pod).shape;
        let labels = shape.labels.clone();
        let policies = Policies { namespace_labels: &labels, limit_ranges: &[], resource_quotas: &[] };
        refusal(&pod, &injected, &policies);
        decision.log_lines(&PodRequest::of_shape(NAMESPACE, &shape));
        // A template that is hardly one.
        for odd in [json!({}), json!({ "spec": garbage }), json!({ "spec": {"containers": garbage} }), Value::Null] {
            inject(&odd, NAMESPACE, &decision, &world);
            refusal(&odd, &odd, &policies);
        }
    }
}
