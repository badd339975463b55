//! A Service or `EndpointSlice`: touches those that may send there, and the operator's side where it is its webhook's.

use std::sync::Arc;

use facts::{EndpointSlice, InputKind, Service};

use super::kept::{Labels, trim};
use crate::host::Host;
use crate::store::Change;
use crate::world::World;

impl World {
    pub(crate) fn apply_service(&mut self, mut service: Service) {
        trim(&mut service.metadata, Labels::All, &mut self.interner);
        service.metadata.generation = 0;
        let list = self.inputs.list(InputKind::Services);
        let (namespace, name) = (service.metadata.namespace.clone(), service.metadata.name.clone());
        let target = external(&service);
        let asks = service.asks_in_vain();
        let before = match self.space_mut(&namespace).services.put(&name, service, list) {
            Change::None => return,
            Change::Added => None,
            Change::Replaced(old) => Some(old),
        };
        if let Some(old) = &before {
            self.forget_target(&namespace, &name, old);
            self.forget_asking(&namespace, &name, old);
        }
        if asks {
            self.services_asking.insert(&namespace, &name);
            self.pending.namespaces.insert(namespace.clone());
        }
        if let Some(target) = target {
            self.mentions.add(&[target]);
            self.external_names.insert(&namespace, &name);
        }
        self.service_changed(&namespace, &name, before.is_none());
    }

    pub(crate) fn remove_service(&mut self, namespace: &Arc<str>, name: &Arc<str>, uid: &str) {
        let Some(space) = self.spaces.get_mut(namespace) else { return };
        let Some(gone) = space.services.remove(name, uid) else { return };
        self.forget_target(namespace, name, &gone);
        self.forget_asking(namespace, name, &gone);
        self.service_changed(namespace, name, true);
    }

    pub(crate) fn apply_slice(&mut self, slice: &EndpointSlice) {
        let list = self.inputs.list(InputKind::EndpointSlices);
        let namespace = self.interner.string(&slice.metadata.namespace);
        for service in self.space_mut(&namespace).slices.put(slice, list) {
            self.answers_changed(&namespace, &service);
        }
    }

    pub(crate) fn remove_slice(&mut self, namespace: &Arc<str>, name: &str, uid: &str) {
        let Some(space) = self.spaces.get_mut(namespace) else { return };
        for service in space.slices.remove(name, uid) {
            self.answers_changed(namespace, &service);
        }
    }

    fn forget_target(&mut self, namespace: &str, name: &str, old: &Service) {
        if let Some(target) = external(old) {
            self.mentions.subtract(&[target]);
            self.external_names.remove(namespace, name);
        }
    }

    /// It may concern any workload beside it, one that nothing else concerns included.
    fn forget_asking(&mut self, namespace: &Arc<str>, name: &str, old: &Service) {
        if old.asks_in_vain() {
            self.services_asking.remove(namespace, name);
            self.pending.namespaces.insert(namespace.clone());
        }
    }

    /// `anew`: it came or went. Touches the workloads beside it too: their variables and selectors may be about it.
    fn service_changed(&mut self, namespace: &Arc<str>, name: &Arc<str>, anew: bool) {
        self.pending.services.insert(namespace, name);
        self.pending.concerned_in.insert(namespace.clone());
        if anew {
            self.pending.services_anew.insert(namespace, name);
        }
        if self.operator.is_in(namespace) {
            self.operator_changed();
        }
    }

    /// Somebody began or ceased to answer: touches those that send there and those that answer.
    fn answers_changed(&mut self, namespace: &Arc<str>, name: &Arc<str>) {
        self.pending.behind.insert(namespace, name);
        if self.mentions.names_service(name) {
            self.pending.services.insert(namespace, name);
        }
        if self.operator.is_in(namespace) {
            self.operator_changed();
        }
    }
}

/// Where an `ExternalName` Service points.
pub(crate) fn external(service: &Service) -> Option<Host> {
    Host::parse(&service.spec.external_name)
}
