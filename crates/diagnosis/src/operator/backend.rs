//! Does anybody answer behind the webhook's Service?

use std::sync::Arc;

use facts::{ClusterView, Condition, ContainerStatus, InputKind, Lookup, Pod, Service, Terminated, Workload};
use jiff::Timestamp;

use super::deployment;
use super::policy::ClosedPort;
use super::registration::ServiceName;

/// What stands behind a registered webhook.
#[derive(Clone, Debug, Default)]
pub struct Backend {
    /// The Service through which it is called; none for a URL that leads to no known Service.
    pub service: Option<ServiceName>,
    /// Whether that Service exists. `None`: cannot be told.
    pub service_exists: Option<bool>,
    /// The port that the webhook calls, where the Service has none of that number.
    pub missing_port: Option<i32>,
    /// The port of the Pods that the Service leads to, by name or number, where the operator does not listen at it.
    pub astray: Option<Port>,
    /// Whether every Deployment behind the Service has its webhooks switched off.
    pub switched_off: bool,
    /// When the Service was created.
    pub service_created: Option<Timestamp>,
    /// Whether an address behind it is ready. `None`: cannot be told.
    pub ready: Option<bool>,
    /// The operator's Pods behind it, by name.
    pub pods: Vec<OperatorPod>,
    /// Since when one of the Pods that are ready now has been ready.
    pub ready_since: Option<Timestamp>,
    /// Pods that the operator's Deployment wants; none where it is not known.
    pub wanted: Option<i32>,
    /// A `NetworkPolicy` that lets nobody outside the cluster's Pods reach the webhook's port.
    pub closed_by: Option<ClosedPort>,
}

/// A port of Pods as a Service names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Port {
    /// By the name of a declared port.
    Named(String),
    /// By its number; declared or not.
    Numbered(i32),
}

impl std::fmt::Display for Port {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Named(name) => write!(out, "{name}"),
            Self::Numbered(number) => write!(out, "{number}"),
        }
    }
}

/// One Pod of the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperatorPod {
    /// Name.
    pub name: Arc<str>,
    /// Since when it is ready, if it is.
    pub ready_since: Option<Timestamp>,
    /// Since when it is not ready, if it is not and says so.
    pub unready_since: Option<Timestamp>,
    /// Why it is not ready, in words that do not change from one try to the next.
    pub problem: Option<String>,
    /// How its container ended the last time, and when.
    pub crash: Option<Crash>,
    /// A Secret that it cannot mount.
    pub missing_secret: Option<Arc<str>>,
}

/// The last end of a container that was no regular one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crash {
    /// `OOMKilled`, `Error` …
    pub reason: Arc<str>,
    /// Exit code.
    pub exit_code: i32,
    /// When.
    pub at: Timestamp,
}

impl Backend {
    /// Looks behind a Service; without one, at the Pods of the Deployment.
    pub(super) fn find(
        cluster: &dyn ClusterView,
        service: Option<ServiceName>,
        port: i32,
        deployment: Option<&Workload>,
    ) -> Self {
        let mut backend = Self { wanted: deployment.and_then(|d| d.replicas), ..Self::default() };
        let found = match &service {
            Some(service) => cluster.service(&service.namespace, &service.name),
            None => Lookup::Unknown,
        };
        if let (Some(service), Lookup::Found(_)) = (&service, found) {
            backend.ready = match cluster.endpoints(&service.namespace, &service.name) {
                Lookup::Found(endpoints) => Some(endpoints.ready),
                Lookup::Absent => Some(false),
                Lookup::Unknown => None,
            };
        }
        if service.is_some() {
            backend.service_exists = match found {
                Lookup::Found(_) => Some(true),
                Lookup::Absent => Some(false),
                Lookup::Unknown => None,
            };
        }
        let found = found.found();
        backend.missing_port = found.filter(|service| lacks_port(service, port)).map(|_| port);
        backend.astray = found.and_then(|service| deployment::astray(cluster, service, port));
        backend.switched_off = found.is_some_and(|service| deployment::is_switched_off(cluster, service));
        backend.closed_by =
            found.and_then(|service| super::policy::closed_port(cluster, service, port, deployment));
        backend.service_created = found.and_then(|service| service.metadata.creation_timestamp);
        backend.service = service;
        let pods = pods(cluster, found, deployment);
        backend.ready_since = pods.iter().filter_map(|pod| pod.status.ready_since()).min();
        if backend.ready.is_none()
            && let Some(deployment) = deployment
            && cluster.readability_in(InputKind::Pods, &deployment.id.namespace).is_exhaustive()
        {
            backend.ready = Some(pods.iter().any(|pod| pod.status.is_ready()));
        }
        backend.pods = pods.into_iter().map(|pod| OperatorPod::new(cluster, pod)).collect();
        backend
    }

