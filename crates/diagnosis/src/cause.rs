//! What is a cause of the catalogue?

use api::{Certainty, ConditionType, Severity};
use facts::InputKind;

use crate::case::Case;
use crate::found::Found;

/// A cause: what is known of it before any cluster is looked at, and the function that looks.
#[derive(Debug)]
pub struct Cause {
    /// Stable code, never used again for another meaning: `IH-B002` is B2 of the catalogue's sources.
    pub code: &'static str,
    /// Stable name of the bad state.
    pub reason: &'static str,
    /// One line that says what it is.
    pub summary: &'static str,
    /// The condition that it makes `False` (Error) or `Unknown` (Warning).
    pub condition: ConditionType,
    /// Severities that a finding of it may have.
    pub severities: &'static [Severity],
    /// Certainties that a finding of it may have.
    pub certainties: &'static [Certainty],
    /// Whether the Kubernetes API shows it, and what of it.
    pub sight: Sight,
    /// Version of this project in which it appeared.
    pub since: &'static str,
    /// Kinds without which it may be missed, or without which its check would be less sure; workloads, ReplicaSets, Pods and
    /// Namespaces, which every judgement reads, are left out.
    pub reads: &'static [InputKind],
    /// Its page for users, Markdown.
    pub page: &'static str,
    /// Looks for it. Pure; relies on no other cause having been looked for.
    pub check: Check,
}

/// How far a cause can be seen through the Kubernetes API. The text says what shows it, or why nothing does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// With the rights that the controller has by default.
    Always(&'static str),
    /// Only with a right that has to be given.
    WithPermission(&'static str),
    /// Its preconditions only: named as a [`Certainty::Hint`].
    HintOnly(&'static str),
    /// Not at all.
    NotVisible(&'static str),
}

impl Sight {
    /// In a few words.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Always(_) => "always",
            Self::WithPermission(_) => "with a permission",
            Self::HintOnly(_) => "hint only",
            Self::NotVisible(_) => "not visible",
        }
    }

    /// What shows it, or why nothing does.
    pub const fn why(self) -> &'static str {
        match self {
            Self::Always(why) | Self::WithPermission(why) | Self::HintOnly(why) | Self::NotVisible(why) => {
                why
            }
        }
    }
}

/// Looks for one cause on one workload; at most one finding per group of Pods that differ in evidence.
pub type Check = for<'c> fn(&Case<'c>) -> Vec<Found<'c>>;

impl PartialEq for Cause {
    fn eq(&self, other: &Self) -> bool {
        self.reason == other.reason
    }
}
