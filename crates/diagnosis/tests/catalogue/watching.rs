//! Which kinds does a check ask the cluster for?

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Arc;

use facts::{
    ClusterView, Collector, ConfigMap, CustomResourceDefinition, Endpoints, Event, InputKind,
    Instrumentation, Lookup, MutatingWebhookConfiguration, Namespace, NetworkPolicy, Node, OwnerReference,
    Pod, Readability, ReplicaSet, Secret, Service, ServingCertificate, StringMap, Workload, WorkloadRef,
};
use jiff::Timestamp;

/// A cluster that notes what it is asked for, and of which some kinds may be hidden.
pub struct Watching<'a> {
    cluster: &'a dyn ClusterView,
    hidden: &'a [InputKind],
    asked: RefCell<BTreeSet<InputKind>>,
    unreadable: Readability,
}

impl<'a> Watching<'a> {
    pub fn new(cluster: &'a dyn ClusterView, hidden: &'a [InputKind]) -> Self {
        let unreadable = Readability::Unreadable { needs: "a right that was taken away".into() };
        Self { cluster, hidden, asked: RefCell::default(), unreadable }
    }

    /// What was asked for since the last call.
    pub fn take_asked(&self) -> BTreeSet<InputKind> {
        self.asked.take()
    }

    fn note(&self, kind: InputKind) -> bool {
        self.asked.borrow_mut().insert(kind);
        !self.hidden.contains(&kind)
    }

    fn look<T>(&self, kind: InputKind, answer: impl FnOnce() -> Lookup<T>) -> Lookup<T> {
        if self.note(kind) { answer() } else { Lookup::Unknown }
    }

    fn list<T>(&self, kind: InputKind, answer: impl FnOnce() -> Vec<T>) -> Vec<T> {
        if self.note(kind) { answer() } else { Vec::new() }
    }
}

fn kind_of(kind: &str) -> Option<InputKind> {
    Some(match kind {
        "Deployment" => InputKind::Deployments,
        "ReplicaSet" => InputKind::ReplicaSets,
        "StatefulSet" => InputKind::StatefulSets,
        "DaemonSet" => InputKind::DaemonSets,
        "Job" => InputKind::Jobs,
        "CronJob" => InputKind::CronJobs,
        _ => return None,
    })
}

impl ClusterView for Watching<'_> {
    fn readability(&self, kind: InputKind) -> &Readability {
        if self.note(kind) { self.cluster.readability(kind) } else { &self.unreadable }
    }
    fn namespace(&self, name: &str) -> Lookup<&Namespace> {
        self.look(InputKind::Namespaces, || self.cluster.namespace(name))
    }
    fn instrumentation(&self, namespace: &str, name: &str) -> Lookup<&Arc<Instrumentation>> {
        self.look(InputKind::Instrumentations, || self.cluster.instrumentation(namespace, name))
    }
    fn instrumentations_in(&self, namespace: &str) -> Vec<&Arc<Instrumentation>> {
        self.list(InputKind::Instrumentations, || self.cluster.instrumentations_in(namespace))
    }
    fn instrumentations(&self) -> Vec<&Arc<Instrumentation>> {
        self.list(InputKind::Instrumentations, || self.cluster.instrumentations())
    }
    fn collector(&self, namespace: &str, name: &str) -> Lookup<&Collector> {
        self.look(InputKind::Collectors, || self.cluster.collector(namespace, name))
    }
    fn collectors_in(&self, namespace: &str) -> Vec<&Collector> {
        self.list(InputKind::Collectors, || self.cluster.collectors_in(namespace))
    }
    fn mutating_webhooks(&self) -> Vec<&MutatingWebhookConfiguration> {
        self.list(InputKind::MutatingWebhookConfigurations, || self.cluster.mutating_webhooks())
    }
    fn crd(&self, name: &str) -> Lookup<&CustomResourceDefinition> {
        self.look(InputKind::CustomResourceDefinitions, || self.cluster.crd(name))
    }
    fn service(&self, namespace: &str, name: &str) -> Lookup<&Service> {
        self.look(InputKind::Services, || self.cluster.service(namespace, name))
    }
    fn services_in(&self, namespace: &str) -> Vec<&Service> {
        self.list(InputKind::Services, || self.cluster.services_in(namespace))
    }
    fn nodes(&self) -> Vec<&Node> {
        self.list(InputKind::Nodes, || self.cluster.nodes())
    }
    fn newest_injected(&self) -> Option<Timestamp> {
        self.cluster.newest_injected()
    }
    fn services_named(&self, name: &str) -> Vec<&Service> {
        self.list(InputKind::Services, || self.cluster.services_named(name))
    }
    fn endpoints(&self, namespace: &str, service: &str) -> Lookup<Endpoints> {
        self.look(InputKind::EndpointSlices, || self.cluster.endpoints(namespace, service))
    }
    fn workload(&self, workload: &WorkloadRef) -> Lookup<&Workload> {
        match kind_of(&workload.kind) {
            Some(kind) => self.look(kind, || self.cluster.workload(workload)),
            None => self.cluster.workload(workload),
        }
    }
    fn operator_deployments(&self) -> Vec<&Workload> {
        self.list(InputKind::Deployments, || self.cluster.operator_deployments())
    }
    fn replica_set(&self, namespace: &str, name: &str) -> Lookup<&ReplicaSet> {
        self.look(InputKind::ReplicaSets, || self.cluster.replica_set(namespace, name))
    }
    fn replica_sets_of(&self, deployment: &WorkloadRef) -> Vec<&ReplicaSet> {
        self.list(InputKind::ReplicaSets, || self.cluster.replica_sets_of(deployment))
    }
    fn owners_of(&self, kind: &str, namespace: &str, name: &str) -> Lookup<&[OwnerReference]> {
        self.cluster.owners_of(kind, namespace, name)
    }
    fn pods_with_labels(&self, namespace: &str, labels: &StringMap) -> Vec<&Pod> {
        self.list(InputKind::Pods, || self.cluster.pods_with_labels(namespace, labels))
    }
    fn restarted_pods(&self, namespace: &str) -> Vec<&Pod> {
        self.list(InputKind::Pods, || self.cluster.restarted_pods(namespace))
    }
    fn node(&self, name: &str) -> Lookup<&Node> {
        self.look(InputKind::Nodes, || self.cluster.node(name))
    }
    fn secret(&self, namespace: &str, name: &str) -> Lookup<&Secret> {
        self.look(InputKind::Secrets, || self.cluster.secret(namespace, name))
    }
    fn config_map(&self, namespace: &str, name: &str) -> Lookup<&ConfigMap> {
        self.look(InputKind::ConfigMaps, || self.cluster.config_map(namespace, name))
    }
    fn network_policies_in(&self, namespace: &str) -> Vec<&NetworkPolicy> {
        self.list(InputKind::NetworkPolicies, || self.cluster.network_policies_in(namespace))
    }
    fn serving_certificate(&self, namespace: &str, service: &str) -> Lookup<&ServingCertificate> {
        self.cluster.serving_certificate(namespace, service)
    }
    fn events_about(&self, uid: &str) -> Vec<&Event> {
        self.list(InputKind::Events, || self.cluster.events_about(uid))
    }
    fn events_with_reason(&self, namespace: &str, reason: &str) -> Vec<&Event> {
        self.list(InputKind::Events, || self.cluster.events_with_reason(namespace, reason))
    }
}
