//! Which containers has the operator instrumented, and with what environment do they run?

use std::sync::Arc;

use facts::{Container, Language, Pod};
use injection::marks::AgentRole;

use super::environment::{Environment, container};
use crate::case::{Case, Group};

/// An instrumented container of one group of Pods.
pub struct TargetContainer<'k, 'c> {
    /// Its Pods.
    pub group: &'k Group<'c>,
    /// The application's container.
    pub name: &'k Arc<str>,
    /// As the Pods have it.
    pub container: &'k Container,
    /// The agent.
    pub language: Language,
    /// The environment that the agent reads: for Go that of the sidecar.
    pub env: Environment<'k>,
}

impl<'k, 'c> TargetContainer<'k, 'c> {
    /// Its Pods.
    pub fn pods(&self) -> &'k [&'c Pod] {
        &self.group.pods
    }

    /// `container app of Pod x`.
    pub fn who(&self) -> String {
        match self.group.pods.first() {
            Some(pod) => format!("container {} of Pod {}", self.name, pod.name),
            None => format!("container {}", self.name),
        }
    }

    /// The object and the start of a field, for evidence.
    pub fn object(&self) -> String {
        self.group.pods.first().map_or_else(|| "Pod".to_owned(), |pod| format!("Pod/{}", pod.name))
    }
}

/// Instrumented containers of the present revision, else of all revisions.
pub fn targets<'k, 'c>(case: &'k Case<'c>) -> Vec<TargetContainer<'k, 'c>> {
    let any_current = case.injected_groups().any(|group| group.current);
    let mut targets = Vec::new();
    for group in case.injected_groups().filter(|group| group.current || !any_current) {
        let spec = &group.shape.spec;
        let mut add = |name: &'k Arc<str>, language| {
            if let Some(container) = container(spec, name) {
                let env = Environment::new(container, &case.subject.id.namespace, case.cluster);
                targets.push(TargetContainer { group, name, container, language, env });
            }
        };
        for agent in group.marks.agents.iter().filter(|agent| agent.role == AgentRole::GoSidecar) {
            add(&agent.name, Language::Go);
        }
        for target in &group.marks.containers {
            for language in target.agents.iter().filter_map(|agent| agent.language) {
                add(&target.name, language);
            }
            if target.is_sdk_only() && group.asked.iter().any(|asked| asked.language == Language::Sdk) {
                add(&target.name, Language::Sdk);
            }
        }
    }
    targets
}
