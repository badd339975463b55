//! What of the previous status lives on?
//!
//! Times: a condition keeps its transition time while its status stays, a finding its `since` while it stands. So an
//! unchanged situation gives an equal status, and nothing is written.

use api::{ConditionType, HistoryEntry, InstrumentationHealthStatus, MAX_HISTORY};
use jiff::Timestamp;

/// Puts the times and the history of `previous` into `status`, and notes a change of the `Healthy` reason.
pub fn over(
    previous: Option<&InstrumentationHealthStatus>,
    status: &mut InstrumentationHealthStatus,
    now: Timestamp,
) {
    for condition in &mut status.conditions {
        let before =
            previous.and_then(|previous| previous.conditions.iter().find(|old| old.type_ == condition.type_));
        if let Some(before) = before.filter(|before| before.status == condition.status) {
            condition.last_transition_time = before.last_transition_time.clone();
        }
    }
    for finding in &mut status.findings {
        let before =
            previous.and_then(|previous| previous.findings.iter().find(|old| old.reason == finding.reason));
        finding.since = before.and_then(|before| before.since).or(Some(whole_second(now)));
    }
    status.history = previous.map(|previous| previous.history.clone()).unwrap_or_default();
    let Some(healthy) =
        status.conditions.iter_mut().find(|condition| condition.type_ == ConditionType::Healthy.as_str())
    else {
        return;
    };
    let newest = status.history.first();
    if newest.is_none_or(|entry| entry.healthy != healthy.status || entry.reason != healthy.reason) {
        let entry = HistoryEntry {
            time: whole_second(now),
            healthy: healthy.status.clone(),
            reason: healthy.reason.clone(),
        };
        status.history.insert(0, entry);
        status.history.truncate(MAX_HISTORY);
    }
    for condition in &mut status.conditions {
        condition.last_transition_time.0 = whole_second(condition.last_transition_time.0);
    }
}

/// The API keeps whole seconds; a finer time would never compare equal to what was read back.
fn whole_second(time: Timestamp) -> Timestamp {
    Timestamp::from_second(time.as_second()).unwrap_or(time)
}
