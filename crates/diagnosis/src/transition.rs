//! Is a change of verdict worth telling people about?
//!
//! Told is what begins or ends a loss of telemetry. What lies between two verdicts (Pods starting, a right that is missing
//! for a while) is no news: the history of the status tells what the last verdict was, also after a restart. A verdict that
//! comes and goes is told again when it has settled (see [`crate::flapping`]).

use api::{ConditionType, HistoryEntry, InstrumentationHealthStatus, Outcome};
use jiff::Timestamp;

use crate::catalogue::{CAUSES, hits_everyone};

/// A change to tell about, on the workload itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transition<'s> {
    /// The primary finding is now this Error.
    Broken {
        /// Its reason.
        reason: &'s str,
    },
    /// There was this Error before, and the workload is healthy now.
    Recovered {
        /// The reason that stood there.
        from: &'s str,
    },
}

/// What to tell when `status` replaces `previous`: at most one thing, nothing while muted, nothing about causes that sit in
/// the operator (see [`operator_wide`]). What stands when the silence ends is told then, although it is no change.
pub fn transition<'s>(
    previous: Option<&'s InstrumentationHealthStatus>,
    status: &'s InstrumentationHealthStatus,
    now: Timestamp,
) -> Option<Transition<'s>> {
    if status.muted_until.is_some_and(|until| until > now) {
        return None;
    }
    let (healthy, reason) = healthy(status)?;
    let before = || previous.into_iter().flat_map(|previous| &previous.history);
    let was_flapping = previous.is_some_and(|previous| previous.flapping_since.is_some());
    if was_flapping {
        return if status.flapping_since.is_some() { None } else { settled(status, healthy, reason) };
    }
    match healthy {
        "False" if !sits_in_operator(reason) => {
            let last = before().find(|entry| is_verdict(entry));
            let known = last.is_some_and(|last| last.healthy == "False" && last.reason == reason);
            let was_muted = previous.is_some_and(|previous| previous.muted_until.is_some());
            (!known || was_muted).then_some(Transition::Broken { reason })
        }
        "True" => {
            let last = before().find(|entry| entry.healthy != "Unknown")?;
            let told = last.healthy == "False" && !sits_in_operator(&last.reason);
            told.then_some(Transition::Recovered { from: &last.reason })
        }
        _ => None,
    }
}

/// What a verdict that came and went has come to.
fn settled<'s>(
    status: &'s InstrumentationHealthStatus,
    healthy: &str,
    reason: &'s str,
) -> Option<Transition<'s>> {
    match healthy {
        "False" if !sits_in_operator(reason) => Some(Transition::Broken { reason }),
        "True" => {
            let alarm = status.history.iter().find(|entry| is_alarm(entry))?;
            Some(Transition::Recovered { from: &alarm.reason })
        }
        _ => None,
    }
}

/// The reason of an Error that sits in the operator and so hits every workload: it is told once for the cluster.
pub fn operator_wide(status: &InstrumentationHealthStatus) -> Option<&str> {
    let (healthy, reason) = healthy(status)?;
    (healthy == "False" && sits_in_operator(reason)).then_some(reason)
}

fn healthy(status: &InstrumentationHealthStatus) -> Option<(&str, &str)> {
    let kind = ConditionType::Healthy.as_str();
    let healthy = status.conditions.iter().find(|condition| condition.type_ == kind)?;
    Some((&healthy.status, &healthy.reason))
}

pub(crate) fn sits_in_operator(reason: &str) -> bool {
    CAUSES.iter().any(|cause| cause.reason == reason && hits_everyone(cause))
}

/// Whether an entry is a verdict, and not the wait for one.
pub(crate) fn is_verdict(entry: &HistoryEntry) -> bool {
    ![Outcome::Progressing, Outcome::NotChecked].iter().any(|outcome| outcome.as_str() == entry.reason)
}

