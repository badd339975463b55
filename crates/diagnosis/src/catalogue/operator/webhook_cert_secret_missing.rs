//! A6: the operator's Pod waits for the Secret with its serving certificate.

use api::{Certainty, ConditionType, Severity};
use facts::InputKind;

use super::unasked::{Standing, faulty};
use crate::case::Case;
use crate::cause::{Cause, Sight};
use crate::found::Found;
use crate::operator::Fault;

/// `WebhookCertSecretMissing`.
pub static CAUSE: Cause = Cause {
    code: "IH-A006",
    reason: "WebhookCertSecretMissing",
    summary: "The operator cannot start, because the Secret with its serving certificate does not exist.",
    condition: ConditionType::OperatorReady,
    severities: &[Severity::Error, Severity::Warning, Severity::Info],
    certainties: &[Certainty::Certain],
    sight: Sight::Always("the Event FailedMount of the operator's Pod, which names the Secret"),
    since: "0.1.0",
    reads: &[InputKind::MutatingWebhookConfigurations, InputKind::Events],
    page: include_str!("webhook_cert_secret_missing.md"),
    check,
};

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let hit = faulty(case, |webhook, fault| {
        (*fault == Fault::CertificateSecretMissing)
            .then(|| (webhook, Standing::Passing(webhook.backend.unready_since())))
    });
    let Some(hit) = hit else { return Vec::new() };
    let webhook = hit.what;
    let Some((pod, secret)) = webhook.backend.missing_secret() else { return Vec::new() };
    let namespace = case
        .operator
        .deployment
        .as_ref()
        .map(|deployment| &deployment.namespace)
        .or(webhook.backend.service.as_ref().map(|service| &service.namespace))
        .map_or_else(String::new, ToString::to_string);
    let (words, command) = match webhook.cert_manager.as_deref().and_then(|name| name.split_once('/')) {
        Some((namespace, name)) => (
            "cert-manager makes it: install cert-manager, see why the Certificate is not ready, then restart",
            format!("kubectl -n {namespace} describe certificates.cert-manager.io {name}"),
        ),
        None => (
            "Let the chart or cert-manager make it (Helm: admissionWebhooks.autoGenerateCert.enabled=true), then restart",
            format!("kubectl -n {namespace} describe pod {}", pod.name),
        ),
    };
    vec![
        hit.found(&CAUSE, Certainty::Certain)
            .message(format!(
                "{}: the operator cannot start, because Secret {namespace}/{secret} with the webhook's certificate does not exist.",
                hit.subject_phrase()
            ))
            .remedy(format!("{words} {}", case.subject.id.slug()), command)
            .because(case.object_name("Secret", &namespace, secret), "metadata.name", "not found")
            .because(
                case.object_name("Pod", &namespace, &pod.name),
                "spec.volumes[].secret.secretName",
                secret,
            ),
    ]
}
