//! G: does the application live with the agent?

pub mod agent_files_missing;
pub mod app_memory_too_tight;
pub mod architecture_mismatch;
pub mod conflicting_agent;
pub mod go_sidecar_keeps_job_running;
pub mod libc_mismatch;
pub mod python_dependency_conflict;
pub mod python_path_shadowed;
mod runtime;
pub mod runtime_version_unsupported;
pub mod startup_probe_too_short;
pub mod web_server_version_unsupported;

use facts::Terminated;

use super::crash::{Crash, ended};
use crate::found::Found;

/// Exit codes of a process that was told to end: `SIGTERM`, `SIGKILL`.
const TOLD_TO_END: [i32; 2] = [143, 137];

/// Whether a process ended by itself with an error, rather than being killed.
fn ended_by_itself(terminated: &Terminated) -> bool {
    &*terminated.reason != "OOMKilled" && !TOLD_TO_END.contains(&terminated.exit_code)
}

/// The evidence of a crash: how the container ended, and the Pod that runs without the agent.
pub(crate) fn with_crash<'c>(found: Found<'c>, crash: &Crash<'_, 'c>) -> Found<'c> {
    let Some(pod) = crash.pods.first() else { return found };
    let terminated = crash.terminated;
    let words = terminated.message.trim();
    let value = match words {
        "" => ended(terminated),
        words => format!("{}: {words}", ended(terminated)),
    };
    let field = format!("status.containerStatuses[{}].lastState.terminated", crash.container);
    let found = found.because(format!("Pod/{}", pod.name), field, value);
    let found = match crash.compared() {
        Some(other) => found.because(
            format!("Pod/{}", other.name),
            "status.conditions[Ready]",
            "True, without this agent",
        ),
        None => found,
    };
    found.until(crash.until).pods(crash.pods.iter().copied())
}

/// Which Pods crash, for messages: `Container app of Pod x`.
fn who(crash: &Crash<'_, '_>) -> String {
    match crash.pods.as_slice() {
        [pod] => format!("Container {} of Pod {}", crash.container, pod.name),
        several => format!("Container {} of {} Pods", crash.container, several.len()),
    }
}

/// What the comparison with other Pods adds to a message.
fn comparison(crash: &Crash<'_, '_>) -> &'static str {
    match crash.compared() {
        Some(_) => ", while Pods without this agent run",
        None => "",
    }
}
