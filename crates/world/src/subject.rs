//! What belongs to one workload, and which workloads are there?

use std::cmp::Reverse;
use std::sync::Arc;

use ahash::AHashSet;
use facts::{ClusterView as _, Pod, ReplicaSet, Subject, Workload, WorkloadRef};

use crate::climb::{
    WorkloadKind, cron_job_of, is_pod, is_replica_set_id, replica_set_id, workload_of_replica_set,
};
use crate::mention::asks;
use crate::space::Space;
use crate::store::Store;
use crate::world::World;

impl World {
    /// A workload with everything below it. None when nothing of it exists any more: no object of a watched kind, no Pod
    /// that is not being deleted, no `ReplicaSet` that wants Pods.
    pub fn subject(&self, id: &WorkloadRef) -> Option<Subject<'_>> {
        let space = self.spaces.get(&id.namespace)?;
        let workload = space.workload(id).filter(|workload| cron_job_of(workload).is_none());
        let replica_sets = space.replica_sets_of(id);
        let jobs = space.jobs_of(id);
        let pods = self.pods_of(space, id, &replica_sets, &jobs);
        let wants_pods = || replica_sets.iter().any(|set| set.spec.wanted() > 0);
        if workload.is_none() && pods.is_empty() && !wants_pods() {
            return None;
        }
        Some(Subject { id: id.clone(), workload, pods, replica_sets, jobs })
    }

    /// Every workload, in order, whether or not it asks for injection: of a watched kind, or with Pods.
    pub fn workloads(&self) -> Vec<WorkloadRef> {
        let mut found = AHashSet::new();
        for space in self.spaces.values() {
            self.workloads_in(space, &mut found);
        }
        let mut found: Vec<_> = found.into_iter().collect();
        found.sort_unstable();
        found
    }

    /// Whether a workload asks for injection, tries to, or carries it: on its Pods, template, own metadata or Namespace.
    /// Wide: what is not concerned needs no diagnosis, what is may still turn out to ask for nothing.
    pub fn is_concerned(&self, subject: &Subject<'_>) -> bool {
        let namespace = self.namespaces.get(&subject.id.namespace);
        // What stands on a controller that is not watched, a `Rollout`, is often copied to its ReplicaSets.
        let above = subject.replica_sets.first().filter(|_| subject.workload.is_none());
        let mut shapes = subject.pods.iter().map(|pod| &pod.shape).chain(subject.template());
        let services = self.services_asking_in_vain(&subject.id.namespace);
        namespace.is_some_and(|namespace| asks(&namespace.metadata.metadata.annotations))
            || subject.workload.is_some_and(|workload| asks(&workload.annotations) || asks(&workload.labels))
            || above.is_some_and(|set| asks(&set.metadata.annotations))
            || shapes.any(|shape| {
                self.mentions.of(shape).is_some_and(|mention| mention.concerned)
                    || services.iter().any(|service| service.selects(&shape.labels))
            })
    }

    /// The workloads of one namespace.
    pub(crate) fn workloads_in(&self, space: &Space, found: &mut AHashSet<WorkloadRef>) {
        let watched = space.workloads.iter().flat_map(Store::values);
        found.extend(
            watched.filter(|workload| cron_job_of(workload).is_none()).map(|workload| workload.id.clone()),
        );
        let wanting = space.replica_sets.values().filter(|set| set.spec.wanted() > 0);
        found.extend(wanting.map(workload_of_replica_set));
        let guess = self.inputs.guess();
        let mut seen = AHashSet::new();
        for pod in space.pods.values().filter(|pod| !pod.deleted) {
            let is_new = pod.controller.as_ref().is_none_or(|owner| seen.insert(Arc::as_ptr(owner).addr()));
            if is_new {
                found.extend(space.workload_of_pod(pod, guess));
            }
        }
    }

    /// Pods of a workload that are not being deleted, by name.
    fn pods_of<'a>(
        &self,
        space: &'a Space,
        id: &WorkloadRef,
        sets: &[&ReplicaSet],
        jobs: &[&Workload],
    ) -> Vec<&'a Pod> {
        let guess = self.inputs.guess();
        let held = |name: &Arc<str>| space.pods.get(name).filter(|pod| !pod.deleted);
        let mut last = None;
        let mut belongs = |pod: &&Pod| {
            // Siblings share their controller: what holds for one holds for the next.
            let controller = pod.controller.as_ref().map(|owner| Arc::as_ptr(owner).addr());
            match last {
                Some((known, answer)) if known == controller && controller.is_some() => answer,
                _ => {
                    let answer = space.workload_of_pod(pod, guess).as_ref() == Some(id);
                    last = Some((controller, answer));
                    answer
                }
            }
        };
        let mut pods: Vec<&Pod> = Vec::new();
        for owner in direct_owners(space, id, sets, jobs) {
            pods.extend(space.owned_by(&owner).pods.iter().filter_map(held).filter(&mut belongs));
        }
        if is_pod(id) {
            pods.extend(held(&id.name).filter(&mut belongs));
        }
        pods.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        pods
    }
}

/// Everything that may control Pods of a workload, itself included, each once.
fn direct_owners(
    space: &Space,
    id: &WorkloadRef,
    sets: &[&ReplicaSet],
    jobs: &[&Workload],
) -> AHashSet<WorkloadRef> {
    let known = sets.iter().map(|set| replica_set_id(&id.namespace, &set.metadata.name));
    let guessed = space.owned_by(id).guessed_sets.iter().map(|set| replica_set_id(&id.namespace, set));
    let jobs = jobs.iter().map(|job| job.id.clone());
    known.chain(guessed).chain(jobs).chain([id.clone()]).collect()
}

impl Space {
    /// `ReplicaSet`s of a workload, newest revision first; of a `ReplicaSet` without owner it alone.
    pub(crate) fn replica_sets_of(&self, id: &WorkloadRef) -> Vec<&ReplicaSet> {
        let names = &self.owned_by(id).replica_sets;
        let mut sets: Vec<_> = names.iter().filter_map(|name| self.replica_sets.get(name)).collect();
        if is_replica_set_id(id) {
            let itself = self.replica_sets.get(&id.name);
            sets.extend(itself.filter(|set| set.metadata.controller().is_none()));
        }
        sets.sort_by(|a, b| {
            let key = |set: &ReplicaSet| (set.revision(), set.metadata.creation_timestamp);
            key(b).cmp(&key(a)).then_with(|| a.metadata.name.cmp(&b.metadata.name))
        });
        sets
    }

    /// Jobs of a `CronJob`, newest first.
    fn jobs_of(&self, id: &WorkloadRef) -> Vec<&Workload> {
        let names = &self.owned_by(id).jobs;
        let mut jobs: Vec<_> =
            names.iter().filter_map(|name| self.store(WorkloadKind::Job).get(name)).collect();
        jobs.sort_by(|a, b| (Reverse(a.created), &a.id.name).cmp(&(Reverse(b.created), &b.id.name)));
        jobs
    }
}
