//! D: what did the operator decide about the Pod, and why was that nothing?

pub mod already_instrumented_marker_present;
pub mod dotnet_home_already_set;
pub mod env_value_from_blocks_injection;
pub mod go_preconditions_not_met;
pub mod init_container_target_unsupported;
pub mod language_support_disabled;
pub mod runtime_hint_value_invalid;
pub mod sidecar_collector_reference_missing;
