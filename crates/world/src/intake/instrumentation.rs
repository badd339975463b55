//! An Instrumentation or collector: touches the workloads of its namespace that are concerned, and those anywhere that name it.

use std::sync::Arc;

use facts::{Collector, InputKind, Instrumentation, ManagedFields, ManagedMetadata};
use serde_json::{Map, Value};

use super::kept::{Labels, trim};
use crate::mention::hosts_of;
use crate::store::Change;
use crate::world::World;

impl World {
    pub(crate) fn apply_instrumentation(&mut self, mut instrumentation: Instrumentation) {
        trim(&mut instrumentation.metadata.metadata, Labels::All, &mut self.interner);
        keep_spec_times(&mut instrumentation.metadata);
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

/// Of `managedFields` only who wrote the spec when: as decoded they are ten times as large as the rest.
fn keep_spec_times(metadata: &mut ManagedMetadata) {
    let entries = std::mem::take(&mut metadata.managed_fields).into_vec();
    metadata.managed_fields =
        entries.into_iter().filter(ManagedFields::owns_spec).map(without_fields).collect();
}

fn without_fields(mut entry: ManagedFields) -> ManagedFields {
    entry.fields_v1 = Value::Object(Map::from_iter([("f:spec".to_owned(), Value::Object(Map::new()))]));
    entry
}
