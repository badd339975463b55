//! How do the Pods of one workload come to share one shape?
//!
//! By taking out what differs from Pod to Pod, and keeping each different rest once. Strings are shared over shapes as
//! well: a cluster has few image and variable names. What nobody uses any more is dropped by [`Interner::sweep`].

use std::hash::Hash;
use std::sync::Arc;

use ahash::AHashSet;

use crate::annotation::is_relevant_annotation;
use crate::container::Container;
use crate::environment::{EnvVar, ValueFrom};
use crate::metadata::OwnerReference;
use crate::noise::{forget_times, kept_conditions, labels_of_siblings, remove_pod_noise};
use crate::shape::{PodShape, PodSpec};
use crate::status::PodStatus;
use crate::string_map::StringMap;

/// Shares equal shapes, statuses, owners and strings.
#[derive(Debug, Default)]
pub struct Interner {
    strings: Pool<str>,
    shapes: Pool<PodShape>,
    owners: Pool<OwnerReference>,
    owner_lists: Pool<[OwnerReference]>,
    statuses: Pool<PodStatus>,
    sources: Pool<ValueFrom>,
    maps: Pool<[(Arc<str>, Arc<str>)]>,
}

/// One copy of each different value.
#[derive(Debug)]
struct Pool<T: ?Sized>(AHashSet<Arc<T>>);

impl<T: ?Sized> Default for Pool<T> {
    fn default() -> Self {
        Self(AHashSet::new())
    }
}

impl<T: ?Sized + Eq + Hash> Pool<T> {
    fn known(&self, value: &T) -> Option<Arc<T>> {
        self.0.get(value).cloned()
    }

    fn enter(&mut self, value: impl Into<Arc<T>>) -> Arc<T> {
        let value = value.into();
        self.0.insert(value.clone());
        value
    }

    /// Drops what nobody else holds.
    fn sweep(&mut self) {
        self.0.retain(|value| Arc::strong_count(value) > 1);
        self.0.shrink_to_fit();
    }
}

impl Interner {
    /// The shared copy of a string.
    pub fn string(&mut self, text: &Arc<str>) -> Arc<str> {
        self.strings.known(text).unwrap_or_else(|| self.strings.enter(text.clone()))
    }

    /// The shared copy of an owner reference.
    pub fn owner(&mut self, mut owner: OwnerReference) -> Arc<OwnerReference> {
        if let Some(known) = self.owners.known(&owner) {
            return known;
        }
        self.share_owner(&mut owner);
        self.owners.enter(owner)
    }

    /// The shared copy of a list of owners: old `ReplicaSet`s of one Deployment have the same.
    pub fn owner_list(&mut self, mut owners: Vec<OwnerReference>) -> Arc<[OwnerReference]> {
        if let Some(known) = self.owner_lists.known(&owners) {
            return known;
        }
        for owner in &mut owners {
            self.share_owner(owner);
        }
        self.owner_lists.enter(owners)
    }

    /// The shared copy of a map that many objects have alike.
    pub fn map(&mut self, map: StringMap) -> StringMap {
        if map.is_empty() {
            return StringMap::default();
        }
        let map = map.into_shared();
        if let Some(known) = self.maps.known(&map) {
            return StringMap::from_shared(known);
        }
        let shared = StringMap::from_shared(map).filter_map(|_| true, |text| self.string(text));
        StringMap::from_shared(self.maps.enter(shared.into_shared()))
    }

    /// The shared shape of a Pod or template. `name` is the Pod's own name, empty for templates.
    pub fn shape(
        &mut self,
        name: &str,
        annotations: StringMap,
        labels: StringMap,
        spec: PodSpec,
    ) -> Arc<PodShape> {
        let mut shape = PodShape {
            annotations: annotations.filter_map(is_relevant_annotation, Arc::clone),
            labels: labels_of_siblings(labels),
            spec,
        };
        remove_pod_noise(&mut shape.spec, name);
        if let Some(known) = self.shapes.known(&shape) {
            return known;
        }
        self.share_strings(&mut shape);
        self.shapes.enter(shape)
    }

