//! A5: the certificate that the webhook serves has run out.

use api::{Certainty, ConditionType, Severity};
use facts::InputKind;

use super::unasked::{Standing, faulty};
use super::webhook_certificate_mismatch::served;
use crate::case::Case;
use crate::cause::{Cause, Sight};
use crate::found::Found;
use crate::operator::{CertificateFault, Fault, PodWebhook};

/// `WebhookCertificateExpired`.
pub static CAUSE: Cause = Cause {
    code: "IH-A005",
    reason: "WebhookCertificateExpired",
    summary: "The serving certificate of the operator's webhook, or its CA, is not valid now.",
    condition: ConditionType::OperatorReady,
    severities: &[Severity::Error, Severity::Warning, Severity::Info],
    certainties: &[Certainty::Certain],
    sight: Sight::Always(
        "the end of validity in the certificate that a TLS handshake with the webhook's Service shows (in a dump: the operator's Secret)",
    ),
    since: "0.1.0",
    reads: &[InputKind::Instrumentations, InputKind::MutatingWebhookConfigurations, InputKind::Secrets],
    page: include_str!("webhook_certificate_expired.md"),
    check,
};

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let hit = faulty(case, |webhook, fault| match fault {
        Fault::Certificate(CertificateFault::Expired { since }) => {
            Some(((webhook, "ran out", "notAfter", *since), Standing::Passing(Some(*since))))
        }
        Fault::Certificate(CertificateFault::NotYetValid { from }) => {
            Some(((webhook, "is not valid before", "notBefore", *from), Standing::Passing(None)))
        }
        _ => None,
    });
    let Some(hit) = hit else { return Vec::new() };
    let (webhook, what, field, when) = hit.what;
    let on = if field == "notAfter" { " on" } else { "" };
    let (words, command) = remedy(webhook);
    vec![
        hit.found(&CAUSE, Certainty::Certain)
            .message(format!(
                "{}: the API server refuses the certificate of webhook {} ({}), which {what}{on} {}.",
                hit.subject_phrase(),
                webhook.entry.name,
                webhook.address(),
                when.strftime("%Y-%m-%d")
            ))
            .remedy(format!("{words}, then restart {}", case.subject.id.slug()), command)
            .because(served(case, webhook), format!("tls.crt {field}"), when.to_string()),
    ]
}

/// Makes a new certificate. cert-manager does so as soon as its Secret is gone.
fn remedy(webhook: &PodWebhook) -> (&'static str, String) {
    match (&webhook.cert_manager, &webhook.certificate.secret) {
        (Some(_), Some((namespace, name))) => (
            "Let cert-manager issue a new certificate, restart the operator",
            format!("kubectl -n {namespace} delete secret {name}"),
        ),
        _ => (
            "Renew the certificate (a chart's self-signed one is renewed by helm upgrade only) and restart the operator",
            format!("kubectl get mutatingwebhookconfiguration {} -o yaml", webhook.configuration),
        ),
    }
}
