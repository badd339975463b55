//! What is wrong with one workload, how sure are we, what proves it and what mends it?

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The effect on this workload. Independent of [`Certainty`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub enum Severity {
    /// No loss now: an older agent image, limits that will hurt later, an opt-out.
    Info,
    /// Telemetry may be lost; the API cannot prove it.
    Warning,
    /// Telemetry is lost, or the injection harms the application.
    Error,
}

impl Severity {
    /// As written in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "Info",
            Self::Warning => "Warning",
            Self::Error => "Error",
        }
    }
}

/// How sure the cause is, given the evidence. Independent of [`Severity`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub enum Certainty {
    /// Worth naming, not provable through the Kubernetes API.
    Hint,
    /// Fits the evidence; other explanations remain.
    Likely,
    /// The state of the API alone proves it.
    Certain,
}

impl Certainty {
    /// As written in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hint => "Hint",
            Self::Likely => "Likely",
            Self::Certain => "Certain",
        }
    }
}

/// One cause found on a workload, at most one per reason.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(transform = crate::schema::tidy)]
pub struct Finding {
    /// The cause's stable name, for example `AgentImagePullFailed`; `instrumentation-health explain REASON` prints its page. A
    /// newer controller may add reasons.
    #[schemars(length(min = 1, max = 128), regex(pattern = "^[A-Z][A-Za-z0-9]+$"))]
    pub reason: String,
    /// The cause's stable code, for example `IH-F004`; empty for outcomes that are no cause of the catalogue.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schemars(length(max = 16), regex(pattern = "^IH-[A-I][0-9]{3}$"))]
    pub code: String,
    /// The effect on this workload. Error: its telemetry is lost, or the injection harms the application. Warning: it may
    /// be lost, the API cannot prove it. Info: no loss now.
    pub severity: Severity,
    /// How sure the cause is. Certain: the state of the API alone proves it. Likely: it fits the evidence, other
    /// explanations remain. Hint: worth naming, not provable through the API.
    pub certainty: Certainty,
    /// Whether the annotation `instrumentation-health.dev/ignore` calls it intended: its severity is Info then, whatever it
    /// does.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ignored: bool,
    /// One sentence with the names filled in.
    #[schemars(length(max = 300))]
    pub message: String,
    /// What mends it; a command where there is one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schemars(length(max = 300))]
    pub remedy: String,
    /// Where to read more: a URL, or the command that prints the page.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schemars(length(max = 512))]
    pub documentation: String,
    /// What proves it: objects, fields and their values.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 6), extend("x-kubernetes-list-type" = "atomic"))]
    pub evidence: Vec<Evidence>,
    /// The Pods that show it; none where it concerns the workload as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "FindingPods")]
    pub pods: Option<FindingPods>,
    /// Since when this finding has stood on this workload.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "k8s_openapi::apimachinery::pkg::apis::meta::v1::Time")]
    pub since: Option<Timestamp>,
}

/// One fact that proves a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(transform = crate::schema::tidy)]
pub struct Evidence {
    /// The object, as `Kind/name`, or `Kind/namespace/name` where it is not in the workload's namespace.
    #[schemars(length(max = 580))]
    pub object: String,
    /// Path of the field in that object.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schemars(length(max = 400))]
    pub field: String,
    /// Its value, cut where long. Never a secret.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schemars(length(max = 400))]
    pub value: String,
}

/// How many Pods show a finding, and a few of their names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(transform = crate::schema::tidy)]
pub struct FindingPods {
    /// Number of Pods.
    #[schemars(range(min = 0))]
    pub count: i32,
    /// At most three names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 3), inner(length(max = 253)), extend("x-kubernetes-list-type" = "atomic"))]
    pub examples: Vec<String>,
}

/// Splits a remedy at its command: `Restart it: kubectl …`.
pub fn command_of(remedy: &str) -> Option<(&str, &str)> {
    let programs = ["kubectl ", "helm ", "instrumentation-health "];
    if programs.iter().any(|program| remedy.starts_with(program)) {
        return Some(("", remedy));
    }
    let at = programs.iter().filter_map(|program| remedy.find(&format!(": {program}"))).min()?;
    Some((&remedy[..=at], &remedy[at + 2..]))
}
