//! A `ReplicaSet`: joins its Pods to its owner. There are ten old ones for every Deployment, so little is kept.

use std::sync::Arc;

use facts::{InputKind, Kind as _, Metadata, REVISIONS, ReplicaSet, WorkloadRef};

use super::kept::share;
use crate::climb::{WorkloadKind, named_by, replica_set_id, workload_of_replica_set};
use crate::store::Change;
use crate::world::World;

/// Annotations that are read: the revision, what mutes or ignores findings, and requests that stand in the wrong place.
const ANNOTATIONS: [&str; 4] =
    [REVISIONS[0], REVISIONS[1], "instrumentation-health.dev/", "instrumentation.opentelemetry.io/inject-"];

impl World {
    pub(crate) fn apply_replica_set(&mut self, mut set: ReplicaSet) {
        self.trim_replica_set(&mut set);
        let list = self.inputs.list(InputKind::ReplicaSets);
        let (namespace, name) = (set.metadata.namespace.clone(), set.metadata.name.clone());
        let (is, owner) = (workload_of_replica_set(&set), owner(&set));
        let space = self.space_mut(&namespace);
        let before = match space.replica_sets.put(&name, set, list) {
            Change::None => return,
            Change::Added => None,
            Change::Replaced(old) => Some(old),
        };
        let had = before.as_ref().and_then(self::owner);
        if before.is_none() || had != owner {
            if let Some(had) = had {
                space.disown(&had, |owned| &mut owned.replica_sets, &name);
            }
            if let Some(owner) = owner {
                space.link(owner, |owned| &mut owned.replica_sets, &name);
            }
        }
        if let Some(was) = before.as_ref().map(workload_of_replica_set).filter(|was| *was != is) {
            self.touch(was);
        }
        if before.is_none() {
            self.touch_guess(&namespace, &name);
        }
        self.touch(is);
    }

    pub(crate) fn remove_replica_set(&mut self, namespace: &Arc<str>, name: &Arc<str>, uid: &str) {
        let Some(space) = self.spaces.get_mut(namespace) else { return };
        let Some(gone) = space.replica_sets.remove(name, uid) else { return };
        if let Some(owner) = owner(&gone) {
            space.disown(&owner, |owned| &mut owned.replica_sets, name);
        }
        self.touch(workload_of_replica_set(&gone));
        self.touch_guess(namespace, name);
    }

    /// Marks the workload that the Pods of a `ReplicaSet` belong to while it is not known.
    fn touch_guess(&mut self, namespace: &Arc<str>, name: &Arc<str>) {
        let guess = self.inputs.guess();
        if !guess.replica_sets {
            return;
        }
        let Some(space) = self.spaces.get(namespace) else { return };
        if let Some(workload) = space.guessed_workload(replica_set_id(namespace, name)) {
            self.touch(workload);
        }
    }

    fn trim_replica_set(&mut self, set: &mut ReplicaSet) {
        let interner = &mut self.interner;
        let metadata = &mut set.metadata;
        metadata.resource_version = Arc::default();
        metadata.namespace = interner.string(&metadata.namespace);
        let is_read = |key: &str| ANNOTATIONS.iter().any(|known| key.starts_with(known));
        let annotations = std::mem::take(&mut metadata.annotations).filter_map(is_read, Arc::clone);
        metadata.annotations = interner.map(annotations);
        let labels = std::mem::take(&mut metadata.labels);
        metadata.labels = share(labels, |key| key.ends_with("pod-template-hash"), interner);
        let controller = metadata.controller().cloned();
        metadata.owner_references = interner.owner_list(controller.into_iter().collect());
        let template = set.spec.template.take();
        let is_elsewhere = WorkloadKind::of(&workload_of_replica_set(set)).is_some();
        if let Some(template) = template.filter(|_| !is_elsewhere && set.spec.wanted() > 0) {
            let Metadata { annotations, labels, .. } = template.metadata;
            let shape = self.interner.shape("", annotations, labels, template.spec);
            self.mentions.note(&shape);
            set.template = Some(shape);
        }
    }
}

fn owner(set: &ReplicaSet) -> Option<WorkloadRef> {
    set.metadata().controller().map(|owner| named_by(&set.metadata.namespace, owner))
}
