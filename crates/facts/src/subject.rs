//! What belongs to one workload?

use std::sync::Arc;

use crate::metadata::OwnerReference;
use crate::pod::Pod;
use crate::replica_set::ReplicaSet;
use crate::workload::{Workload, WorkloadRef};

/// A workload with everything below it, as a diagnosis takes it.
#[derive(Clone, Debug, PartialEq)]
pub struct Subject<'a> {
    /// Which workload.
    pub id: WorkloadRef,
    /// The workload itself; none for a Pod without controller and for kinds that are not watched (a `Rollout`).
    pub workload: Option<&'a Workload>,
    /// Its Pods of all revisions, by name; without those that are being deleted.
    pub pods: Vec<&'a Pod>,
    /// Deployment: its `ReplicaSet`s, newest revision first. Other owners of `ReplicaSet`s likewise.
    pub replica_sets: Vec<&'a ReplicaSet>,
    /// `CronJob`: its Jobs, newest first.
    pub jobs: Vec<&'a Workload>,
}

impl Subject<'_> {
    /// Whether new Pods come from a template that is known.
    pub fn has_template(&self) -> bool {
        self.workload.is_some()
    }

    /// Unique id of a workload of a kind that is not watched: a Pod's own, or the one in the ownerReference.
    pub fn owner_uid(&self) -> Option<Arc<str>> {
        if &*self.id.kind == "Pod" {
            return self.pods.first().map(|pod| pod.uid.clone());
        }
        let named = |owner: &OwnerReference| owner.kind == self.id.kind && owner.name == self.id.name;
        let by_pod = self.pods.iter().filter_map(|pod| pod.controller.as_deref()).find(|owner| named(owner));
        let by_set = || {
            self.replica_sets.iter().filter_map(|set| set.metadata.controller()).find(|owner| named(owner))
        };
        by_pod.or_else(by_set).map(|owner| owner.uid.clone())
    }

    /// Whether a Pod belongs to the revision that the workload has now. Where revisions cannot be told, every Pod does.
    pub fn is_current(&self, pod: &Pod) -> bool {
        let Some(owner) = &pod.controller else { return true };
        match &*self.id.kind {
            // Rollbacks give an old `ReplicaSet` a new number, so the highest revision is the current one.
            "Deployment" => {
                let newest = self.replica_sets.iter().max_by_key(|set| set.revision());
                newest.is_none_or(|set| set.metadata.uid == owner.uid)
            }
            "StatefulSet" | "DaemonSet" => self.workload.is_none_or(|workload| {
                let revision = pod.shape.labels.get("controller-revision-hash");
                let wanted = &*workload.status.update_revision;
                wanted.is_empty() || revision.is_none_or(|revision| revision == wanted)
            }),
            "CronJob" => self.jobs.first().is_none_or(|job| job.uid == owner.uid),
            _ => true,
        }
    }
}
