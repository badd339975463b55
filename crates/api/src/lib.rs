//! What does `kubectl get instrumentationhealth` show?
//!
//! The `InstrumentationHealth` resource (`instrumentation-health.dev/v1alpha1`), one per workload for which
//! auto-instrumentation was asked. Everything observed stands in its status; the spec only says which
//! workload is meant. No I/O here: types, bounds and vocabulary.

mod condition;
mod finding;
mod name;
mod reason;
mod resource;
mod schema;
mod standing;
mod status;

pub use condition::{ConditionType, condition};
pub use finding::{Certainty, Evidence, Finding, FindingPods, Severity, command_of};
pub use name::object_name;
pub use reason::{Outcome, StageReason};
pub use resource::{InstrumentationHealth, InstrumentationHealthSpec, WorkloadReference};
pub use standing::{Standing, common_cause};
pub use status::{
    HistoryEntry, InstrumentationHealthStatus, InstrumentationReference, NotChecked, PodCounts, Summary,
};

/// API group of our resource, our labels and our annotations.
pub const GROUP: &str = "instrumentation-health.dev";
/// Field manager of every write, and `reportingController` of every Event.
pub const FIELD_MANAGER: &str = "instrumentation-health";
/// `reportingController` of our Events: a qualified name, as `events.k8s.io/v1` demands.
pub const REPORTING_CONTROLLER: &str = "instrumentation-health.dev/controller";
/// Label on our object: `True`, `False` or `Unknown`, the status of its `Healthy` condition.
pub const LABEL_HEALTHY: &str = "instrumentation-health.dev/healthy";
/// Label on our object: the reason of its `Healthy` condition.
pub const LABEL_REASON: &str = "instrumentation-health.dev/reason";
/// Prefix of labels on our object, one per requested language: `language.instrumentation-health.dev/java=true`.
pub const LABEL_LANGUAGE_PREFIX: &str = "language.instrumentation-health.dev/";
/// Prefix of the annotations on users' objects that we read.
pub const ANNOTATION_PREFIX: &str = "instrumentation-health.dev/";
/// Annotation on a workload or Namespace: no Events about it until this RFC 3339 time.
pub const ANNOTATION_MUTE_UNTIL: &str = "instrumentation-health.dev/mute-until";
/// Annotation beside [`ANNOTATION_MUTE_UNTIL`]: why it was muted, in the user's words.
pub const ANNOTATION_MUTE_REASON: &str = "instrumentation-health.dev/mute-reason";
/// Annotation on a workload or Namespace: comma separated reasons that are intended and become `Info`.
pub const ANNOTATION_IGNORE: &str = "instrumentation-health.dev/ignore";

/// Most findings that a status lists; the rest is counted in `omittedFindings`.
pub const MAX_FINDINGS: usize = 8;
/// Most example Pods named in one finding, and most Pods that get an Event of their own.
pub const MAX_EXAMPLE_PODS: usize = 3;
/// Most characters of a finding's message or remedy.
pub const MAX_SENTENCE: usize = 300;
/// Most entries of `status.history`.
pub const MAX_HISTORY: usize = 5;
/// Most pieces of evidence in one finding.
pub const MAX_EVIDENCE: usize = 6;
