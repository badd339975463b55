//! Which Pods did the operator leave alone for one and the same reason?

use facts::Pod;
use injection::{Decision, Outcome};

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

impl Blocked<'_, '_> {
    /// Who is concerned: `Pod x`, `3 of 4 Pods`, or `The Pods of deployment/x` where there are none yet.
    pub fn who(&self, case: &Case<'_>) -> String {
        match self.pods.as_slice() {
            [] => format!("The next Pods of {}", case.subject.id.slug()),
            [one] => format!("Pod {}", one.name),
            several => format!(
                "{} of {} Pods",
                several.len(),
                case.groups.iter().map(|group| group.pods.len()).sum::<usize>()
            ),
        }
    }

    /// The verb that fits [`Blocked::who`].
    pub fn run(&self) -> &'static str {
        match self.pods.len() {
            0 => "will run",
            1 => "runs",
            _ => "run",
        }
    }

    /// The object on which the annotations stand, as evidence names it.
    pub fn object(&self, case: &Case<'_>) -> String {
        self.pods.first().map_or_else(
            || format!("{}/{}", case.subject.id.kind, case.subject.id.name),
            |pod| format!("Pod/{}", pod.name),
        )
    }
}
