//! F3: the init container may not give the copied agent files their owner.

use api::{Certainty, ConditionType, Severity};
use facts::{Container, Language, PodShape};
use injection::Version;
use injection::marks::{AgentContainer, AgentRole};

use super::{Stuck, status_field, stuck};
use crate::case::Case;
use crate::catalogue::protocol::agent_version;
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
                "Init container {} of Pod {} ends with exit code {}: as a user who is not root it most likely may not copy the agent's files with their owner and mode.",
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

/// The container's last words say so; or nothing is said, and somebody who is not root copies files of which the owner is
/// kept (operators up to 0.96) or that only root may read (images of their time).
fn may_not_copy(stuck: &Stuck<'_, '_>) -> bool {
    let Some(terminated) = stuck.terminated else { return false };
    let (Some(container), AgentRole::Agent) = (stuck.container(), stuck.agent.role) else { return false };
    let says_so = ["Operation not permitted", "preserve ownership", "preserve permissions"]
        .iter()
        .any(|words| terminated.message.contains(words));
    let keeps_owner = container.command.iter().any(|word| matches!(&**word, "-a" | "-p" | "--archive"));
    let is_silent = terminated.message.trim().is_empty();
    let fails = terminated.exit_code == 1 && !runs_as_root(container, stuck.group.shape);
    says_so || (fails && (keeps_owner || (is_silent && is_old(stuck.agent))))
}

/// The last images that came with an operator before 0.108; of .NET that is one tag for all releases up to 0.149.
const fn last_of_old(language: Language) -> Option<Version> {
    match language {
        Language::Java => Some(Version { major: 1, minor: 33, patch: 5 }),
        Language::NodeJs => Some(Version { major: 0, minor: 52, patch: 1 }),
        Language::Python => Some(Version { major: 0, minor: 48, patch: 0 }),
        Language::DotNet => Some(Version { major: 1, minor: 2, patch: 0 }),
        Language::Go | Language::ApacheHttpd | Language::Nginx | Language::Sdk => None,
    }
}

fn is_old(agent: &AgentContainer) -> bool {
    let version = agent
        .language
        .and_then(|language| Some((agent_version(language, &agent.image)?, last_of_old(language)?)));
    version.is_some_and(|(version, last)| version <= last)
}

fn runs_as_root(container: &Container, shape: &PodShape) -> bool {
    let own = container.security_context.as_ref();
    let of_pod = shape.spec.security_context.as_ref();
    let user = own.and_then(|own| own.run_as_user).or_else(|| of_pod.and_then(|pod| pod.run_as_user));
    let refuses =
        own.and_then(|own| own.run_as_non_root).or_else(|| of_pod.and_then(|pod| pod.run_as_non_root));
    user.is_none_or(|user| user == 0) && refuses != Some(true)
}