    /// Since when no Pod of the operator has been ready, as far as they tell.
    pub fn unready_since(&self) -> Option<Timestamp> {
        self.pods.iter().map(|pod| pod.unready_since).collect::<Option<Vec<_>>>()?.into_iter().max()
    }
}

/// Whether a Service lists ports, and not this one.
fn lacks_port(service: &Service, port: i32) -> bool {
    let ports = &service.spec.ports;
    !ports.is_empty() && !ports.iter().any(|listed| listed.port == port)
}

fn pods<'a>(
    cluster: &'a dyn ClusterView,
    service: Option<&Service>,
    deployment: Option<&Workload>,
) -> Vec<&'a Pod> {
    let selected = service.filter(|service| !service.spec.selector.is_empty());
    let mut pods = match (selected, deployment) {
        (Some(service), _) => cluster.pods_with_labels(&service.metadata.namespace, &service.spec.selector),
        (None, Some(deployment)) if !deployment.template.labels.is_empty() => {
            cluster.pods_with_labels(&deployment.id.namespace, &deployment.template.labels)
        }
        (None, _) => Vec::new(),
    };
    pods.retain(|pod| !pod.deleted);
    pods.sort_by(|one, other| one.name.cmp(&other.name));
    pods
}

impl OperatorPod {
    fn new(cluster: &dyn ClusterView, pod: &Pod) -> Self {
        let ready = Condition::find(&pod.status.conditions, "Ready");
        let missing_secret = missing_secret(cluster, pod);
        Self {
            name: pod.name.clone(),
            ready_since: pod.status.ready_since(),
            unready_since: ready
                .filter(|ready| !ready.is_true())
                .and_then(|ready| ready.last_transition_time),
            problem: (!pod.status.is_ready()).then(|| problem(pod)),
            crash: pod.status.container_statuses.iter().find_map(crash),
            missing_secret,
        }
    }
}

/// Why a Pod is not ready. The waiting reasons take turns with running at every try, so what is said is how the last try
/// ended.
fn problem(pod: &Pod) -> String {
    let unready = pod.status.container_statuses.iter().find(|status| !status.ready);
    let Some(status) = unready else { return "is not scheduled or not started".to_owned() };
    if let Some(Terminated { exit_code, reason, .. }) = status.last_termination() {
        return format!("keeps ending with exit code {exit_code} ({reason})");
    }
    match status.waiting_reason() {
        Some("ErrImagePull" | "ImagePullBackOff") => "cannot pull its image".to_owned(),
        Some(reason) => format!("waits ({reason})"),
        None => "runs but is not ready".to_owned(),
    }
}

fn crash(status: &ContainerStatus) -> Option<Crash> {
    let ended = status.last_termination().filter(|ended| ended.exit_code != 0)?;
    Some(Crash { reason: ended.reason.clone(), exit_code: ended.exit_code, at: ended.finished_at? })
}

/// Waiting reasons of a container before its Pod's volumes are mounted.
const BEFORE_MOUNTS: [&str; 3] = ["", "ContainerCreating", "PodInitializing"];

/// The Secret that keeps a Pod from starting: named by the kubelet, or known to be absent.
fn missing_secret(cluster: &dyn ClusterView, pod: &Pod) -> Option<Arc<str>> {
    let waits = |status: &ContainerStatus| {
        status.state.running.is_none()
            && status.last_termination().is_none()
            && BEFORE_MOUNTS.contains(&status.waiting_reason().unwrap_or_default())
    };
    if pod.status.is_ready() || !pod.status.container_statuses.iter().all(waits) {
        return None;
    }
    let wanted = pod.shape.spec.volumes.iter().filter_map(|volume| volume.secret.as_ref());
    let mut wanted = wanted.filter(|secret| secret.optional != Some(true)).map(|secret| &secret.secret_name);
    let events = cluster.events_about(&pod.uid);
    let said = |name: &str| {
        let words = format!("secret \"{name}\" not found");
        events.iter().any(|event| &*event.reason == "FailedMount" && event.message.contains(&words))
    };
    wanted.find(|name| said(name) || cluster.secret(&pod.namespace, name).is_absent()).cloned()
}
