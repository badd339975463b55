//! How do the Pods of one workload come to share one shape?
//!
//! By taking out what differs from Pod to Pod, and keeping each different rest once. Strings are shared over shapes as
//! well: a cluster has few image and variable names. What nobody uses any more is dropped by [`Interner::sweep`].

use std::sync::Arc;

use ahash::AHashSet;

use crate::annotation::is_relevant_annotation;
use crate::metadata::OwnerReference;
use crate::shape::{Container, EnvVar, PodShape, PodSpec};
use crate::status::PodStatus;
use crate::string_map::StringMap;

/// Shares equal shapes, owners and strings.
#[derive(Debug, Default)]
pub struct Interner {
    strings: AHashSet<Arc<str>>,
    shapes: AHashSet<Arc<PodShape>>,
    owners: AHashSet<Arc<OwnerReference>>,
}

/// Labels that name one Pod: they must not keep its siblings from sharing a shape.
const POD_LABELS: [&str; 3] =
    ["statefulset.kubernetes.io/pod-name", "apps.kubernetes.io/pod-index", "batch.kubernetes.io/job-completion-index"];

/// Prefix of the volume that the API server adds for the service account's token; a suffix differs from Pod to Pod.
const TOKEN_VOLUME: &str = "kube-api-access-";

/// Beginnings of variables whose values a diagnosis reads. Values of other variables are not kept: they cost memory and
/// may be secret.
const KEPT_VALUES: [&str; 22] = [
    "OTEL_", "JAVA_", "JDK_", "_JAVA", "CATALINA_", "NODE_", "PYTHON", "DJANGO_", "DOTNET_", "CORECLR_", "COR_", "ASPNETCORE_",
    "LD_", "DD_", "NEW_RELIC_", "NEWRELIC_", "APPDYNAMICS_", "DT_", "SPLUNK_", "WEB_CONCURRENCY", "GUNICORN_", "SW_AGENT_",
];

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
    pub fn shape(&mut self, name: &str, annotations: StringMap, labels: StringMap, spec: PodSpec) -> Arc<PodShape> {
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

    /// Shares the strings of a status: reasons and messages repeat over Pods.
    pub fn status(&mut self, status: &mut PodStatus) {
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

    /// Drops what nobody else holds.
    pub fn sweep(&mut self) {
        self.shapes.retain(|shape| Arc::strong_count(shape) > 1);
        self.owners.retain(|owner| Arc::strong_count(owner) > 1);
        self.strings.retain(|text| Arc::strong_count(text) > 1);
        self.shapes.shrink_to_fit();
        self.strings.shrink_to_fit();
    }

    /// Number of different shapes held.
    pub fn shapes(&self) -> usize {
        self.shapes.len()
    }

    fn share_strings(&mut self, shape: &mut PodShape) {
        let annotations = std::mem::take(&mut shape.annotations);
        shape.annotations = annotations.filter_map(|_| true, |text| self.string(text));
        let labels = std::mem::take(&mut shape.labels);
        shape.labels = labels.filter_map(|_| true, |text| self.string(text));
        for volume in &mut shape.spec.volumes {
            volume.name = self.string(&volume.name);
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
            if let Some(field) = value_from.as_mut().and_then(|from| from.field_ref.as_mut()) {
                field.field_path = self.string(&field.field_path);
            }
        }
        let resources = &mut container.resources;
        for quantities in [&mut resources.requests, &mut resources.limits] {
            *quantities = std::mem::take(quantities).filter_map(|_| true, |text| self.string(text));
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
        for var in &mut container.env {
            let Some(value) = &mut var.value else { continue };
            let kept = KEPT_VALUES.iter().any(|start| var.name.starts_with(start));
            // A value that repeats the Pod's own name (operators before 0.107 wrote it) would make every shape unique.
            if !kept || (!pod_name.is_empty() && &**value == pod_name) {
                *value = Arc::default();
            } else if !pod_name.is_empty() && value.contains(pod_name) {
                *value = value.replace(pod_name, "$(POD_NAME)").into();
            }
        }
    }
}
