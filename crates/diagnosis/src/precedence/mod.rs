//! Which of several causes is the main one, and which are only consequences of another?

mod table;

use api::Severity;
use facts::Pod;

use crate::found::Found;
pub use table::{PRECEDENCE, SUPPRESSES};

/// Place in [`PRECEDENCE`]; what is not listed comes last.
pub fn rank(reason: &str) -> usize {
    PRECEDENCE.iter().position(|known| *known == reason).unwrap_or(PRECEDENCE.len())
}

/// Worst first: severity, then [`PRECEDENCE`].
pub fn sort(found: &mut [Found<'_>]) {
    found.sort_by_key(|found| (std::cmp::Reverse(found.severity), rank(found.cause.reason)));
}

/// Takes out what another finding explains: the Pods that both show, and a finding of which nothing is left. A finding about the
/// workload as a whole speaks of all its Pods. What is graver than its explanation stays.
pub fn suppress(found: &mut Vec<Found<'_>>) {
    let explanations: Vec<Explanation> = found.iter().filter_map(Explanation::of).collect();
    found.retain_mut(|candidate| {
        explanations.iter().all(|explanation| !explanation.covers(candidate) || explanation.leaves(candidate))
    });
}

/// A finding that others are consequences of.
struct Explanation {
    consequences: &'static [&'static str],
    severity: Severity,
    /// Its Pods; none where it concerns the workload as a whole.
    pods: Vec<*const Pod>,
}

impl Explanation {
    fn of(found: &Found<'_>) -> Option<Self> {
        let consequences = suppressed_by(found.cause.reason);
        let pods = found.pods.iter().map(|pod| &raw const **pod).collect();
        (!consequences.is_empty()).then_some(Self { consequences, severity: found.severity, pods })
    }

    fn covers(&self, found: &Found<'_>) -> bool {
        self.severity >= found.severity && self.consequences.contains(&found.cause.reason)
    }

    /// Takes its Pods out of a finding that it covers. Whether any are left.
    fn leaves(&self, found: &mut Found<'_>) -> bool {
        if self.pods.is_empty() {
            return false;
        }
        found.pods.retain(|pod| !self.pods.contains(&(&raw const **pod)));
        !found.pods.is_empty()
    }
}

fn suppressed_by(reason: &str) -> &'static [&'static str] {
    SUPPRESSES.iter().find(|(upstream, _)| *upstream == reason).map_or(&[], |(_, consequences)| consequences)
}

#[cfg(test)]
mod tests {
    use api::{Certainty, Outcome};

    use super::*;
    use crate::catalogue::CAUSES;
    use crate::outcome::OUTCOMES;

    /// A finding, for sorting and suppressing only.
    fn found<'a>(reason: &str, severity: Severity, pods: &[&'a Pod]) -> Found<'a> {
        let cause = CAUSES.iter().find(|cause| cause.reason == reason).unwrap();
        let mut found = Found::new(cause, cause.severities[0], cause.certainties[0]);
        found.severity = severity;
        found.certainty = Certainty::Certain;
        found.pods.extend(pods);
        found
    }

    fn left(mut all: Vec<Found<'_>>) -> Vec<(&'static str, usize)> {
        suppress(&mut all);
        sort(&mut all);
        all.iter().map(|found| (found.cause.reason, found.pods.len())).collect()
    }

    #[test]
    fn of_any_two_reasons_one_comes_first() {
        for (place, reason) in PRECEDENCE.iter().enumerate() {
            assert_eq!(rank(reason), place, "{reason} is listed twice");
        }
        let causes = CAUSES.iter().chain(OUTCOMES.iter()).map(|cause| cause.reason);
        let known: Vec<&str> = causes.chain(Outcome::ALL.map(Outcome::as_str)).collect();
        for reason in &known {
            assert!(PRECEDENCE.contains(reason), "{reason} has no place in PRECEDENCE (precedence/table.rs)");
        }
        for reason in PRECEDENCE {
            assert!(known.contains(reason), "{reason} stands in PRECEDENCE, but there is no such reason");
        }
    }

    #[test]
    fn nothing_suppresses_itself_by_any_way() {
        for (place, (upstream, consequences)) in SUPPRESSES.iter().enumerate() {
            assert!(PRECEDENCE.contains(upstream), "{upstream}");
            let first = SUPPRESSES.iter().position(|(other, _)| other == upstream);
            assert_eq!(first, Some(place), "{upstream} is listed twice");
            let mut reached: Vec<&str> = consequences.to_vec();
            let mut next = 0;
            while let Some(reason) = reached.get(next).copied() {
                assert!(PRECEDENCE.contains(&reason), "{upstream} suppresses {reason}, which is no reason");
                assert_ne!(reason, *upstream, "{upstream} suppresses itself, over {reached:?}");
                reached.extend(
                    suppressed_by(reason)
                        .iter()
                        .filter(|more| !reached.contains(more))
                        .copied()
                        .collect::<Vec<_>>(),
                );
                next += 1;
            }
        }
    }

    #[test]
    fn severity_counts_before_precedence() {
        let (early, late) = ("InstrumentationNotFound", "EndpointServiceNotFound");
        let all = || vec![found(late, Severity::Error, &[]), found(early, Severity::Error, &[])];
        assert_eq!(left(all()), [(early, 0), (late, 0)]);
        let mut graver = all();
        graver[1].severity = Severity::Warning;
        assert_eq!(left(graver), [(late, 0), (early, 0)]);
    }

    #[test]
    fn a_consequence_goes_with_the_pods_that_its_cause_explains() {
        let (upstream, consequence) = ("InstrumentationCreatedAfterPod", "PodCreatedWhileWebhookUnavailable");
        let mut interner = facts::Interner::default();
        let pods = [(); 2].map(|()| Pod::new(facts::PodView::default(), &mut interner));
        let (a, b) = (&pods[0], &pods[1]);
        let error = Severity::Error;
        for (what, above, below, want) in [
            (
                "on the same Pod",
                found(upstream, error, &[a]),
                found(consequence, error, &[a]),
                vec![(upstream, 1)],
            ),
            (
                "on the workload",
                found(upstream, error, &[]),
                found(consequence, error, &[a]),
                vec![(upstream, 0)],
            ),
            (
                "on one Pod of two",
                found(upstream, error, &[a]),
                found(consequence, error, &[a, b]),
                vec![(upstream, 1), (consequence, 1)],
            ),
            (
                "graver than its cause",
                found(upstream, Severity::Warning, &[a]),
                found(consequence, error, &[a]),
                vec![(consequence, 1), (upstream, 1)],
            ),
        ] {
            assert_eq!(left(vec![above, below]), want, "{what}");
        }
    }
}
