//! Which registered webhooks are the operator's Pod webhook?
//!
//! The path `/mutate-v1-pod` and the name `mpod.kb.io` are defaults of kubebuilder that other operators share. So an entry
//! counts only if its address also serves a webhook of `opentelemetry.io`, or leads to Pods of this operator, or if its
//! configuration says whose it is.

use std::sync::Arc;

use facts::{ClusterView, Lookup, MutatingWebhookConfiguration, Service, Webhook};

/// Path of the Pod webhook (`internal/webhook/podmutation/webhookhandler.go`, operator v0.158.0).
const POD_PATH: &str = "/mutate-v1-pod";
/// Beginning of the paths of the operator's defaulting webhooks, one for each of its kinds.
const OWN_KINDS_PATH: &str = "/mutate-opentelemetry-io-";
/// Word in the name label and in OLM's owner label.
const OPERATOR: &str = "opentelemetry-operator";

/// One entry of a configuration that is the operator's.
pub(super) struct Registration<'a> {
    pub(super) configuration: &'a MutatingWebhookConfiguration,
    /// Place of the entry in its configuration.
    pub(super) index: usize,
    pub(super) entry: &'a Webhook,
    /// The Service behind it; none for a URL that leads to no Service that is known.
    pub(super) service: Option<ServiceName>,
}

/// Namespace and name of a Service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceName {
    /// Namespace.
    pub namespace: Arc<str>,
    /// Name.
    pub name: Arc<str>,
}

/// Every accepted entry, in the order in which the API server calls them. Several mean several operators.
pub(super) fn registrations(cluster: &dyn ClusterView) -> Vec<Registration<'_>> {
    let configurations = cluster.mutating_webhooks();
    let entries = || configurations.iter().flat_map(|configuration| &configuration.webhooks);
    let mut accepted = Vec::new();
    for configuration in &configurations {
        for (index, entry) in configuration.webhooks.iter().enumerate() {
            if !path(entry).is_some_and(|path| path.ends_with(POD_PATH)) {
                continue;
            }
            let service = service_of(cluster, entry);
            let shares_address = || {
                entries().any(|other| {
                    path(other).is_some_and(|path| path.contains(OWN_KINDS_PATH))
                        && same_address(entry, other)
                })
            };
            let is_ours = shares_address()
                || service.as_ref().is_some_and(|service| leads_to_operator(cluster, service))
                || is_labelled(configuration);
            if is_ours {
                accepted.push(Registration { configuration, index, entry, service });
            }
        }
    }
    accepted
}

/// The path that a webhook is called under.
fn path(entry: &Webhook) -> Option<&str> {
    let client = &entry.client_config;
    match &client.service {
        Some(service) => service.path.as_deref(),
        None => client.url.as_deref().map(|url| url.split(['?', '#']).next().unwrap_or_default()),
    }
    .map(|path| path.trim_end_matches('/'))
}

fn same_address(one: &Webhook, other: &Webhook) -> bool {
    let (one, other) = (&one.client_config, &other.client_config);
    match (&one.service, &other.service) {
        (Some(one), Some(other)) => one.namespace == other.namespace && one.name == other.name,
        (None, None) => one.url.as_deref().and_then(authority) == other.url.as_deref().and_then(authority),
        _ => false,
    }
}

/// `host:port` of a URL.
fn authority(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    rest.split('/').next().filter(|authority| !authority.is_empty())
}

/// The host that the API server calls and expects on the certificate.
pub(super) fn host(entry: &Webhook) -> Option<String> {
    let client = &entry.client_config;
    if let Some(service) = &client.service {
        return Some(format!("{}.{}.svc", service.name, service.namespace));
    }
    let authority = client.url.as_deref().and_then(authority)?;
    let without_port = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    Some(without_port.trim_start_matches('[').trim_end_matches(']').to_owned())
}

/// The Service that a webhook is called through. A URL may name one, by DNS name or by its address.
fn service_of(cluster: &dyn ClusterView, entry: &Webhook) -> Option<ServiceName> {
    if let Some(service) = &entry.client_config.service {
        return Some(ServiceName { namespace: service.namespace.clone(), name: service.name.clone() });
    }
    let host = host(entry)?;
    let mut labels = host.split('.');
    if let (Some(name), Some(namespace), Some("svc")) = (labels.next(), labels.next(), labels.next()) {
        return Some(ServiceName { namespace: namespace.into(), name: name.into() });
    }
    let deployments = cluster.operator_deployments();
    let mut namespaces: Vec<&Arc<str>> =
        deployments.iter().map(|deployment| &deployment.id.namespace).collect();
    namespaces.dedup();
    let by_address = |service: &&Service| *service.spec.cluster_ip == *host;
    let service = namespaces
        .iter()
        .find_map(|namespace| cluster.services_in(namespace).into_iter().find(by_address))?;
    let metadata = &service.metadata;
    Some(ServiceName { namespace: metadata.namespace.clone(), name: metadata.name.clone() })
}

/// Whether a Service selects Pods of the operator.
fn leads_to_operator(cluster: &dyn ClusterView, service: &ServiceName) -> bool {
    let Lookup::Found(found) = cluster.service(&service.namespace, &service.name) else { return false };
    let selector = &found.spec.selector;
    if selector.is_empty() {
        return false;
    }
    let by_template = cluster.operator_deployments().iter().any(|deployment| {
        deployment.id.namespace == service.namespace
            && selector.iter().all(|(key, value)| deployment.template.labels.get(key) == Some(value))
    });
    by_template
        || cluster.pods_with_labels(&service.namespace, selector).iter().any(|pod| pod.shape.is_operator())
}

/// Whether a configuration says that it is this operator's: by the name label of manifests and charts, or by OLM's owner.
fn is_labelled(configuration: &MutatingWebhookConfiguration) -> bool {
    let labels = &configuration.metadata.labels;
    ["app.kubernetes.io/name", "olm.owner"]
        .iter()
        .any(|key| labels.get(key).is_some_and(|value| value.contains(OPERATOR)))
}
