//! What belongs to one workload?

use std::sync::Arc;

use crate::metadata::OwnerReference;
use crate::pod::Pod;
use crate::replica_set::ReplicaSet;
use crate::shape::PodShape;
use crate::workload::Workload;
use crate::workload_ref::WorkloadRef;

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

impl<'a> Subject<'a> {
    /// The template that new Pods come from. Of an owner that is not watched (a `Rollout`), its newest `ReplicaSet` has it.
    pub fn template(&self) -> Option<&'a Arc<PodShape>> {
        match self.workload {
            Some(workload) => Some(&workload.template),
            None => self.newest_set().and_then(|set| set.template.as_ref()),
        }
    }

    /// The `ReplicaSet` of the revision that the workload has now. Rollbacks give an old one a new number, so the highest is
    /// the current one; a `Rollout` that was aborted leaves it without Pods.
    pub fn newest_set(&self) -> Option<&'a ReplicaSet> {
        let newest = self.replica_sets.first().copied();
        match &*self.id.kind {
            "Deployment" => newest,
            _ => self.replica_sets.iter().copied().find(|set| set.spec.wanted() > 0).or(newest),
        }
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
            "StatefulSet" | "DaemonSet" => self.workload.is_none_or(|workload| {
                let Some((label, wanted)) = &workload.pod_revision else { return true };
                pod.shape.labels.get(label).is_none_or(|revision| *revision == **wanted)
            }),
            "CronJob" => self.jobs.first().is_none_or(|job| job.uid == owner.uid),
            // Without numbers nothing tells that one is to replace another.
            _ if self.replica_sets.iter().any(|set| set.revision() > 0) => {
                self.newest_set().is_none_or(|set| set.metadata.uid == owner.uid)
            }
            _ => true,
        }
    }
}
