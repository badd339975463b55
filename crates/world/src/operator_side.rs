//! What does the operator consist of, as far as the API server shows it?

use std::sync::Arc;

use ahash::AHashSet;
use facts::{MutatingWebhookConfiguration, Webhook, WorkloadRef};

use crate::host::Host;
use crate::pending::Names;

/// Path under which the operator serves its Pod webhook (`main.go`, operator v0.158.0).
const POD_WEBHOOK: &str = "/mutate-v1-pod";

/// The parts of the operator, and a number that changes with any of them.
#[derive(Debug, Default)]
pub(crate) struct OperatorSide {
    pub(crate) epoch: u64,
    /// Deployments that could be the operator's.
    pub(crate) deployments: AHashSet<WorkloadRef>,
    /// Services through which its webhooks are called.
    pub(crate) services: Names,
}

impl OperatorSide {
    /// Whether a part of it runs in a namespace.
    pub(crate) fn is_in(&self, namespace: &str) -> bool {
        self.deployments.iter().any(|deployment| &*deployment.namespace == namespace)
            || self.services.any_in(namespace)
    }

    /// Reads the Services from all webhook configurations.
    pub(crate) fn find_services<'a>(&mut self, all: impl Iterator<Item = &'a MutatingWebhookConfiguration>) {
        self.services = Names::default();
        for webhook in
            all.flat_map(|configuration| &configuration.webhooks).filter(|webhook| is_operators(webhook))
        {
            if let Some(service) = &webhook.client_config.service {
                self.services.insert(&service.namespace, &service.name);
            }
            let host = webhook.client_config.url.as_deref().and_then(Host::parse);
            if let Some(Host { service, namespace: Some(namespace) }) = host {
                self.services.insert(&Arc::from(namespace), &Arc::from(service));
            }
        }
    }
}

/// Whether a webhook is one of the operator's.
pub(crate) fn is_operators(webhook: &Webhook) -> bool {
    let client = &webhook.client_config;
    let by_service = client.service.as_ref().and_then(|service| service.path.as_deref()) == Some(POD_WEBHOOK);
    let by_url = client.url.as_deref().is_some_and(|url| url.trim_end_matches('/').ends_with(POD_WEBHOOK));
    let own_kinds =
        || webhook.rules.iter().flat_map(|rule| &rule.api_groups).any(|group| &**group == "opentelemetry.io");
    by_service || by_url || own_kinds()
}
