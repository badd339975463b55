//! Python: packages in front of `PYTHONPATH`.
//!
//! `internal/instrumentation/python.go`, v0.158.0.

use crate::decision::SkipReason;
use crate::units::Unit;

/// The variable that loads the packages.
pub(crate) const HOOK: &str = "PYTHONPATH";
/// Checked variables that an injection sets.
pub(crate) const MADE: [&str; 1] = [HOOK];
/// The annotation that chooses the C library.
pub(crate) const PLATFORM: &str = "instrumentation.opentelemetry.io/otel-python-platform";

/// The folder of the agent image to copy; none for a platform that is not supported.
pub(crate) fn source_folder(platform: &str) -> Option<&'static str> {
    match platform {
        "" | "glibc" => Some("/autoinstrumentation/."),
        "musl" => Some("/autoinstrumentation-musl/."),
        _ => None,
    }
}

pub(crate) fn check(unit: &mut Unit<'_>, platform: &str) -> Result<(), SkipReason> {
    super::refuse_references(unit, &[HOOK])?;
    match source_folder(platform) {
        Some(_) => Ok(()),
        None => Err(SkipReason::PythonPlatform(platform.into())),
    }
}
