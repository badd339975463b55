//! What of a cluster does a verdict on the workloads of one namespace need?

use std::collections::HashSet;
use std::sync::Arc;

use facts::{InputKind, Language, Object, PodShape, PodSpec, StringMap, Template};

/// Chooses the objects of one namespace, and what else a verdict about them looks at: everything of the cluster itself, what
/// exports and annotations may name in any namespace, the operator, and the Pods that telemetry goes to. Instrumentations,
/// workloads and webhook configurations have to come before Pods, Events and `ReplicaSet`s.
#[derive(Debug)]
pub struct Scope {
    namespace: String,
    /// Namespaces of operators, and of receivers of telemetry.
    others: HashSet<String>,
}

impl Scope {
    /// Of the workloads in that namespace.
    pub fn new(namespace: &str) -> Self {
        Self { namespace: namespace.to_owned(), others: HashSet::new() }
    }

    /// Whether an object is part of it.
    pub fn includes(&mut self, object: &Object) -> bool {
        let namespace = &*object.metadata().namespace;
        match object {
            Object::Instrumentation(instrumentation) => {
                self.receivers_of_instrumentation(&instrumentation.spec);
            }
            Object::Deployment(view) => self.template(namespace, &view.0.spec.template),
            Object::StatefulSet(view) => self.template(namespace, &view.0.spec.template),
            Object::DaemonSet(view) => self.template(namespace, &view.0.spec.template),
            Object::CronJob(view) => self.template(namespace, &view.0.spec.job_template.spec.template),
            _ => {}
        }
        match object.input() {
            InputKind::Namespaces
            | InputKind::Nodes
            | InputKind::CustomResourceDefinitions
            | InputKind::MutatingWebhookConfigurations
            | InputKind::Instrumentations
            | InputKind::Collectors
            | InputKind::Services
            | InputKind::EndpointSlices
            | InputKind::NetworkPolicies => true,
            _ => namespace == self.namespace || self.others.contains(namespace),
        }
    }

    fn template(&mut self, namespace: &str, template: &Template) {
        if is_operator(&template.metadata.labels, &template.spec) {
            self.others.insert(namespace.to_owned());
        }
        if namespace == self.namespace {
            let containers = template.spec.init_containers.iter().chain(&template.spec.containers);
            self.receivers(containers.flat_map(|container| &container.env).map(facts::EnvVar::literal));
        }
    }

    fn receivers_of_instrumentation(&mut self, spec: &facts::InstrumentationSpec) {
        let languages = Language::ALL.into_iter().filter_map(|language| spec.language(language));
        let variables =
            spec.env.iter().chain(languages.flat_map(|language| language.env.iter().chain(&language.attrs)));
        let values = variables.filter_map(|variable| variable.value.as_ref());
        let all: Vec<Arc<str>> = values.chain([&spec.exporter.endpoint]).cloned().collect();
        self.receivers(all.iter().map(|value| &**value));
    }

    fn receivers<'a>(&mut self, values: impl Iterator<Item = &'a str>) {
        self.others.extend(values.filter_map(namespace_in_address).map(str::to_owned));
    }
}

fn is_operator(labels: &StringMap, spec: &PodSpec) -> bool {
    let shape = PodShape { labels: labels.clone(), spec: spec.clone(), ..PodShape::default() };
    shape.is_operator()
}

/// `observability` in `http://collector.observability.svc:4317`.
fn namespace_in_address(text: &str) -> Option<&str> {
    let host = text.split_once("://").map_or(text, |(_, rest)| rest).split([':', '/']).next()?;
    host.split('.').nth(1).filter(|label| !label.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_a_namespace_or_none() {
        for (text, want) in [
            ("http://collector.observability.svc.cluster.local:4317", Some("observability")),
            ("collector.observability:4317", Some("observability")),
            ("http://collector:4317/v1/traces", None),
            ("", None),
        ] {
            assert_eq!(namespace_in_address(text), want, "{text}");
        }
    }
}
