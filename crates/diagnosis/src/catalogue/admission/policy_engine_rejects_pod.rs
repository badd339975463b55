//! E4: a policy engine refuses the Pod and names a part that the injection added.

use api::{Certainty, ConditionType, Severity};
use facts::{Container, InputKind};

use super::injected::Injected;
use super::instrumentation_remedy::edit;
use super::privileged_go_sidecar_rejected::refuses_go;
use super::text::Complaint;
use crate::case::Case;
use crate::catalogue::refusal::standing;
use crate::cause::{Cause, Sight};
use crate::found::Found;
use crate::harmless;

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
            Some(format!("kubectl get validatingadmissionpolicy {} -o yaml", harmless::word(policy))),
        ),
        Complaint::WebhookDenied { webhook, message } if webhook != super::POD_WEBHOOK => {
            (format!("admission webhook {webhook}"), message, None)
        }
        _ => return Vec::new(),
    };
    let injected = Injected::of(case);
    let pointed = injected.pointed_at(message).first().copied();
    // Where the application's own containers are refused as well, the Pod would be refused without injection too.
    if injected.owns_what_is_named_in(message) || (!injected.is_named_in(message) && pointed.is_none()) {
        return Vec::new();
    }
    let is_named = |container: &&Container| {
        message.contains(&*container.name)
            || (!container.image.is_empty() && message.contains(&*container.image))
    };
    let container = injected.added().find(is_named).or(pointed);
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
