//! A4: the API server does not accept the certificate that the webhook serves.

use api::{Certainty, ConditionType, Severity};
use facts::InputKind;

use super::unasked::{Standing, faulty};
use crate::case::Case;
use crate::cause::{Cause, Sight};
use crate::found::Found;
use crate::operator::{CertificateFault, Fault, PodWebhook};

/// `WebhookCertificateMismatch`.
pub static CAUSE: Cause = Cause {
    code: "IH-A004",
    reason: "WebhookCertificateMismatch",
    summary: "The serving certificate of the operator's webhook does not verify with the caBundle of its configuration.",
    condition: ConditionType::OperatorReady,
    severities: &[Severity::Error, Severity::Warning, Severity::Info],
    certainties: &[Certainty::Certain],
    sight: Sight::Always(
        "the certificate that a TLS handshake with the webhook's Service shows (in a dump: the operator's Secret), against the caBundle",
    ),
    since: "0.1.0",
    reads: &[InputKind::MutatingWebhookConfigurations, InputKind::Secrets],
    page: include_str!("webhook_certificate_mismatch.md"),
    check,
};

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let hit = faulty(case, |webhook, fault| match fault {
        Fault::Certificate(CertificateFault::Expired { .. } | CertificateFault::NotYetValid { .. }) => None,
        Fault::Certificate(fault) => Some(((webhook, fault), Standing::Lasting)),
        _ => None,
    });
    let Some(hit) = hit else { return Vec::new() };
    let (webhook, fault) = hit.what;
    let configuration = format!("MutatingWebhookConfiguration/{}", webhook.configuration);
    let bundle = format!("webhooks[{}].clientConfig.caBundle", webhook.entry.name);
    let why = match fault {
        CertificateFault::BundleEmpty => "caBundle is empty".to_owned(),
        CertificateFault::BundleUnreadable => "caBundle holds no readable certificate".to_owned(),
        CertificateFault::CertificateUnreadable => "it cannot be read".to_owned(),
        CertificateFault::OtherName { expected, .. } => format!("it is not made out to {expected}"),
        _ => "caBundle does not hold its issuer".to_owned(),
    };
    let (words, command) = remedy(webhook);
    let found = hit
        .found(&CAUSE, Certainty::Certain)
        .message(format!(
            "{}: the API server refuses the certificate of webhook {} ({}): {why}.",
            hit.subject_phrase(),
            webhook.entry.name,
            webhook.address()
        ))
        .remedy(format!("{words}, then restart {}", case.subject.id.slug()), command);
    vec![match fault {
        CertificateFault::UnknownAuthority { issuer } => found
            .because(configuration, bundle, "no certificate in it is the issuer")
            .because(served(case, webhook), "tls.crt issuer", issuer),
        CertificateFault::OtherName { expected, names } => found
            .because(served(case, webhook), "tls.crt subjectAltName", names.join(", "))
            .because(configuration, format!("webhooks[{}].clientConfig", webhook.entry.name), expected),
        CertificateFault::CertificateUnreadable => {
            found.because(served(case, webhook), "tls.crt", "unreadable")
        }
        _ => found.because(configuration, bundle, "no certificate"),
    }]
}

/// Where the certificate was seen.
pub(super) fn served(case: &Case<'_>, webhook: &PodWebhook) -> String {
    match (&webhook.certificate.secret, &webhook.backend.service) {
        (Some((namespace, name)), _) if !webhook.certificate.by_handshake => {
            case.object_name("Secret", namespace, name)
        }
        (_, Some(service)) => case.object_name("Service", &service.namespace, &service.name),
        _ => format!("MutatingWebhookConfiguration/{}", webhook.configuration),
    }
}

/// Puts the CA that has issued the certificate into `caBundle`, by hand or by whoever ought to.
fn remedy(webhook: &PodWebhook) -> (&'static str, String) {
    match (&webhook.certificate.secret, &webhook.cert_manager) {
        (_, Some(certificate)) => {
            let (namespace, name) = certificate.split_once('/').unwrap_or(("", certificate));
            (
                "Let cert-manager's CA injector run, which sets caBundle; see the Certificate",
                format!("kubectl -n {namespace} describe certificates.cert-manager.io {name}"),
            )
        }
        (Some((namespace, name)), None) if webhook.certificate.secret_has_ca => (
            "Put the CA of the Secret into caBundle",
            format!(
                r#"kubectl patch mutatingwebhookconfiguration {} --type json -p "[{{\"op\":\"add\",\"path\":\"/webhooks/{}/clientConfig/caBundle\",\"value\":\"$(kubectl -n {namespace} get secret {name} -o jsonpath='{{.data.ca\.crt}}')\"}}]""#,
                webhook.configuration, webhook.index
            ),
        ),
        _ => (
            "Make certificate and caBundle anew together (helm upgrade; with Argo CD set autoGenerateCert.recreate=false)",
            format!("kubectl get mutatingwebhookconfiguration {} -o yaml", webhook.configuration),
        ),
    }
}
