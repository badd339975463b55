//! A1: nobody answers behind the webhook's Service.

use api::{Certainty, ConditionType, Severity};
use facts::{InputKind, Pod};

use super::unasked::{Standing, faulty, of_operator};
use crate::case::Case;
use crate::cause::{Cause, Sight};
use crate::found::Found;
use crate::operator::{Fault, OperatorPod, PodWebhook};
use crate::progress::GRACE;

/// `OperatorNotReady`.
pub static CAUSE: Cause = Cause {
    code: "IH-A001",
    reason: "OperatorNotReady",
    summary: "No Pod of the operator is ready behind its webhook, so new Pods start without an agent.",
    condition: ConditionType::OperatorReady,
    severities: &[Severity::Error, Severity::Warning, Severity::Info],
    certainties: &[Certainty::Certain, Certainty::Likely],
    sight: Sight::Always("no ready address behind the webhook's Service, or no ready Pod of the operator"),
    since: "0.1.0",
    reads: &[InputKind::MutatingWebhookConfigurations, InputKind::Services, InputKind::EndpointSlices],
    page: include_str!("operator_not_ready.md"),
    check,
};

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let hit = faulty(case, |webhook, fault| {
        (*fault == Fault::NotReady).then(|| (webhook, Standing::Passing(webhook.backend.unready_since())))
    });
    let Some(hit) = hit else { return Vec::new() };
    let webhook = hit.what;
    if hit.severity == Severity::Info && !lasts(case, webhook) {
        return Vec::new();
    }
    let unready = webhook.backend.pods.iter().find(|pod| pod.problem.is_some());
    let why = match (unready, webhook.backend.wanted) {
        (Some(pod), _) => format!("Pod {} {}", pod.name, pod.problem.as_deref().unwrap_or_default()),
        (None, Some(0)) => "its Deployment is scaled to 0".to_owned(),
        (None, _) => "it has no Pod".to_owned(),
    };
    let certainty = if was_away(webhook, &hit.pods) { Certainty::Certain } else { Certainty::Likely };
    let mut found = hit
        .found(&CAUSE, certainty)
        .message(format!(
            "{}: nobody answers for the operator's webhook at {}; {why}.",
            hit.subject_phrase(),
            webhook.address()
        ))
        .remedy(
            format!("Bring the operator up, then restart {}", case.subject.id.slug()),
            command(case, webhook, unready),
        );
    if let Some(service) = &webhook.backend.service {
        let object = case.object_name("Service", &service.namespace, &service.name);
        found = found.because(object, "endpoints", "no ready address");
    }
    if let (Some(pod), Some(deployment)) = (unready, &case.operator.deployment) {
        let object = case.object_name("Pod", &deployment.namespace, &pod.name);
        found = found.because(object, "status.conditions[Ready]", "False");
    }
    vec![found]
}

/// What shows why the operator is down, or brings it up.
fn command(case: &Case<'_>, webhook: &PodWebhook, unready: Option<&OperatorPod>) -> String {
    let Some(deployment) = &case.operator.deployment else {
        return format!("kubectl get mutatingwebhookconfiguration {} -o yaml", webhook.configuration);
    };
    match unready {
        _ if webhook.backend.wanted == Some(0) => {
            format!("kubectl -n {} scale {} --replicas=1", deployment.namespace, deployment.slug())
        }
        Some(pod) if pod.crash.is_some() => format!("kubectl logs {} --previous", of_operator(deployment)),
        _ => format!("kubectl describe {}", of_operator(deployment)),
    }
}

/// Whether the operator was away when each of these Pods was created, as far as its own Pods tell.
fn was_away(webhook: &PodWebhook, pods: &[&Pod]) -> bool {
    let Some(since) = webhook.backend.unready_since() else { return pods.is_empty() };
    pods.iter().all(|pod| pod.created.is_some_and(|created| created >= since))
}

/// Whether it has lasted long enough to be worth a word on a workload that it does not harm: a restart of the operator is
/// over in seconds, and would change the status of every workload twice.
fn lasts(case: &Case<'_>, webhook: &PodWebhook) -> bool {
    webhook.backend.unready_since().is_none_or(|since| case.now >= since + GRACE)
}
