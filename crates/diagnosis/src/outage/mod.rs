//! When is an Error that sits in the operator told, once for the cluster?
//!
//! It lasts while any workload suffers from it. Its beginning and its end are told; where it comes and goes, it is damped as
//! the verdict on a workload is (see [`crate::flapping`]), and what it has come to is told when it has settled: above all the
//! end, with what has to be restarted.
//!
//! The histories of our objects are all that is left after a restart. They tell when it began and ended, but not whether that
//! was told; what may not have been told is told again. Its Event has the name of the one that was sent, so that it is refused
//! as already there for as long as that one is kept.

use std::collections::BTreeMap;

use api::{HistoryEntry, InstrumentationHealthStatus, MAX_HISTORY, Outcome};
use jiff::{SignedDuration, Timestamp};

use crate::flapping::{self, QUIET};
use crate::transition::sits_in_operator;

/// How long the API server keeps an Event (default of `kube-apiserver --event-ttl`).
const EVENT_KEPT: SignedDuration = SignedDuration::from_hours(1);
/// How long sending may take after something was due.
const SENT_WITHIN: SignedDuration = SignedDuration::from_mins(1);

/// Something to tell about an Error of the operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Telling {
    /// It has begun, or stands.
    Begins {
        /// It was there within the last hour: nothing more is told until it has settled.
        comes_and_goes: bool,
    },
    /// It is over.
    Ends,
}

impl Telling {
    const fn lasts(self) -> bool {
        matches!(self, Self::Begins { .. })
    }
}

/// The course of one Error of the operator, and what is told of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outage {
    /// Its beginnings (`False`) and ends, newest first.
    changes: Vec<HistoryEntry>,
    flapping_since: Option<Timestamp>,
    /// Whether what was told last says that it lasts.
    told: bool,
    /// Whether that is not known.
    in_doubt: bool,
    owed: Option<Telling>,
}

impl Outage {
    /// Goes on at `now` with `changes` that were made before (see [`outages`]); until `watched_until`, as far as known,
    /// somebody was there to tell of them.
    pub fn resumed(changes: Vec<HistoryEntry>, watched_until: Option<Timestamp>, now: Timestamp) -> Self {
        let mut outage = Self::default();
        for change in changes.into_iter().rev() {
            outage.settle(change.time);
            outage.change(change);
        }
        let Some(last) = outage.changes.first().map(|change| change.time) else { return outage };
        outage.settle(now);
        let sent = last + QUIET + SENT_WITHIN;
        outage.in_doubt = now < last + EVENT_KEPT || watched_until.is_some_and(|until| until < sent);
        if outage.in_doubt {
            // What comes and goes is told when it has settled, unless it has just begun to.
            outage.owed = outage.owed.or(Some(outage.state()).filter(|_| outage.flapping_since.is_none()));
        } else {
            (outage.told, outage.owed) = (outage.lasts(), None);
        }
        outage
    }

    /// It lasts, or does not, at `now`. Where that is a change, `changed_at` says since when.
    pub fn note(&mut self, lasts: bool, now: Timestamp, changed_at: impl FnOnce() -> Option<Timestamp>) {
        self.settle(now);
        if lasts != self.lasts() {
            let last = self.changes.first().map(|change| change.time);
            let time = changed_at().filter(|time| last.is_none_or(|last| *time > last));
            self.change(entry(lasts, time.unwrap_or(now)));
        }
    }

    /// What is to be told.
    pub const fn owed(&self) -> Option<Telling> {
        self.owed
    }

    /// It has been told.
    pub fn told(&mut self, telling: Telling) {
        (self.told, self.in_doubt) = (telling.lasts(), false);
        if self.owed.is_none() || self.owed == Some(telling) {
            self.owed = self.news().filter(|_| self.flapping_since.is_none());
        }
    }

    /// When [`Self::note`] has something to tell although nothing changes.
    pub fn settles_at(&self) -> Option<Timestamp> {
        self.flapping_since?;
        self.changes.first().map(|change| change.time + QUIET)
    }

