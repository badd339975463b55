//! E9: the operator itself refuses the Pod, which only old ones do, or those that crash on it.

use api::{Certainty, ConditionType, Severity};
use facts::InputKind;

use super::text::Complaint;
use crate::case::Case;
use crate::catalogue::refusal::standing;
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `OldOperatorDeniesPod`.
pub static CAUSE: Cause = Cause {
    code: "IH-E009",
    reason: "OldOperatorDeniesPod",
    summary: "The operator refuses the Pods instead of leaving them alone.",
    condition: ConditionType::PodsAdmitted,
    severities: &[Severity::Error],
    certainties: &[Certainty::Certain],
    sight: Sight::Always("what the API server says in ReplicaFailure or FailedCreate"),
    since: "0.1.0",
    reads: &[InputKind::Events],
    page: include_str!("old_operator_denies_pod.md"),
    check,
};

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let Some(refusal) = standing(case) else { return Vec::new() };
    let Complaint::WebhookDenied { webhook, message } = Complaint::read(refusal.text()) else {
        return Vec::new();
    };
    let registered = case.operator.pod_webhooks.iter().any(|known| &*known.entry.name == webhook);
    // Other projects have webhooks of that name too.
    let speaks_of_us =
        ["OpenTelemetry", "opentelemetry", "nstrumentation"].iter().any(|word| message.contains(word));
    let panics = message.starts_with("panic");
    if webhook != super::POD_WEBHOOK || !(speaks_of_us || (registered && panics)) {
        return Vec::new();
    }
    let words = if panics {
        "The operator crashes on this Pod: read its log, and upgrade it"
    } else {
        "Upgrade the operator: since 2022 it leaves such Pods alone; then mend what it complains about"
    };
    let command = case
        .operator
        .deployment
        .as_ref()
        .map(|operator| format!("kubectl -n {} logs {} --tail=200", operator.namespace, operator.slug()));
    vec![
        Found::new(&CAUSE, Severity::Error, Certainty::Certain)
            .message(format!(
                "The Pods of {} cannot be created: the operator's webhook {webhook} refuses them: {message}",
                case.subject.id.slug(),
            ))
            .remedy(words, command.unwrap_or_default())
            .because(&*refusal.object, refusal.field, refusal.text()),
    ]
}
