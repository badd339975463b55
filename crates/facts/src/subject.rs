//! What belongs to one workload?

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
