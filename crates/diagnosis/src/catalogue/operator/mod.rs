//! A: could the operator be asked about the Pod at all?

mod itself;
mod unasked;

pub mod operator_crashes_while_injecting;
pub mod operator_crd_missing_or_outdated;
pub mod operator_network_policy_blocks_webhook;
pub mod operator_not_ready;
pub mod operator_rbac_incomplete;
pub mod operator_scoped_to_other_namespaces;
pub mod pod_webhook_not_registered;
pub mod webhook_cert_secret_missing;
pub mod webhook_certificate_expired;
pub mod webhook_certificate_mismatch;
pub mod webhook_fails_closed;
pub mod webhook_selector_excludes_pod;
pub mod webhook_service_not_found;
pub mod webhook_unreachable_from_control_plane;

use api::ConditionType;
use jiff::SignedDuration;

use crate::cause::Cause;
pub use itself::{OPERATOR_FAULTS, operator_faults};

/// After so long it is looked again whether a Pod of another workload has got through, which does not concern this one otherwise.
const PROOF: SignedDuration = SignedDuration::from_mins(10);

/// Causes that are said of the operator, but hit only some namespaces or workloads.
const LOCAL: [&str; 2] = ["WebhookSelectorExcludesPod", "OperatorScopedToOtherNamespaces"];

/// Whether a cause sits in the operator and hits every workload, so that it is told once for the cluster.
pub fn hits_everyone(cause: &Cause) -> bool {
    cause.condition == ConditionType::OperatorReady && !LOCAL.contains(&cause.reason)
}
