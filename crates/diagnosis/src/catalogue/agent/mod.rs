//! F: was the agent container created, pulled, started and finished?

pub mod agent_image_drifted;
pub mod agent_image_platform_mismatch;
pub mod agent_image_pull_failed;
pub mod agent_volume_too_small;
pub mod go_agent_cannot_attach;
pub mod init_container_copy_not_permitted;
pub mod init_container_oom_killed;
pub mod init_container_run_as_non_root;

use facts::{Container, ContainerStatus, Language, Pod, Terminated};
use injection::marks::{AgentContainer, AgentRole};

use super::environment::container;
use crate::case::{Case, Group};
use crate::progress::{Progress, progress};

/// An agent container of a Pod that does not do its work.
struct Stuck<'k, 'c> {
    group: &'k Group<'c>,
    pod: &'c Pod,
    agent: &'k AgentContainer,
    status: &'c ContainerStatus,
    /// How it ended; none where it cannot even be started.
    terminated: Option<&'c Terminated>,
}

/// Agent containers that failed or are refused, the Go sidecar included.
fn stuck<'k, 'c>(case: &'k Case<'c>) -> Vec<Stuck<'k, 'c>> {
    let mut found = Vec::new();
    for (group, pod) in case.lasting_pods() {
        let (name, terminated) = match progress(pod, &group.marks, case.now) {
            Progress::Failed { status, terminated } => (&status.name, Some(terminated)),
            Progress::Refused { status } => (&status.name, None),
            _ => continue,
        };
        let Some(agent) = group.marks.agents.iter().find(|agent| agent.name == *name) else { continue };
        // Looked up again: what `progress` answers lives only as long as the case.
        let Some(status) = pod.status.container(name) else { continue };
        let terminated = terminated.and_then(|_| status.last_termination());
        found.push(Stuck { group, pod, agent, status, terminated });
    }
    found
}

impl<'k> Stuck<'k, '_> {
    /// The kubelet's words about a container that cannot be started.
    fn refusal(&self) -> Option<&facts::Waiting> {
        self.status.state.waiting.as_ref().filter(|_| self.terminated.is_none())
    }

    /// What the container runtime says: why it cannot be started, or how it ended.
    fn words(&self) -> &str {
        let refused = self.refusal().map(|waiting| &*waiting.message);
        refused.or_else(|| self.terminated.map(|terminated| &*terminated.message)).unwrap_or_default()
    }

    /// The container as the Pod has it.
    fn container(&self) -> Option<&'k Container> {
        container(&self.group.shape.spec, &self.agent.name)
    }

    /// The language whose block of the Instrumentation this container comes from: the clone has that of its server.
    fn language(&self) -> Option<Language> {
        self.agent.language.or_else(|| self.group.marks.agents.iter().find_map(|agent| agent.language))
    }
}

/// The field of a Pod's status that tells about an agent container.
fn status_field(agent: &AgentContainer) -> String {
    let list = match agent.role {
        AgentRole::GoSidecar => "containerStatuses",
        _ => "initContainerStatuses",
    };
    format!("status.{list}[{}]", agent.name)
}

/// The field of an Instrumentation's language block that holds the resources: Java's is called otherwise.
fn resources_field(language: Language) -> &'static str {
    match language {
        Language::Java => "resources",
        _ => "resourceRequirements",
    }
}
