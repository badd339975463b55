//! How does the stream of objects become a world?

use facts::{InputKind, Object, Readability, Subject, WorkloadRef};

use crate::sizes::Sizes;

/// The cluster in memory. Answers the questions of [`facts::ClusterView`].
#[derive(Debug)]
pub struct World {
    pub(crate) readability: [Readability; InputKind::ALL.len()],
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

impl World {
    /// An empty world: every kind is [`Readability::Pending`].
    pub fn new() -> Self {
        Self { readability: std::array::from_fn(|_| Readability::Pending) }
    }

    /// Says how well a kind is known. Marks what depends on it.
    pub fn set_readability(&mut self, kind: InputKind, readability: Readability) {
        self.readability[kind as usize] = readability;
    }

    /// A list or relist of a kind starts. Absence must not be judged until [`World::complete`].
    pub fn begin(&mut self, _kind: InputKind) {}

    /// Takes an object in: an item of a list or an event of a watch.
    pub fn apply(&mut self, _object: Object) {}

    /// Takes an object out.
    pub fn delete(&mut self, _object: Object) {}

    /// A list or relist is complete: what it did not contain is gone.
    pub fn complete(&mut self, kind: InputKind) {
        self.set_readability(kind, Readability::Complete);
    }

    /// The workloads that changes since the last call can affect, each once, in order.
    pub fn take_dirty(&mut self) -> Vec<WorkloadRef> {
        Vec::new()
    }

    /// Marks every workload.
    pub fn mark_all_dirty(&mut self) {}

    /// A workload with everything below it; none when nothing of it exists any more.
    pub fn subject(&self, _id: &WorkloadRef) -> Option<Subject<'_>> {
        None
    }

    /// Every workload, in order, whether or not it asks for injection.
    pub fn workloads(&self) -> Vec<WorkloadRef> {
        Vec::new()
    }

    /// Changes whenever something that the operator's side consists of changes in meaning: what is derived from it may be
    /// kept as long as this number stays.
    pub fn operator_epoch(&self) -> u64 {
        0
    }

    /// Counts of what is held.
    pub fn sizes(&self) -> Sizes {
        Sizes::default()
    }
}
