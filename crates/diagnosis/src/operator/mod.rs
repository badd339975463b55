//! Is the operator there, set up how, and could it have been called?

mod backend;
mod certificate;
mod deployment;
mod policy;
mod presence;
mod registration;
mod serving;
mod verdict;

use std::sync::Arc;

use facts::{ClusterView, InputKind, Lookup, Workload, WorkloadRef};
use injection::OperatorConfig;
use jiff::Timestamp;

pub use backend::{Backend, Crash, OperatorPod, Port};
pub use certificate::{CertificateFault, Trust};
pub use policy::ClosedPort;
pub use presence::Presence;
pub use registration::ServiceName;
pub use serving::Serving;
pub use verdict::{Fault, WebhookVerdict};

use registration::{Registration, registrations};

/// Name of the CRD without which the operator cannot look anything up.
pub const INSTRUMENTATION_CRD: &str = "instrumentations.opentelemetry.io";

/// Port at which the API server calls a webhook's Service unless told otherwise (`admissionregistration.k8s.io/v1`).
const WEBHOOK_PORT: i32 = 443;

/// What is known of the operator, worked out once for all workloads (see `World::operator_epoch`).
#[derive(Clone, Debug)]
pub struct OperatorState {
    /// Its Deployment that serves webhooks.
    pub deployment: Option<WorkloadRef>,
    /// Its set-up; the built-in one of the newest release where no Deployment is found.
    pub config: OperatorConfig,
    /// Whether `config` was read from a Deployment.
    pub config_known: bool,
    /// Value of `WATCH_NAMESPACE` in its container, where it stands there, or its template tells it.
    pub watch_variable: Option<Arc<str>>,
    /// Value of `ENABLE_WEBHOOKS` in its container, where it stands there, or its template tells it.
    pub webhooks_variable: Option<Arc<str>>,
    /// Whether Helm installed it.
    pub by_helm: bool,
    /// The Pod webhook as registered; several where two operators are installed.
    pub pod_webhooks: Vec<PodWebhook>,
    /// What would have to be read to know that no Pod webhook is registered; none where it is known.
    pub webhooks_unknown: Option<InputKind>,
    /// Since when its webhook has had a ready Pod behind it, as far as the Pods tell; none where none is ready.
    pub ready_since: Option<Timestamp>,
    /// Whether the CRD `instrumentations.opentelemetry.io` is known to be missing.
    pub crd_missing: bool,
}

/// One registered Pod webhook of the operator.
#[derive(Clone, Debug)]
pub struct PodWebhook {
    /// Name of the `MutatingWebhookConfiguration`.
    pub configuration: Arc<str>,
    /// Place of the entry in it.
    pub index: usize,
    /// When that configuration was created.
    pub created: Option<Timestamp>,
    /// When its spec was changed last; none where that cannot be told.
    pub changed: Option<Timestamp>,
    /// The Certificate of cert-manager that its `caBundle` is taken from, as `namespace/name`.
    pub cert_manager: Option<Arc<str>>,
    /// The entry.
    pub entry: facts::Webhook,
    /// What stands behind it.
    pub backend: Backend,
    /// The certificate it serves.
    pub certificate: Serving,
}

impl OperatorState {
    /// Whether it finds no Instrumentation, because their CRD is missing. With Instrumentations from its configuration file it
    /// needs none for `true`.
    pub fn lacks_crd(&self) -> bool {
        self.crd_missing && self.config.static_instrumentation.is_none()
    }

