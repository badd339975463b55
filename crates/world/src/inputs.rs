//! How well is each kind known, and which list of it are we in?

use facts::{InputKind, Readability};

/// State of the sources, one for each kind.
#[derive(Debug)]
pub(crate) struct Inputs {
    readability: [Readability; InputKind::ALL.len()],
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
        Self { readability: std::array::from_fn(|_| Readability::Pending), lists: [0; InputKind::ALL.len()] }
    }

    pub(crate) fn readability(&self, kind: InputKind) -> &Readability {
        &self.readability[kind as usize]
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
