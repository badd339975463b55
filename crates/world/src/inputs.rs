//! How well is each kind known, and which list of it are we in?

use std::collections::BTreeMap;
use std::sync::Arc;

use ahash::AHashMap;
use facts::{InputKind, Readability};

/// State of the sources, one for each kind.
#[derive(Debug)]
pub(crate) struct Inputs {
    readability: [Readability; InputKind::ALL.len()],
    /// What differs in single namespaces, where those are read by themselves.
    inside: AHashMap<Arc<str>, BTreeMap<InputKind, Readability>>,
    lists: [u32; InputKind::ALL.len()],
}

/// Which owners may be missing although they exist, so that what is above them has to be guessed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Guess {
    /// `ReplicaSet`s.
    pub(crate) replica_sets: bool,
    /// Jobs.
    pub(crate) jobs: bool,
}

impl Inputs {
    pub(crate) fn new() -> Self {
        Self {
            readability: std::array::from_fn(|_| Readability::Pending),
            inside: AHashMap::new(),
            lists: [0; InputKind::ALL.len()],
        }
    }

    pub(crate) fn readability(&self, kind: InputKind) -> &Readability {
        &self.readability[kind as usize]
    }

    pub(crate) fn readability_in(&self, kind: InputKind, namespace: &str) -> &Readability {
        let inside = self.inside.get(namespace).and_then(|kinds| kinds.get(&kind));
        inside.unwrap_or_else(|| self.readability(kind))
    }

    /// Returns whether that is news.
    pub(crate) fn set_in(&mut self, kind: InputKind, namespace: &Arc<str>, readability: Readability) -> bool {
        let kinds = self.inside.entry(namespace.clone()).or_default();
        let news = kinds.get(&kind) != Some(&readability);
        kinds.insert(kind, readability);
        news
    }

    /// Whether everything of a kind that is read is known.
    pub(crate) fn is_read(&self, kind: InputKind) -> bool {
        let mut inside = self.inside.values().filter_map(|kinds| kinds.get(&kind)).peekable();
        match inside.peek() {
            Some(_) => inside.all(Readability::is_exhaustive),
            None => self.readability(kind).is_exhaustive(),
        }
    }

    /// Returns whether that is news.
    pub(crate) fn set(&mut self, kind: InputKind, readability: Readability) -> bool {
        let known = &mut self.readability[kind as usize];
        let news = *known != readability;
        *known = readability;
        news
    }

    /// Number of the newest list of a kind.
    pub(crate) fn list(&self, kind: InputKind) -> u32 {
        self.lists[kind as usize]
    }

    pub(crate) fn next_list(&mut self, kind: InputKind) {
        let list = &mut self.lists[kind as usize];
        *list = list.wrapping_add(1);
    }

    /// Where an owner is missing while its kind is being read, it will come; where it is not read, it never will.
    pub(crate) fn guess(&self) -> Guess {
        let never_comes =
            |kind| !matches!(self.readability(kind), Readability::Pending | Readability::Complete);
        Guess { replica_sets: never_comes(InputKind::ReplicaSets), jobs: never_comes(InputKind::Jobs) }
    }
}
