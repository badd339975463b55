//! What would the next Pod carry?

use facts::PodShape;
use serde_json::{Value, json};

use crate::case::Case;

impl Case<'_> {
    /// What a Pod made from the template now would look like when it comes out of the operator. None where the operator
    /// would not touch it, or where nothing makes Pods.
    pub fn next_shape(&self) -> Option<&PodShape> {
        self.next_shape.get_or_init(|| make(self)).as_ref()
    }
}

fn make(case: &Case<'_>) -> Option<PodShape> {
    let decision = case.restart.as_ref().filter(|decision| decision.changes_pod())?;
    let pod = as_pod(case.template?);
    let injected = injection::inject(&pod, &case.subject.id.namespace, decision, case.cluster);
    let part = |path: &str| injected.pointer(path).cloned().unwrap_or(Value::Null);
    let shape = json!({
        "annotations": part("/metadata/annotations"),
        "labels": part("/metadata/labels"),
        "spec": part("/spec"),
    });
    serde_json::from_value(shape).ok()
}

/// What is kept of a template, as the Pod that a controller would make of it.
pub(crate) fn as_pod(shape: &PodShape) -> Value {
    json!({"metadata": {"annotations": shape.annotations, "labels": shape.labels}, "spec": shape.spec})
}
