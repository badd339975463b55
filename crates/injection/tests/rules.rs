//! Rules that no recorded case happens to show, each with where it is written.

#![allow(clippy::unwrap_used, reason = "a test: what does not fit fails it")]

#[path = "oracle/world.rs"]
#[expect(dead_code, reason = "the oracle test uses the rest")]
mod world;

use facts::{PodShape, PodView, StringMap};
use injection::{Decision, PodRequest, Policies, decide, inject, refusal};
use serde::Deserialize;
use serde_json::{Value, json};
use world::World;

const NAMESPACE: &str = "shop";
const PREFIX: &str = "instrumentation.opentelemetry.io/";

/// A world with Instrumentations, all in one namespace.
fn world(version: &str, flags: &[&str], instrumentations: &[(&str, Value)]) -> World {
    let instrumentations: Vec<Value> = instrumentations
        .iter()
        .map(|(name, spec)| json!({ "metadata": {"namespace": NAMESPACE, "name": name}, "spec": spec }))
        .collect();
    World::read(&json!({
        "operatorVersion": version,
        "flags": flags,
        "webhook": {},
        "namespaces": [{"name": NAMESPACE}],
        "instrumentations": instrumentations,
        "collectors": [{"namespace": NAMESPACE, "name": "sidecar-with-a-name-that-is-much-longer-than-sixty-three-characters", "mode": "sidecar"}],
    })).unwrap()
}

fn pod(annotations: &[(&str, &str)], spec: &Value) -> Value {
    let annotations: serde_json::Map<String, Value> =
        annotations.iter().map(|(key, value)| (format!("{PREFIX}{key}"), (*value).into())).collect();
    json!({ "metadata": {"namespace": NAMESPACE, "name": "p", "annotations": annotations}, "spec": spec })
}

fn send(pod: &Value, world: &World) -> (Decision, Value) {
    let PodView { metadata, spec, .. } = PodView::deserialize(pod).unwrap();
    let shape = PodShape { annotations: metadata.annotations, labels: metadata.labels, spec };
    let request = PodRequest {
        namespace: NAMESPACE,
        name: &metadata.name,
        generate_name: "",
        owners: &[],
        shape: &shape,
    };
    let decision = decide(&request, world, &world.operator);
    let injected = inject(pod, NAMESPACE, &decision, world);
    (decision, injected)
}

fn init_container<'a>(pod: &'a Value, suffix: &str) -> &'a Value {
    let mut all = pod["spec"]["initContainers"].as_array().unwrap().iter();
    all.find(|container| container["name"].as_str().unwrap().ends_with(suffix)).unwrap()
}

/// `javaagent.go`, changed by the operator's pull request 5336.
#[test]
fn java_extensions_run_as_their_target_since_0_157() {
    let context = json!({ "runAsUser": 1001 });
    let given = json!({ "runAsNonRoot": true });
    let spec = |given: &Value| {
        json!({
            "java": {"image": "java:2", "extensions": [{"image": "e:1", "dir": "/e"}]},
            "initContainerSecurityContext": given,
        })
    };
    let pod = pod(
        &[("inject-java", "true")],
        &json!({ "containers": [{"name": "app", "image": "app:1", "securityContext": context}] }),
    );
    for (version, spec, agent, extension) in [
        ("0.158.0", spec(&Value::Null), &context, &context),
        ("0.158.0", spec(&given), &given, &given),
        ("0.156.0", spec(&given), &given, &Value::Null),
        ("0.148.0", spec(&given), &context, &Value::Null),
    ] {
        let (_, injected) = send(&pod, &world(version, &[], &[("inst", spec)]));
        assert_eq!(&init_container(&injected, "-java")["securityContext"], agent, "{version}");
        assert_eq!(&init_container(&injected, "-extension-0")["securityContext"], extension, "{version}");
    }
}

