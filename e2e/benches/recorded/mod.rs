//! Which Pod stands for all Pods?
//!
//! A recorded one that the operator injected (0.158.0, Kubernetes 1.36.3), with a second container, a probe and the
//! `managedFields` of its writers: 14 KB, as API servers store Pods. What differs from Pod to Pod is `{cut out}`.

use serde_json::{Value, json};

/// The Pod, as JSON.
pub const POD: &str = include_str!("pod.json");

/// Where the collector is that it sends to.
pub const COLLECTOR_NAMESPACE: &str = "observability-ylqpz";

/// The Pod template from which it came, before injection.
pub fn template(app: &str) -> Value {
    let mut pod = parsed(app);
    let mut spec = pod["spec"].take();
    for field in ["initContainers", "volumes", "nodeName", "tolerations", "priority", "preemptionPolicy"] {
        spec[field].take();
    }
    for container in spec["containers"].as_array_mut().into_iter().flatten() {
        retain(&mut container["env"], |var| {
            !name(var).starts_with("OTEL_") && name(var) != "JAVA_TOOL_OPTIONS"
        });
        container["volumeMounts"].take();
    }
    let annotations = pod["metadata"]["annotations"].take();
    without_null(json!({"metadata": {"labels": {"app": app}, "annotations": annotations}, "spec": spec}))
}

/// The Pod as a `ReplicaSet`'s controller and the operator's webhook send it to the API server, without what that adds.
#[allow(dead_code, reason = "one of the benchmarks makes stored Pods instead")]
pub fn created(app: &str, namespace: &str, set: &str) -> Value {
    let text = POD.replace("{app}", app).replace("{namespace}", namespace).replace("{set}", set);
    let mut pod: Value = serde_json::from_str(&text).expect("the recorded Pod is JSON");
    let mut spec = pod["spec"].take();
    let is_token = |volume: &Value| name(volume).starts_with("kube-api-access-");
    for field in ["tolerations", "priority", "preemptionPolicy"] {
        spec[field].take();
    }
    retain(&mut spec["volumes"], |volume| !is_token(volume));
    for kind in ["initContainers", "containers"] {
        for container in spec[kind].as_array_mut().into_iter().flatten() {
            retain(&mut container["volumeMounts"], |mount| !is_token(mount));
        }
    }
    let metadata =
        json!({"labels": pod["metadata"]["labels"], "annotations": pod["metadata"]["annotations"]});
    without_null(json!({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}))
}

/// Spec of the Instrumentation by which it was injected.
pub fn instrumentation_spec() -> Value {
    json!({
        "exporter": {"endpoint": format!("http://otel-collector.{COLLECTOR_NAMESPACE}.svc.cluster.local:4318")},
        "propagators": ["tracecontext", "baggage"],
        "sampler": {"type": "parentbased_traceidratio", "argument": "1"},
        "java": {"image": "ghcr.io/open-telemetry/opentelemetry-operator/autoinstrumentation-java:2.30.0",
                 "resources": {"limits": {"cpu": "500m", "memory": "256Mi"}, "requests": {"cpu": "50m", "memory": "64Mi"}}},
    })
}

/// Its status, running and ready.
#[allow(dead_code, reason = "one of the benchmarks makes whole Pods instead")]
pub fn status(app: &str) -> Value {
    parsed(app)["status"].take()
}

fn parsed(app: &str) -> Value {
    serde_json::from_str(&POD.replace("{app}", app)).expect("the recorded Pod is JSON")
}

fn name(var: &Value) -> &str {
    var["name"].as_str().unwrap_or_default()
}

fn retain(list: &mut Value, keep: impl Fn(&Value) -> bool) {
    if let Some(list) = list.as_array_mut() {
        list.retain(keep);
    }
}

fn without_null(value: Value) -> Value {
    match value {
        Value::Object(map) => map
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(key, value)| (key, without_null(value)))
            .collect(),
        Value::Array(list) => list.into_iter().map(without_null).collect(),
        other => other,
    }
}
