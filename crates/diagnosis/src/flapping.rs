//! Does the verdict on a workload come and go, so that telling every change would only teach people to look away?
//!
//! The rule, also for Errors of the operator (see [`crate::outage`]): the same alarm for the second time within an hour is told, and then nothing more until the verdict has stood for
//! half an hour; what it is then is told once. The history of the status is all that is needed for that, so it survives a
//! restart.

use api::{HistoryEntry, InstrumentationHealthStatus};
use jiff::{SignedDuration, Timestamp};

use crate::transition::is_verdict;

/// Two equal alarms within this time are a workload that comes and goes.
pub const WINDOW: SignedDuration = SignedDuration::from_hours(1);

/// How long a verdict has to stand before it counts as settled.
pub const QUIET: SignedDuration = SignedDuration::from_mins(30);

/// Since when the verdict comes and goes, at `now`; `history` holds the present verdict as its newest entry. What was said
/// `before` stands until the verdict has settled.
pub fn since(
    before: Option<Timestamp>,
    history: &[HistoryEntry],
    now: Timestamp,
    is_alarm: impl Fn(&HistoryEntry) -> bool,
) -> Option<Timestamp> {
    let newest = history.first()?;
    let is_settled = now >= newest.time + QUIET;
    match before {
        // A wait for a verdict settles nothing.
        Some(since) => (!is_settled || !is_verdict(newest)).then_some(since),
        None => (!is_settled && is_alarm(newest) && repeats(newest, &history[1..])).then_some(newest.time),
    }
}

/// When that is over if nothing changes.
pub fn settles_at(status: &InstrumentationHealthStatus) -> Option<Timestamp> {
    let newest = status.history.first().filter(|newest| is_verdict(newest))?;
    status.flapping_since.map(|_| newest.time + QUIET)
}

/// Whether the newest verdict had been told and was over.
fn repeats(newest: &HistoryEntry, earlier: &[HistoryEntry]) -> bool {
    let mut verdicts =
        earlier.iter().filter(|entry| is_verdict(entry)).skip_while(|entry| is_same(entry, newest));
    verdicts.any(|entry| is_same(entry, newest) && entry.time + WINDOW >= newest.time)
}

fn is_same(one: &HistoryEntry, other: &HistoryEntry) -> bool {
    one.healthy == other.healthy && one.reason == other.reason
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transition::is_alarm;

    /// Minutes from the start, `Healthy` and reason, oldest first.
    type Changes<'t> = &'t [(i64, &'t str, &'t str)];

    const A: &str = "AgentImagePullFailed";
    const B: &str = "EndpointServiceNotFound";
    const DOWN: &str = "OperatorNotReady";

    fn at(minute: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minute)
    }

    fn history(changes: Changes<'_>) -> Vec<HistoryEntry> {
        let entry = |(minute, healthy, reason): &(i64, &str, &str)| HistoryEntry {
            time: at(*minute),
            healthy: (*healthy).to_owned(),
            reason: (*reason).to_owned(),
        };
        changes.iter().rev().map(entry).collect()
    }

    #[test]
    fn the_same_alarm_twice_within_an_hour_begins_it() {
        let table: [(Changes<'_>, bool); 9] = [
            (&[(0, "False", A)], false),
            (&[(0, "False", A), (1, "True", "Instrumented")], false),
            (&[(0, "False", A), (1, "True", "Instrumented"), (2, "False", A)], true),
            (&[(0, "False", A), (1, "True", "Instrumented"), (62, "False", A)], false),
            (&[(0, "False", A), (1, "True", "Instrumented"), (2, "False", B)], false),
            (&[(0, "False", A), (1, "False", B), (2, "False", A)], true),
            (&[(0, "False", A), (1, "Unknown", "Progressing"), (2, "False", A)], false),
            (&[(0, "False", A), (1, "Unknown", "InitContainerNotStarted"), (2, "False", A)], true),
            (&[(0, "False", DOWN), (1, "True", "Instrumented"), (2, "False", DOWN)], false),
        ];
        for (changes, want) in table {
            let now = at(changes[changes.len() - 1].0);
            assert_eq!(since(None, &history(changes), now, is_alarm).is_some(), want, "{changes:?}");
        }
    }

    #[test]
    fn it_ends_when_a_verdict_has_stood_for_half_an_hour() {
        let begun = Some(at(2));
        let table: [(Changes<'_>, i64, bool); 4] = [
            (&[(2, "False", A), (3, "True", "Instrumented")], 32, true),
            (&[(2, "False", A), (3, "True", "Instrumented")], 33, false),
            (&[(2, "False", A)], 40, false),
            (&[(2, "False", A), (3, "Unknown", "Progressing")], 90, true),
        ];
        for (changes, now, want) in table {
            assert_eq!(
                since(begun, &history(changes), at(now), is_alarm).is_some(),
                want,
                "{changes:?} at {now}"
            );
        }
    }
}
