//! How does what is gone leave the world?

use std::sync::Arc;

use facts::InputKind;

use crate::space::Space;
use crate::store::Store;
use crate::world::World;

/// So many changes may leave something unused behind before it is swept: a sweep walks over all strings.
const SWEEP_AFTER: usize = 8192;

impl World {
    pub(crate) fn remove(&mut self, kind: InputKind, namespace: &Arc<str>, name: &Arc<str>, uid: &str) {
        match kind {
            InputKind::Pods => self.remove_pod(namespace, name, uid),
            InputKind::Namespaces => self.remove_namespace(name, uid),
            InputKind::ReplicaSets => self.remove_replica_set(namespace, name, uid),
            InputKind::Instrumentations => self.remove_instrumentation(namespace, name, uid),
            InputKind::Collectors => self.remove_collector(namespace, name, uid),
            InputKind::MutatingWebhookConfigurations => self.remove_webhook(name, uid),
            InputKind::Services => self.remove_service(namespace, name, uid),
            InputKind::EndpointSlices => self.remove_slice(namespace, name, uid),
            InputKind::CustomResourceDefinitions => self.remove_crd(name, uid),
            InputKind::Events => self.remove_event(namespace, name),
            InputKind::Nodes => self.remove_node(name, uid),
            InputKind::ConfigMaps => self.remove_config_map(namespace, name, uid),
            InputKind::Secrets => self.remove_secret(namespace, name, uid),
            InputKind::NetworkPolicies => self.remove_network_policy(namespace, name, uid),
            InputKind::Deployments
            | InputKind::StatefulSets
            | InputKind::DaemonSets
            | InputKind::Jobs
            | InputKind::CronJobs => self.remove_workload(kind, namespace, name, uid),
        }
        self.litter(1);
    }

    /// Removes what neither list number `list` of a kind nor a later one contains, everything without a number; `within` one
    /// namespace, or everywhere.
    pub(crate) fn remove_all(&mut self, kind: InputKind, list: Option<u32>, within: Option<&Arc<str>>) {
        let is_meant = |namespace: &Arc<str>| within.is_none_or(|within| within == namespace);
        for name in self.stale_in_cluster(kind, list) {
            // Of cluster-scoped kinds only Namespaces are read one by one.
            if is_meant(&name) {
                self.remove(kind, &Arc::default(), &name, "");
            }
        }
        for (namespace, name) in self.events.stale(kind, list) {
            if is_meant(&namespace) {
                self.remove(kind, &namespace, &name, "");
            }
        }
        let stale = |(namespace, space): (&Arc<str>, &Space)| (namespace.clone(), space.stale(kind, list));
        let spaces = self.spaces.iter().filter(|(namespace, _)| is_meant(namespace));
        let stale: Vec<(Arc<str>, Vec<Arc<str>>)> = spaces.map(stale).collect();
        for (namespace, names) in stale {
            for name in names {
                self.remove(kind, &namespace, &name, "");
            }
        }
    }

    fn stale_in_cluster(&self, kind: InputKind, list: Option<u32>) -> Vec<Arc<str>> {
        fn names<V>(store: &Store<V>, list: Option<u32>) -> Vec<Arc<str>> {
            list.map_or_else(|| store.names(), |list| store.stale(list))
        }
        match kind {
            InputKind::Namespaces => names(&self.namespaces, list),
            InputKind::Nodes => names(&self.nodes, list),
            InputKind::MutatingWebhookConfigurations => names(&self.webhooks, list),
            InputKind::CustomResourceDefinitions => names(&self.crds, list),
            _ => Vec::new(),
        }
    }

    /// Counts changes that may leave something unused behind, and sweeps now and then.
    pub(crate) fn litter(&mut self, changes: usize) {
        self.garbage += changes;
        if self.garbage >= SWEEP_AFTER {
            self.sweep();
        }
    }

    pub(crate) fn sweep(&mut self) {
        self.garbage = 0;
        self.mentions.sweep();
        self.interner.sweep();
        self.spaces.retain(|_, space| !space.is_empty());
        self.spaces.values_mut().for_each(Space::shrink);
    }
}
