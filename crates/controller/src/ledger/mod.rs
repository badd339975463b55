//! Which writes are owed to the API server, and which may be made now?
//!
//! Level-based: for each object there is what the API server holds and what it should hold; the newest wish wins, and a wish
//! that is fulfilled costs nothing. No I/O and no clock in here.

mod budget;
mod entry;
mod seen;

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::time::Duration;

use ahash::AHashMap;
use api::InstrumentationHealth;
use tokio::time::Instant;

use crate::backoff::Backoff;
use crate::packed::Packed;
use budget::Budget;
use entry::{Entry, Late};
pub use entry::{ObjectKey, Stored, Wish};

/// Between attempts to write one object.
const FIRST_DELAY: Duration = Duration::from_millis(500);
const MOST_DELAY: Duration = Duration::from_secs(60);
/// Before a write that was refused for what it says is tried again: only a new version of us or of the CRD helps.
const REFUSED_DELAY: Duration = Duration::from_secs(600);

/// A write to be made.
#[derive(Clone, Debug)]
pub struct Job {
    /// Which object.
    pub key: ObjectKey,
    /// What the API server holds.
    pub stored: Option<Stored>,
    /// What it should hold.
    pub wish: Wish,
}

/// How a write ended.
#[derive(Debug)]
pub enum Finished {
    /// The API server holds this now; `None`: nothing.
    Done(Option<Stored>),
    /// Nothing of the object is there any more, or it is another one: look again at once.
    Gone,
    /// It will not be there: its Namespace goes.
    Pointless,
    /// To be tried again.
    Failed,
    /// Refused for what it says.
    Refused,
}

/// All objects of ours.
#[derive(Debug)]
pub struct Ledger {
    entries: AHashMap<ObjectKey, Entry>,
    ready: VecDeque<ObjectKey>,
    delayed: BinaryHeap<Reverse<(Instant, ObjectKey)>>,
    budget: Budget,
    concurrency: usize,
    flying: usize,
    list: u32,
    /// Whether the API server's objects are known: before that nothing is written.
    listed: bool,
}

impl Ledger {
    /// Nothing is known. At most `per_second` requests a second, and `concurrency` writes at a time.
    pub fn new(per_second: u32, concurrency: usize, now: Instant) -> Self {
        Self {
            entries: AHashMap::new(),
            ready: VecDeque::new(),
            delayed: BinaryHeap::new(),
            budget: Budget::new(per_second, now),
            concurrency: concurrency.max(1),
            flying: 0,
            list: 0,
            listed: false,
        }
    }

    /// The object as it was last wished, or else as it is stored.
    pub fn latest(&self, key: &ObjectKey) -> Option<InstrumentationHealth> {
        self.entries.get(key)?.latest().map(Packed::unpack)
    }

    /// The same of every object, packed.
    pub fn all_latest(&self) -> impl Iterator<Item = (&ObjectKey, &Packed<InstrumentationHealth>)> {
        self.entries.iter().filter_map(|(key, entry)| Some((key, entry.latest()?)))
    }

    /// Every object that the API server holds.
    pub fn all_stored(&self) -> impl Iterator<Item = (&ObjectKey, &Stored)> {
        self.entries.iter().filter_map(|(key, entry)| Some((key, entry.stored.as_ref()?)))
    }

    /// Notes a wish; it replaces an earlier one.
    pub fn wish(&mut self, key: &ObjectKey, wish: Wish) {
        let entry = self.entry(key);
        let nothing = wish.object.is_none() && entry.stored.is_none() && entry.flying.is_none();
        // The change that has waited longest tells how late we are.
        let since = entry.wish.as_ref().map_or(wish.since, |earlier| earlier.since.min(wish.since));
        entry.wish = (!nothing).then_some(Wish { since, ..wish });
        // What was refused is not what is wished now.
        entry.queued &= !std::mem::take(&mut entry.refused);
        self.enqueue(key);
        self.forget_if_empty(key);
    }

    /// Drops a wish that is no longer valid: the object is left as it is.
    pub fn leave(&mut self, key: &ObjectKey) {
        if let Some(entry) = self.entries.get_mut(key) {
            entry.wish = None;
        }
        self.forget_if_empty(key);
    }

    /// Drops all wishes that have not been begun.
    pub fn leave_all(&mut self) {
        for entry in self.entries.values_mut() {
            (entry.wish, entry.queued) = (None, false);
        }
        self.ready.clear();
        self.delayed.clear();
        self.entries.retain(|_, entry| entry.stored.is_some() || entry.flying.is_some());
    }

