//! What does the API server say when it refuses the workload's Pods?
//!
//! Refused Pods do not exist; only whoever tried to create them says so: a `ReplicaSet` in its condition `ReplicaFailure`, the
//! others in Events. An Event outlives what it tells, so it counts only while Pods are missing.

use facts::{Condition, Event, Pod, ReplicaSet, Workload};
use jiff::Timestamp;

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
    /// When it was last said, or since when it stands.
    pub said: Option<Timestamp>,
}

impl<'a> Refusal<'a> {
    /// The words without what differs at every try: the name of the Pod, and who tried.
    pub fn text(&self) -> &'a str {
        let mut text = self.message;
        for frame in ["(combined from similar events): ", "Error creating: "] {
            text = text.strip_prefix(frame).unwrap_or(text);
        }
        // StatefulSets: `create Pod web-0 in StatefulSet web failed error: pods "web-0" is forbidden: …`
        if text.starts_with("create Pod ") {
            text = text.split_once(" failed error: ").map_or(text, |(_, rest)| rest);
        }
        let named = text.strip_prefix("pods \"").or_else(|| text.strip_prefix("Pod \""));
        named.and_then(|named| named.split_once("\" is ")).map_or(text, |(_, rest)| rest)
    }
}

/// The refusal that stands now: the last one that was said. Where a condition says the same, that one: Events expire.
pub fn standing<'a>(case: &Case<'a>) -> Option<Refusal<'a>> {
    let all = refusals(case);
    let last = all.iter().max_by_key(|refusal| refusal.said)?;
    let text = last.text();
    let same = all.iter().find(|refusal| refusal.text() == text);
    same.cloned()
}

/// Refusals of Pods of the present revision, newest first; none where the Pods that are wanted exist.
pub fn refusals<'a>(case: &Case<'a>) -> Vec<Refusal<'a>> {
    match case.subject.newest_set() {
        Some(set) => of_replica_set(case, set),
        None => case.subject.workload.map(|workload| of_workload(case, workload)).unwrap_or_default(),
    }
}

fn of_replica_set<'a>(case: &Case<'a>, set: &'a ReplicaSet) -> Vec<Refusal<'a>> {
    let object = format!("ReplicaSet/{}", set.metadata.name);
    let mut refusals: Vec<Refusal<'a>> = failure(&set.status.conditions, &object).into_iter().collect();
    if set.status.replicas < set.spec.wanted() {
        refusals.extend(events(case, &set.metadata.uid, &object));
    }
    refusals
}

fn of_workload<'a>(case: &Case<'a>, workload: &'a Workload) -> Vec<Refusal<'a>> {
    let owner = case.subject.jobs.first().copied().unwrap_or(workload);
    let object = format!("{}/{}", owner.id.kind, owner.id.name);
    // Where its ReplicaSets cannot be read, a Deployment repeats what they say.
    let mut refusals: Vec<Refusal<'a>> = failure(&owner.status.conditions, &object).into_iter().collect();
    let of_owner = |pod: &&&Pod| owner.id.kind.as_ref() == "Deployment" || made_by(pod, &owner.uid);
    let there = case.subject.pods.iter().filter(of_owner).count();
    let there = i32::try_from(there).unwrap_or(i32::MAX);
    let missing = match owner.replicas {
        Some(wanted) => there < wanted,
        // A Job may lack one of several Pods: what was said before the newest of them is left out below.
        None => !is_finished(owner),
    };
    if missing {
        refusals.extend(events(case, &owner.uid, &object));
    }
    refusals
}

/// Whether a Job has ended, well or not.
fn is_finished(job: &Workload) -> bool {
    ["Complete", "Failed"]
        .iter()
        .any(|kind| Condition::find(&job.status.conditions, kind).is_some_and(Condition::is_true))
}

/// What a controller notes on itself while it cannot create Pods.
fn failure<'a>(conditions: &'a [Condition], object: &str) -> Option<Refusal<'a>> {
    let failure = Condition::find(conditions, "ReplicaFailure").filter(|failure| failure.is_true())?;
    Some(Refusal {
        object: object.to_owned(),
        field: "status.conditions[ReplicaFailure].message",
        message: &failure.message,
        said: failure.last_transition_time,
    })
}

fn events<'a>(case: &Case<'a>, uid: &str, object: &str) -> impl Iterator<Item = Refusal<'a>> {
    let events = case.cluster.events_about(uid).into_iter();
    // Whatever was said before the newest Pod was made has been overcome.
    let newest = case.subject.pods.iter().filter(|pod| made_by(pod, uid)).filter_map(|pod| pod.created).max();
    let stands =
        move |event: &&'a Event| newest.is_none_or(|newest| event.seen().is_none_or(|seen| seen >= newest));
    events.filter(|event| &*event.reason == "FailedCreate").filter(stands).map(move |event| Refusal {
        object: object.to_owned(),
        field: "Event FailedCreate",
        message: &event.message,
        said: event.seen(),
    })
}

fn made_by(pod: &Pod, uid: &str) -> bool {
    pod.controller.as_ref().is_some_and(|owner| &*owner.uid == uid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_from_try_to_try_is_left_out() {
        for (message, want) in [
            (
                "(combined from similar events): Error creating: pods \"checkout-86cb7dc5b8-wvdqw\" is forbidden: exceeded quota: team",
                "forbidden: exceeded quota: team",
            ),
            (
                "Pod \"checkout-69df886f45-tdfb6\" is invalid: spec.initContainers[0].image: Required value",
                "invalid: spec.initContainers[0].image: Required value",
            ),
            (
                "create Pod web-0 in StatefulSet web failed error: pods \"web-0\" is forbidden: violates PodSecurity",
                "forbidden: violates PodSecurity",
            ),
            (
                "Internal error occurred: failed calling webhook",
                "Internal error occurred: failed calling webhook",
            ),
        ] {
            let refusal = Refusal { object: String::new(), field: "", message, said: None };
            assert_eq!(refusal.text(), want);
        }
    }
}
