//! A3: the webhook configuration names a Service, or a port of it, that does not exist.

use api::{Certainty, ConditionType, Severity};
use facts::InputKind;

use super::unasked::{Standing, Unasked, faulty};
use crate::case::Case;
use crate::cause::{Cause, Sight};
use crate::found::Found;
use crate::operator::{Fault, PodWebhook};

/// `WebhookServiceNotFound`.
pub static CAUSE: Cause = Cause {
    code: "IH-A003",
    reason: "WebhookServiceNotFound",
    summary: "The operator's webhook configuration names a Service, or a port of it, that does not exist.",
    condition: ConditionType::OperatorReady,
    severities: &[Severity::Error, Severity::Warning, Severity::Info],
    certainties: &[Certainty::Certain],
    sight: Sight::Always("the Service that the webhook names does not exist, or lacks the port"),
    since: "0.1.0",
    reads: &[InputKind::MutatingWebhookConfigurations, InputKind::Services],
    page: include_str!("webhook_service_not_found.md"),
    check,
};

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let hit = faulty(case, |webhook, fault| {
        let missing = match fault {
            Fault::ServiceMissing => None,
            Fault::PortMissing(port) => Some(*port),
            _ => return None,
        };
        Some(((webhook, missing), Standing::Lasting))
    });
    let Some(hit) = hit else { return Vec::new() };
    let (webhook, port) = hit.what;
    if let Some(port) = port {
        return vec![port_missing(case, &hit, webhook, port)];
    }
    let elsewhere = case.operator.deployment.as_ref().filter(|deployment| {
        webhook.backend.service.as_ref().is_none_or(|service| service.namespace != deployment.namespace)
    });
    let left_over = elsewhere
        .map_or_else(String::new, |deployment| format!("; the operator runs in {}", deployment.namespace));
    vec![
        hit.found(&CAUSE, Certainty::Certain)
            .message(format!(
                "{}: webhook configuration {} calls {}, which does not exist{left_over}.",
                hit.subject_phrase(),
                webhook.configuration,
                webhook.address()
            ))
            .remedy(
                format!(
                    "Install the operator once, in one namespace, so that it registers its own Service; then restart {}. A left-over configuration goes away with",
                    case.subject.id.slug()
                ),
                format!("kubectl delete mutatingwebhookconfiguration {}", webhook.configuration),
            )
            .because(
                format!("MutatingWebhookConfiguration/{}", webhook.configuration),
                format!("webhooks[{}].clientConfig.service", webhook.entry.name),
                webhook.address(),
            )
            .because(webhook.address().replacen(' ', "/", 1), "metadata.name", "not found"),
    ]
}

/// The Service is there, and has other ports than the one that is called.
fn port_missing<'c>(
    case: &Case<'c>,
    hit: &Unasked<'_, 'c, (&PodWebhook, Option<i32>)>,
    webhook: &PodWebhook,
    port: i32,
) -> Found<'c> {
    let service = webhook.backend.service.as_ref();
    let command =
        service.map(|service| format!("kubectl -n {} edit service {}", service.namespace, service.name));
    hit.found(&CAUSE, Certainty::Certain)
        .message(format!(
            "{}: webhook configuration {} calls port {port} of {}, which has no such port.",
            hit.subject_phrase(),
            webhook.configuration,
            webhook.address()
        ))
        .remedy(
            format!(
                "Give the Service port {port} with the operator's port 9443 as targetPort, then restart {}",
                case.subject.id.slug()
            ),
            command.unwrap_or_default(),
        )
        .because(
            format!("MutatingWebhookConfiguration/{}", webhook.configuration),
            format!("webhooks[{}].clientConfig.service.port", webhook.entry.name),
            port.to_string(),
        )
        .because(webhook.address().replacen(' ', "/", 1), "spec.ports", format!("no {port}"))
}
