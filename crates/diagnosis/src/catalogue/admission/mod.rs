//! E: does the API server take the Pod that comes out of the operator, and can a node?

pub mod amounts;
pub mod injected;
pub mod injected_spec_invalid;
pub mod instrumentation_remedy;
pub mod limit_range_rejects_or_inflates;
pub mod old_operator_denies_pod;
pub mod pod_security_rejects_injected_container;
pub mod pod_unschedulable_after_injection;
pub mod policy_engine_rejects_pod;
pub mod privileged_go_sidecar_rejected;
pub mod quota_rejects_pod;
pub mod security_context_constraint_rejected;
pub mod text;

/// Name of the operator's Pod webhook; other projects use it too.
const POD_WEBHOOK: &str = "mpod.kb.io";