    /// What is kept of a status: see [`crate::Pod::status`]. `keep_times` also where nothing waits for a deadline.
    pub fn status(&mut self, mut status: PodStatus, keep_times: bool) -> Arc<PodStatus> {
        let settled = status.is_settled();
        status.conditions = kept_conditions(std::mem::take(&mut status.conditions));
        if settled && !keep_times {
            forget_times(&mut status);
        }
        if let Some(known) = self.statuses.known(&status) {
            return known;
        }
        self.share_status(&mut status);
        // What is not settled has times of its own: there is nothing to share.
        if settled { self.statuses.enter(status) } else { Arc::new(status) }
    }

    /// Drops what nobody else holds. What is made of others goes first.
    pub fn sweep(&mut self) {
        self.shapes.sweep();
        self.statuses.sweep();
        self.owners.sweep();
        self.owner_lists.sweep();
        self.sources.sweep();
        self.maps.sweep();
        self.strings.sweep();
    }

    /// Number of different shapes held.
    pub fn shapes(&self) -> usize {
        self.shapes.0.len()
    }

    /// Number of different statuses that are shared.
    pub fn statuses(&self) -> usize {
        self.statuses.0.len()
    }

    /// Number of different strings held.
    pub fn strings(&self) -> usize {
        self.strings.0.len()
    }

    fn share_owner(&mut self, owner: &mut OwnerReference) {
        for text in [&mut owner.api_version, &mut owner.kind, &mut owner.name, &mut owner.uid] {
            *text = self.string(text);
        }
    }

    fn share_status(&mut self, status: &mut PodStatus) {
        for condition in &mut status.conditions {
            condition.kind = self.string(&condition.kind);
            condition.status = self.string(&condition.status);
            condition.reason = self.string(&condition.reason);
        }
        for container in status.init_container_statuses.iter_mut().chain(&mut status.container_statuses) {
            container.name = self.string(&container.name);
            container.image_id = self.string(&container.image_id);
            for state in [&mut container.state, &mut container.last_state] {
                if let Some(waiting) = &mut state.waiting {
                    waiting.reason = self.string(&waiting.reason);
                    waiting.message = self.string(&waiting.message);
                }
                if let Some(terminated) = &mut state.terminated {
                    terminated.reason = self.string(&terminated.reason);
                }
            }
        }
    }

    fn share_strings(&mut self, shape: &mut PodShape) {
        shape.annotations = self.map(std::mem::take(&mut shape.annotations));
        let labels = std::mem::take(&mut shape.labels);
        shape.labels = labels.filter_map(|_| true, |text| self.string(text));
        for volume in &mut shape.spec.volumes {
            volume.name = self.string(&volume.name);
        }
        for word in
            [&mut shape.spec.restart_policy, &mut shape.spec.service_account_name].into_iter().flatten()
        {
            *word = self.string(word);
        }
        for container in shape.spec.init_containers.iter_mut().chain(&mut shape.spec.containers) {
            self.share_container(container);
        }
    }

    fn share_container(&mut self, container: &mut Container) {
        container.name = self.string(&container.name);
        container.image = self.string(&container.image);
        for word in container.command.iter_mut().chain(&mut container.args) {
            *word = self.string(word);
        }
        for mount in &mut container.volume_mounts {
            mount.name = self.string(&mount.name);
            mount.mount_path = self.string(&mount.mount_path);
        }
        for EnvVar { name, value, value_from } in &mut container.env {
            *name = self.string(name);
            if let Some(value) = value {
                *value = self.string(value);
            }
            if let Some(from) = value_from {
                *from = self.source(from);
            }
        }
        for source in &mut container.env_from {
            for reference in [&mut source.config_map_ref, &mut source.secret_ref].into_iter().flatten() {
                reference.name = self.string(&reference.name);
            }
        }
        if let Some(policy) = &mut container.restart_policy {
            *policy = self.string(policy);
        }
        let resources = &mut container.resources;
        for quantities in [&mut resources.requests, &mut resources.limits] {
            *quantities = self.map(std::mem::take(quantities));
        }
    }

    /// Most sources are the same few fields of the Pod.
    fn source(&mut self, from: &Arc<ValueFrom>) -> Arc<ValueFrom> {
        self.sources.known(from).unwrap_or_else(|| self.sources.enter(from.clone()))
    }
}
