//! F2: the Pod must not run as root, and the agent image does.

use api::{Certainty, ConditionType, Severity};
use injection::Version;
use injection::marks::AgentRole;
use serde_json::json;

use super::{Stuck, status_field, stuck};
use crate::case::Case;
use crate::catalogue::admission::pod_security_rejects_injected_container::{
    USER, enforced_level, tight_context,
};
use crate::catalogue::remedy::patch_instrumentation;
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `InitContainerRunAsNonRoot`.
pub static CAUSE: Cause = Cause {
    code: "IH-F002",
    reason: "InitContainerRunAsNonRoot",
    summary: "The agent container may not run as root, and its image names no other user.",
    condition: ConditionType::AgentInstalled,
    severities: &[Severity::Error],
    certainties: &[Certainty::Certain],
    sight: Sight::Always("the waiting reason and message of the agent's init container"),
    since: "0.1.0",
    reads: &[],
    page: include_str!("init_container_run_as_non_root.md"),
    check,
};

/// First release with `spec.initContainerSecurityContext`.
const HAS_OWN_CONTEXT: Version = Version::zero(150, 0);

/// `pkg/kubelet/kuberuntime/security_context.go`, 1.36.
fn is_about_root(message: &str) -> bool {
    message.contains("runAsNonRoot") || message.contains("non-root policy")
}

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let stuck = stuck(case);
    // The Go sidecar has to be root: that it may not be is a cause of its own.
    let init = stuck.iter().filter(|stuck| stuck.agent.role != AgentRole::GoSidecar);
    let refused: Vec<_> =
        init.filter(|stuck| stuck.refusal().is_some_and(|waiting| is_about_root(&waiting.message))).collect();
    let Some(first) = refused.first() else { return Vec::new() };
    let said = first.refusal().map(|waiting| words(&waiting.message)).unwrap_or_default();
    let language = first.language().unwrap_or(facts::Language::Java);
    // What is set there replaces what the container has inherited.
    let context = if is_tight(case, first) {
        tight_context(true, true)
    } else {
        json!({ "runAsNonRoot": true, "runAsUser": USER })
    };
    let patch = json!({ "initContainerSecurityContext": context });
    let own_context = case.operator.config.release.version() >= HAS_OWN_CONTEXT;
    let command = own_context.then(|| patch_instrumentation(case, language, &patch)).flatten();
    let remedy_words = match command {
        Some(_) => "Give the init container a user".to_owned(),
        None => "Set a numeric securityContext.runAsUser on the application container, then".to_owned(),
    };
    vec![
        Found::new(&CAUSE, Severity::Error, Certainty::Certain)
            .message(format!(
                "Container {} of Pod {} cannot be created: {said}.",
                first.agent.name, first.pod.name
            ))
            .remedy(remedy_words, command.unwrap_or_else(|| case.restart_command()))
            .because(
                format!("Pod/{}", first.pod.name),
                format!("{}.state.waiting", status_field(first.agent)),
                format!("CreateContainerConfigError: {said}"),
            )
            .pods(refused.iter().map(|stuck| stuck.pod)),
    ]
}

/// Whether more than a user is demanded of the container: by its namespace, or by what made the application's context.
fn is_tight(case: &Case<'_>, stuck: &Stuck<'_, '_>) -> bool {
    let containers = &stuck.pod.shape.spec.init_containers;
    let own = containers.iter().find(|container| container.name == stuck.agent.name);
    let context = own.and_then(|container| container.security_context.as_ref());
    enforced_level(case) == Some("restricted")
        || context.is_some_and(|context| context.allow_privilege_escalation == Some(false))
}

/// The kubelet's sentence without the Pod's names, which it puts in brackets behind it.
fn words(message: &str) -> String {
    message.split(" (pod:").next().unwrap_or_default().trim_end_matches('.').to_owned()
}
