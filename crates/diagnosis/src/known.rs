//! Which reasons are known, and which one does a name mean?

use crate::catalogue::CAUSES;
use crate::cause::Cause;
use crate::outcome::OUTCOMES;

/// Every cause, then every outcome.
pub fn all() -> impl Iterator<Item = &'static Cause> {
    CAUSES.iter().chain(OUTCOMES.iter()).copied()
}

/// The cause of that reason or code. Codes are also known by their short form: `F4` for `IH-F004`.
pub fn named(wanted: &str) -> Option<&'static Cause> {
    all().find(|cause| is(cause, wanted))
}

fn is(cause: &Cause, wanted: &str) -> bool {
    let short = cause.code.strip_prefix("IH-").map(|code| {
        let (group, number) = code.split_at(1);
        format!("{group}{}", number.trim_start_matches('0'))
    });
    cause.reason.eq_ignore_ascii_case(wanted)
        || (!cause.code.is_empty() && cause.code.eq_ignore_ascii_case(wanted))
        || short.is_some_and(|short| short.eq_ignore_ascii_case(wanted))
}
