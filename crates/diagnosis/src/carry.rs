//! What of the previous status lives on?
//!
//! Times: a condition keeps its transition time while its status stays, a finding its `since` while it stands. So an
//! unchanged situation gives an equal status, and nothing is written.

use api::{ConditionType, HistoryEntry, InstrumentationHealthStatus, MAX_HISTORY};
use jiff::Timestamp;

use crate::flapping;
use crate::transition::is_alarm;

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
    let before = previous.and_then(|previous| previous.flapping_since);
    status.flapping_since = flapping::since(before, &status.history, now, is_alarm);
    for condition in &mut status.conditions {
        condition.last_transition_time.0 = whole_second(condition.last_transition_time.0);
    }
}

/// The API keeps whole seconds; a finer time would never compare equal to what was read back.
fn whole_second(time: Timestamp) -> Timestamp {
    Timestamp::from_second(time.as_second()).unwrap_or(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A status is all that a restart leaves; the history is in it.
    #[test]
    fn the_history_lives_on_and_keeps_the_last_five_changes() {
        let says = |healthy: &str, reason: &str| InstrumentationHealthStatus {
            conditions: vec![api::condition(
                ConditionType::Healthy,
                healthy,
                reason,
                "",
                Timestamp::UNIX_EPOCH,
            )],
            ..InstrumentationHealthStatus::default()
        };
        let mut stored: Option<InstrumentationHealthStatus> = None;
        for (second, reason) in [
            (1, "Progressing"),
            (2, "Progressing"),
            (3, "Instrumented"),
            (4, "AgentImagePullFailed"),
            (5, "Instrumented"),
            (6, "EndpointServiceNotFound"),
            (7, "InitContainerFailed"),
        ] {
            let healthy = match reason {
                "Instrumented" => "True",
                "Progressing" => "Unknown",
                _ => "False",
            };
            let mut status = says(healthy, reason);
            over(stored.as_ref(), &mut status, Timestamp::from_second(second).unwrap());
            // What the API server gives back.
            stored = serde_json::from_value(serde_json::to_value(&status).unwrap()).unwrap();
        }
        let history = stored.unwrap().history;
        let told: Vec<_> =
            history.iter().map(|entry| (entry.time.as_second(), entry.reason.as_str())).collect();
        assert_eq!(
            told,
            [
                (7, "InitContainerFailed"),
                (6, "EndpointServiceNotFound"),
                (5, "Instrumented"),
                (4, "AgentImagePullFailed"),
                (3, "Instrumented"),
            ]
        );
    }
}