/// The same change: Java asks its target before the agent takes its place in the slice. With three init containers the slice
/// has room for a fourth, so the other languages still look at their own agent.
#[test]
fn java_alone_asks_its_target_before_the_agent_takes_its_place() {
    let context = json!({ "runAsUser": 1001 });
    let init = |name: &str| json!({ "name": name, "image": "app:1", "securityContext": context });
    let spec = json!({
        "initContainers": [init("a"), init("b"), init("c")],
        "containers": [{"name": "app", "image": "app:1"}],
    });
    let agents = json!({ "java": {"image": "java:2"}, "nodejs": {"image": "node:1"} });
    let world = world("0.158.0", &[], &[("inst", agents)]);
    for (language, want) in [("java", &context), ("nodejs", &Value::Null)] {
        let key = format!("inject-{language}");
        let (_, injected) = send(&pod(&[(&key, "true"), ("container-names", "b")], &spec), &world);
        assert_eq!(
            &init_container(&injected, &format!("-{language}"))["securityContext"],
            want,
            "{language}"
        );
    }
}

/// `podmutator.go` `validateInstrumentations`; the list behind it is the one of point 10 of the oracle's README.
#[test]
fn missing_tls_objects_are_named_in_the_operators_order() {
    let tls = |secret: &str| json!({ "exporter": {"tls": {"secretName": secret}} });
    let languages = ["nodejs", "python", "go", "nginx"];
    let instrumentations = languages.map(|language| (language, tls(language)));
    let keys = languages.map(|language| format!("inject-{language}"));
    let annotations: Vec<(&str, &str)> = keys.iter().map(String::as_str).zip(languages).collect();
    let pod = pod(&annotations, &json!({ "containers": [{"name": "app", "image": "app:1"}] }));
    let flags = ["--enable-go-instrumentation", "--enable-nginx-instrumentation"];
    for (version, want) in
        [("0.158.0", ["nodejs", "python", "nginx", "go"]), ("0.131.0", ["python", "nodejs", "go", "nginx"])]
    {
        let (decision, _) = send(&pod, &world(version, &flags, &instrumentations));
        let message = decision.answer_in(NAMESPACE).message.unwrap();
        let named: Vec<&str> = message.lines().map(|line| line.split(['/', ' ']).nth(2).unwrap()).collect();
        assert_eq!(named, want, "{version}: {message}");
    }
}

/// `podmutator.go` `validateInstrumentation` ignores every error but "not found"; in a namespace that is not watched the cache
/// answers with another (point 18 of the oracle's README).
#[test]
fn tls_objects_in_a_namespace_that_is_not_watched_are_taken_for_there() {
    let spec = json!({ "java": {"image": "java:2"}, "exporter": {"tls": {"secretName": "absent"}} });
    let pod =
        pod(&[("inject-java", "far/inst")], &json!({ "containers": [{"name": "app", "image": "app:1"}] }));
    for (watched, is_injected) in [("far", true), ("far,shop", false)] {
        let flag = format!("--watch-namespace={watched}");
        let world = World::read(&json!({
            "operatorVersion": "0.158.0",
            "flags": [flag],
            "webhook": {},
            "namespaces": [{"name": NAMESPACE}, {"name": "far"}],
            "instrumentations": [{"metadata": {"namespace": "far", "name": "inst"}, "spec": spec}],
        }))
        .unwrap();
        assert_eq!(send(&pod, &world).0.injects(), is_injected, "{watched}");
    }
}

/// Point 5 of the oracle's README: of `spec.env`, Python's own entry is there first. So a container named twice is not
/// skipped the second time, but refused for its double mount (point 20).
#[test]
fn a_container_named_twice_finds_the_variable_of_the_first_time() {
    let reference =
        json!([{ "name": "PYTHONPATH", "valueFrom": {"configMapKeyRef": {"name": "c", "key": "k"}} }]);
    let spec = json!({ "python": {"image": "python:1"}, "env": reference });
    let world = world("0.158.0", &["--enable-multi-instrumentation=false"], &[("inst", spec)]);
    let pod = pod(
        &[("inject-python", "true"), ("container-names", "app,app")],
        &json!({ "containers": [{"name": "app", "image": "app:1"}] }),
    );
    let (decision, injected) = send(&pod, &world);
    assert_eq!(decision.injected().count(), 2);
    let labels = StringMap::default();
    let policies = Policies { namespace_labels: &labels, limit_ranges: &[], resource_quotas: &[] };
    let text = refusal(&pod, &injected, &policies).unwrap().cause.text();
    assert_eq!(
        text,
        "spec.containers[0].volumeMounts[1].mountPath: Invalid value: \"/otel-auto-instrumentation-python\": must be unique"
    );
}

