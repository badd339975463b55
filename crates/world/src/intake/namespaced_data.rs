//! A `ConfigMap` or Secret: touches the concerned workloads of its namespace, which may mount it or take variables from it.

use std::sync::Arc;

use facts::{ConfigMap, InputKind, Secret};

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

    /// The operator's configuration file and its webhook's certificate are among them where it runs.
    fn data_changed(&mut self, namespace: &Arc<str>) {
        self.pending.concerned_in.insert(namespace.clone());
        if self.operator.is_in(namespace) {
            self.operator_changed();
        }
    }
}
