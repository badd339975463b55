//! Does anything ask for injection, so that this workload gets an object?

use facts::{INSTRUMENTATION_PREFIX, StringMap};

use crate::case::Case;
use crate::catalogue;
use crate::catalogue::is_strange;

/// A key under the instrumentation prefix, known or misspelt, on its Pods, template, own metadata, Jobs, Service or Namespace; marks of an
/// injection; or a sidecar annotation mistaken for it. A workload that merely says `false` where nothing else asks has none.
pub fn is_ours(case: &Case<'_>) -> bool {
    case.injected_groups().next().is_some() || names_injection(case) || catalogue::mistaken_sidecar(case)
}

fn names_injection(case: &Case<'_>) -> bool {
    let labels = case.namespace.found().map(|namespace| &namespace.metadata.metadata.labels);
    let namespace = asks(case.namespace_annotations) || labels.is_some_and(asks);
    let template = case.template.is_some_and(|shape| asks(&shape.annotations) || asks(&shape.labels));
    let workload =
        case.subject.workload.is_some_and(|workload| asks(&workload.annotations) || asks(&workload.labels));
    let jobs = case.subject.workload.is_some_and(|workload| asks(&workload.job_annotations))
        || case.subject.jobs.first().is_some_and(|job| asks(&job.annotations));
    let pods = case.groups.iter().any(|group| asks(&group.shape.annotations) || asks(&group.shape.labels));
    let above = case.subject.replica_sets.first().filter(|_| case.subject.workload.is_none());
    let above = above.is_some_and(|set| asks(&set.metadata.annotations));
    let services = case.services_asking_in_vain();
    let service = services.iter().any(|service| asks(&service.metadata.annotations));
    namespace || template || workload || jobs || pods || above || service
}

/// Whether a key under the prefix, or one that was meant to stand there, says anything but "no".
fn asks(map: &StringMap) -> bool {
    map.iter().any(|(key, value)| {
        let prefix = key.get(..INSTRUMENTATION_PREFIX.len());
        let about_injection = prefix
            .is_some_and(|prefix| prefix.eq_ignore_ascii_case(INSTRUMENTATION_PREFIX))
            || is_strange(key);
        about_injection && !injection::annotation::is_false(value) && !value.is_empty()
    })
}
