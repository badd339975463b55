//! Which closer look would tell more about a workload?
//!
//! Asked for by [`facts::OptIn`] only. Wanted is what a verdict was made without, not what would be nice to know.

use std::collections::BTreeSet;
use std::sync::Arc;

use api::InstrumentationReference;
use facts::{Container, DataRef, EnvVar, Instrumentation, Language, PodShape, ValueFrom};
use injection::Decision;

use crate::case::Case;
use crate::operator::WebhookVerdict;
use crate::prospect::injects_all;

/// The closer looks that a verdict would gain by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wants {
    /// `ConfigMap`s and Secrets that its Pods or Instrumentations name.
    pub data: BTreeSet<DataRef>,
    /// A trial creation of one of its Pods: Pods lack what would be injected now, as far as can be seen. With what the answer
    /// depends on: a new key asks for a new trial.
    pub trial: Option<TrialKey>,
}

/// What the answer of a trial creation depends on, beside the operator.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TrialKey {
    /// Generation of the workload.
    pub generation: i64,
    /// The Instrumentations in effect.
    pub instrumentations: Vec<InstrumentationReference>,
}

impl Wants {
    /// Of a workload, whose status names these Instrumentations.
    pub(crate) fn of(case: &Case<'_>, instrumentations: &[InstrumentationReference]) -> Self {
        let generation = case.subject.workload.map_or(0, |workload| workload.generation);
        let key = || TrialKey { generation, instrumentations: instrumentations.to_vec() };
        Self { data: data(case), trial: is_trial_worth_it(case).then(key) }
    }
}

/// Only where something is missing that a restart would bring, so that it matters whether it really would.
fn is_trial_worth_it(case: &Case<'_>) -> bool {
    let may_answer = |webhook: &WebhookVerdict<'_>| matches!(webhook, WebhookVerdict::Ready { .. });
    case.subject.workload.is_some()
        && case.lacking_groups().next().is_some()
        && case.restart.as_ref().is_some_and(injects_all)
        && case.webhook.as_ref().is_some_and(may_answer)
}

fn data(case: &Case<'_>) -> BTreeSet<DataRef> {
    let mut names = Names { namespace: &case.subject.id.namespace, found: BTreeSet::new() };
    let groups = case.groups.iter().filter(|group| group.concerns_us());
    let shapes = groups.map(|group| group.shape).chain(case.template.filter(|_| !case.asked.is_empty()));
    shapes.for_each(|shape| names.in_shape(shape));
    let decisions = case.restart.iter().chain(case.groups.iter().filter_map(|group| group.decision.as_ref()));
    for instrumentation in decisions.flat_map(instrumentations_of) {
        names.in_instrumentation(instrumentation);
    }
    names.found
}

fn instrumentations_of(decision: &Decision) -> impl Iterator<Item = &Arc<Instrumentation>> {
    decision.languages.iter().filter_map(|language| language.instrumentation.as_ref())
}

struct Names<'n> {
    namespace: &'n Arc<str>,
    found: BTreeSet<DataRef>,
}

impl Names<'_> {
    fn add(&mut self, is_secret: bool, name: &Arc<str>) {
        if !name.is_empty() {
            let namespace = self.namespace.clone();
            self.found.insert(DataRef { is_secret, namespace, name: name.clone() });
        }
    }

    fn in_shape(&mut self, shape: &PodShape) {
        let containers = shape.spec.init_containers.iter().chain(&shape.spec.containers);
        containers.for_each(|container| self.in_container(container));
    }

    fn in_container(&mut self, container: &Container) {
        for source in &container.env_from {
            if let Some(map) = &source.config_map_ref {
                self.add(false, &map.name);
            }
            if let Some(secret) = &source.secret_ref {
                self.add(true, &secret.name);
            }
        }
        container
            .env
            .iter()
            .filter_map(|var| var.value_from.as_deref())
            .for_each(|from| self.in_source(from));
    }

    fn in_source(&mut self, from: &ValueFrom) {
        if let Some(key) = &from.config_map_key_ref {
            self.add(false, &key.name);
        }
        if let Some(key) = &from.secret_key_ref {
            self.add(true, &key.name);
        }
    }

    fn in_instrumentation(&mut self, instrumentation: &Instrumentation) {
        let spec = &instrumentation.spec;
        if let Some(tls) = &spec.exporter.tls {
            self.add(true, &tls.secret_name);
            self.add(false, &tls.config_map_name);
        }
        let languages = Language::ALL.into_iter().filter_map(|language| spec.language(language));
        for variable in spec.env.iter().chain(languages.flat_map(|language| &language.env)) {
            if let Some(from) = EnvVar::from(variable).value_from {
                self.in_source(&from);
            }
        }
    }
}
