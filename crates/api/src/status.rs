//! What was observed of a workload?

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::condition::ConditionType;
use crate::finding::Finding;
use crate::schema;

/// The verdict on a workload. Holds no ages, counts or times that move while nothing changes, so that an unchanged
/// situation writes nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(transform = crate::schema::tidy)]
pub struct InstrumentationHealthStatus {
    /// Generation of this object that was judged; always 1. Staleness shows in `workloadGeneration`.
    #[serde(default)]
    #[schemars(range(min = 0))]
    pub observed_generation: i64,
    /// Generation of the workload that was judged.
    #[serde(default)]
    #[schemars(range(min = 0))]
    pub workload_generation: i64,
    /// Short strings for the columns of `kubectl get`.
    #[serde(default)]
    pub summary: Summary,
    /// Languages for which injection is asked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 8), inner(length(max = 32), regex(pattern = "^[a-z][a-z-]*$")), extend("x-kubernetes-list-type" = "set"))]
    pub languages: Vec<String>,
    /// Instrumentations in effect.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 8), extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["namespace", "name"]))]
    pub instrumentations: Vec<InstrumentationReference>,
    /// Counts of Pods: total = healthy + progressing + failed.
    #[serde(default)]
    pub pods: PodCounts,
    /// The conditions, in the order of the pipeline.
    #[serde(default)]
    #[schemars(schema_with = "schema::conditions")]
    pub conditions: Vec<Condition>,
    /// What is wrong, worst first, one per reason.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 8), extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["reason"]))]
    pub findings: Vec<Finding>,
    /// How many findings did not fit.
    #[serde(default, skip_serializing_if = "is_zero")]
    #[schemars(range(min = 0))]
    pub omitted_findings: i32,
    /// Checks that could not be made, and what they need.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16), extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["check"]))]
    pub not_checked: Vec<NotChecked>,
    /// No Events about this workload until then (annotation `instrumentation-health.dev/mute-until`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "k8s_openapi::apimachinery::pkg::apis::meta::v1::Time")]
    pub muted_until: Option<Timestamp>,
    /// Why, while it is muted (annotation `instrumentation-health.dev/mute-reason`).
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schemars(length(max = 300))]
    pub mute_reason: String,
    /// Since when the verdict comes and goes: the same Error came twice within an hour. No Events about this workload until it
    /// has stood for half an hour; then what it is is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "k8s_openapi::apimachinery::pkg::apis::meta::v1::Time")]
    pub flapping_since: Option<Timestamp>,
    /// The last changes of the `Healthy` reason, newest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 5), extend("x-kubernetes-list-type" = "atomic"))]
    pub history: Vec<HistoryEntry>,
}

impl InstrumentationHealthStatus {
    /// The `Healthy` condition: the verdict, its main reason and a sentence. None only in a status that others have written.
    pub fn healthy(&self) -> Option<&Condition> {
        self.conditions.iter().find(|condition| condition.type_ == ConditionType::Healthy.as_str())
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde's skip_serializing_if asks for")]
fn is_zero(n: &i32) -> bool {
    *n == 0
}

/// Strings for the printer columns, which can neither join nor compute.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(transform = crate::schema::tidy)]
pub struct Summary {
    /// `deployment/checkout`.
    #[serde(default)]
    #[schemars(length(max = 320))]
    pub workload: String,
    /// `java,python`.
    #[serde(default)]
    #[schemars(length(max = 128))]
    pub languages: String,
    /// `2/3`: Pods without a finding that loses telemetry / Pods for which injection is asked.
    #[serde(default)]
    #[schemars(length(max = 32))]
    pub pods: String,
    /// `shop/default`.
    #[serde(default)]
    #[schemars(length(max = 640))]
    pub instrumentation: String,
}

/// An Instrumentation in effect.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(transform = crate::schema::tidy)]
pub struct InstrumentationReference {
    /// Its namespace.
    #[schemars(length(min = 1, max = 63))]
    pub namespace: String,
    /// Its name.
    #[schemars(length(min = 1, max = 253))]
    pub name: String,
    /// Its generation when it was judged.
    #[serde(default)]
    #[schemars(range(min = 0))]
    pub generation: i64,
}

/// Counts of the Pods for which injection is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(transform = crate::schema::tidy)]
pub struct PodCounts {
    /// All of them.
    #[schemars(range(min = 0))]
    pub total: i32,
    /// Those without a finding that loses telemetry.
    #[schemars(range(min = 0))]
    pub healthy: i32,
    /// Those still within the time they may take to start.
    #[schemars(range(min = 0))]
    pub progressing: i32,
    /// Those with an Error finding.
    #[schemars(range(min = 0))]
    pub failed: i32,
}

/// A check that could not be made.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(transform = crate::schema::tidy)]
pub struct NotChecked {
    /// What was left out, for example `NetworkPolicies`.
    #[schemars(length(min = 1, max = 128))]
    pub check: String,
    /// The right or input it needs, for example `list, watch networkpolicies.networking.k8s.io`.
    #[schemars(length(max = 300))]
    pub needs: String,
}

/// One change of the `Healthy` condition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(transform = crate::schema::tidy)]
pub struct HistoryEntry {
    /// When it changed.
    #[schemars(with = "k8s_openapi::apimachinery::pkg::apis::meta::v1::Time")]
    pub time: Timestamp,
    /// The status it changed to: True, False or Unknown.
    #[schemars(length(max = 8), extend("enum" = ["True", "False", "Unknown"]))]
    pub healthy: String,
    /// The reason it changed to.
    #[schemars(length(max = 128), regex(pattern = "^[A-Z][A-Za-z0-9]+$"))]
    pub reason: String,
}
