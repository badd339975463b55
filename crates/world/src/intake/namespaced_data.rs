//! A `ConfigMap`, Secret or `NetworkPolicy`: touches the concerned workloads, which may mount it, take variables from it or be
//! cut off by it.

use std::sync::Arc;

use facts::{ConfigMap, InputKind, NetworkPolicy, Secret};

use super::kept::{Labels, trim};
use crate::store::Change;
use crate::world::World;

impl World {
    pub(crate) fn apply_config_map(&mut self, mut map: ConfigMap) {
        trim(&mut map.metadata, Labels::None, &mut self.interner);
        let list = self.inputs.list(InputKind::ConfigMaps);
        let (namespace, name) = (map.metadata.namespace.clone(), map.metadata.name.clone());
        if self.space_mut(&namespace).config_maps.put(&name, map, list) != Change::None {
            self.data_changed(&namespace);
        }
    }

    pub(crate) fn remove_config_map(&mut self, namespace: &Arc<str>, name: &str, uid: &str) {
        let space = self.spaces.get_mut(namespace);
        if space.is_some_and(|space| space.config_maps.remove(name, uid).is_some()) {
            self.data_changed(namespace);
        }
    }

    pub(crate) fn apply_secret(&mut self, mut secret: Secret) {
        trim(&mut secret.metadata, Labels::None, &mut self.interner);
        let list = self.inputs.list(InputKind::Secrets);
        let (namespace, name) = (secret.metadata.namespace.clone(), secret.metadata.name.clone());
        if self.space_mut(&namespace).secrets.put(&name, secret, list) != Change::None {
            self.data_changed(&namespace);
        }
    }

    pub(crate) fn remove_secret(&mut self, namespace: &Arc<str>, name: &str, uid: &str) {
        let space = self.spaces.get_mut(namespace);
        if space.is_some_and(|space| space.secrets.remove(name, uid).is_some()) {
            self.data_changed(namespace);
        }
    }

    /// Policies of one namespace may close the way into or out of another.
    pub(crate) fn apply_network_policy(&mut self, mut policy: NetworkPolicy) {
        trim(&mut policy.metadata, Labels::None, &mut self.interner);
        let list = self.inputs.list(InputKind::NetworkPolicies);
        let (namespace, name) = (policy.metadata.namespace.clone(), policy.metadata.name.clone());
        if self.space_mut(&namespace).network_policies.put(&name, policy, list) != Change::None {
            self.operator_changed();
        }
    }

    pub(crate) fn remove_network_policy(&mut self, namespace: &Arc<str>, name: &str, uid: &str) {
        let space = self.spaces.get_mut(namespace);
        if space.is_some_and(|space| space.network_policies.remove(name, uid).is_some()) {
            self.operator_changed();
        }
    }

    /// The operator's configuration file and its webhook's certificate are among them where it runs.
    pub(crate) fn data_changed(&mut self, namespace: &Arc<str>) {
        self.pending.concerned_in.insert(namespace.clone());
        if self.operator.is_in(namespace) {
            self.operator_changed();
        }
    }
}
