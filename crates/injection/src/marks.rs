//! Which injection does a running Pod carry?
//!
//! The init container alone proves nothing: since 0.146 it is added even where every target was skipped. Proof is in the
//! application container: the mount of the agent's volume, the hook variable that points into it, and the common
//! variables. Names of all releases are recognised (0.85 used one name for Java, Node.js, Python and .NET): those that
//! `internal/instrumentation/{javaagent,nodejs,python,dotnet,golang,apachehttpd,nginx}.go` gave them from 0.85.0 to 0.158.0.

use std::sync::Arc;

use facts::{Container, Language, PodShape};

use crate::decide::NODE_NAME_VARIABLE;
use crate::language::{apache_httpd, go, nginx};
use crate::mounted::{language_of, mounted_agents};
use crate::sidecar::SIDECAR_CONTAINER;

pub use crate::mounted::{Hook, MountedAgent, hook_variable};

/// Variable that the operator adds to every container it injects (≥ 0.107; before, only to Pods without a name).
pub const POD_NAME_VARIABLE: &str = "OTEL_RESOURCE_ATTRIBUTES_POD_NAME";

const RESOURCE_ATTRIBUTES: &str = "OTEL_RESOURCE_ATTRIBUTES";
pub(crate) const AGENT: &str = "opentelemetry-auto-instrumentation";
const EXTENSION: &str = "opentelemetry-auto-instrumentation-extension-";

/// What the operator, of whatever release, left on a Pod.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// Containers that the operator added to bring the agents, in Pod order, init containers first.
    pub agents: Vec<AgentContainer>,
    /// Containers of the application that carry a mark, in Pod order, init containers first.
    pub containers: Vec<ContainerMarks>,
    /// The collector sidecar: whether it is an init container.
    pub collector: Option<CollectorSidecar>,
}

/// A collector that runs beside the application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CollectorSidecar {
    /// An init container that stays (≥ 0.132).
    Native,
    /// A container.
    Container,
}

/// A container that brings an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentContainer {
    /// Its language; none for the shared name of 0.85, and for the clone that Apache and nginx share.
    pub language: Option<Language>,
    /// What it is there for.
    pub role: AgentRole,
    /// Name.
    pub name: Arc<str>,
    /// Image.
    pub image: Arc<str>,
    /// Whether it copies from nowhere, because of an unsupported `otel-python-platform` (≥ 0.146).
    pub source_missing: bool,
}

/// What an agent container is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AgentRole {
    /// Init container that brings the agent.
    Agent,
    /// Init container that brings an extension of the Java agent.
    JavaExtension,
    /// Init container that copies the configuration of Apache or nginx.
    ConfigurationClone,
    /// The Go agent beside the application.
    GoSidecar,
}

/// What is found on a container of the application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContainerMarks {
    /// Name.
    pub name: Arc<str>,
    /// Whether it is an init container.
    pub is_init: bool,
    /// Agents mounted into it.
    pub agents: Vec<MountedAgent>,
    /// Whether it has the common variables of an injection. Alone, they mean SDK, or a second target of Apache or nginx.
    pub environment: bool,
}

impl Marks {
    /// Whether there is no mark at all; a collector sidecar is none.
    pub fn is_empty(&self) -> bool {
        self.agents.is_empty() && self.containers.is_empty()
    }

    /// The agent container of a language.
    pub fn agent(&self, language: Language) -> Option<&AgentContainer> {
        self.agents.iter().find(|agent| {
            agent.language == Some(language) && matches!(agent.role, AgentRole::Agent | AgentRole::GoSidecar)
        })
    }

    /// The marks of a container.
    pub fn container(&self, name: &str) -> Option<&ContainerMarks> {
        self.containers.iter().find(|container| &*container.name == name)
    }

    /// Whether a language is on a container: its agent is mounted, or for SDK the variables are there. For Go the sidecar
    /// counts, whatever the container.
    pub fn is_injected(&self, language: Language, container: &str) -> bool {
        match language {
            Language::Go => self.agent(Language::Go).is_some(),
            Language::Sdk => self.container(container).is_some_and(|marks| marks.environment),
            _ => self.container(container).is_some_and(|marks| marks.agent(language).is_some()),
        }
    }

    /// Languages that reached at least one container, in the operator's order.
    pub fn languages(&self) -> Vec<Language> {
        let on_container = |language| match language {
            Language::Go => self.agent(Language::Go).is_some(),
            Language::Sdk => self.containers.iter().any(ContainerMarks::is_sdk_only),
            _ => self.containers.iter().any(|container| container.agent(language).is_some()),
        };
        Language::ALL.into_iter().filter(|language| on_container(*language)).collect()
    }
}

impl ContainerMarks {
    /// The agent of a language mounted here.
    pub fn agent(&self, language: Language) -> Option<&MountedAgent> {
        self.agents.iter().find(|agent| agent.language == Some(language))
    }

    /// Whether there are variables but no agent.
    pub fn is_sdk_only(&self) -> bool {
        self.environment && self.agents.is_empty()
    }
}

