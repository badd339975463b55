//! How does a workload stand, in one word, and is it one cause?

use std::collections::BTreeMap;

use crate::reason::Outcome;

/// How a workload stands, worst first: its `Healthy` condition, with the kinds of `Unknown` told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Standing {
    /// `Healthy=False`.
    Failing,
    /// `Healthy=Unknown` with a warning.
    Uncertain,
    /// `Healthy=Unknown`, because something could not be read.
    NotJudged,
    /// `Healthy=Unknown`, because Pods are starting.
    Starting,
    /// `Healthy=True`.
    Healthy,
}

impl Standing {
    /// All of them, worst first.
    pub const ALL: [Self; 5] =
        [Self::Failing, Self::Uncertain, Self::NotJudged, Self::Starting, Self::Healthy];

    /// By status and reason of the `Healthy` condition.
    pub fn new(healthy: &str, reason: &str) -> Self {
        match healthy {
            "False" => Self::Failing,
            "True" => Self::Healthy,
            _ if reason == Outcome::Progressing.as_str() => Self::Starting,
            _ if reason == Outcome::NotChecked.as_str() => Self::NotJudged,
            _ => Self::Uncertain,
        }
    }

    /// As a sign, where colour must not be all that tells.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Failing => "✗",
            Self::Uncertain => "!",
            Self::NotJudged => "?",
            Self::Starting => "…",
            Self::Healthy => "✓",
        }
    }

    /// In a word, as reports count it: `3 failing`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Failing => "failing",
            Self::Uncertain => "uncertain",
            Self::NotJudged => "not judged",
            Self::Starting => "starting",
            Self::Healthy => "healthy",
        }
    }
}

/// The cause that explains several failing workloads and at least half of them, and how many, from the main reason of each.
pub fn common_cause<'r>(failing: impl IntoIterator<Item = &'r str>) -> Option<(&'r str, usize)> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    failing.into_iter().for_each(|reason| *counts.entry(reason).or_default() += 1);
    let all: usize = counts.values().sum();
    counts.into_iter().max_by_key(|(_, count)| *count).filter(|(_, most)| *most > 1 && *most * 2 >= all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_cause_must_explain_half_of_several() {
        assert_eq!(common_cause([]), None);
        assert_eq!(common_cause(["A"]), None);
        assert_eq!(common_cause(["A", "B", "A"]), Some(("A", 2)));
        assert_eq!(common_cause(["A", "B", "A", "C", "D"]), None);
    }
}
