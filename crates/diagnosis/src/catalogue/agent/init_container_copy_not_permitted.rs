//! F3: the init container may not give the copied agent files their owner.

use api::{Certainty, ConditionType, Severity};
use facts::{Container, PodShape};
use injection::marks::AgentRole;

use super::{Stuck, status_field, stuck};
use crate::case::Case;
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `InitContainerCopyNotPermitted`.
pub static CAUSE: Cause = Cause {
    code: "IH-F003",
    reason: "InitContainerCopyNotPermitted",
    summary: "The agent init container fails because it may not keep the owner of the files that it copies.",
    condition: ConditionType::AgentInstalled,
    severities: &[Severity::Error],
    certainties: &[Certainty::Likely],
    sight: Sight::Always(
        "exit code, image and user of the agent's init container; its words only where it writes a termination message, so it is likely, not certain",
    ),
    since: "0.1.0",
    reads: &[],
    page: include_str!("init_container_copy_not_permitted.md"),
    check,
};

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let stuck = stuck(case);
    let failed: Vec<_> = stuck.iter().filter(|stuck| may_not_copy(stuck)).collect();
    let Some(first) = failed.first() else { return Vec::new() };
    let Some(terminated) = first.terminated else { return Vec::new() };
    vec![
        Found::new(&CAUSE, Severity::Error, Certainty::Likely)
            .message(format!(
                "Init container {} of Pod {} ends with exit code {}: it copies the agent with the owner of its files, and may not set that owner.",
                first.agent.name, first.pod.name, terminated.exit_code
            ))
            .remedy(
                "Use a newer operator or agent image (they copy without the owner), or run the init container as root, then",
                case.restart_command(),
            )
            .because(
                format!("Pod/{}", first.pod.name),
                format!("{}.lastState.terminated", status_field(first.agent)),
                format!("exit code {} {}", terminated.exit_code, terminated.message),
            )
            .because(
                format!("Pod/{}", first.pod.name),
                format!("spec.initContainers[{}].command", first.agent.name),
                first.container().map(|container| container.command.join(" ")).unwrap_or_default(),
            )
            .pods(failed.iter().map(|stuck| stuck.pod)),
    ]
}

/// The container's last words say so; or it copies with `-a` (operators up to 0.96) as somebody who is not root.
fn may_not_copy(stuck: &Stuck<'_, '_>) -> bool {
    let Some(terminated) = stuck.terminated else { return false };
    let (Some(container), AgentRole::Agent) = (stuck.container(), stuck.agent.role) else { return false };
    let says_so = ["Operation not permitted", "preserve ownership", "preserve permissions"]
        .iter()
        .any(|words| terminated.message.contains(words));
    let keeps_owner = container.command.iter().any(|word| matches!(&**word, "-a" | "-p" | "--archive"));
    says_so || (keeps_owner && terminated.exit_code == 1 && !runs_as_root(container, stuck.group.shape))
}

fn runs_as_root(container: &Container, shape: &PodShape) -> bool {
    let own = container.security_context.as_ref();
    let of_pod = shape.spec.security_context.as_ref();
    let user = own.and_then(|own| own.run_as_user).or_else(|| of_pod.and_then(|pod| pod.run_as_user));
    let refuses =
        own.and_then(|own| own.run_as_non_root).or_else(|| of_pod.and_then(|pod| pod.run_as_non_root));
    user.is_none_or(|user| user == 0) && refuses != Some(true)
}
