//! What of a Pod differs from its siblings without a meaning, or is not worth keeping?

use std::sync::Arc;

use crate::condition::Condition;
use crate::shape::PodSpec;
use crate::status::PodStatus;
use crate::string_map::StringMap;

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

/// The labels that siblings share.
pub(crate) fn labels_of_siblings(labels: StringMap) -> StringMap {
    labels.filter_map(|key| !POD_LABELS.contains(&key), Arc::clone)
}

/// The conditions that are kept.
pub(crate) fn kept_conditions(conditions: Box<[Condition]>) -> Box<[Condition]> {
    conditions
        .into_vec()
        .into_iter()
        .filter(|condition| KEPT_CONDITIONS.contains(&&*condition.kind))
        .collect()
}

/// Takes the times out of the status of a Pod in which nothing waits for a deadline: they differ from sibling to sibling.
pub(crate) fn forget_times(status: &mut PodStatus) {
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

/// Takes out of a spec what differs from sibling to sibling, and values that nobody reads.
pub(crate) fn remove_pod_noise(spec: &mut PodSpec, pod_name: &str) {
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
        let literals = container.env.iter().map(|var| (&*var.name, var.literal()));
        let named_by_endpoints = names_in_endpoints(literals);
        for var in &mut container.env {
            let Some(value) = &mut var.value else { continue };
            let kept = is_read_variable(&var.name) || named_by_endpoints.contains(&var.name);
            // A value that repeats the Pod's own name (operators before 0.107 wrote it) would make every shape unique.
            if !kept || (!pod_name.is_empty() && &**value == pod_name) {
                *value = Arc::default();
            } else if !pod_name.is_empty() && value.contains(pod_name) {
                *value = value.replace(pod_name, "$(POD_NAME)").into();
            }
        }
    }
}

/// Whether a diagnosis reads the value of a variable of that name. Others are read only where the address of an exporter
/// names them: see [`names_in_endpoints`].
pub fn is_read_variable(name: &str) -> bool {
    KEPT_VALUES.iter().any(|start| name.starts_with(start))
}

/// Variables that make up the address of an exporter: `http://$(COLLECTOR_HOST):4317`. `literals`: names and literal values.
pub fn names_in_endpoints<'a>(literals: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<Arc<str>> {
    let endpoints =
        literals.filter(|(name, _)| name.starts_with("OTEL_EXPORTER_") && name.ends_with("_ENDPOINT"));
    let mut names = Vec::new();
    for piece in endpoints.flat_map(|(_, value)| value.split("$(").skip(1)) {
        names.extend(piece.split_once(')').map(|(name, _)| Arc::from(name)));
    }
    names
}
