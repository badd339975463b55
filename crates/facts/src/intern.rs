//! How do the Pods of one workload come to share one shape?
//!
//! By taking out what differs from Pod to Pod, and keeping each different rest once. Strings are shared over shapes as
//! well: a cluster has few image and variable names. What nobody uses any more is dropped by [`Interner::sweep`].

use std::sync::Arc;

use ahash::AHashSet;

use crate::annotation::is_relevant_annotation;
use crate::metadata::OwnerReference;
use crate::shape::{Container, EnvVar, PodShape, PodSpec, ValueFrom};
use crate::status::PodStatus;
use crate::string_map::StringMap;

/// Shares equal shapes, statuses, owners and strings.
#[derive(Debug, Default)]
pub struct Interner {
    strings: AHashSet<Arc<str>>,
    shapes: AHashSet<Arc<PodShape>>,
    owners: AHashSet<Arc<OwnerReference>>,
    statuses: AHashSet<Arc<PodStatus>>,
}

/// Labels that name one Pod or the place of its Node: they must not keep its siblings from sharing a shape. The place is
/// put on by the API server when the Pod is bound (Kubernetes ≥ 1.35), after all webhooks.
const POD_LABELS: [&str; 5] = [
    "statefulset.kubernetes.io/pod-name",
    "apps.kubernetes.io/pod-index",
    "batch.kubernetes.io/job-completion-index",
    "topology.kubernetes.io/zone",
    "topology.kubernetes.io/region",
];

/// Prefix of the volume that the API server adds for the service account's token; a suffix differs from Pod to Pod.
const TOKEN_VOLUME: &str = "kube-api-access-";

/// Beginnings of variables whose values a diagnosis reads. Values of other variables are not kept: they cost memory and
/// may be secret.
const KEPT_VALUES: [&str; 25] = [
    "OTEL_",
    "JAVA_",
    "JDK_",
    "_JAVA",
    "CATALINA_",
    "NODE_",
    "PYTHON",
    "DJANGO_",
    "DOTNET_",
    "CORECLR_",
    "COR_",
    "ASPNETCORE_",
    "LD_",
    "DD_",
    "NEW_RELIC_",
    "NEWRELIC_",
    "APPDYNAMICS_",
    "DT_",
    "SPLUNK_",
    "WEB_CONCURRENCY",
    "GUNICORN_",
    "SW_AGENT_",
    // of the operator itself
    "WATCH_NAMESPACE",
    "ENABLE_",
    "RELATED_IMAGE_",
];

/// Conditions of Pods that a diagnosis reads.
const KEPT_CONDITIONS: [&str; 4] = ["Ready", "PodScheduled", "Initialized", "DisruptionTarget"];

impl Interner {
    /// The shared copy of a string.
    pub fn string(&mut self, text: &Arc<str>) -> Arc<str> {
        if let Some(known) = self.strings.get(&**text) {
            return known.clone();
        }
        self.strings.insert(text.clone());
        text.clone()
    }

