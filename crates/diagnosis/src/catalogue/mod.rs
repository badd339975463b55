//! Which causes are known?
//!
//! One file a cause, grouped by the stage of a Pod's way through the pipeline: A operator and webhook, B Instrumentation,
//! C annotations, D decision of the operator, E admission of the injected Pod, F agent container, G application, H export,
//! I stale. Beside each its page for users.

pub mod address;
mod admission;
mod agent;
mod annotation;
pub(crate) mod application;
mod blocked;
pub mod crash;
mod decision;
pub mod endpoint;
pub mod environment;
mod export;
mod instrumentation;
pub mod left_behind;
mod nearest;
pub mod obstacle;
mod operator;
pub mod origin;
pub mod other_agents;
pub mod otlp_receivers;
pub mod protocol;
pub mod receiver;
pub mod refusal;
pub mod remedy;
pub mod runtime;
pub mod sidecars;
mod stale;
pub mod stopped;
pub mod targets;
mod time;
pub mod wanted;

pub use blocked::{Blocked, blocked, blocked_by};
pub use nearest::nearest;
pub use operator::{OPERATOR_FAULTS, hits_everyone, operator_faults};

use decision::env_value_from_blocks_injection::reference_in_words;
use instrumentation::instrumentation_not_found::meant;

use crate::case::Case;
use crate::cause::Cause;