    /// Looks for the operator.
    pub fn discover(cluster: &dyn ClusterView) -> Self {
        let registrations = registrations(cluster);
        let service = registrations.iter().find_map(|registration| {
            let service = registration.service.as_ref()?;
            cluster.service(&service.namespace, &service.name).found()
        });
        let deployment = deployment::serving(cluster, service);
        let variable = |name| deployment.and_then(|d| deployment::variable(d, name));
        let pod_webhooks: Vec<PodWebhook> =
            registrations.into_iter().map(|found| PodWebhook::new(cluster, found, deployment)).collect();
        let ready_since = if pod_webhooks.is_empty() {
            Backend::find(cluster, None, WEBHOOK_PORT, deployment).ready_since
        } else {
            pod_webhooks.iter().filter_map(|webhook| webhook.backend.ready_since).min()
        };
        let webhooks = InputKind::MutatingWebhookConfigurations;
        Self {
            deployment: deployment.map(|deployment| deployment.id.clone()),
            config: deployment
                .map_or_else(OperatorConfig::default, |found| deployment::config(cluster, found)),
            config_known: deployment.is_some(),
            watch_variable: variable("WATCH_NAMESPACE"),
            webhooks_variable: variable("ENABLE_WEBHOOKS"),
            by_helm: deployment.is_some_and(is_by_helm),
            pod_webhooks,
            webhooks_unknown: (!cluster.readability(webhooks).is_exhaustive()).then_some(webhooks),
            ready_since,
            crd_missing: crd_missing(cluster),
        }
    }
}

impl OperatorState {
    /// Namespace and name of the Secrets that hold the certificates of its Pod webhooks, as far as that can be told.
    pub fn certificate_secrets(&self) -> Vec<(Arc<str>, Arc<str>)> {
        let mut secrets: Vec<_> =
            self.pod_webhooks.iter().filter_map(|webhook| webhook.certificate.secret.clone()).collect();
        secrets.sort_unstable();
        secrets.dedup();
        secrets
    }
}

impl PodWebhook {
    fn new(cluster: &dyn ClusterView, found: Registration<'_>, deployment: Option<&Workload>) -> Self {
        let metadata = &found.configuration.metadata;
        let host = registration::host(found.entry);
        let service = found.entry.client_config.service.as_ref();
        let port = service.and_then(|service| service.port).unwrap_or(WEBHOOK_PORT);
        let mut backend = Backend::find(cluster, found.service, port, deployment);
        if service.is_none() {
            // A URL may lead to the Service by any way.
            backend.missing_port = None;
        }
        let certificate =
            Serving::find(cluster, backend.service.as_ref(), deployment, found.entry, host.as_deref());
        Self {
            configuration: metadata.name.clone(),
            index: found.index,
            created: metadata.creation_timestamp,
            // The first generation is the one that was created.
            changed: metadata.creation_timestamp.filter(|_| metadata.generation <= 1),
            cert_manager: metadata.annotations.get("cert-manager.io/inject-ca-from").map(Arc::from),
            entry: found.entry.clone(),
            backend,
            certificate,
        }
    }

    /// Name of its Service, as evidence names it; the URL where it is called by one.
    pub fn address(&self) -> String {
        match (&self.entry.client_config.service, &self.entry.client_config.url) {
            (Some(service), _) => format!("Service {}/{}", service.namespace, service.name),
            (None, Some(url)) => url.to_string(),
            (None, None) => "no address".to_owned(),
        }
    }
}

impl Backend {
    /// The Secret that keeps the operator's Pods from starting, and one of these Pods.
    pub fn missing_secret(&self) -> Option<(&OperatorPod, &Arc<str>)> {
        self.pods.iter().find_map(|pod| Some((pod, pod.missing_secret.as_ref()?)))
    }
}

fn is_by_helm(deployment: &Workload) -> bool {
    deployment.labels.get("app.kubernetes.io/managed-by") == Some("Helm")
}

/// An Instrumentation that is there proves its CRD, whatever else was not supplied.
fn crd_missing(cluster: &dyn ClusterView) -> bool {
    let not_served = *cluster.readability(InputKind::Instrumentations) == facts::Readability::NotServed;
    let absent = matches!(cluster.crd(INSTRUMENTATION_CRD), Lookup::Absent);
    (not_served || absent) && cluster.instrumentations().is_empty()
}