    /// A write that may be made now. It has to be answered by [`Ledger::finish`].
    pub fn next(&mut self, now: Instant) -> Option<Job> {
        while self.delayed.peek().is_some_and(|Reverse((at, _))| *at <= now) {
            let Some(Reverse((_, key))) = self.delayed.pop() else { break };
            self.ready.push_back(key);
        }
        if !self.listed || self.flying >= self.concurrency {
            return None;
        }
        while let Some(key) = self.ready.front() {
            let Some(entry) =
                self.entries.get_mut(key).filter(|entry| entry.queued && entry.flying.is_none())
            else {
                self.ready.pop_front();
                continue;
            };
            if entry.wish.is_some() && self.budget.ready_at(now) > now {
                return None;
            }
            entry.queued = false;
            let key = self.ready.pop_front()?;
            let Some(wish) = entry.wish.take() else { continue };
            entry.flying = Some(wish.clone());
            self.flying += 1;
            return Some(Job { stored: entry.stored.clone(), key, wish });
        }
        None
    }

    /// Counts the requests of a write against the budget.
    pub fn spend(&mut self, requests: usize) {
        self.budget.spend(requests);
    }

    /// How often, and how long altogether, writes had to wait for the budget since this was last asked. A wait counts when it
    /// begins.
    pub fn take_waits(&mut self) -> (u64, Duration) {
        self.budget.take_waits()
    }

    /// Takes the end of a write in. Answers whether its workload is to be judged again.
    pub fn finish(&mut self, key: &ObjectKey, finished: Finished, now: Instant) -> bool {
        let Some(entry) = self.entries.get_mut(key) else { return false };
        let Some(flown) = entry.flying.take() else { return false };
        self.flying -= 1;
        let late = std::mem::take(&mut entry.late);
        let mut again = false;
        let delay = match finished {
            Finished::Done(stored) => {
                entry.backoff.reset();
                entry.stored = stored;
                Duration::ZERO
            }
            Finished::Gone => {
                entry.stored = None;
                again = true;
                entry.backoff.next()
            }
            Finished::Pointless => {
                entry.stored = None;
                Duration::ZERO
            }
            Finished::Failed => {
                entry.wish.get_or_insert(flown);
                entry.backoff.next()
            }
            Finished::Refused if entry.wish.is_some() => Duration::ZERO,
            Finished::Refused => {
                entry.refused = true;
                entry.wish = Some(flown);
                REFUSED_DELAY
            }
        };
        match (late, &entry.stored) {
            (Late::There(late), Some(stored)) if late.is_newer(stored) => {
                entry.stored = Some(late);
                again = true;
            }
            (Late::Gone, Some(_)) => {
                entry.stored = None;
                again = true;
            }
            _ => {}
        }
        if entry.wish.is_some() && !entry.queued {
            entry.queued = true;
            self.delayed.push(Reverse((now + delay, key.clone())));
        }
        self.forget_if_empty(key);
        again
    }

    /// Whether our objects have been read.
    pub const fn is_listed(&self) -> bool {
        self.listed
    }

    /// When to ask [`Ledger::next`] again although nothing has happened.
    pub fn wake_at(&mut self, now: Instant) -> Option<Instant> {
        if !self.listed || self.flying >= self.concurrency {
            return None;
        }
        if !self.ready.is_empty() {
            return Some(self.budget.ready_at(now));
        }
        self.delayed.peek().map(|Reverse((at, _))| *at)
    }

    /// Writes that are owed or under way.
    pub fn backlog(&self) -> usize {
        self.ready.len() + self.delayed.len() + self.flying
    }

    fn entry(&mut self, key: &ObjectKey) -> &mut Entry {
        if !self.entries.contains_key(key) {
            let entry = Entry {
                stored: None,
                wish: None,
                flying: None,
                late: Late::Nothing,
                backoff: Backoff::new(FIRST_DELAY, MOST_DELAY),
                queued: false,
                refused: false,
                list: self.list,
            };
            self.entries.insert(key.clone(), entry);
        }
        self.entries.get_mut(key).expect("inserted above where it was missing")
    }

    fn enqueue(&mut self, key: &ObjectKey) {
        let Some(entry) = self.entries.get_mut(key) else { return };
        if entry.wish.is_some() && !entry.queued && entry.flying.is_none() {
            entry.queued = true;
            self.ready.push_back(key.clone());
        }
    }

    fn forget_if_empty(&mut self, key: &ObjectKey) {
        let empty = |entry: &Entry| entry.stored.is_none() && entry.wish.is_none() && entry.flying.is_none();
        if self.entries.get(key).is_some_and(empty) {
            self.entries.remove(key);
        }
    }
}

#[cfg(test)]
mod tests;
