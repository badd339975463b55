//! How do we know what a relist no longer contains, without a second copy?
//!
//! Every object carries the number of the list that last contained it. What still has an old number when a list is
//! complete is gone.

use std::sync::Arc;

use ahash::AHashMap;

/// Something that is kept of an object.
pub(crate) trait Kept: PartialEq {
    /// Unique id; empty where the source has none.
    fn uid(&self) -> &str;
}

/// What taking in an object changed.
#[derive(Debug, PartialEq)]
pub(crate) enum Change<V> {
    /// Nothing that is kept.
    None,
    /// It was not there.
    Added,
    /// It differs from what was there.
    Replaced(V),
}

/// Objects of one kind and scope, by name.
#[derive(Debug)]
pub(crate) struct Store<V> {
    by_name: AHashMap<Arc<str>, Box<Entry<V>>>,
}

#[derive(Debug)]
struct Entry<V> {
    list: u32,
    value: V,
}

impl<V> Default for Store<V> {
    fn default() -> Self {
        Self { by_name: AHashMap::new() }
    }
}

impl<V: Kept> Store<V> {
    /// Takes an object in that list number `list`, or a watch after it, contains.
    pub(crate) fn put(&mut self, name: &Arc<str>, value: V, list: u32) -> Change<V> {
        let Some(entry) = self.by_name.get_mut(name) else {
            self.by_name.insert(name.clone(), Box::new(Entry { list, value }));
            return Change::Added;
        };
        entry.list = list;
        if entry.value == value {
            return Change::None;
        }
        Change::Replaced(std::mem::replace(&mut entry.value, value))
    }

    /// Takes an object out, unless another one of the same name has taken its place.
    pub(crate) fn remove(&mut self, name: &str, uid: &str) -> Option<V> {
        if !same_uid(self.get(name)?.uid(), uid) {
            return None;
        }
        self.by_name.remove(name).map(|entry| entry.value)
    }
}

impl<V> Store<V> {
    pub(crate) fn get(&self, name: &str) -> Option<&V> {
        self.by_name.get(name).map(|entry| &entry.value)
    }

    /// The name as it is held already, so that an object that comes again need not bring its own.
    pub(crate) fn held_name(&self, name: &str) -> Option<&Arc<str>> {
        self.by_name.get_key_value(name).map(|(held, _)| held)
    }

    /// In no order.
    pub(crate) fn values(&self) -> impl Iterator<Item = &V> {
        self.by_name.values().map(|entry| &entry.value)
    }

    /// By name.
    pub(crate) fn sorted(&self) -> Vec<&V> {
        let mut entries: Vec<_> = self.by_name.iter().collect();
        entries.sort_unstable_by(|a, b| a.0.cmp(b.0));
        entries.into_iter().map(|(_, entry)| &entry.value).collect()
    }

    pub(crate) fn len(&self) -> usize {
        self.by_name.len()
    }

    /// Names of what neither list number `list` nor a later one contains.
    pub(crate) fn stale(&self, list: u32) -> Vec<Arc<str>> {
        let stale = self.by_name.iter().filter(|(_, entry)| is_before(entry.list, list));
        stale.map(|(name, _)| name.clone()).collect()
    }

    /// Names of everything.
    pub(crate) fn names(&self) -> Vec<Arc<str>> {
        self.by_name.keys().cloned().collect()
    }

    /// Gives back memory that deletions left.
    pub(crate) fn shrink(&mut self) {
        if self.by_name.capacity() > 4 * self.by_name.len() + 16 {
            self.by_name.shrink_to_fit();
        }
    }
}

/// Whether the one list came before the other. Numbers start anew when they are used up.
pub(crate) const fn is_before(list: u32, other: u32) -> bool {
    list != other && other.wrapping_sub(list) < u32::MAX / 2
}

/// Whether two unique ids can belong to the same object; manifests have none.
pub(crate) fn same_uid(a: &str, b: &str) -> bool {
    a.is_empty() || b.is_empty() || a == b
}
