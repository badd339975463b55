//! A3: the webhook configuration names a Service, or a port of it, that does not exist.

use api::{Certainty, ConditionType, Severity};
use facts::InputKind;

use super::unasked::{Standing, Unasked, faulty};
use crate::case::Case;
use crate::cause::{Cause, Sight};
use crate::found::Found;
use crate::operator::{Fault, PodWebhook, Port};

/// `WebhookServiceNotFound`.
pub static CAUSE: Cause = Cause {
    code: "IH-A003",
    reason: "WebhookServiceNotFound",
    summary: "The operator's webhook configuration names a Service, or a port of it, that does not exist.",
    condition: ConditionType::OperatorReady,
    severities: &[Severity::Error, Severity::Warning, Severity::Info],
    certainties: &[Certainty::Certain, Certainty::Likely],
    sight: Sight::Always(
        "the Service that the webhook names does not exist, lacks the port, or leads to a port that the operator's container does not declare",
    ),
    since: "0.1.0",
    reads: &[InputKind::MutatingWebhookConfigurations, InputKind::Services],
    page: include_str!("webhook_service_not_found.md"),
    check,
};

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let hit = faulty(case, |webhook, fault| {
        let is_it = matches!(fault, Fault::ServiceMissing | Fault::PortMissing(_) | Fault::PortAstray(_));
        is_it.then_some(((webhook, fault), Standing::Lasting))
    });
    let Some(hit) = hit else { return Vec::new() };
    let (webhook, fault) = hit.what;
    match fault {
        Fault::PortMissing(port) => return vec![port_missing(case, &hit, webhook, *port)],
        Fault::PortAstray(port) => return vec![port_astray(case, &hit, webhook, port)],
        _ => {}
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
    hit: &Unasked<'_, 'c, (&PodWebhook, &Fault)>,
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

/// The Service is there, and leads to a port of the operator's Pods at which nobody listens.
fn port_astray<'c>(
    case: &Case<'c>,
    hit: &Unasked<'_, 'c, (&PodWebhook, &Fault)>,
    webhook: &PodWebhook,
    port: &Port,
) -> Found<'c> {
    let command = webhook.backend.service.as_ref().map(|service| {
        let called = webhook.entry.client_config.service.as_ref().and_then(|service| service.port);
        format!(
            r#"kubectl -n {} patch service {} -p '{{"spec":{{"ports":[{{"port":{},"targetPort":"webhook-server"}}]}}}}'"#,
            service.namespace,
            service.name,
            called.unwrap_or(443)
        )
    });
    let certainty = match port {
        Port::Named(_) => Certainty::Certain,
        // Which ports a container declares does not bind it.
        Port::Numbered(_) => Certainty::Likely,
    };
    hit.found(&CAUSE, certainty)
        .message(format!(
            "{}: {} leads to port {port} of the operator's Pods, where nobody listens: the operator's port for webhooks has the name webhook-server.",
            hit.subject_phrase(),
            webhook.address()
        ))
        .remedy(
            format!("Let the Service lead to that port, then restart {}", case.subject.id.slug()),
            command.unwrap_or_default(),
        )
        .because(webhook.address().replacen(' ', "/", 1), "spec.ports[].targetPort", port.to_string())
}
