//! Was the annotation put on after the Pod was created?

use std::sync::Arc;

use api::Certainty;
use facts::{Lookup, PodShape};
use injection::annotation::Request;
use jiff::Timestamp;

use crate::case::{Asked, Case, Group};

/// An annotation that came after the Pod.
#[derive(Clone, Debug)]
pub struct Change {
    /// Its key.
    pub key: &'static str,
    /// Its value.
    pub value: Arc<str>,
    /// What it stands on.
    pub holder: Holder,
    /// How sure that is.
    pub certainty: Certainty,
}

/// What an annotation stands on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holder {
    /// On the Namespace, and by then it was set; none where the Namespace does not tell.
    Namespace(Option<Timestamp>),
    /// On the Pod itself, and not in the template it was made from.
    Pod,
}

/// Looks for a change among the annotations of what is missing. A change on the Namespace without times is a mere hint.
pub(super) fn change(case: &Case<'_>, group: &Group<'_>, created: Timestamp) -> Option<Change> {
    let missing = || group.asked.iter().filter(|asked| group.missing.contains(&asked.language));
    let changes: Vec<Change> = missing().filter_map(|asked| one(case, group, asked, created)).collect();
    // One language that was asked for in time needs another explanation.
    (changes.len() == missing().count()).then(|| changes.into_iter().next()).flatten()
}

fn one(case: &Case<'_>, group: &Group<'_>, asked: &Asked, created: Timestamp) -> Option<Change> {
    let key = asked.language.inject_key();
    let change = |holder, certainty| Change { key, value: asked.value.clone(), holder, certainty };
    let asks = |value: &Option<Arc<str>>| {
        value.as_deref().is_some_and(|value| Request::parse(value) != Request::Nothing)
    };
    if asks(&asked.on_pod) {
        let template = template_of(case, group)?;
        let in_template = template.annotations.get(key);
        let by_hand = in_template.is_none_or(|value| Some(value) != asked.on_pod.as_deref());
        return by_hand.then(|| change(Holder::Pod, Certainty::Likely));
    }
    let Lookup::Found(namespace) = case.namespace else { return None };
    match namespace.metadata.annotation_set_by(key) {
        Some(set) if set.as_second() > created.as_second() => {
            Some(change(Holder::Namespace(Some(set)), Certainty::Likely))
        }
        Some(_) => None,
        None => Some(change(Holder::Namespace(None), Certainty::Hint)),
    }
}

/// The template that the Pods of a group were made from, where that can be told.
fn template_of<'a>(case: &Case<'a>, group: &Group<'_>) -> Option<&'a PodShape> {
    let workload = match &*case.subject.id.kind {
        "CronJob" => case.subject.jobs.first().copied(),
        _ => case.subject.workload,
    };
    let Some(workload) = workload else {
        // A Pod that its ReplicaSet made is of that one's template.
        let set = case.subject.newest_set()?;
        let made =
            |pod: &&facts::Pod| pod.controller.as_ref().is_some_and(|owner| owner.uid == set.metadata.uid);
        return set.template.as_deref().filter(|_| group.pods.iter().all(made));
    };
    let seen = workload.status.observed_generation == 0
        || workload.status.observed_generation >= workload.generation;
    let revision = group.shape.labels.get("pod-template-generation");
    let is_of_it = revision.is_none_or(|revision| revision.parse() == Ok(workload.generation));
    (group.current && seen && is_of_it).then_some(&*workload.template)
}
