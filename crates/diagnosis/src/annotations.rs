//! What have users said about our findings: mute and ignore?

use api::{ANNOTATION_IGNORE, ANNOTATION_MUTE_UNTIL, Severity};
use jiff::Timestamp;

use crate::case::Case;
use crate::found::Found;

/// Turns the findings that users call intended into `Info`.
pub fn ignore(case: &Case<'_>, found: &mut [Found<'_>]) {
    let ignored: Vec<&str> =
        values(case, ANNOTATION_IGNORE).flat_map(|list| list.split(',').map(str::trim)).collect();
    for found in found.iter_mut().filter(|found| ignored.contains(&found.cause.reason)) {
        found.severity = Severity::Info;
        found.ignored = true;
    }
}

/// Until when no Events are wanted. A value that is no RFC 3339 time mutes nothing.
pub fn muted_until(case: &Case<'_>) -> Option<Timestamp> {
    values(case, ANNOTATION_MUTE_UNTIL)
        .filter_map(|text| text.parse::<Timestamp>().ok())
        .max()
        .filter(|until| *until > case.now)
}

/// Values of an annotation on the workload and on its Namespace.
fn values<'c>(case: &'c Case<'_>, key: &'c str) -> impl Iterator<Item = &'c str> {
    let workload = case.subject.workload.and_then(|workload| workload.annotations.get(key));
    let pod = case.subject.pods.first().filter(|_| &*case.subject.id.kind == "Pod");
    let pod = pod.and_then(|pod| pod.shape.annotations.get(key));
    workload.or(pod).into_iter().chain(case.namespace_annotations.get(key))
}