/// Finds what the operator left on a Pod.
pub fn marks(shape: &PodShape) -> Marks {
    let spec = &shape.spec;
    let mut marks = Marks::default();
    let init = spec.init_containers.iter().map(|container| (container, true));
    let all = init.chain(spec.containers.iter().map(|container| (container, false)));
    for (container, is_init) in all {
        if &*container.name == SIDECAR_CONTAINER {
            marks.collector =
                Some(if is_init { CollectorSidecar::Native } else { CollectorSidecar::Container });
        } else if let Some((language, role)) = agent_role(&container.name, is_init) {
            marks.agents.push(AgentContainer {
                language,
                role,
                name: container.name.clone(),
                image: container.image.clone(),
                source_missing: role == AgentRole::Agent
                    && container.command.get(2).is_some_and(|source| source.is_empty()),
            });
        } else {
            let agents = mounted_agents(container);
            let environment = has_common_variables(container);
            if environment || !agents.is_empty() {
                marks.containers.push(ContainerMarks {
                    name: container.name.clone(),
                    is_init,
                    agents,
                    environment,
                });
            }
        }
    }
    marks
}

/// The language whose agent an init container of this name installs; none where 0.85's shared name leaves it open.
pub fn installs(init_container: &str) -> Option<Language> {
    let (language, role) = agent_role(init_container, true)?;
    language.filter(|_| role == AgentRole::Agent)
}

fn agent_role(name: &str, is_init: bool) -> Option<(Option<Language>, AgentRole)> {
    if !is_init {
        return (name == go::SIDECAR).then_some((Some(Language::Go), AgentRole::GoSidecar));
    }
    if name.starts_with(EXTENSION) {
        return Some((Some(Language::Java), AgentRole::JavaExtension));
    }
    match name {
        apache_httpd::CLONE_CONTAINER => Some((None, AgentRole::ConfigurationClone)),
        apache_httpd::ATTACH_CONTAINER => Some((Some(Language::ApacheHttpd), AgentRole::Agent)),
        nginx::ATTACH_CONTAINER => Some((Some(Language::Nginx), AgentRole::Agent)),
        _ => match name.strip_prefix(AGENT)? {
            "" => Some((None, AgentRole::Agent)),
            suffix => Some((Some(language_of(suffix)?), AgentRole::Agent)),
        },
    }
}

/// Whether the last variable is `OTEL_RESOURCE_ATTRIBUTES` and one of the operator's own stands before it. A user's own
/// `OTEL_RESOURCE_ATTRIBUTES` alone is no mark.
fn has_common_variables(container: &Container) -> bool {
    let from_field = |name: &str, path: &str| {
        container.env.iter().any(|var| {
            &*var.name == name
                && var
                    .value_from
                    .as_ref()
                    .and_then(|from| from.field_ref.as_ref())
                    .is_some_and(|field| &*field.field_path == path)
        })
    };
    let attributes = container.env.iter().any(|var| &*var.name == RESOURCE_ATTRIBUTES);
    attributes
        && (from_field(POD_NAME_VARIABLE, "metadata.name")
            || from_field(NODE_NAME_VARIABLE, "spec.nodeName")
            || before_0_107(container))
}

/// A named Pod on a known node got neither variable before 0.107, only the attributes in the operator's order.
fn before_0_107(container: &Container) -> bool {
    container.env.last().is_some_and(|var| {
        &*var.name == RESOURCE_ATTRIBUTES
            && ["k8s.container.name=", "k8s.namespace.name=", "k8s.node.name=", "k8s.pod.name="]
                .iter()
                .all(|attribute| var.literal().contains(attribute))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shape(spec: &serde_json::Value) -> PodShape {
        serde_json::from_value(json!({ "spec": spec })).unwrap()
    }

    #[test]
    fn an_init_container_without_a_mount_is_no_injection() {
        let marks = marks(&shape(&json!({
            "initContainers": [{"name": "opentelemetry-auto-instrumentation-python", "command": ["cp", "-r", "", "/otel-auto-instrumentation-python"]}],
            "containers": [{"name": "app"}],
        })));
        assert!(marks.agent(Language::Python).unwrap().source_missing);
        assert!(!marks.is_injected(Language::Python, "app"));
        assert!(marks.languages().is_empty());
    }

    #[test]
    fn a_mount_without_the_hook_is_not_wired() {
        let marks = marks(&shape(&json!({
            "containers": [{
                "name": "app",
                "env": [{"name": "JAVA_TOOL_OPTIONS", "valueFrom": {"configMapKeyRef": {"name": "c", "key": "k"}}}],
                "volumeMounts": [{"name": "opentelemetry-auto-instrumentation-java", "mountPath": "/otel-auto-instrumentation-java-app"}],
            }],
        })));
        let agent = marks.container("app").unwrap().agent(Language::Java).unwrap();
        assert_eq!(agent.hook, Hook::Reference("JAVA_TOOL_OPTIONS"));
        assert!(!agent.hook.is_wired());
    }

    #[test]
    fn the_shared_name_of_0_85_is_told_by_its_hook() {
        let marks = marks(&shape(&json!({
            "initContainers": [{"name": "opentelemetry-auto-instrumentation"}],
            "containers": [{
                "name": "app",
                "env": [{"name": "NODE_OPTIONS", "value": " --require /otel-auto-instrumentation/autoinstrumentation.js"}],
                "volumeMounts": [{"name": "opentelemetry-auto-instrumentation", "mountPath": "/otel-auto-instrumentation"}],
            }],
        })));
        assert_eq!(marks.languages(), [Language::NodeJs]);
    }

    #[test]
    fn a_users_own_resource_attributes_are_no_mark() {
        let marks = marks(&shape(&json!({
            "containers": [{"name": "app", "env": [{"name": "OTEL_RESOURCE_ATTRIBUTES", "value": "team=a"}]}],
        })));
        assert!(marks.is_empty());
    }
}
