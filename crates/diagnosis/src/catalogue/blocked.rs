//! Which Pods did the operator leave alone for one and the same reason?

use facts::Pod;
use injection::{Decision, Outcome};

use super::origin::{Origin, origin};
use super::stopped::{run, who};
use crate::case::Case;

/// Pods that lack what is asked for, and the decision that explains it. Without Pods: what would happen to the next one.
pub struct Blocked<'b, 'c> {
    /// The decision; that of the first group where several agree.
    pub decision: &'b Decision,
    /// The Pods; empty where the workload has none.
    pub pods: Vec<&'c Pod>,
}

/// Collects the Pods whose decision ends in a certain way. Where there are no Pods at all the template's decision counts.
pub fn blocked<'b, 'c>(case: &'b Case<'c>, matches: impl Fn(&Outcome) -> bool) -> Option<Blocked<'b, 'c>> {
    blocked_by(case, |decision| matches(&decision.outcome))
}

/// The same by any property of the decision.
pub fn blocked_by<'b, 'c>(
    case: &'b Case<'c>,
    matches: impl Fn(&Decision) -> bool,
) -> Option<Blocked<'b, 'c>> {
    let groups = case.lacking_groups().filter_map(|group| Some((group, group.decision.as_ref()?)));
    let mut groups = groups.filter(|(_, decision)| matches(decision)).peekable();
    if let Some((_, decision)) = groups.peek() {
        let decision = *decision;
        return Some(Blocked {
            decision,
            pods: groups.flat_map(|(group, _)| group.pods.iter().copied()).collect(),
        });
    }
    let next = case.restart.as_ref().filter(|_| case.groups.is_empty() && !case.asked.is_empty());
    next.filter(|decision| matches(decision)).map(|decision| Blocked { decision, pods: Vec::new() })
}

impl<'c> Blocked<'_, 'c> {
    /// Who is concerned: see [`who`].
    pub fn who(&self, case: &Case<'_>) -> String {
        who(case, &self.pods)
    }

    /// The verb that fits [`Blocked::who`].
    pub fn run(&self) -> &'static str {
        run(&self.pods)
    }

    /// The object on which the annotations stand, as evidence names it.
    pub fn object(&self, case: &Case<'_>) -> String {
        self.pods.first().map_or_else(|| case.object(), |pod| format!("Pod/{}", pod.name))
    }

    /// Where an annotation comes from that is in effect for these Pods.
    pub fn origin<'s>(&self, case: &'s Case<'c>, key: &'s str) -> Origin<'s> {
        origin(case, self.pods.first().copied(), key)
    }
}
