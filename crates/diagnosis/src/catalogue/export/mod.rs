//! H: does telemetry go to something that exists and understands it?

pub mod agent_not_loaded_by_process;
pub mod application_has_own_sdk;
pub mod collector_not_receiving;
pub mod endpoint_not_configured;
pub mod endpoint_protocol_mismatch;
pub mod endpoint_scheme_or_tls_mismatch;
pub mod endpoint_service_not_found;
pub mod env_reference_not_expanded;
pub mod export_credentials_missing;
pub mod go_process_not_found;
pub(in crate::catalogue) mod hint;
pub mod image_or_env_from_shadowed;
pub mod network_policy_blocks_export;
pub mod no_traffic_yet;
pub mod node_esm_not_hooked;
pub mod python_forked_workers;
mod remedy;
pub mod signals_disabled_by_configuration;
pub mod user_env_overrides_instrumentation;

use api::{Certainty, Severity};
use facts::{Container, Pod, PodShape};

use super::endpoint::{Export, exports};
use super::environment::container;
use crate::case::Case;

/// The gravest thing that is wrong with an export, and all Pods of exports with which the same is wrong.
struct Wrong<'k, 'c, T> {
    export: &'k Export,
    what: T,
    severity: Severity,
    pods: Vec<&'c Pod>,
}

/// Judges every export. Of several findings the gravest speaks for all: a status names each reason once.
fn judge<'k, 'c, T>(
    case: &'k Case<'c>,
    check: impl Fn(&'k Export) -> Option<(Severity, T)>,
) -> Option<Wrong<'k, 'c, T>> {
    let mut worst: Option<Wrong<'k, 'c, T>> = None;
    let mut pods: Vec<&'c Pod> = Vec::new();
    for export in exports(case) {
        let Some((severity, what)) = check(export) else { continue };
        let severity = match export.group {
            Some(_) => severity,
            None => severity.min(case.severity_of_missing()),
        };
        let severity = if export.may_differ { severity.min(Severity::Warning) } else { severity };
        for pod in export.pods(case) {
            if !pods.iter().any(|known| std::ptr::eq(*known, pod)) {
                pods.push(pod);
            }
        }
        if worst.as_ref().is_none_or(|known| severity > known.severity) {
            worst = Some(Wrong { export, what, severity, pods: Vec::new() });
        }
    }
    worst.map(|worst| Wrong { pods, ..worst })
}

/// How sure a finding is that nothing but the address proves.
const fn certainty_of(severity: Severity) -> Certainty {
    match severity {
        Severity::Error => Certainty::Likely,
        _ => Certainty::Hint,
    }
}

/// The Pod (or template) that an export belongs to.
fn shape<'k>(case: &'k Case<'_>, export: &Export) -> Option<&'k PodShape> {
    match export.group {
        Some(index) => Some(case.groups[index].shape),
        None => case.next_shape(),
    }
}

/// The container that sends.
fn sender<'k>(case: &'k Case<'_>, export: &Export) -> Option<&'k Container> {
    container(&shape(case, export)?.spec, &export.container)
}

/// Who sends, for messages: `The java agent in container app of Pod x`.
fn who(case: &Case<'_>, export: &Export) -> String {
    let agent = match export.language {
        facts::Language::Sdk => "The SDK".to_owned(),
        language => format!("The {language} agent"),
    };
    match export.pods(case).as_slice() {
        [] => {
            let workload = case.subject.id.slug();
            format!("{agent} in container {} of the next Pod of {workload}", export.container)
        }
        [pod, ..] => format!("{agent} in container {} of Pod {}", export.container, pod.name),
    }
}