/// Every cause, by code. Codes and reasons are never used again.
pub static CAUSES: &[&Cause] = &[
    &operator::operator_not_ready::CAUSE,
    &operator::pod_webhook_not_registered::CAUSE,
    &operator::webhook_service_not_found::CAUSE,
    &operator::webhook_certificate_mismatch::CAUSE,
    &operator::webhook_certificate_expired::CAUSE,
    &operator::webhook_cert_secret_missing::CAUSE,
    &operator::webhook_unreachable_from_control_plane::CAUSE,
    &operator::operator_network_policy_blocks_webhook::CAUSE,
    &operator::webhook_selector_excludes_pod::CAUSE,
    &operator::operator_scoped_to_other_namespaces::CAUSE,
    &operator::operator_crashes_while_injecting::CAUSE,
    &operator::operator_crd_missing_or_outdated::CAUSE,
    &operator::operator_rbac_incomplete::CAUSE,
    &time::pod_created_while_webhook_unavailable::CAUSE,
    &operator::webhook_fails_closed::CAUSE,
    &instrumentation::instrumentation_not_found::CAUSE,
    &instrumentation::no_instrumentation_in_namespace::CAUSE,
    &instrumentation::multiple_instrumentations_in_namespace::CAUSE,
    &time::instrumentation_created_after_pod::CAUSE,
    &instrumentation::instrumentation_not_defaulted::CAUSE,
    &instrumentation::instrumentation_unknown_field::CAUSE,
    &instrumentation::instrumentation_tls_object_missing::CAUSE,
    &instrumentation::instrumentation_value_unsupported_by_agent::CAUSE,
    &instrumentation::instrumentation_frozen_defaults::CAUSE,
    &annotation::annotation_not_on_pod_template::CAUSE,
    &time::annotation_added_after_pod_start::CAUSE,
    &annotation::annotation_language_mismatch::CAUSE,
    &annotation::annotation_unknown_key::CAUSE,
    &annotation::annotation_namespace_pod_conflict::CAUSE,
    &annotation::wrong_container_instrumented::CAUSE,
    &annotation::container_names_unknown::CAUSE,
    &annotation::container_names_invalid::CAUSE,
    &annotation::container_names_required::CAUSE,
    &annotation::container_names_duplicated::CAUSE,
    &annotation::sidecar_annotation_mistaken_for_injection::CAUSE,
    &annotation::injection_explicitly_disabled::CAUSE,
    &decision::language_support_disabled::CAUSE,
    &decision::env_value_from_blocks_injection::CAUSE,
    &decision::already_instrumented_marker_present::CAUSE,
    &time::mutation_aborted::CAUSE,
    &decision::sidecar_collector_reference_missing::CAUSE,
    &decision::go_preconditions_not_met::CAUSE,
    &decision::runtime_hint_value_invalid::CAUSE,
    &decision::dotnet_home_already_set::CAUSE,
    &decision::init_container_target_unsupported::CAUSE,
    &admission::pod_security_rejects_injected_container::CAUSE,
    &admission::privileged_go_sidecar_rejected::CAUSE,
    &admission::security_context_constraint_rejected::CAUSE,
    &admission::policy_engine_rejects_pod::CAUSE,
    &admission::quota_rejects_pod::CAUSE,
    &admission::limit_range_rejects_or_inflates::CAUSE,
    &admission::injected_spec_invalid::CAUSE,
    &admission::pod_unschedulable_after_injection::CAUSE,
    &admission::old_operator_denies_pod::CAUSE,
    &agent::init_container_oom_killed::CAUSE,
    &agent::init_container_run_as_non_root::CAUSE,
    &agent::init_container_copy_not_permitted::CAUSE,
    &agent::agent_image_pull_failed::CAUSE,
    &agent::agent_image_platform_mismatch::CAUSE,
    &agent::agent_volume_too_small::CAUSE,
    &agent::agent_image_drifted::CAUSE,
    &agent::go_agent_cannot_attach::CAUSE,
    &application::python_dependency_conflict::CAUSE,
    &application::python_path_shadowed::CAUSE,
    &application::runtime_version_unsupported::CAUSE,
    &application::libc_mismatch::CAUSE,
    &application::architecture_mismatch::CAUSE,
    &application::agent_files_missing::CAUSE,
    &application::conflicting_agent::CAUSE,
    &application::startup_probe_too_short::CAUSE,
    &application::app_memory_too_tight::CAUSE,
    &application::web_server_version_unsupported::CAUSE,
    &application::go_sidecar_keeps_job_running::CAUSE,
    &export::endpoint_protocol_mismatch::CAUSE,
    &export::endpoint_service_not_found::CAUSE,
    &export::endpoint_not_configured::CAUSE,
    &export::endpoint_scheme_or_tls_mismatch::CAUSE,
    &export::export_credentials_missing::CAUSE,
    &export::network_policy_blocks_export::CAUSE,
    &export::user_env_overrides_instrumentation::CAUSE,
    &export::image_or_env_from_shadowed::CAUSE,
    &export::env_reference_not_expanded::CAUSE,
    &export::signals_disabled_by_configuration::CAUSE,
    &export::node_esm_not_hooked::CAUSE,
    &export::python_forked_workers::CAUSE,
    &export::application_has_own_sdk::CAUSE,
    &export::agent_not_loaded_by_process::CAUSE,
    &export::go_process_not_found::CAUSE,
    &export::collector_not_receiving::CAUSE,
    &export::no_traffic_yet::CAUSE,
    &stale::pod_stale_after_instrumentation_change::CAUSE,
    &stale::instrumentation_image_not_upgraded::CAUSE,
    &stale::instrumentation_upgrade_blocked::CAUSE,
    &stale::instrumentation_image_pinned::CAUSE,
    &stale::defaults_changed_by_operator_upgrade::CAUSE,
    &time::mixed_instrumentation_across_replicas::CAUSE,
    &time::injection_lingers_after_opt_out::CAUSE,
];

/// Codes and reasons of causes that are gone: they never come back with another meaning.
pub static RETIRED: &[(&str, &str)] = &[];

/// What releases have promised: lines of version, code and reason.
pub static RELEASED: &str = include_str!("released.txt");

/// Says that Pods are refused *because* the operator is away.
pub static WEBHOOK_FAILS_CLOSED: &Cause = &operator::webhook_fails_closed::CAUSE;

/// Said of what was admitted without an agent in an outage of the operator, and needs a restart.
pub static ADMITTED_BARE: &Cause = &time::pod_created_while_webhook_unavailable::CAUSE;

/// Said of what no other cause explains; the evaluator takes out the rest.
pub static CATCH_ALL: &Cause = &time::mutation_aborted::CAUSE;

/// Whether a key looks as if it were meant for the operator, which does not read it.
pub fn is_strange(key: &str) -> bool {
    annotation::keys::strange(key, false).is_some()
}

/// Whether the sidecar annotation stands alone where an agent was most likely meant.
pub fn mistaken_sidecar(case: &Case<'_>) -> bool {
    annotation::sidecar_annotation_mistaken_for_injection::mistaken(case).is_some()
}
