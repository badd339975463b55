//! What is in one namespace, and who owns whom in it?
//!
//! Owners are always in the namespace of what they own, so each namespace is joined by itself. Only direct ownership is
//! stored; whose workload something is, is worked out when asked. An owner that arrives late changes nothing here.

use std::collections::BTreeSet;
use std::sync::Arc;

use ahash::AHashMap;
use facts::{
    Collector, ConfigMap, InputKind, Instrumentation, NetworkPolicy, Pod, ReplicaSet, Secret, Service,
    Workload, WorkloadRef,
};

use crate::climb::{WorkloadKind, guessed_deployment, is_replica_set, named_by};
use crate::endpoints::Slices;
use crate::store::{Kept, Store};

/// One namespace.
#[derive(Debug, Default)]
pub(crate) struct Space {
    pub(crate) pods: Store<Pod>,
    /// Names of those Pods of which a container failed and was started again.
    pub(crate) restarted: BTreeSet<Arc<str>>,
    pub(crate) replica_sets: Store<ReplicaSet>,
    pub(crate) workloads: [Store<Workload>; WorkloadKind::ALL.len()],
    pub(crate) instrumentations: Store<Arc<Instrumentation>>,
    pub(crate) collectors: Store<Collector>,
    pub(crate) services: Store<Service>,
    pub(crate) slices: Slices,
    pub(crate) config_maps: Store<ConfigMap>,
    pub(crate) secrets: Store<Secret>,
    pub(crate) network_policies: Store<NetworkPolicy>,
    owned: AHashMap<WorkloadRef, Owned>,
}

/// Names of what one owner controls.
#[derive(Debug, Default)]
pub(crate) struct Owned {
    pub(crate) pods: Vec<Arc<str>>,
    pub(crate) replica_sets: Vec<Arc<str>>,
    pub(crate) jobs: Vec<Arc<str>>,
    /// `ReplicaSet`s with Pods that by name and template hash belong to this Deployment.
    pub(crate) guessed_sets: Vec<Arc<str>>,
    /// The other way round: the Deployment that its Pods tell of this `ReplicaSet`.
    guess: Option<WorkloadRef>,
}

impl Owned {
    fn is_empty(&self) -> bool {
        self.pods.is_empty()
            && self.replica_sets.is_empty()
            && self.jobs.is_empty()
            && self.guessed_sets.is_empty()
    }
}

static NOTHING: Owned = Owned {
    pods: Vec::new(),
    replica_sets: Vec::new(),
    jobs: Vec::new(),
    guessed_sets: Vec::new(),
    guess: None,
};

impl Space {
    /// What an owner controls directly.
    pub(crate) fn owned_by(&self, owner: &WorkloadRef) -> &Owned {
        self.owned.get(owner).unwrap_or(&NOTHING)
    }

    /// The workload of a watched kind.
    pub(crate) fn workload(&self, id: &WorkloadRef) -> Option<&Workload> {
        self.workloads[WorkloadKind::of(id)? as usize].get(&id.name)
    }

    pub(crate) fn store(&self, kind: WorkloadKind) -> &Store<Workload> {
        &self.workloads[kind as usize]
    }

    /// Enters a Pod that is held under its controller.
    pub(crate) fn link_pod(&mut self, name: &str) {
        let Self { pods, owned: owners, .. } = self;
        let Some(pod) = pods.get(name).filter(|pod| !pod.is_static()) else { return };
        let Some(controller) = pod.controller.as_deref() else { return };
        let siblings = owners.entry(named_by(&pod.namespace, controller)).or_default();
        siblings.pods.push(pod.name.clone());
        if siblings.guess.is_none()
            && is_replica_set(controller)
            && let Some(deployment) = guessed_deployment(pod, controller)
        {
            siblings.guess = Some(deployment.clone());
            owners.entry(deployment).or_default().guessed_sets.push(controller.name.clone());
        }
    }

    /// The workload that the Pods of a `ReplicaSet` are taken for while it is not known; none where it has no Pods.
    pub(crate) fn guessed_workload(&self, set: WorkloadRef) -> Option<WorkloadRef> {
        let owned = self.owned.get(&set).filter(|owned| !owned.pods.is_empty())?;
        Some(owned.guess.clone().unwrap_or(set))
    }

