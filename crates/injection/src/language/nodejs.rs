//! Node.js: a package and `NODE_OPTIONS`.
//!
//! `internal/instrumentation/nodejs.go`, v0.158.0.

use crate::decision::SkipReason;
use crate::units::Unit;

/// The variable that loads the package.
pub(crate) const HOOK: &str = "NODE_OPTIONS";
/// Checked variables that an injection sets.
pub(crate) const MADE: [&str; 1] = [HOOK];

pub(crate) fn check(unit: &mut Unit<'_>) -> Result<(), SkipReason> {
    super::refuse_references(unit, &[HOOK])
}
