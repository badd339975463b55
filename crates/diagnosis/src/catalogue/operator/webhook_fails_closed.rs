//! A15: the webhook's failure policy keeps Pods from being created while the operator does not answer.

use api::{Certainty, ConditionType, Severity};
use facts::InputKind;

use crate::case::Case;
use crate::catalogue::refusal::refusals;
use crate::catalogue::remedy::patch_webhook;
use crate::cause::{Cause, Sight};
use crate::found::Found;
use crate::operator::PodWebhook;

/// `WebhookFailsClosed`.
pub static CAUSE: Cause = Cause {
    code: "IH-A015",
    reason: "WebhookFailsClosed",
    summary: "No Pod can be created, because the operator's webhook does not answer and its failure policy is Fail.",
    condition: ConditionType::PodsAdmitted,
    severities: &[Severity::Error],
    certainties: &[Certainty::Certain],
    sight: Sight::Always(
        "failurePolicy of the webhook, and what the API server says in ReplicaFailure or FailedCreate",
    ),
    since: "0.1.0",
    reads: &[InputKind::MutatingWebhookConfigurations, InputKind::Events],
    page: include_str!("webhook_fails_closed.md"),
    check,
};

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let fails_closed = |webhook: &&PodWebhook| &*webhook.entry.failure_policy != "Ignore";
    let webhooks = || case.operator.pod_webhooks.iter().filter(fails_closed);
    let hit = refusals(case).into_iter().find_map(|refusal| {
        let webhook = webhooks().find(|webhook| blames(refusal.message, webhook))?;
        Some((refusal, webhook))
    });
    let Some((refusal, webhook)) = hit else { return Vec::new() };
    let why = why(refusal.message);
    let configuration = format!("MutatingWebhookConfiguration/{}", webhook.configuration);
    vec![
        Found::new(&CAUSE, Severity::Error, Certainty::Certain)
            .message(format!(
                "No Pod of {} can be created: the operator's webhook {} at {} does not answer ({why}), and its failurePolicy is Fail. The operator's own Pods are refused likewise.",
                case.subject.id.slug(),
                webhook.entry.name,
                webhook.address()
            ))
            .remedy(
                "Let Pods pass while the operator is away (Helm: admissionWebhooks.pods.failurePolicy=Ignore)",
                patch_webhook(webhook, "replace", "failurePolicy", Some("Ignore")),
            )
            .because(&refusal.object, refusal.field, refusal.message)
            .because(configuration, format!("webhooks[{}].failurePolicy", webhook.entry.name), "Fail"),
    ]
}

/// Whether a refusal is about this webhook: by its name, which other operators share, and by its address.
fn blames(message: &str, webhook: &PodWebhook) -> bool {
    let client = &webhook.entry.client_config;
    let address = match (&client.service, &client.url) {
        (Some(service), _) => format!("{}.{}.svc", service.name, service.namespace),
        (None, Some(url)) => url.to_string(),
        (None, None) => return false,
    };
    message.contains(&format!("failed calling webhook \"{}\"", webhook.entry.name))
        && message.contains(&address)
}

/// Why the call failed, without what differs from try to try: `…: x509: certificate has expired or is not yet valid: current time …`,
/// `…: connect: connection refused`.
fn why(message: &str) -> &str {
    match message.split_once("x509: ") {
        Some((_, certificate)) => certificate.split(": ").next().unwrap_or(certificate),
        None => message.rsplit(": ").next().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_last_words_without_the_time() {
        for (message, want) in [
            (
                "Post \"https://x.y.svc:443/mutate-v1-pod?timeout=10s\": dial tcp 10.0.0.1:443: connect: connection refused",
                "connection refused",
            ),
            (
                "tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time 2026-11-22T23:15:51Z is after 2026-01-01T00:00:00Z",
                "certificate has expired or is not yet valid",
            ),
        ] {
            assert_eq!(super::why(message), want);
        }
    }
}
