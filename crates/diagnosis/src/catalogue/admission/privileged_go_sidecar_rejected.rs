//! E2: the Go agent needs privileges that the cluster does not grant.

use api::{Certainty, ConditionType, Severity};
use facts::InputKind;
use injection::marks::AgentRole;

use super::injected::Injected;
use super::pod_security_rejects_injected_container::is_go;
use super::text::Complaint;
use crate::case::Case;
use crate::catalogue::refusal::{Refusal, standing};
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `PrivilegedGoSidecarRejected`.
pub static CAUSE: Cause = Cause {
    code: "IH-E002",
    reason: "PrivilegedGoSidecarRejected",
    summary: "The Go agent needs privileges that the namespace or the node does not grant.",
    condition: ConditionType::PodsAdmitted,
    severities: &[Severity::Error],
    certainties: &[Certainty::Certain],
    sight: Sight::Always(
        "what the API server says in ReplicaFailure or FailedCreate, or the waiting reason of the agent's container",
    ),
    since: "0.1.0",
    reads: &[InputKind::Events],
    page: include_str!("privileged_go_sidecar_rejected.md"),
    check,
};

/// Name of the sidecar and words by which others refuse it.
const SIDECAR: &str = "opentelemetry-auto-instrumentation";
const PRIVILEGES: [&str; 6] =
    ["privileged", "hostPath", "host path", "runAsUser", "kernel-debug", "SYS_PTRACE"];

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let mut found = Vec::new();
    if let Some(refusal) = standing(case).filter(|refusal| refuses_go(case, refusal)) {
        found.push(mended(case, "its privileged sidecar is refused").because(
            &*refusal.object,
            refusal.field,
            refusal.text(),
        ));
    } else {
        found.extend(refused_by_kubelet(case));
    }
    found
}

/// Whether a refusal is about the sidecar alone.
pub fn refuses_go(case: &Case<'_>, refusal: &Refusal<'_>) -> bool {
    let injected = Injected::of(case);
    match Complaint::read(refusal.text()) {
        Complaint::PodSecurity { named, of_pod, .. } => {
            !of_pod && !named.is_empty() && is_go(&named) && named.iter().all(|name| injected.adds(name))
        }
        Complaint::AdmissionPolicy { message, .. } | Complaint::WebhookDenied { message, .. } => {
            let names_go =
                message.match_indices(SIDECAR).any(|(at, _)| !message[at + SIDECAR.len()..].starts_with('-'));
            injected.is_named_in(message)
                && !injected.owns_what_is_named_in(message)
                && (names_go || message.contains("kernel-debug"))
                && PRIVILEGES.iter().any(|word| message.contains(word))
        }
        _ => false,
    }
}

/// The Pod exists, but the kubelet does not start the sidecar: it runs as root, and the Pod says `runAsNonRoot`.
fn refused_by_kubelet<'c>(case: &Case<'c>) -> Option<Found<'c>> {
    let mut refused = Vec::new();
    for (group, pod) in case.injected_pods() {
        let sidecar = group.marks.agents.iter().find(|agent| agent.role == AgentRole::GoSidecar);
        let waiting = sidecar.and_then(|agent| pod.status.container(&agent.name)?.state.waiting.as_ref());
        let policy = |message: &str| message.contains("non-root policy") || message.contains("runAsNonRoot");
        if let Some(waiting) = waiting.filter(|waiting| policy(&waiting.message)) {
            refused.push((pod, waiting));
        }
    }
    let (pod, waiting) = refused.first()?;
    // `container's runAsUser breaks non-root policy (pod: "x_ns(uid)", container: y)`: the Pod differs from Pod to Pod.
    let words = waiting.message.split(" (pod: ").next().unwrap_or_default();
    Some(
        mended(case, "its sidecar runs as root, which the Pod forbids")
            .because(
                format!("Pod/{}", pod.name),
                format!("status.containerStatuses[{SIDECAR}].state.waiting"),
                format!("{}: {words}", waiting.reason),
            )
            .pods(refused.iter().map(|(pod, _)| *pod)),
    )
}

fn mended<'c>(case: &Case<'_>, why: &str) -> Found<'c> {
    let id = &case.subject.id;
    Found::new(&CAUSE, Severity::Error, Certainty::Certain)
        .message(format!(
            "The Pods of {} cannot run with the Go agent: {why} (it wants privileged, user 0 and the host path /sys/kernel/debug).",
            id.slug(),
        ))
        .remedy(
            "Exempt the namespace from the policy if that is acceptable, or do without the Go agent",
            case.patch_template_command(&[(facts::Language::Go.inject_key(), None)]),
        )
}
