//! What does the controller say of itself, and of the operator that it watches?

use diagnosis::Cause;
use diagnosis::operator::Presence;
use jiff::Timestamp;

/// The state of a controller at the moment in which its verdicts were looked at.
#[derive(Clone, Debug)]
pub struct Controller {
    /// That moment.
    pub at: Timestamp,
    /// Its version.
    pub version: &'static str,
    /// Whether it has read the cluster and judges. Before that there are only the verdicts of an earlier run.
    pub judging: bool,
    /// What is missing before it is ready.
    pub missing: Vec<String>,
    /// Kinds that it may not read, and the rule that each needs.
    pub unreadable: Vec<(String, String)>,
    /// Workloads that wait to be judged.
    pub to_judge: usize,
    /// Writes that wait for the budget, or are under way.
    pub to_write: usize,
    /// Whether it writes; a standby judges only.
    pub leads: bool,
    /// The operator.
    pub operator: Presence,
    /// What is wrong with the operator for everybody; none where it cannot be told.
    pub faults: Option<Vec<&'static Cause>>,
}

impl Controller {
    /// Whether it has seen everything: only then may it be said of something that it is not there.
    pub fn has_seen_all(&self) -> bool {
        self.judging && self.unreadable.is_empty()
    }
}
