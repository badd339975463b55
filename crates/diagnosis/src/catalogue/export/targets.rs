//! Which containers has the operator instrumented, and with what environment do they run?

use std::sync::Arc;

use facts::{Container, Language, Pod};
use injection::marks::AgentRole;

use super::super::environment::{Environment, container};
use crate::case::{Case, Group};

/// An instrumented container of one group of Pods.
pub(super) struct TargetContainer<'k, 'c> {
    pub(super) group: &'k Group<'c>,
    /// The application's container.
    pub(super) name: &'k Arc<str>,
    pub(super) container: &'k Container,
    pub(super) language: Language,
    /// The environment that the agent reads: for Go that of the sidecar.
    pub(super) env: Environment<'k>,
}

impl<'k, 'c> TargetContainer<'k, 'c> {
    pub(super) fn pods(&self) -> &'k [&'c Pod] {
        &self.group.pods
    }

    /// `container app of Pod x`.
    pub(super) fn who(&self) -> String {
        match self.group.pods.first() {
            Some(pod) => format!("container {} of Pod {}", self.name, pod.name),
            None => format!("container {}", self.name),
        }
    }

    /// The object and the start of a field, for evidence.
    pub(super) fn object(&self) -> String {
        self.group.pods.first().map_or_else(|| "Pod".to_owned(), |pod| format!("Pod/{}", pod.name))
    }
}

/// Instrumented containers of the present revision, else of all revisions.
pub(super) fn targets<'k, 'c>(case: &'k Case<'c>) -> Vec<TargetContainer<'k, 'c>> {
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