    /// Takes a Pod from under its controller.
    pub(crate) fn unlink_pod(&mut self, pod: &Pod) {
        let Some(owner) = pod.controller.as_deref() else { return };
        let parent = named_by(&pod.namespace, owner);
        let guess = self.owned.get(&parent).and_then(|owned| owned.guess.clone());
        self.disown(&parent, |owned| &mut owned.pods, &pod.name);
        let was_last = self.owned_by(&parent).pods.is_empty();
        if was_last && let Some(deployment) = guess {
            self.disown(&deployment, |owned| &mut owned.guessed_sets, &owner.name);
        }
    }

    /// Enters a `ReplicaSet` or Job (chosen by `list`) under its controller.
    pub(crate) fn link(
        &mut self,
        owner: WorkloadRef,
        list: fn(&mut Owned) -> &mut Vec<Arc<str>>,
        name: &Arc<str>,
    ) {
        list(self.owned.entry(owner).or_default()).push(name.clone());
    }

    /// Takes a name out of what an owner controls.
    pub(crate) fn disown(
        &mut self,
        owner: &WorkloadRef,
        list: fn(&mut Owned) -> &mut Vec<Arc<str>>,
        name: &str,
    ) {
        let Some(children) = self.owned.get_mut(owner) else { return };
        let names = list(children);
        if let Some(at) = names.iter().position(|known| &**known == name) {
            names.swap_remove(at);
        }
        if children.is_empty() {
            self.owned.remove(owner);
        }
    }

    /// Names of the objects of a kind that list number `list` does not contain; of all without a number.
    pub(crate) fn stale(&self, kind: InputKind, list: Option<u32>) -> Vec<Arc<str>> {
        match kind {
            InputKind::Pods => names(&self.pods, list),
            InputKind::ReplicaSets => names(&self.replica_sets, list),
            InputKind::Instrumentations => names(&self.instrumentations, list),
            InputKind::Collectors => names(&self.collectors, list),
            InputKind::Services => names(&self.services, list),
            InputKind::EndpointSlices => names(self.slices.store(), list),
            InputKind::ConfigMaps => names(&self.config_maps, list),
            InputKind::Secrets => names(&self.secrets, list),
            InputKind::NetworkPolicies => names(&self.network_policies, list),
            _ => WorkloadKind::from_input(kind).map_or_else(Vec::new, |kind| names(self.store(kind), list)),
        }
    }

    /// Number of objects of a kind.
    pub(crate) fn len(&self, kind: InputKind) -> usize {
        match kind {
            InputKind::Pods => self.pods.len(),
            InputKind::ReplicaSets => self.replica_sets.len(),
            InputKind::Instrumentations => self.instrumentations.len(),
            InputKind::Collectors => self.collectors.len(),
            InputKind::Services => self.services.len(),
            InputKind::EndpointSlices => self.slices.store().len(),
            InputKind::ConfigMaps => self.config_maps.len(),
            InputKind::Secrets => self.secrets.len(),
            InputKind::NetworkPolicies => self.network_policies.len(),
            _ => WorkloadKind::from_input(kind).map_or(0, |kind| self.store(kind).len()),
        }
    }

    /// Whether nothing is left in it.
    pub(crate) fn is_empty(&self) -> bool {
        InputKind::ALL.iter().all(|kind| self.len(*kind) == 0)
    }

    /// Gives back memory that deletions left.
    pub(crate) fn shrink(&mut self) {
        self.pods.shrink();
        self.replica_sets.shrink();
        if self.owned.capacity() > 4 * self.owned.len() + 16 {
            self.owned.shrink_to_fit();
        }
        for owned in self.owned.values_mut() {
            owned.pods.shrink_to_fit();
            owned.replica_sets.shrink_to_fit();
        }
    }
}

fn names<V: Kept>(store: &Store<V>, list: Option<u32>) -> Vec<Arc<str>> {
    list.map_or_else(|| store.names(), |list| store.stale(list))
}
