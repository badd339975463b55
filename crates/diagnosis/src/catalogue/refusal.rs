//! What does the API server say when it refuses the workload's Pods?
//!
//! Refused Pods do not exist; only whoever tried to create them says so: a ReplicaSet in its condition `ReplicaFailure`, the
//! others in Events. An Event outlives what it tells, so it counts only while Pods are missing.

use facts::{Condition, ReplicaSet, Workload};

use crate::case::Case;

/// A refusal that stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal<'a> {
    /// Who was refused, as evidence names it.
    pub object: String,
    /// Where it says so.
    pub field: &'static str,
    /// The API server's words.
    pub message: &'a str,
}

/// Refusals of Pods of the present revision, newest first; none where the Pods that are wanted exist.
pub fn refusals<'a>(case: &Case<'a>) -> Vec<Refusal<'a>> {
    match case.subject.replica_sets.iter().max_by_key(|set| set.revision()) {
        Some(set) => of_replica_set(case, set),
        None => case.subject.workload.map(|workload| of_workload(case, workload)).unwrap_or_default(),
    }
}

fn of_replica_set<'a>(case: &Case<'a>, set: &'a ReplicaSet) -> Vec<Refusal<'a>> {
    let object = format!("ReplicaSet/{}", set.metadata.name);
    let failure =
        Condition::find(&set.status.conditions, "ReplicaFailure").filter(|failure| failure.is_true());
    let mut refusals: Vec<Refusal<'a>> = failure
        .map(|failure| Refusal {
            object: object.clone(),
            field: "status.conditions[ReplicaFailure].message",
            message: &failure.message,
        })
        .into_iter()
        .collect();
    if set.status.replicas < set.spec.wanted() {
        refusals.extend(events(case, &set.metadata.uid, &object));
    }
    refusals
}

fn of_workload<'a>(case: &Case<'a>, workload: &'a Workload) -> Vec<Refusal<'a>> {
    let owner = case.subject.jobs.first().copied().unwrap_or(workload);
    let object = format!("{}/{}", owner.id.kind, owner.id.name);
    let there = i32::try_from(case.subject.pods.len()).unwrap_or(i32::MAX);
    let missing = match owner.replicas {
        Some(wanted) => there < wanted,
        None => there == 0 && owner.status.succeeded == 0,
    };
    if missing { events(case, &owner.uid, &object).collect() } else { Vec::new() }
}

fn events<'a>(case: &Case<'a>, uid: &str, object: &str) -> impl Iterator<Item = Refusal<'a>> {
    let events = case.cluster.events_about(uid).into_iter();
    events.filter(|event| &*event.reason == "FailedCreate").map(move |event| Refusal {
        object: object.to_owned(),
        field: "Event FailedCreate",
        message: &event.message,
    })
}
