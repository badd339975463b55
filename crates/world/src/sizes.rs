//! How much does the world hold?

use facts::InputKind;

use crate::world::World;

/// Counts of what is held, for metrics.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sizes {
    /// Objects held of each kind.
    pub objects: Vec<(InputKind, usize)>,
    /// Different Pod shapes, templates included.
    pub shapes: usize,
    /// Different statuses of settled Pods.
    pub statuses: usize,
    /// Different strings that are shared.
    pub strings: usize,
    /// Workloads that are marked and not yet taken, as far as they are worked out.
    pub dirty: usize,
}

impl World {
    /// Counts of what is held.
    pub fn sizes(&self) -> Sizes {
        Sizes {
            objects: InputKind::ALL.iter().map(|kind| (*kind, self.count(*kind))).collect(),
            shapes: self.interner.shapes(),
            statuses: self.interner.statuses(),
            strings: self.interner.strings(),
            dirty: self.dirty.len(),
        }
    }

    fn count(&self, kind: InputKind) -> usize {
        match kind {
            InputKind::Namespaces => self.namespaces.len(),
            InputKind::Nodes => self.nodes.len(),
            InputKind::MutatingWebhookConfigurations => self.webhooks.len(),
            InputKind::CustomResourceDefinitions => self.crds.len(),
            InputKind::Events => self.events.len(),
            _ => self.spaces.values().map(|space| space.len(kind)).sum(),
        }
    }
}
