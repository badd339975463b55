//! How much does the world hold?

use facts::InputKind;

/// Counts of what is held, for metrics.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sizes {
    /// Objects held of each kind.
    pub objects: Vec<(InputKind, usize)>,
    /// Workloads.
    pub workloads: usize,
    /// Different Pod shapes, templates included.
    pub shapes: usize,
    /// Different Pod statuses that are shared.
    pub statuses: usize,
    /// Different strings that are shared.
    pub strings: usize,
    /// Workloads that are marked and not yet taken.
    pub dirty: usize,
}
