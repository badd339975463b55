//! What have users said about our findings: mute and ignore?

use api::{ANNOTATION_IGNORE, ANNOTATION_MUTE_REASON, ANNOTATION_MUTE_UNTIL, Severity};
use facts::StringMap;
use jiff::Timestamp;

use crate::case::Case;
use crate::cause::Cause;
use crate::found::{Found, sentence};

/// Turns the findings that users call intended, by reason or by code, into `Info`.
pub fn ignore(case: &Case<'_>, found: &mut [Found<'_>]) {
    let ignored: Vec<&str> =
        places(case).filter_map(|place| place.annotations.get(ANNOTATION_IGNORE)).flat_map(listed).collect();
    for found in found.iter_mut().filter(|found| ignored.iter().any(|name| names(found.cause, name))) {
        found.severity = Severity::Info;
        found.ignored = true;
    }
}

/// Whether a word of the list means a cause.
pub fn names(cause: &Cause, word: &str) -> bool {
    word == cause.reason || (!cause.code.is_empty() && word == cause.code)
}

/// The words of a list.
pub fn listed(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').map(str::trim).filter(|word| !word.is_empty())
}

/// Until when no Events are wanted: the later of workload and Namespace. A value that is no RFC 3339 time mutes nothing.
pub fn muted_until(case: &Case<'_>) -> Option<Timestamp> {
    muted(case).map(|(until, _)| until)
}

/// Why no Events are wanted, in the user's words; empty while they are.
pub fn mute_reason(case: &Case<'_>) -> String {
    let place = muted(case).map(|(_, place)| place);
    place.and_then(|place| place.annotations.get(ANNOTATION_MUTE_REASON)).map(sentence).unwrap_or_default()
}

fn muted<'c>(case: &'c Case<'_>) -> Option<(Timestamp, Place<'c>)> {
    let until = |place: Place<'c>| {
        let until = place.annotations.get(ANNOTATION_MUTE_UNTIL)?.parse::<Timestamp>().ok()?;
        Some((until, place))
    };
    let last = places(case).filter_map(until).max_by_key(|(until, _)| *until);
    last.filter(|(until, _)| *until > case.now)
}

/// An object on which such annotations may stand.
#[derive(Clone, Copy, Debug)]
pub struct Place<'c> {
    /// Its annotations.
    pub annotations: &'c StringMap,
    /// Whether it is the Namespace; else it is the workload.
    pub is_namespace: bool,
}

/// The workload and its Namespace. Of a workload of a kind that is not watched, its `ReplicaSet` has what it has.
pub fn places<'c>(case: &'c Case<'_>) -> impl Iterator<Item = Place<'c>> {
    let workload = match case.subject.workload {
        Some(workload) => Some(&workload.annotations),
        None if &*case.subject.id.kind == "Pod" => {
            case.subject.pods.first().map(|pod| &pod.shape.annotations)
        }
        None => case.subject.replica_sets.first().map(|set| &set.metadata.annotations),
    };
    let workload = workload.map(|annotations| Place { annotations, is_namespace: false });
    let namespace = Place { annotations: case.namespace_annotations, is_namespace: true };
    workload.into_iter().chain([namespace])
}
