//! What keeps the API server from asking the operator about a Pod?

use injection::webhook::NotCalled;

use super::Obstacle;
use crate::operator::{Fault, WebhookVerdict};

impl Obstacle {
    /// Why the operator would not be asked about a Pod of a namespace. None where it would be, or where that cannot be told.
    pub fn of_webhook(verdict: &WebhookVerdict<'_>, namespace: &str) -> Option<Self> {
        Some(match verdict {
            WebhookVerdict::Ready { .. } | WebhookVerdict::Unknown { .. } => return None,
            WebhookVerdict::NotRegistered => Self::new(
                "no Pod webhook of the operator is registered",
                "install the operator, with its webhooks",
            ),
            WebhookVerdict::Excluded { webhook, why } => Self::new(
                format!(
                    "the operator is not asked: webhook {} ({}) is not called: {}",
                    webhook.entry.name,
                    webhook.configuration,
                    not_called(namespace, why)
                ),
                "make the labels fit, or change the webhook configuration where the operator is installed",
            ),
            WebhookVerdict::Refused { webhook, condition } => Self::new(
                format!(
                    "match condition {condition} of webhook configuration {} fails, and the Pod is refused",
                    webhook.configuration
                ),
                "correct the match condition",
            ),
            WebhookVerdict::Broken { webhook, faults } => {
                let fault = faults.first().map_or("it does not answer", fault);
                Self::new(
                    format!("the operator cannot be asked now ({}): {fault}", webhook.address()),
                    "repair the operator's webhook first; `instrumentation-health check -A` says more",
                )
            }
        })
    }
}

/// Why a webhook is not called for a Pod of a namespace.
pub fn not_called(namespace: &str, why: &NotCalled) -> String {
    match why {
        NotCalled::Rules => "its rules do not cover the creation of Pods".to_owned(),
        NotCalled::NamespaceSelector { unmet } => {
            format!("Namespace {namespace} does not meet its namespaceSelector: {unmet}")
        }
        NotCalled::ObjectSelector { unmet } => {
            format!("the Pod's labels do not meet its objectSelector: {unmet}")
        }
        NotCalled::MatchCondition { name } => format!("its match condition {name} is not true for the Pod"),
    }
}

const fn fault(fault: &Fault) -> &'static str {
    match fault {
        Fault::ServiceMissing => "its Service does not exist",
        Fault::PortMissing(_) => "its Service lacks the port that it calls",
        Fault::PortAstray(_) => "its Service leads to a port where the operator does not listen",
        Fault::SwitchedOff => "the operator runs with its webhooks switched off",
        Fault::CertificateSecretMissing => "the Secret with its certificate is missing",
        Fault::NotReady => "no Pod of the operator is ready behind it",
        Fault::Certificate(_) => "its certificate is not accepted",
    }
}
