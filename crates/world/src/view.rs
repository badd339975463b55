//! What does the world answer to those who judge?

use std::sync::Arc;

use facts::{
    ClusterView, Collector, ConfigMap, CustomResourceDefinition, DataRef, Endpoints, Event, InputKind,
    Instrumentation, Lookup, MutatingWebhookConfiguration, Namespace, NetworkPolicy, Node, OptIn,
    OwnerReference, Pod, Readability, ReplicaSet, Secret, Service, ServingCertificate, StringMap, Trial,
    Workload, WorkloadRef,
};

use jiff::Timestamp;

use crate::climb::WorkloadKind;
use crate::space::Space;
use crate::world::World;

impl World {
    fn answer<'a, T>(&'a self, kind: InputKind, object: Option<T>) -> Lookup<T>
    where
        T: 'a,
    {
        Lookup::from_option(object, self.inputs.readability(kind))
    }

    /// The answer about something that is, or would be, in this namespace.
    fn answer_in<'a, T: 'a>(&'a self, kind: InputKind, namespace: &str, object: Option<T>) -> Lookup<T> {
        Lookup::from_option(object, self.inputs.readability_in(kind, namespace))
    }

    /// The answer about something that may have been looked for by its name alone.
    fn answer_named<'a, T: 'a>(
        &'a self,
        is_secret: bool,
        namespace: &str,
        name: &str,
        found: Option<T>,
    ) -> Lookup<T> {
        let named = || DataRef { is_secret, namespace: namespace.into(), name: name.into() };
        if found.is_none() && !self.depth.absent.is_empty() && self.depth.absent.contains(&named()) {
            return Lookup::Absent;
        }
        self.answer_in(if is_secret { InputKind::Secrets } else { InputKind::ConfigMaps }, namespace, found)
    }

    fn in_space<'a, T>(&'a self, namespace: &str, find: impl FnOnce(&'a Space) -> Option<T>) -> Option<T> {
        self.spaces.get(namespace).and_then(find)
    }
}

impl ClusterView for World {
    fn readability(&self, kind: InputKind) -> &Readability {
        self.inputs.readability(kind)
    }

    fn readability_in(&self, kind: InputKind, namespace: &str) -> &Readability {
        self.inputs.readability_in(kind, namespace)
    }

    fn namespace(&self, name: &str) -> Lookup<&Namespace> {
        self.answer_in(InputKind::Namespaces, name, self.namespaces.get(name))
    }

    fn instrumentation(&self, namespace: &str, name: &str) -> Lookup<&Arc<Instrumentation>> {
        self.answer_in(
            InputKind::Instrumentations,
            namespace,
            self.in_space(namespace, |space| space.instrumentations.get(name)),
        )
    }

    fn instrumentations_in(&self, namespace: &str) -> Vec<&Arc<Instrumentation>> {
        self.spaces.get(namespace).map(|space| space.instrumentations.sorted()).unwrap_or_default()
    }

    fn instrumentations(&self) -> Vec<&Arc<Instrumentation>> {
        let mut all: Vec<_> =
            self.spaces.values().flat_map(|space| space.instrumentations.values()).collect();
        all.sort_unstable_by_key(|instrumentation| {
            let metadata = &instrumentation.metadata.metadata;
            (metadata.namespace.clone(), metadata.name.clone())
        });
        all
    }

    fn collector(&self, namespace: &str, name: &str) -> Lookup<&Collector> {
        self.answer_in(
            InputKind::Collectors,
            namespace,
            self.in_space(namespace, |space| space.collectors.get(name)),
        )
    }

    fn collectors_in(&self, namespace: &str) -> Vec<&Collector> {
        self.spaces.get(namespace).map(|space| space.collectors.sorted()).unwrap_or_default()
    }

    fn mutating_webhooks(&self) -> Vec<&MutatingWebhookConfiguration> {
        self.webhooks.sorted()
    }

    fn crd(&self, name: &str) -> Lookup<&CustomResourceDefinition> {
        self.answer(InputKind::CustomResourceDefinitions, self.crds.get(name))
    }

    fn service(&self, namespace: &str, name: &str) -> Lookup<&Service> {
        self.answer_in(
            InputKind::Services,
            namespace,
            self.in_space(namespace, |space| space.services.get(name)),
        )
    }

    fn services_in(&self, namespace: &str) -> Vec<&Service> {
        self.spaces.get(namespace).map(|space| space.services.sorted()).unwrap_or_default()
    }

    fn services_named(&self, name: &str) -> Vec<&Service> {
        let mut found: Vec<_> = self.spaces.values().filter_map(|space| space.services.get(name)).collect();
        found.sort_unstable_by(|a, b| a.metadata.namespace.cmp(&b.metadata.namespace));
        found
    }

