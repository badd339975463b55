//! Would the API server refuse the Pod that comes out of the operator?
//!
//! In the API server's order: validation of the object, then the admission plugins `LimitRanger`, `PodSecurity` and
//! `ResourceQuota` (kube-apiserver v1.36.3). Only what an injection can bring about is modelled; a Pod that is refused without
//! injection as well is said to be so.

mod compute;
mod limit_range;
mod pod_security;
mod quota;
mod security_context;
mod validate;
mod windows;

use facts::StringMap;
use serde_json::Value;

pub use pod_security::{PodSecurityLevel, PodSecurityVersion};
pub use validate::{FieldError, FieldProblem};

/// What in a namespace can refuse a Pod.
#[derive(Clone, Copy, Debug)]
pub struct Policies<'a> {
    /// Labels of the Namespace: they choose the Pod Security level.
    pub namespace_labels: &'a StringMap,
    /// `LimitRange`s of the namespace, with `name` and `spec`.
    pub limit_ranges: &'a [Value],
    /// `ResourceQuota`s of the namespace, with `name`, `spec` and, where known, `status.used`.
    pub resource_quotas: &'a [Value],
}

/// A refusal by the API server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Why.
    pub cause: RefusalCause,
    /// Whether the Pod is refused without injection too.
    pub without_injection: bool,
}

/// Why a Pod is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefusalCause {
    /// The Pod is not valid.
    Invalid(Vec<FieldError>),
    /// A `LimitRange` forbids it.
    LimitRange(Vec<String>),
    /// Pod Security forbids it.
    PodSecurity {
        /// The level that the namespace enforces.
        level: PodSecurityLevel,
        /// The version of its checks.
        version: PodSecurityVersion,
        /// What violates it, in the API server's words.
        violations: Vec<String>,
    },
    /// A quota would be exceeded.
    Quota {
        /// Name of the quota.
        quota: String,
        /// What is requested beyond it, in the API server's words.
        text: String,
    },
}

impl RefusalCause {
    /// The API server's words, without the Pod's name: what follows `is invalid: ` or `is forbidden: `.
    pub fn text(&self) -> String {
        match self {
            Self::Invalid(errors) => aggregate(errors.iter().map(ToString::to_string)),
            Self::LimitRange(errors) => aggregate(errors.iter().cloned()),
            Self::PodSecurity { level, version, violations } => {
                format!("violates PodSecurity \"{level}:{version}\": {}", violations.join(", "))
            }
            Self::Quota { text, .. } => text.clone(),
        }
    }

    /// Whether the API server says `is invalid` rather than `is forbidden`.
    pub const fn is_invalid(&self) -> bool {
        matches!(self, Self::Invalid(_))
    }
}

/// Go's `utilerrors.NewAggregate`: equal texts once, brackets around several.
fn aggregate(texts: impl Iterator<Item = String>) -> String {
    let mut unique: Vec<String> = Vec::new();
    for text in texts {
        if !unique.contains(&text) {
            unique.push(text);
        }
    }
    match unique.as_slice() {
        [one] => one.clone(),
        several => format!("[{}]", several.join(", ")),
    }
}

/// Whether the Pod after injection would be refused. `before` is the Pod as the webhook was given it.
pub fn refusal(before: &Value, after: &Value, policies: &Policies<'_>) -> Option<Refusal> {
    let cause = judge(after, policies)?;
    let without_injection = before == after || judge(before, policies).is_some();
    Some(Refusal { cause, without_injection })
}

fn judge(pod: &Value, policies: &Policies<'_>) -> Option<RefusalCause> {
    let pod = limit_range::with_defaults(pod, policies.limit_ranges);
    let errors = validate::validate(&pod);
    if !errors.is_empty() {
        return Some(RefusalCause::Invalid(errors));
    }
    let errors = limit_range::errors(&pod, policies.limit_ranges);
    if !errors.is_empty() {
        return Some(RefusalCause::LimitRange(errors));
    }
    let level = PodSecurityLevel::enforced(policies.namespace_labels);
    let version = PodSecurityVersion::enforced(policies.namespace_labels);
    let violations = pod_security::violations(&pod, level, version);
    if !violations.is_empty() {
        return Some(RefusalCause::PodSecurity { level, version, violations });
    }
    quota::forbidden(&pod, policies.resource_quotas).map(|(quota, text)| RefusalCause::Quota { quota, text })
}

/// Init containers and containers with their JSON paths, in the order in which Kubernetes visits them.
fn visit(pod: &Value) -> impl Iterator<Item = (String, &Value)> {
    ["initContainers", "containers"].into_iter().flat_map(move |list| {
        let containers = pod["spec"][list].as_array().map(Vec::as_slice).unwrap_or_default();
        containers
            .iter()
            .enumerate()
            .map(move |(index, container)| (format!("spec.{list}[{index}]"), container))
    })
}
