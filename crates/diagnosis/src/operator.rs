//! Is the operator there, set up how, and could it have been called?

use std::sync::Arc;

use facts::{ClusterView, WorkloadRef};
use injection::{OperatorConfig, OperatorSource};
use jiff::Timestamp;

/// What is known of the operator, worked out once for all workloads (see `World::operator_epoch`).
#[derive(Clone, Debug)]
pub struct OperatorState {
    /// Its Deployment that serves webhooks.
    pub deployment: Option<WorkloadRef>,
    /// Its set-up; the built-in one of the newest release where no Deployment is found.
    pub config: OperatorConfig,
    /// Whether `config` was read from a Deployment.
    pub config_known: bool,
    /// The Pod webhook as registered; several where two operators are installed.
    pub pod_webhooks: Vec<PodWebhook>,
    /// Since when its webhook has had a ready Pod behind it, as far as the Pods tell; none where none is ready.
    pub ready_since: Option<Timestamp>,
}

/// One registered Pod webhook of the operator.
#[derive(Clone, Debug)]
pub struct PodWebhook {
    /// Name of the `MutatingWebhookConfiguration`.
    pub configuration: Arc<str>,
    /// When that configuration was created.
    pub created: Option<Timestamp>,
    /// The entry.
    pub entry: facts::Webhook,
}

impl OperatorState {
    /// Looks for the operator.
    pub fn discover(cluster: &dyn ClusterView) -> Self {
        let deployment = cluster.operator_deployments().into_iter().next();
        let config = deployment.and_then(|deployment| {
            let container = deployment.template.spec.containers.first()?;
            Some(OperatorConfig::read(&OperatorSource {
                image: &container.image,
                args: &container.args,
                env: &container.env,
                ..OperatorSource::default()
            }))
        });
        Self {
            deployment: deployment.map(|deployment| deployment.id.clone()),
            config_known: config.is_some(),
            config: config.unwrap_or_default(),
            pod_webhooks: Vec::new(),
            ready_since: None,
        }
    }
}
