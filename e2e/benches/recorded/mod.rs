//! Which Pod stands for all Pods?
//!
//! A recorded one that the operator injected (0.158.0, Kubernetes 1.36.3), with a second container, a probe and the
//! `managedFields` of its writers: 14 KB, as API servers store Pods. What differs from Pod to Pod is `{cut out}`.

use serde_json::{Value, json};

/// The Pod, as JSON.
pub const POD: &str = include_str!("pod.json");

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
