//! What does the watch of our objects say about what we know?

use super::entry::{Entry, Late};
use super::{Ledger, ObjectKey, Stored};

impl Ledger {
    /// A list of all our objects begins.
    pub fn begin(&mut self) {
        self.list += 1;
    }

    /// The API server holds this object. Answers whether that differs from what we left there.
    pub fn seen(&mut self, key: &ObjectKey, stored: Stored) -> bool {
        let list = self.list;
        let entry = self.entry(key);
        entry.list = list;
        if entry.flying.is_some() {
            entry.late = Late::There(stored);
            return false;
        }
        // The watch comes behind our own writes: what it tells of the time before them is old.
        let is_old = |known: &Stored| known.version != stored.version && !stored.is_newer(known);
        if entry.stored.as_ref().is_some_and(is_old) {
            return false;
        }
        let same = entry.stored.as_ref().is_some_and(|known| known.object.is_same(&stored.object));
        if same {
            // Keeps the copy that a wish may share.
            let object = entry.stored.as_ref().map_or(stored.object.clone(), |known| known.object.clone());
            entry.stored = Some(Stored { object, ..stored });
        } else {
            entry.stored = Some(stored);
        }
        !same
    }

    /// The API server no longer holds an object. Answers what it was, as far as we knew.
    pub fn unseen(&mut self, key: &ObjectKey) -> Option<Stored> {
        let entry = self.entries.get_mut(key)?;
        if entry.flying.is_some() {
            entry.late = Late::Gone;
            return None;
        }
        let was = entry.stored.take();
        self.forget_if_empty(key);
        was
    }

    /// The list is complete. Answers the objects that are gone.
    pub fn complete(&mut self) -> Vec<(ObjectKey, Stored)> {
        self.listed = true;
        let stale = |entry: &Entry| entry.stored.is_some() && entry.list != self.list;
        let gone: Vec<ObjectKey> =
            self.entries.iter().filter(|(_, entry)| stale(entry)).map(|(key, _)| key.clone()).collect();
        gone.into_iter().filter_map(|key| self.unseen(&key).map(|was| (key, was))).collect()
    }

    /// Our objects cannot be read: nothing is written until they can.
    pub fn hold(&mut self) {
        self.listed = false;
    }
}
