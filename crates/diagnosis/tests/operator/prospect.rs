//! Would a restart inject, and if not, which rule stops it?

use std::path::Path;

use diagnosis::case::Case;
use diagnosis::prospect::Prospect;
use diagnosis::{OperatorState, diagnose};
use serde_json::{Value, json};

use crate::recorded::Recorded;

/// What a restart would bring to the workload of a cluster.
fn prospect(cluster: &Recorded) -> Prospect {
    let (input, id) = cluster.read();
    let operator = OperatorState::discover(&input.world);
    let subject = input.world.subject(&id).unwrap();
    Case::new(&subject, &input.world, &operator, cluster.now).prospect()
}

/// Three Pods of 23:20:42 without an agent; the operator became ready at 23:20:48.
fn outage() -> Recorded {
    Recorded::new("pod-created-while-webhook-unavailable")
}

/// Some Pods of one revision carry the agent, and the operator and its webhook are older than all of them.
fn proven() -> Recorded {
    Recorded::new("mixed-replicas").operator_ready_long_ago().set(
        "MutatingWebhookConfiguration",
        "",
        "/metadata/generation",
        &json!(1),
    )
}

/// Changes the template and the Pods made from it.
fn everywhere(cluster: Recorded, change: impl Fn(&mut Value)) -> Recorded {
    cluster
        .each("Pod", "app", &change)
        .each("ReplicaSet", "app", |set| change(&mut set["spec"]["template"]))
        .each("Deployment", "app", |deployment| change(&mut deployment["spec"]["template"]))
}

fn annotated(cluster: Recorded, key: &str, value: &str) -> Recorded {
    let key = format!("instrumentation.opentelemetry.io/{key}");
    everywhere(cluster, |pod| pod["metadata"]["annotations"][&key] = value.into())
}

const NOW: &str = "A restart now would inject";
const NOT_VERIFIED: &str = "A restart would inject if the operator's webhook answers (not verified)";

#[test]
fn a_restart_is_promised_only_where_it_is_known_to_help() {
    let later = json!("2026-11-22T23:59:00Z");
    for (what, cluster, want) in [
        ("nothing shows that the webhook answers", outage(), NOT_VERIFIED),
        ("a Pod was injected since", proven(), NOW),
        (
            "the webhook was changed, nobody knows when",
            proven().set("MutatingWebhookConfiguration", "", "/metadata/generation", &json!(2)),
            NOT_VERIFIED,
        ),
        (
            "the webhook is younger than every Pod",
            proven().set("MutatingWebhookConfiguration", "", "/metadata/creationTimestamp", &later),
            NOT_VERIFIED,
        ),
        (
            "another language is off",
            annotated(annotated(proven(), "inject-go", "true"), "otel-go-auto-target-exe", "/app"),
            "A restart alone would not inject: support for go is switched off in the operator; start the operator with --enable-go-instrumentation",
        ),
        (
            "a name that does not exist",
            annotated(proven(), "inject-python", "nobody"),
            "A restart alone would not inject: one look-up that fails stops every language, and that for python does: inject-python is \"nobody\", and there is no Instrumentation nobody in namespace shop-…",
        ),
        (
            "the API server would refuse the Pod",
            everywhere(proven(), |pod| {
                let env = &mut pod["spec"]["containers"][0]["env"];
                if env.is_null() {
                    *env = json!([]);
                }
                let own = json!({"name": "OTEL_RESOURCE_ATTRIBUTES", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}});
                env.as_array_mut().unwrap().insert(0, own);
            }),
            "A restart alone would not inject: the API server would refuse the injected Pod: it is invalid: spec.containers[0].env[",
        ),
        (
            "the webhook is gone",
            proven().without("MutatingWebhookConfiguration", ""),
            "A restart alone would not inject: no Pod webhook of the operator is registered; install the operator, with its webhooks",
        ),
        (
            "nobody is behind the webhook",
            proven().without("EndpointSlice", "operator"),
            "A restart alone would not inject: the operator cannot be asked now (Service opentelemetry-operator-system/opentelemetry-operator-webhook-service): no Pod of the operator is ready behind it",
        ),
    ] {
        let sentence = prospect(&cluster).sentence();
        let want = want.trim_end_matches('…');
        assert!(sentence.starts_with(want), "{what}:\n{sentence}");
    }
}

/// On every recorded cluster: whoever lacks something is told a way out, and a restart is promised only where it is known
/// to help.
#[test]
fn every_lack_has_a_way_out() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../input/scenarios");
    let mut lacking = 0;
    for folder in
        std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir())
    {
        let scenario = folder.file_name().unwrap().to_string_lossy().into_owned();
        let cluster = Recorded::new(&scenario);
        let (input, _) = cluster.read();
        let operator = OperatorState::discover(&input.world);
        for id in input.world.workloads() {
            let subject = input.world.subject(&id).unwrap();
            let case = Case::new(&subject, &input.world, &operator, cluster.now);
            let options = diagnosis::Options::default();
            let Some(diagnosis) = diagnose(&subject, &input.world, &operator, None, cluster.now, &options)
            else {
                continue;
            };
            let prospect = case.prospect();
            for finding in &diagnosis.status.findings {
                let promised = finding.remedy.starts_with(NOW);
                assert!(!promised || prospect == Prospect::Injected, "{scenario} {id}: {finding:?}");
                let recommended = finding.remedy.starts_with("A restart alone");
                assert!(!recommended || !finding.remedy.contains("kubectl"), "{scenario} {id}: {finding:?}");
            }
            if case.lacking_groups().next().is_none() {
                continue;
            }
            lacking += 1;
            let first = &diagnosis.status.findings[0];
            assert!(!first.remedy.is_empty(), "{scenario} {id}: {first:?}");
        }
    }
    assert!(lacking > 35, "only {lacking} workloads lack something");
}
