//! An Instrumentation or collector: touches the workloads of its namespace that are concerned, and those anywhere that name it.

use std::sync::Arc;

use facts::{Collector, InputKind, Instrumentation, LAST_APPLIED, is_relevant_annotation};

use super::kept::{Labels, share, trim};
use crate::mention::hosts_of;
use crate::store::Change;
use crate::world::World;

impl World {
    pub(crate) fn apply_instrumentation(&mut self, mut instrumentation: Instrumentation) {
        let metadata = &mut instrumentation.metadata.metadata;
        let annotations = std::mem::take(&mut metadata.annotations);
        trim(metadata, Labels::All, &mut self.interner);
        metadata.annotations = share(annotations, is_read, &mut self.interner);
        instrumentation.metadata.keep_spec_times();
        let list = self.inputs.list(InputKind::Instrumentations);
        let metadata = &instrumentation.metadata.metadata;
        let (namespace, name) = (metadata.namespace.clone(), metadata.name.clone());
        let instrumentation = Arc::new(instrumentation);
        let hosts = hosts_of(Some(&instrumentation));
        let before = match self.space_mut(&namespace).instrumentations.put(&name, instrumentation, list) {
            Change::None => return,
            Change::Added => None,
            Change::Replaced(old) => Some(old),
        };
        self.mentions.add(&hosts);
        self.mentions.subtract(&hosts_of(before.as_ref()));
        self.pending.requested.insert(&namespace, &name);
        self.pending.requests_anew |= before.is_none();
    }

    pub(crate) fn remove_instrumentation(&mut self, namespace: &Arc<str>, name: &Arc<str>, uid: &str) {
        let Some(space) = self.spaces.get_mut(namespace) else { return };
        let Some(gone) = space.instrumentations.remove(name, uid) else { return };
        self.mentions.subtract(&hosts_of(Some(&gone)));
        self.pending.requested.insert(namespace, name);
        self.pending.requests_anew = true;
    }

    pub(crate) fn apply_collector(&mut self, mut collector: Collector) {
        trim(&mut collector.metadata, Labels::All, &mut self.interner);
        let list = self.inputs.list(InputKind::Collectors);
        let (namespace, name) = (collector.metadata.namespace.clone(), collector.metadata.name.clone());
        if self.space_mut(&namespace).collectors.put(&name, collector, list) != Change::None {
            self.collector_changed(&namespace, &name);
        }
    }

    pub(crate) fn remove_collector(&mut self, namespace: &Arc<str>, name: &Arc<str>, uid: &str) {
        let space = self.spaces.get_mut(namespace);
        if space.is_some_and(|space| space.collectors.remove(name, uid).is_some()) {
            self.collector_changed(namespace, name);
        }
    }

    /// Touches those that name it as their sidecar, and those that send to its Services
    /// (`internal/naming/main.go`, operator v0.158.0).
    fn collector_changed(&mut self, namespace: &Arc<str>, name: &Arc<str>) {
        self.pending.requested.insert(namespace, name);
        for suffix in ["-collector", "-collector-headless"] {
            self.pending.services.insert(namespace, &format!("{name}{suffix}").into());
        }
    }
}

/// Beside our own, what `kubectl apply` was given: only there a field can be seen that the API server has dropped.
fn is_read(key: &str) -> bool {
    is_relevant_annotation(key) || key == LAST_APPLIED
}
