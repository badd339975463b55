//! Does the API server ask the operator about this Pod?
//!
//! `k8s.io/apiserver` `pkg/admission/plugin/webhook/{predicates,matchconditions,generic}`: the rules, the two selectors, then
//! the match conditions. Whether the call arrives is another question.

use std::sync::Arc;

use facts::{ClusterView, InputKind, Lookup, Webhook};
use serde_json::{Value, json};

use crate::cel::{self, Verdict};
use crate::request::PodRequest;

/// Whether the API server calls a webhook for a Pod that is created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Call {
    /// It does.
    Called,
    /// It does not.
    NotCalled(NotCalled),
    /// A match condition fails at run time and the policy is `Fail`: the Pod is refused.
    Refused {
        /// Name of the condition.
        condition: Arc<str>,
    },
    /// Cannot be told.
    Unknown(UnknownCall),
}

/// Why a webhook is not called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotCalled {
    /// No rule is about Pods being created.
    Rules,
    /// The Namespace's labels do not fit the selector.
    NamespaceSelector {
        /// The first requirement that is not met.
        unmet: String,
    },
    /// The Pod's labels do not fit the selector.
    ObjectSelector {
        /// The first requirement that is not met.
        unmet: String,
    },
    /// A match condition is false, or fails with the policy `Ignore`.
    MatchCondition {
        /// Name of the condition.
        name: Arc<str>,
    },
}

/// Why it cannot be told whether a webhook is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnknownCall {
    /// The Namespace cannot be read.
    Namespace,
    /// A match condition uses something that is not modelled.
    MatchCondition {
        /// Name of the condition.
        name: Arc<str>,
    },
}

/// Judges one entry of a webhook configuration.
pub fn call(webhook: &Webhook, request: &PodRequest<'_>, cluster: &dyn ClusterView) -> Call {
    if !webhook.rules.iter().any(facts::WebhookRule::covers_pod_creation) {
        return Call::NotCalled(NotCalled::Rules);
    }
    if webhook.namespace_selector != facts::LabelSelector::default() {
        let Lookup::Found(namespace) = cluster.namespace(request.namespace) else {
            return Call::Unknown(UnknownCall::Namespace);
        };
        if let Some(unmet) = webhook.namespace_selector.first_unmet(&namespace.metadata.metadata.labels) {
            return Call::NotCalled(NotCalled::NamespaceSelector { unmet });
        }
    }
    if let Some(unmet) = webhook.object_selector.first_unmet(&request.shape.labels) {
        return Call::NotCalled(NotCalled::ObjectSelector { unmet });
    }
    if webhook.match_conditions.is_empty() { Call::Called } else { judge_conditions(webhook, request) }
}

impl UnknownCall {
    /// What would have to be read; none where reading more would not help.
    pub const fn needs(&self) -> Option<InputKind> {
        match self {
            Self::Namespace => Some(InputKind::Namespaces),
            Self::MatchCondition { .. } => None,
        }
    }
}

/// One false condition outweighs errors in others.
fn judge_conditions(webhook: &Webhook, request: &PodRequest<'_>) -> Call {
    let variables = variables(request);
    let verdicts: Vec<(&Arc<str>, Verdict)> = webhook
        .match_conditions
        .iter()
        .map(|condition| (&condition.name, cel::evaluate(&condition.expression, &variables, is_kept)))
        .collect();
    let first = |wanted: Verdict| {
        verdicts.iter().find(|(_, verdict)| *verdict == wanted).map(|(name, _)| Arc::clone(name))
    };
    if let Some(name) = first(Verdict::Is(false)) {
        return Call::NotCalled(NotCalled::MatchCondition { name });
    }
    if let Some(name) = first(Verdict::Unknown) {
        return Call::Unknown(UnknownCall::MatchCondition { name });
    }
    match first(Verdict::Fails) {
        Some(condition) if &*webhook.failure_policy == "Fail" => Call::Refused { condition },
        Some(name) => Call::NotCalled(NotCalled::MatchCondition { name }),
        None => Call::Called,
    }
}

/// Whether a field is kept of a Pod, so that its absence means something.
fn is_kept(field: &str) -> bool {
    const METADATA: [&str; 14] = [
        "metadata",
        "spec",
        "name",
        "generateName",
        "namespace",
        "labels",
        "annotations",
        "ownerReferences",
        "apiVersion",
        "kind",
        "operation",
        "resource",
        "subResource",
        "group",
    ];
    const SPEC: [&str; 29] = [
        "initContainers",
        "containers",
        "volumes",
        "nodeName",
        "shareProcessNamespace",
        "hostNetwork",
        "restartPolicy",
        "serviceAccountName",
        "securityContext",
        "nodeSelector",
        "os",
        "image",
        "command",
        "args",
        "env",
        "value",
        "envFrom",
        "volumeMounts",
        "mountPath",
        "readOnly",
        "ports",
        "containerPort",
        "hostPort",
        "resources",
        "requests",
        "limits",
        "runAsUser",
        "runAsNonRoot",
        "privileged",
    ];
    METADATA.contains(&field) || SPEC.contains(&field) || matches!(field, "version" | "controller" | "uid")
}

fn variables(request: &PodRequest<'_>) -> [(&'static str, Value); 3] {
    let shape = request.shape;
    let mut metadata = json!({ "namespace": request.namespace });
    let mut set = |key: &str, value: Value| {
        let is_empty = value.as_str().is_some_and(str::is_empty)
            || value.as_object().is_some_and(serde_json::Map::is_empty)
            || value.as_array().is_some_and(Vec::is_empty);
        if !is_empty {
            metadata[key] = value;
        }
    };
    set("name", request.name.into());
    set("generateName", request.generate_name.into());
    set("labels", json!(shape.labels));
    set("annotations", json!(shape.annotations));
    set("ownerReferences", json!(request.owners));
    let object = json!({ "apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": shape.spec });
    let about = json!({
        "operation": "CREATE",
        "namespace": request.namespace,
        "name": request.name,
        "kind": {"group": "", "version": "v1", "kind": "Pod"},
        "resource": {"group": "", "version": "v1", "resource": "pods"},
        "subResource": "",
    });
    [("object", object), ("oldObject", Value::Null), ("request", about)]
}