    fn services_asking_in_vain(&self, namespace: &str) -> Vec<&Service> {
        let Some(space) = self.spaces.get(namespace) else { return Vec::new() };
        let names = self.services_asking.of(namespace);
        let mut found: Vec<_> = names.filter_map(|name| space.services.get(name)).collect();
        found.sort_unstable_by(|a, b| a.metadata.name.cmp(&b.metadata.name));
        found
    }

    fn endpoints(&self, namespace: &str, service: &str) -> Lookup<Endpoints> {
        self.answer_in(
            InputKind::EndpointSlices,
            namespace,
            self.in_space(namespace, |space| space.slices.behind(service)),
        )
    }

    fn workload(&self, workload: &WorkloadRef) -> Lookup<&Workload> {
        // Of a kind that is not watched nothing is known, not even that it is absent.
        let Some(kind) = WorkloadKind::of(workload) else { return Lookup::Unknown };
        self.answer_in(
            kind.input(),
            &workload.namespace,
            self.in_space(&workload.namespace, |space| space.store(kind).get(&workload.name)),
        )
    }

    fn operator_deployments(&self) -> Vec<&Workload> {
        let mut ids: Vec<_> = self.operator.deployments.iter().collect();
        ids.sort_unstable();
        ids.into_iter().filter_map(|id| self.in_space(&id.namespace, |space| space.workload(id))).collect()
    }

    fn replica_set(&self, namespace: &str, name: &str) -> Lookup<&ReplicaSet> {
        self.answer_in(
            InputKind::ReplicaSets,
            namespace,
            self.in_space(namespace, |space| space.replica_sets.get(name)),
        )
    }

    fn replica_sets_of(&self, deployment: &WorkloadRef) -> Vec<&ReplicaSet> {
        self.spaces
            .get(&deployment.namespace)
            .map(|space| space.replica_sets_of(deployment))
            .unwrap_or_default()
    }

    fn owners_of(&self, kind: &str, namespace: &str, name: &str) -> Lookup<&[OwnerReference]> {
        if kind == "ReplicaSet" {
            return self.replica_set(namespace, name).map(|set| &*set.metadata.owner_references);
        }
        let Some(kind) = WorkloadKind::ALL.into_iter().find(|known| known.word() == kind) else {
            return Lookup::Unknown;
        };
        let workload = self.in_space(namespace, |space| space.store(kind).get(name));
        self.answer_in(kind.input(), namespace, workload.map(|workload| workload.controller.as_slice()))
    }

    fn pods_with_labels(&self, namespace: &str, labels: &StringMap) -> Vec<&Pod> {
        let Some(space) = self.spaces.get(namespace) else { return Vec::new() };
        let chosen = |pod: &&Pod| pod.shape.labels.has_all(labels);
        let mut pods: Vec<_> = space.pods.values().filter(chosen).collect();
        pods.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        pods
    }

    fn restarted_pods(&self, namespace: &str) -> Vec<&Pod> {
        let Some(space) = self.spaces.get(namespace) else { return Vec::new() };
        space.restarted.iter().filter_map(|name| space.pods.get(name)).collect()
    }

    fn nodes(&self) -> Vec<&Node> {
        self.nodes.values().collect()
    }

    fn newest_injected(&self) -> Option<Timestamp> {
        self.newest_injected
    }

    fn node(&self, name: &str) -> Lookup<&Node> {
        self.answer(InputKind::Nodes, self.nodes.get(name))
    }

    fn secret(&self, namespace: &str, name: &str) -> Lookup<&Secret> {
        let found = self.in_space(namespace, |space| space.secrets.get(name));
        self.answer_named(true, namespace, name, found)
    }

    fn config_map(&self, namespace: &str, name: &str) -> Lookup<&ConfigMap> {
        let found = self.in_space(namespace, |space| space.config_maps.get(name));
        self.answer_named(false, namespace, name, found)
    }

    fn switched_off(&self) -> &[(OptIn, Arc<str>)] {
        &self.depth.off
    }

    fn trial(&self, workload: &WorkloadRef) -> Option<&Trial> {
        self.depth.trials.get(workload)
    }

    fn serving_certificate(&self, namespace: &str, service: &str) -> Lookup<&ServingCertificate> {
        self.certificates.get(&(namespace.into(), service.into())).map_or(Lookup::Unknown, Lookup::Found)
    }

    fn network_policies_in(&self, namespace: &str) -> Vec<&NetworkPolicy> {
        self.spaces.get(namespace).map(|space| space.network_policies.sorted()).unwrap_or_default()
    }

    fn events_about(&self, uid: &str) -> Vec<&Event> {
        self.events.about(uid)
    }

    fn events_with_reason(&self, namespace: &str, reason: &str) -> Vec<&Event> {
        self.events.with_reason(namespace, reason)
    }
}