/// `pkg/sidecar/pod.go` `add` with `internal/naming/triming.go` `Truncate`: the namespace is cut first.
#[test]
fn a_long_label_of_a_collector_loses_its_namespace_first() {
    let name = "sidecar-with-a-name-that-is-much-longer-than-sixty-three-characters";
    let pod = json!({
        "metadata": {"namespace": NAMESPACE, "name": "p", "annotations": {"sidecar.opentelemetry.io/inject": name}},
        "spec": {"containers": [{"name": "app", "image": "app:1"}]},
    });
    let (_, injected) = send(&pod, &world("0.158.0", &[], &[]));
    assert_eq!(injected["metadata"]["labels"]["sidecar.opentelemetry.io/injected"], name[..62]);
}

fn refused(spec: &Value, limit_ranges: &[Value], resource_quotas: &[Value]) -> Option<String> {
    let labels = StringMap::default();
    let pod = json!({ "metadata": {"name": "p"}, "spec": spec });
    let policies = Policies { namespace_labels: &labels, limit_ranges, resource_quotas };
    refusal(&pod, &pod, &policies).map(|refusal| refusal.cause.text())
}

fn with_resources(requests: &Value, limits: &Value) -> Value {
    json!({ "containers": [{"name": "app", "image": "app:1", "resources": {"requests": requests, "limits": limits}}] })
}

/// `plugin/pkg/admission/limitranger/admission.go` and `pkg/apis/core/v1/defaults.go`, kube-apiserver v1.36.3.
#[test]
fn limit_ranges_are_judged_as_the_api_server_does() {
    let range = |limit: Value| json!({ "spec": {"limits": [limit]} });
    let cpu = |amount: &str| json!({ "cpu": amount });
    let one = with_resources(&cpu("100m"), &cpu("500m"));
    for (spec, limit, want) in [
        (
            &one,
            json!({ "type": "Container", "min": cpu("200m") }),
            "minimum cpu usage per Container is 200m, but request is 100m",
        ),
        (
            &one,
            json!({ "type": "Container", "max": cpu("300m") }),
            "maximum cpu usage per Container is 300m, but limit is 500m",
        ),
        (
            &one,
            json!({ "type": "Container", "maxLimitRequestRatio": cpu("2") }),
            "cpu max limit to request ratio per Container is 2, but provided ratio is 5.000000",
        ),
        (
            &one,
            json!({ "type": "Pod", "max": cpu("400m") }),
            "maximum cpu usage per Pod is 400m, but limit is 500m",
        ),
        (
            &with_resources(&json!({}), &json!({})),
            json!({ "type": "Pod", "max": cpu("400m") }),
            "maximum cpu usage per Pod is 400m.  No limit is specified",
        ),
    ] {
        assert_eq!(refused(spec, &[range(limit)], &[]).as_deref(), Some(want));
    }
    // A maximum is the default limit of a container without one.
    let unnamed = with_resources(&json!({}), &json!({}));
    assert_eq!(refused(&unnamed, &[range(json!({ "type": "Container", "max": cpu("300m") }))], &[]), None);
}

