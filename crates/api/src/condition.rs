//! Which conditions does a status always carry, in which order, and what does True mean in each?

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};

/// The conditions of an `InstrumentationHealth`, in the order of a Pod's way through the injection pipeline. All have
/// positive polarity and are present from the first write on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ConditionType {
    /// Judged: the verdict was computed from synced caches for the generation shown (read by kstatus and `kubectl wait`).
    Ready,
    /// The summary; its reason and message are those of the primary finding.
    Healthy,
    /// CRDs served, Pod webhook registered and selecting the Pods, Service with ready endpoints, certificate verifies.
    OperatorReady,
    /// The annotations in effect are in the right place, spelled right, with values that mean something.
    AnnotationsValid,
    /// Every language asked for resolves to exactly one existing Instrumentation.
    InstrumentationResolved,
    /// The workload's Pods can be created at all (quota, Pod Security, webhook refusals).
    PodsAdmitted,
    /// Every Pod of the current revision carries the injection its decision calls for.
    Injected,
    /// Every agent init container was created, started and completed (Go: the agent container runs).
    AgentInstalled,
    /// The hook variable reaches the target containers and nothing overrides it.
    AgentWired,
    /// The application containers do not fail in a way tied to the injection.
    ApplicationStable,
    /// The endpoint in effect names a Service and port that exist, have endpoints and speak the protocol.
    ExporterReachable,
    /// Running Pods carry what the Instrumentation says now.
    UpToDate,
}

impl ConditionType {
    /// Every condition, in the order in which a status lists them.
    pub const ALL: [Self; 12] = [
        Self::Ready,
        Self::Healthy,
        Self::OperatorReady,
        Self::AnnotationsValid,
        Self::InstrumentationResolved,
        Self::PodsAdmitted,
        Self::Injected,
        Self::AgentInstalled,
        Self::AgentWired,
        Self::ApplicationStable,
        Self::ExporterReachable,
        Self::UpToDate,
    ];

    /// The `type` of the condition, as in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "Ready",
            Self::Healthy => "Healthy",
            Self::OperatorReady => "OperatorReady",
            Self::AnnotationsValid => "AnnotationsValid",
            Self::InstrumentationResolved => "InstrumentationResolved",
            Self::PodsAdmitted => "PodsAdmitted",
            Self::Injected => "Injected",
            Self::AgentInstalled => "AgentInstalled",
            Self::AgentWired => "AgentWired",
            Self::ApplicationStable => "ApplicationStable",
            Self::ExporterReachable => "ExporterReachable",
            Self::UpToDate => "UpToDate",
        }
    }

    /// What `True` means, in one sentence.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Ready => {
                "The verdict was computed, from synced caches, for the generation of the workload shown."
            }
            Self::Healthy => {
                "The summary; its reason and message are those of the main finding. It never says that data arrives."
            }
            Self::OperatorReady => {
                "For this workload: the CRD is served, the Pod webhook is registered and selects its Pods, somebody answers behind it, its certificate verifies."
            }
            Self::AnnotationsValid => {
                "The annotations in effect stand in the right place, spelt right, with values that mean something."
            }
            Self::InstrumentationResolved => {
                "Every language asked for resolves to exactly one Instrumentation that exists."
            }
            Self::PodsAdmitted => {
                "No refusal of the workload's Pods is known: by quota, Pod Security, a policy or a webhook."
            }
            Self::Injected => "Every Pod of the current revision carries the injection that is asked for.",
            Self::AgentInstalled => {
                "Every agent container was created, started and did its work (Go: the agent's container runs)."
            }
            Self::AgentWired => {
                "The hook variable reaches the containers that are meant, and nothing overrides it."
            }
            Self::ApplicationStable => "No failure of the application is tied to the injection.",
            Self::ExporterReachable => {
                "The endpoint in effect names a Service and port that exist, are answered and speak the protocol."
            }
            Self::UpToDate => "The running Pods carry what the Instrumentation says now.",
        }
    }

    /// The condition of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|t| t.as_str() == name)
    }
}

/// Builds a condition. `status` is `True`, `False` or `Unknown`; `since` is when that status began.
pub fn condition(
    kind: ConditionType,
    status: &str,
    reason: &str,
    message: &str,
    since: jiff::Timestamp,
) -> Condition {
    Condition {
        type_: kind.as_str().to_owned(),
        status: status.to_owned(),
        reason: reason.to_owned(),
        message: message.to_owned(),
        last_transition_time: Time(since),
        observed_generation: Some(1),
    }
}