    /// The shared copy of an owner reference.
    pub fn owner(&mut self, owner: OwnerReference) -> Arc<OwnerReference> {
        if let Some(known) = self.owners.get(&owner) {
            return known.clone();
        }
        let owner = Arc::new(owner);
        self.owners.insert(owner.clone());
        owner
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
            labels: labels.filter_map(|key| !POD_LABELS.contains(&key), Arc::clone),
            spec,
        };
        remove_pod_noise(&mut shape.spec, name);
        if let Some(known) = self.shapes.get(&shape) {
            return known.clone();
        }
        self.share_strings(&mut shape);
        let shape = Arc::new(shape);
        self.shapes.insert(shape.clone());
        shape
    }

    /// What is kept of a status: see [`crate::Pod::status`]. `keep_times` also where nothing waits for a deadline.
    pub fn status(&mut self, mut status: PodStatus, keep_times: bool) -> Arc<PodStatus> {
        let settled = status.is_settled();
        let conditions = std::mem::take(&mut status.conditions).into_vec();
        status.conditions =
            conditions.into_iter().filter(|condition| KEPT_CONDITIONS.contains(&&*condition.kind)).collect();
        if settled && !keep_times {
            forget_times(&mut status);
        }
        if let Some(known) = self.statuses.get(&status) {
            return known.clone();
        }
        self.share_status(&mut status);
        let status = Arc::new(status);
        if settled {
            self.statuses.insert(status.clone());
        }
        status
    }

    /// Drops what nobody else holds.
    pub fn sweep(&mut self) {
        self.shapes.retain(|shape| Arc::strong_count(shape) > 1);
        self.owners.retain(|owner| Arc::strong_count(owner) > 1);
        self.statuses.retain(|status| Arc::strong_count(status) > 1);
        self.strings.retain(|text| Arc::strong_count(text) > 1);
        self.shapes.shrink_to_fit();
        self.owners.shrink_to_fit();
        self.statuses.shrink_to_fit();
        self.strings.shrink_to_fit();
    }

    /// Number of different shapes held.
    pub fn shapes(&self) -> usize {
        self.shapes.len()
    }

    /// Number of different statuses that are shared.
    pub fn statuses(&self) -> usize {
        self.statuses.len()
    }

    /// Number of different strings held.
    pub fn strings(&self) -> usize {
        self.strings.len()
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
        let annotations = std::mem::take(&mut shape.annotations);
        shape.annotations = annotations.filter_map(|_| true, |text| self.string(text));
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
                self.share_source(from);
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
            *quantities = std::mem::take(quantities).filter_map(|_| true, |text| self.string(text));
        }
    }

    fn share_source(&mut self, from: &mut ValueFrom) {
        if let Some(field) = &mut from.field_ref {
            field.field_path = self.string(&field.field_path);
            if let Some(version) = &mut field.api_version {
                *version = self.string(version);
            }
        }
        for key in [&mut from.config_map_key_ref, &mut from.secret_key_ref].into_iter().flatten() {
            key.name = self.string(&key.name);
            key.key = self.string(&key.key);
        }
        if let Some(resource) = &mut from.resource_field_ref {
            resource.resource = self.string(&resource.resource);
        }
    }
}

/// Takes the times out of the status of a Pod in which nothing waits for a deadline: they differ from sibling to sibling.
fn forget_times(status: &mut PodStatus) {
    for condition in &mut status.conditions {
        condition.last_transition_time = None;
    }
    for container in status.init_container_statuses.iter_mut().chain(&mut status.container_statuses) {
        if let Some(running) = &mut container.state.running {
            running.started_at = None;
        }
        if let Some(terminated) = &mut container.state.terminated {
            terminated.started_at = None;
            terminated.finished_at = None;
        }
    }
}

fn remove_pod_noise(spec: &mut PodSpec, pod_name: &str) {
    spec.node_name = None;
    let token: Arc<str> = TOKEN_VOLUME.trim_end_matches('-').into();
    for volume in &mut spec.volumes {
        if volume.name.starts_with(TOKEN_VOLUME) {
            volume.name = token.clone();
        }
    }
    for container in spec.init_containers.iter_mut().chain(&mut spec.containers) {
        for mount in &mut container.volume_mounts {
            if mount.name.starts_with(TOKEN_VOLUME) {
                mount.name = token.clone();
            }
        }
        let named_by_endpoints = names_in_endpoints(&container.env);
        for var in &mut container.env {
            let Some(value) = &mut var.value else { continue };
            let kept = KEPT_VALUES.iter().any(|start| var.name.starts_with(start))
                || named_by_endpoints.contains(&var.name);
            // A value that repeats the Pod's own name (operators before 0.107 wrote it) would make every shape unique.
            if !kept || (!pod_name.is_empty() && &**value == pod_name) {
                *value = Arc::default();
            } else if !pod_name.is_empty() && value.contains(pod_name) {
                *value = value.replace(pod_name, "$(POD_NAME)").into();
            }
        }
    }
}

/// Variables that make up the address of an exporter: `http://$(COLLECTOR_HOST):4317`.
fn names_in_endpoints(env: &[EnvVar]) -> Vec<Arc<str>> {
    let endpoints =
        env.iter().filter(|var| var.name.starts_with("OTEL_EXPORTER_") && var.name.ends_with("_ENDPOINT"));
    let mut names = Vec::new();
    for piece in endpoints.flat_map(|var| var.literal().split("$(").skip(1)) {
        names.extend(piece.split_once(')').map(|(name, _)| Arc::from(name)));
    }
    names
}