/// `pkg/quota/v1/evaluator/core/pods.go`, kube-apiserver v1.36.3.
#[test]
fn quotas_are_judged_as_the_api_server_does() {
    let quota = |spec: Value| json!({ "name": "rq", "spec": spec });
    let cpu = |amount: &str| json!({ "cpu": amount });
    let one = with_resources(&cpu("100m"), &json!({}));
    for (spec, quota_spec, want) in [
        (
            &one,
            json!({ "hard": {"requests.cpu": "40m"} }),
            Some(
                "exceeded quota: rq, requested: requests.cpu=100m, used: requests.cpu=0, limited: requests.cpu=40m",
            ),
        ),
        (
            &one,
            json!({ "hard": {"limits.cpu": "1", "memory": "1Gi"} }),
            Some("failed quota: rq: must specify limits.cpu for: app; memory for: app"),
        ),
        (&one, json!({ "hard": {"requests.cpu": "40m"}, "scopes": ["BestEffort"] }), None),
        (
            &one,
            json!({ "hard": {"requests.cpu": "40m"}, "scopes": ["NotTerminating"] }),
            Some(
                "exceeded quota: rq, requested: requests.cpu=100m, used: requests.cpu=0, limited: requests.cpu=40m",
            ),
        ),
        (
            &one,
            json!({ "hard": {"pods": "0"} }),
            Some("exceeded quota: rq, requested: pods=1, used: pods=0, limited: pods=0"),
        ),
        (&one, json!({ "hard": {"services": "0", "requests.storage": "0"} }), None),
    ] {
        assert_eq!(refused(spec, &[], &[quota(quota_spec)]).as_deref(), want);
    }
    // The API server makes a limit a request before a `LimitRange` can.
    let limited = with_resources(&json!({}), &cpu("500m"));
    let range = json!({ "spec": {"limits": [{"type": "Container", "defaultRequest": cpu("10m")}]} });
    let text = refused(&limited, &[range], &[quota(json!({ "hard": {"requests.cpu": "40m"} }))]).unwrap();
    assert!(text.contains("requests.cpu=500m"), "{text}");
}

/// `pkg/apis/core/validation/validation.go`, kube-apiserver v1.36.3: what the operator takes from an Instrumentation unchecked.
#[test]
fn what_an_instrumentation_brings_can_make_a_pod_invalid() {
    let pod =
        pod(&[("inject-nodejs", "true")], &json!({ "containers": [{"name": "app", "image": "app:1"}] }));
    let key = |source: &Value| json!([{ "name": "A", "valueFrom": source }]);
    for (spec, want) in [
        (
            json!({ "imagePullPolicy": "Sometimes" }),
            "spec.initContainers[0].imagePullPolicy: Unsupported value: \"Sometimes\": supported values: \"Always\", \
             \"IfNotPresent\", \"Never\"",
        ),
        (
            json!({ "nodejs": {"image": "n:1", "resourceRequirements": {"limits": {"cpu": "1m"}, "requests": {"cpu": "1"}}} }),
            "spec.initContainers[0].resources.requests: Invalid value: \"1\": must be less than or equal to cpu limit of 1m",
        ),
        (
            json!({ "env": key(&json!({ "secretKeyRef": {"name": "s", "key": ""} })) }),
            "spec.containers[0].env[2].valueFrom.secretKeyRef.key: Required value",
        ),
        (
            json!({ "env": key(&json!({})) }),
            "spec.containers[0].env[2].valueFrom: Invalid value: \"\": must specify one of: `fieldRef`, `resourceFieldRef`, \
             `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`",
        ),
    ] {
        let mut spec = spec;
        if spec["nodejs"].is_null() {
            spec["nodejs"] = json!({ "image": "n:1" });
        }
        let (_, injected) = send(&pod, &world("0.158.0", &[], &[("inst", spec)]));
        let labels = StringMap::default();
        let policies = Policies { namespace_labels: &labels, limit_ranges: &[], resource_quotas: &[] };
        let refusal = refusal(&pod, &injected, &policies).unwrap();
        assert!(!refusal.without_injection);
        assert_eq!(refusal.cause.text(), want);
    }
}

