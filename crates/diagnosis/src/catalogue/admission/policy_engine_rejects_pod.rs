//! E4: a policy engine refuses the Pod and names a part that the injection added.

use api::{Certainty, ConditionType, Severity};
use facts::InputKind;

use super::injected::Injected;
use super::instrumentation_remedy::edit;
use super::privileged_go_sidecar_rejected::refuses_go;
use super::text::Complaint;
use crate::case::Case;
use crate::catalogue::refusal::standing;
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `PolicyEngineRejectsPod`.
pub static CAUSE: Cause = Cause {
    code: "IH-E004",
    reason: "PolicyEngineRejectsPod",
    summary: "An admission policy refuses the Pods because of something that the injection adds.",
    condition: ConditionType::PodsAdmitted,
    severities: &[Severity::Error],
    certainties: &[Certainty::Certain],
    sight: Sight::Always(
        "what the API server says in ReplicaFailure or FailedCreate, and that it names the injected container, image or volume",
    ),
    since: "0.1.0",
    reads: &[InputKind::Events],
    page: include_str!("policy_engine_rejects_pod.md"),
    check,
};

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let Some(refusal) = standing(case).filter(|refusal| !refuses_go(case, refusal)) else {
        return Vec::new();
    };
    let (who, message, look) = match Complaint::read(refusal.text()) {
        Complaint::AdmissionPolicy { policy, message } => (
            format!("ValidatingAdmissionPolicy {policy}"),
            message,
            Some(format!("kubectl get validatingadmissionpolicy {policy} -o yaml")),
        ),
        Complaint::WebhookDenied { webhook, message } if webhook != super::POD_WEBHOOK => {
            (format!("admission webhook {webhook}"), message, None)
        }
        _ => return Vec::new(),
    };
    let injected = Injected::of(case);
    if !injected.is_named_in(message) {
        return Vec::new();
    }
    let container = injected.added().find(|container| message.contains(&*container.name));
    let language = container.and_then(|container| injected.language(&container.name));
    let what =
        container.map_or_else(|| "a part".to_owned(), |container| format!("container {}", container.name));
    let command = language.and_then(|language| edit(case, language)).or(look).unwrap_or_default();
    vec![
        Found::new(&CAUSE, Severity::Error, Certainty::Certain)
            .message(format!(
                "The Pods of {} cannot be created: {who} refuses {what} that the injection adds: {message}",
                case.subject.id.slug(),
            ))
            .remedy(
                "Set what the policy demands in the Instrumentation, or have the container exempted from it",
                command,
            )
            .because(&*refusal.object, refusal.field, refusal.text()),
    ]
}
