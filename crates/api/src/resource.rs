//! Which workload does an `InstrumentationHealth` speak of, and how does `kubectl` print it?

use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::status::InstrumentationHealthStatus;

/// Which workload is judged. Written by the `instrumentation-health` controller only; the object is owned by the workload,
/// so that it goes with it.
#[derive(CustomResource, Clone, Debug, PartialEq, Serialize, Deserialize, KubeSchema)]
#[kube(
    group = "instrumentation-health.dev",
    version = "v1alpha1",
    kind = "InstrumentationHealth",
    plural = "instrumentationhealths",
    singular = "instrumentationhealth",
    namespaced,
    status = "InstrumentationHealthStatus",
    derive = "PartialEq",
    shortname = "ih",
    shortname = "insthealth",
    category = "observability",
    doc = "Says whether the OpenTelemetry auto-instrumentation asked for on one workload is installed, wired and pointed at something that exists, and if not, why and what mends it. Healthy=True never says that data arrives.",
    selectable = ".spec.workloadRef.kind",
    selectable = ".spec.workloadRef.name",
    printcolumn = r#"{"name":"Workload","type":"string","jsonPath":".status.summary.workload","description":"Kind and name of the workload judged."}"#,
    printcolumn = r#"{"name":"Healthy","type":"string","jsonPath":".status.conditions[?(@.type==\"Healthy\")].status","description":"True: the agent is installed, wired and pointed at something that exists. It never says that data arrives."}"#,
    printcolumn = r#"{"name":"Reason","type":"string","jsonPath":".status.conditions[?(@.type==\"Healthy\")].reason","description":"The main cause; `instrumentation-health explain REASON` tells more."}"#,
    printcolumn = r#"{"name":"Languages","type":"string","jsonPath":".status.summary.languages","description":"Languages for which injection is asked."}"#,
    printcolumn = r#"{"name":"Pods","type":"string","jsonPath":".status.summary.pods","description":"Pods without a finding that loses telemetry / Pods for which injection is asked."}"#,
    printcolumn = r#"{"name":"Instrumentation","type":"string","jsonPath":".status.summary.instrumentation","description":"Instrumentation resource in effect, as namespace/name."}"#,
    printcolumn = r#"{"name":"Age","type":"date","jsonPath":".metadata.creationTimestamp"}"#,
    printcolumn = r#"{"name":"Message","type":"string","priority":1,"jsonPath":".status.conditions[?(@.type==\"Healthy\")].message","description":"One sentence that says what is wrong and what mends it."}"#
)]
#[serde(rename_all = "camelCase")]
#[schemars(transform = crate::schema::tidy)]
pub struct InstrumentationHealthSpec {
    /// The workload judged, in the same namespace as this object.
    #[x_kube(validation = Rule::new("self == oldSelf").message("must not change; one object speaks of one workload"))]
    pub workload_ref: WorkloadReference,
}

/// A workload in the namespace of the object that holds this reference.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(transform = crate::schema::tidy)]
pub struct WorkloadReference {
    /// Group and version, for example `apps/v1`.
    #[schemars(length(min = 1, max = 317))]
    pub api_version: String,
    /// Kind, for example `Deployment`; also kinds that only an ownerReference names, such as `Rollout`.
    #[schemars(length(min = 1, max = 63))]
    pub kind: String,
    /// Name of the workload.
    #[schemars(length(min = 1, max = 253))]
    pub name: String,
}