fn refused_in(labels: &[(&'static str, &'static str)], spec: &Value) -> Option<String> {
    let labels: StringMap = labels.iter().copied().collect();
    let pod = json!({ "metadata": {"name": "p"}, "spec": spec });
    let policies = Policies { namespace_labels: &labels, limit_ranges: &[], resource_quotas: &[] };
    refusal(&pod, &pod, &policies).map(|refusal| refusal.cause.text())
}

/// `k8s.io/pod-security-admission` v0.36, held against a kube-apiserver v1.36.3 with thousands of mutated Pods.
#[test]
fn pod_security_is_judged_as_the_api_server_does() {
    const LEVEL: &str = "pod-security.kubernetes.io/enforce";
    const VERSION: &str = "pod-security.kubernetes.io/enforce-version";
    let app = |more: Value| {
        let mut app = json!({ "name": "app", "image": "app:1" });
        app.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({ "containers": [app] })
    };
    let hardened = json!({
        "allowPrivilegeEscalation": false,
        "capabilities": {"drop": ["ALL"]},
        "runAsNonRoot": true,
        "runAsUser": 0,
        "seccompProfile": {"type": "RuntimeDefault"},
    });
    for (labels, spec, want) in [
        (
            [(LEVEL, "baseline"), (VERSION, "latest")],
            app(
                json!({ "ports": [{"containerPort": 9000, "hostPort": 9000}, {"containerPort": 1, "hostPort": 10000}] }),
            ),
            Some(
                "violates PodSecurity \"baseline:latest\": hostPort (container \"app\" uses hostPorts 10000, 9000)",
            ),
        ),
        (
            [(LEVEL, "baseline"), (VERSION, "latest")],
            app(json!({ "securityContext": {"seLinuxOptions": {"type": "spc_t", "user": "u"}} })),
            Some(
                "violates PodSecurity \"baseline:latest\": seLinuxOptions (container \"app\" set forbidden \
                 securityContext.seLinuxOptions: type \"spc_t\"; user may not be set)",
            ),
        ),
        (
            [(LEVEL, "restricted"), (VERSION, "v1.24")],
            app(json!({ "securityContext": hardened })),
            Some(
                "violates PodSecurity \"restricted:v1.24\": runAsUser=0 (container \"app\" must not set runAsUser=0)",
            ),
        ),
        // The check came with 1.23.
        ([(LEVEL, "restricted"), (VERSION, "v1.22")], app(json!({ "securityContext": hardened })), None),
    ] {
        assert_eq!(refused_in(&labels, &spec).as_deref(), want);
    }
}

/// `pkg/apis/core/validation/validation.go`, kube-apiserver v1.36.3.
#[test]
fn a_pod_in_the_nodes_process_namespace_is_refused_with_the_go_agent() {
    let spec = json!({ "hostPID": true, "containers": [{"name": "app", "image": "app:1"}] });
    let world =
        world("0.158.0", &["--enable-go-instrumentation"], &[("inst", json!({ "go": {"image": "go:1"} }))]);
    let pod = pod(&[("inject-go", "true"), ("otel-go-auto-target-exe", "/app")], &spec);
    let (_, injected) = send(&pod, &world);
    let labels = StringMap::default();
    let policies = Policies { namespace_labels: &labels, limit_ranges: &[], resource_quotas: &[] };
    let refusal = refusal(&pod, &injected, &policies).unwrap();
    assert!(!refusal.without_injection);
    assert_eq!(
        refusal.cause.text(),
        "spec.securityContext.shareProcessNamespace: Invalid value: true: ShareProcessNamespace and HostPID cannot both be enabled"
    );
}

/// A bound is held against what a `LimitRange` puts in, before the Pod is validated.
#[test]
fn a_default_limit_can_make_a_request_invalid() {
    let range = json!({ "spec": {"limits": [{"type": "Container", "default": {"memory": "64Mi"}}]} });
    assert_eq!(
        refused(&with_resources(&json!({ "memory": "1Gi" }), &json!({})), &[range], &[]).as_deref(),
        Some(
            "spec.containers[0].resources.requests: Invalid value: \"1Gi\": must be less than or equal to memory limit of 64Mi"
        )
    );
}
