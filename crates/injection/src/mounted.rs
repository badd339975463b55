//! Which agents are mounted into a container, and does it load them?

use std::sync::Arc;

use facts::{Container, Language};

use crate::marks::AGENT;

const MOUNT: &str = "/otel-auto-instrumentation";

/// An agent mounted into a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MountedAgent {
    /// Its language; none where 0.85's shared name leaves it open.
    pub language: Option<Language>,
    /// Where it is mounted.
    pub mount_path: Arc<str>,
    /// Whether the application will load it.
    pub hook: Hook,
}

/// Whether an agent is loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hook {
    /// The variable points into the mount.
    Wired(&'static str),
    /// The variable is not there, or points elsewhere.
    NotWired(&'static str),
    /// The variable is taken from a reference: what it says cannot be seen, and the operator did not write it.
    Reference(&'static str),
    /// Apache and nginx load the module from their configuration files.
    Configuration,
    /// The language is open, so the variable is too.
    Unknown,
}

impl Hook {
    /// Whether nothing speaks against the agent being loaded.
    pub const fn is_wired(self) -> bool {
        matches!(self, Self::Wired(_) | Self::Configuration | Self::Unknown)
    }
}

/// The language of a suffix such as `-java`.
pub(crate) fn language_of(suffix: &str) -> Option<Language> {
    match suffix {
        "-java" => Some(Language::Java),
        "-nodejs" => Some(Language::NodeJs),
        "-python" => Some(Language::Python),
        "-dotnet" => Some(Language::DotNet),
        _ => None,
    }
}

pub(crate) fn mounted_agents(container: &Container) -> Vec<MountedAgent> {
    let mut found = Vec::new();
    for mount in &container.volume_mounts {
        let path = &mount.mount_path;
        let (language, hook) = match &*mount.name {
            "otel-apache-agent" => (Some(Language::ApacheHttpd), Hook::Configuration),
            "otel-nginx-agent" => (Some(Language::Nginx), Hook::Configuration),
            name if path.starts_with(MOUNT) => match name.strip_prefix(AGENT) {
                Some("") => shared_name(container, path),
                Some(suffix) => match language_of(suffix) {
                    Some(language) => (Some(language), hook(container, language, path)),
                    None => continue,
                },
                None => continue,
            },
            _ => continue,
        };
        found.push(MountedAgent { language, mount_path: path.clone(), hook });
    }
    found
}

/// 0.85: the hook variable tells the language.
fn shared_name(container: &Container, path: &str) -> (Option<Language>, Hook) {
    [Language::Java, Language::NodeJs, Language::Python, Language::DotNet]
        .into_iter()
        .map(|language| (Some(language), hook(container, language, path)))
        .find(|(_, hook)| matches!(hook, Hook::Wired(_)))
        .unwrap_or((None, Hook::Unknown))
}

fn hook(container: &Container, language: Language, path: &str) -> Hook {
    let Some(variable) = hook_variable(language) else { return Hook::Configuration };
    // The runtime sees the last one. 0.112.0 to 0.114.0 left a reference alone and wrote `$(JAVA_TOOL_OPTIONS) -javaagent:…` after it.
    let last = container.env.iter().rfind(|var| &*var.name == variable);
    match last {
        Some(var) if var.value_from.is_some() => Hook::Reference(variable),
        Some(var) if var.literal().contains(path) => Hook::Wired(variable),
        Some(_) | None => Hook::NotWired(variable),
    }
}

/// The variable that makes a runtime load its agent; none for Go, Apache, nginx and SDK.
pub const fn hook_variable(language: Language) -> Option<&'static str> {
    match language {
        Language::Java => Some(crate::language::java::HOOK),
        Language::NodeJs => Some(crate::language::nodejs::HOOK),
        Language::Python => Some(crate::language::python::HOOK),
        Language::DotNet => Some(crate::language::dotnet::HOOK),
        Language::Go | Language::ApacheHttpd | Language::Nginx | Language::Sdk => None,
    }
}
