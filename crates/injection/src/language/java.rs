//! Java: an agent archive and `JAVA_TOOL_OPTIONS`.
//!
//! `internal/instrumentation/javaagent.go`, v0.158.0.

use crate::decision::SkipReason;
use crate::units::Unit;

/// The variable that loads the agent.
pub(crate) const HOOK: &str = "JAVA_TOOL_OPTIONS";
/// Checked variables that an injection sets.
pub(crate) const MADE: [&str; 1] = [HOOK];

pub(crate) fn check(unit: &mut Unit<'_>) -> Result<(), SkipReason> {
    super::refuse_references(unit, &[HOOK])
}
