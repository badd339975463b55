//! A3: the webhook configuration names a Service that does not exist.

use api::{Certainty, ConditionType, Severity};
use facts::InputKind;

use super::unasked::{Standing, faulty};
use crate::case::Case;
use crate::cause::{Cause, Sight};
use crate::found::Found;
use crate::operator::Fault;

/// `WebhookServiceNotFound`.
pub static CAUSE: Cause = Cause {
    code: "IH-A003",
    reason: "WebhookServiceNotFound",
    summary: "The operator's webhook configuration names a Service that does not exist.",
    condition: ConditionType::OperatorReady,
    severities: &[Severity::Error, Severity::Warning, Severity::Info],
    certainties: &[Certainty::Certain],
    sight: Sight::Always("the Service that the webhook names does not exist"),
    since: "0.1.0",
    reads: &[InputKind::MutatingWebhookConfigurations, InputKind::Services],
    page: include_str!("webhook_service_not_found.md"),
    check,
};

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let hit = faulty(case, |webhook, fault| {
        (*fault == Fault::ServiceMissing).then_some((webhook, Standing::Lasting))
    });
    let Some(hit) = hit else { return Vec::new() };
    let webhook = hit.what;
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
