//! What does the world answer to those who judge?

use std::sync::Arc;

use facts::{
    ClusterView, Collector, ConfigMap, CustomResourceDefinition, Endpoints, Event, InputKind, Instrumentation, Lookup,
    MutatingWebhookConfiguration, Namespace, Node, OwnerReference, Pod, Readability, ReplicaSet, Secret, Service, StringMap,
    Workload, WorkloadRef,
};

use crate::world::World;

impl ClusterView for World {
    fn readability(&self, kind: InputKind) -> &Readability {
        &self.readability[kind as usize]
    }

    fn namespace(&self, _name: &str) -> Lookup<&Namespace> {
        Lookup::Unknown
    }

    fn instrumentation(&self, _namespace: &str, _name: &str) -> Lookup<&Arc<Instrumentation>> {
        Lookup::Unknown
    }

    fn instrumentations_in(&self, _namespace: &str) -> Vec<&Arc<Instrumentation>> {
        Vec::new()
    }

    fn instrumentations(&self) -> Vec<&Arc<Instrumentation>> {
        Vec::new()
    }

    fn collector(&self, _namespace: &str, _name: &str) -> Lookup<&Collector> {
        Lookup::Unknown
    }

    fn collectors_in(&self, _namespace: &str) -> Vec<&Collector> {
        Vec::new()
    }

    fn mutating_webhooks(&self) -> Vec<&MutatingWebhookConfiguration> {
        Vec::new()
    }

    fn crd(&self, _name: &str) -> Lookup<&CustomResourceDefinition> {
        Lookup::Unknown
    }

    fn service(&self, _namespace: &str, _name: &str) -> Lookup<&Service> {
        Lookup::Unknown
    }

    fn services_in(&self, _namespace: &str) -> Vec<&Service> {
        Vec::new()
    }

    fn endpoints(&self, _namespace: &str, _service: &str) -> Lookup<Endpoints> {
        Lookup::Unknown
    }

    fn workload(&self, _workload: &WorkloadRef) -> Lookup<&Workload> {
        Lookup::Unknown
    }

    fn operator_deployments(&self) -> Vec<&Workload> {
        Vec::new()
    }

    fn replica_set(&self, _namespace: &str, _name: &str) -> Lookup<&ReplicaSet> {
        Lookup::Unknown
    }

    fn replica_sets_of(&self, _deployment: &WorkloadRef) -> Vec<&ReplicaSet> {
        Vec::new()
    }

    fn owners_of(&self, _kind: &str, _namespace: &str, _name: &str) -> Lookup<&[OwnerReference]> {
        Lookup::Unknown
    }

    fn pods_with_labels(&self, _namespace: &str, _labels: &StringMap) -> Vec<&Pod> {
        Vec::new()
    }

    fn node(&self, _name: &str) -> Lookup<&Node> {
        Lookup::Unknown
    }

    fn secret(&self, _namespace: &str, _name: &str) -> Lookup<&Secret> {
        Lookup::Unknown
    }

    fn config_map(&self, _namespace: &str, _name: &str) -> Lookup<&ConfigMap> {
        Lookup::Unknown
    }

    fn events_about(&self, _uid: &str) -> Vec<&Event> {
        Vec::new()
    }

    fn events_with_reason(&self, _namespace: &str, _reason: &str) -> Vec<&Event> {
        Vec::new()
    }
}