/// Whether an entry is an Error that people are told of.
pub(crate) fn is_alarm(entry: &HistoryEntry) -> bool {
    entry.healthy == "False" && !sits_in_operator(&entry.reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    /// A status with this history, newest first; the first entry is what it says now.
    fn status(history: &[(&str, &str)]) -> InstrumentationHealthStatus {
        let entry = |(healthy, reason): &(&str, &str)| HistoryEntry {
            time: NOW,
            healthy: (*healthy).to_owned(),
            reason: (*reason).to_owned(),
        };
        let (healthy, reason) = history[0];
        InstrumentationHealthStatus {
            conditions: vec![api::condition(ConditionType::Healthy, healthy, reason, "", NOW)],
            history: history.iter().map(entry).collect(),
            ..InstrumentationHealthStatus::default()
        }
    }

    fn told(history: &[(&str, &str)]) -> Option<String> {
        let (new, before) = (status(history), (history.len() > 1).then(|| status(&history[1..])));
        transition(before.as_ref(), &new, NOW).map(|told| match told {
            Transition::Broken { reason } => reason.to_owned(),
            Transition::Recovered { from } => format!("recovered from {from}"),
        })
    }

    const A: (&str, &str) = ("False", "AgentImagePullFailed");
    const B: (&str, &str) = ("False", "NoInstrumentationInNamespace");
    const FINE: (&str, &str) = ("True", "Instrumented");
    const PROGRESSING: (&str, &str) = ("Unknown", "Progressing");
    const NOT_CHECKED: (&str, &str) = ("Unknown", "NotChecked");
    const WARNING: (&str, &str) = ("Unknown", "InitContainerNotStarted");

    #[test]
    fn told_is_what_begins_or_ends_a_loss() {
        let table: [(&[(&str, &str)], Option<&str>); 13] = [
            (&[A], Some("AgentImagePullFailed")),
            (&[FINE], None),
            (&[WARNING], None),
            (&[A, FINE], Some("AgentImagePullFailed")),
            (&[B, A], Some("NoInstrumentationInNamespace")),
            (&[A, A], None),
            (&[A, PROGRESSING, A], None),
            (&[A, NOT_CHECKED, A], None),
            (&[A, WARNING, A], Some("AgentImagePullFailed")),
            (&[FINE, A], Some("recovered from AgentImagePullFailed")),
            (&[FINE, PROGRESSING, WARNING, A], Some("recovered from AgentImagePullFailed")),
            (&[FINE, PROGRESSING, FINE, A], None),
            (&[PROGRESSING, A], None),
        ];
        for (history, expected) in table {
            assert_eq!(told(history).as_deref(), expected, "{history:?}");
        }
    }

    /// Each row: since when it came and went before and after (1: yes), what stands there now, what stood there, what is told.
    #[test]
    fn what_comes_and_goes_is_told_when_it_has_settled() {
        for (before, after, now, was, expected) in [
            (0, 1, A, FINE, Some("AgentImagePullFailed")),
            (1, 1, FINE, A, None),
            (1, 1, A, FINE, None),
            (1, 1, B, A, None),
            (1, 0, A, A, Some("AgentImagePullFailed")),
            (1, 0, FINE, A, Some("recovered from AgentImagePullFailed")),
            (1, 0, WARNING, A, None),
        ] {
            let flapping = |yes| (yes == 1).then_some(NOW);
            let mut new = status(&[now, was, FINE]);
            new.flapping_since = flapping(after);
            let mut old = status(&[was, FINE]);
            old.flapping_since = flapping(before);
            let told = transition(Some(&old), &new, NOW).map(|told| match told {
                Transition::Broken { reason } => reason.to_owned(),
                Transition::Recovered { from } => format!("recovered from {from}"),
            });
            assert_eq!(told.as_deref(), expected, "{before} {after} {now:?} {was:?}");
        }
    }

    #[test]
    fn nothing_is_told_while_muted() {
        let mut muted = status(&[A, FINE]);
        muted.muted_until = Some(NOW + jiff::SignedDuration::from_hours(1));
        assert_eq!(transition(Some(&status(&[FINE])), &muted, NOW), None);
        let afterwards = status(&[A, FINE]);
        assert_eq!(transition(Some(&muted), &afterwards, NOW), Some(Transition::Broken { reason: A.1 }));
        assert_eq!(transition(Some(&afterwards), &afterwards, NOW), None);
    }
}