    /// What tells a beginning or an end from the next one: the change before it. The same for whoever tells it.
    pub fn occurrence(&self, telling: Telling) -> Option<Timestamp> {
        let is_before = |change: &&HistoryEntry| begins(change) != telling.lasts();
        self.changes.iter().find(is_before).map(|change| change.time)
    }

    /// Whether nothing is left to be told or remembered at `now`.
    pub fn is_forgotten(&self, now: Timestamp) -> bool {
        let old = self.changes.first().is_none_or(|change| change.time + flapping::WINDOW < now);
        !self.lasts() && self.owed.is_none() && self.flapping_since.is_none() && old
    }

    fn lasts(&self) -> bool {
        self.changes.first().is_some_and(begins)
    }

    fn state(&self) -> Telling {
        if self.lasts() { Telling::Begins { comes_and_goes: false } } else { Telling::Ends }
    }

    /// What is the case, unless it is what was told last.
    fn news(&self) -> Option<Telling> {
        Some(self.state()).filter(|state| self.in_doubt || state.lasts() != self.told)
    }

    /// What it has come to is told.
    fn settle(&mut self, now: Timestamp) {
        if self.flapping_since.is_some()
            && flapping::since(self.flapping_since, &self.changes, now, begins).is_none()
        {
            self.flapping_since = None;
            self.owed = Some(self.state());
        }
    }

    fn change(&mut self, change: HistoryEntry) {
        let now = change.time;
        self.changes.insert(0, change);
        self.changes.truncate(MAX_HISTORY);
        let before = self.flapping_since;
        self.flapping_since = flapping::since(before, &self.changes, now, begins);
        self.owed = match (before, self.flapping_since) {
            (Some(_), _) => None,
            (None, Some(_)) => Some(Telling::Begins { comes_and_goes: true }),
            (None, None) => self.news(),
        };
    }
}

/// The courses of all Errors of the operator, by reason, as far as the histories of our objects tell: what befalls one
/// workload after the other is one.
pub fn outages<'s>(
    statuses: impl IntoIterator<Item = &'s InstrumentationHealthStatus>,
) -> BTreeMap<String, Vec<HistoryEntry>> {
    let mut spells: BTreeMap<String, Vec<(Timestamp, Option<Timestamp>)>> = BTreeMap::new();
    for status in statuses {
        let mut until = None;
        for entry in &status.history {
            if entry.healthy == FALSE && sits_in_operator(&entry.reason) {
                spells.entry(entry.reason.clone()).or_default().push((entry.time, until));
            }
            until = Some(entry.time);
        }
    }
    spells.into_iter().map(|(reason, spells)| (reason, changes(spells))).collect()
}

/// Beginnings and ends of what is covered by any of the spells, newest first.
fn changes(mut spells: Vec<(Timestamp, Option<Timestamp>)>) -> Vec<HistoryEntry> {
    spells.sort_unstable();
    let mut merged: Vec<(Timestamp, Option<Timestamp>)> = Vec::new();
    for (from, until) in spells {
        match merged.last_mut() {
            Some((_, None)) => {}
            Some((_, Some(last))) if from <= *last => {
                let later = until.map(|until| until.max(*last));
                merged.last_mut().expect("matched above").1 = later;
            }
            _ => merged.push((from, until)),
        }
    }
    let both = merged.into_iter().rev().flat_map(|(from, until)| {
        until.map(|until| entry(false, until)).into_iter().chain([entry(true, from)])
    });
    both.take(MAX_HISTORY).collect()
}

const FALSE: &str = "False";

fn entry(lasts: bool, time: Timestamp) -> HistoryEntry {
    let (healthy, reason) = if lasts { (FALSE, "") } else { ("True", Outcome::Instrumented.as_str()) };
    HistoryEntry { time, healthy: healthy.to_owned(), reason: reason.to_owned() }
}

/// Whether such a change is a beginning.
pub fn begins(change: &HistoryEntry) -> bool {
    change.healthy == FALSE
}

#[cfg(test)]
mod tests;
