//! What could not be read, although without it nothing proves the point?

use facts::{InputKind, Readability};
use injection::Outcome;

use crate::case::Case;
use crate::catalogue::endpoint;
use crate::found::Found;

/// The first kind that would have to be known before this workload may be called healthy or sick. Marks on a running Pod
/// prove the webhook, the look-up and the admission without any other input.
pub fn unproven(case: &Case<'_>, found: &[Found<'_>]) -> Option<InputKind> {
    for kind in [InputKind::Pods, InputKind::Namespaces] {
        let known = case.readability_here(kind);
        let supplied = kind == InputKind::Namespaces && case.namespace.found().is_some();
        if !known.is_exhaustive() && !supplied && !matches!(known, Readability::Pending) {
            return Some(kind);
        }
    }
    let undecided = |decision: &injection::Decision| match decision.outcome {
        Outcome::Undecided { needs } => Some(needs),
        Outcome::LookupFailed { error: injection::LookupError::Unknown, .. } => {
            Some(InputKind::Instrumentations)
        }
        _ => None,
    };
    let bare = case.bare_groups().filter_map(|group| group.decision.as_ref()).find_map(undecided);
    let next = case.restart.as_ref().filter(|_| case.groups.is_empty()).and_then(undecided);
    bare.or(next).or_else(|| endpoint::unproven(case, found))
}
