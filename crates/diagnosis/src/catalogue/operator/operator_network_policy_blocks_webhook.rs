//! A8: a `NetworkPolicy` lets nobody reach the operator's webhook.

use api::{Certainty, ConditionType, Severity};
use facts::InputKind;

use crate::case::Case;
use crate::catalogue::left_behind::{run, who};
use crate::catalogue::time::{Lack, explained};
use crate::cause::{Cause, Sight};
use crate::found::Found;
use crate::operator::{PodWebhook, WebhookVerdict};

/// `OperatorNetworkPolicyBlocksWebhook`.
pub static CAUSE: Cause = Cause {
    code: "IH-A008",
    reason: "OperatorNetworkPolicyBlocksWebhook",
    summary: "A NetworkPolicy selects the operator's Pods and admits nobody to the port of its webhook.",
    condition: ConditionType::OperatorReady,
    severities: &[Severity::Error, Severity::Warning],
    certainties: &[Certainty::Likely],
    sight: Sight::Always(
        "the NetworkPolicies that select the operator's Pods; whether the network plugin applies them to the API server does not show, so it is likely, not certain",
    ),
    since: "0.1.0",
    reads: &[
        InputKind::Instrumentations,
        InputKind::MutatingWebhookConfigurations,
        InputKind::Services,
        InputKind::NetworkPolicies,
    ],
    page: include_str!("operator_network_policy_blocks_webhook.md"),
    check,
};

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let Some(all) = explained(case, |lack| closed(case, lack)) else { return Vec::new() };
    let webhook = all.what;
    let Some(closed) = &webhook.backend.closed_by else { return Vec::new() };
    let patch = format!(
        r#"kubectl -n {} patch networkpolicy {} --type json -p '[{{"op":"add","path":"/spec/ingress/-","value":{{"ports":[{{"port":{}}}]}}}}]'"#,
        closed.namespace, closed.policy, closed.port
    );
    vec![
        Found::new(&CAUSE, all.severity, Certainty::Likely)
            .message(format!(
                "{} {} without the {} agent: NetworkPolicy {}/{} admits nobody to port {} of the operator, where the API server would call its webhook.",
                who(case, &all.pods),
                run(&all.pods),
                case.languages_phrase(),
                closed.namespace,
                closed.policy,
                closed.port
            ))
            .remedy(
                format!("Admit the API server to that port, then restart {}", case.subject.id.slug()),
                patch,
            )
            .because(
                case.object_name("NetworkPolicy", &closed.namespace, &closed.policy),
                "spec.ingress",
                format!("no rule without Pod or Namespace selectors has port {}", closed.port),
            )
            .pods(all.pods),
    ]
}

/// The webhook whose port was closed when the Pod was created. A Pod of this workload that was injected since proves that the
/// API server passes.
fn closed<'c>(case: &Case<'c>, lack: &Lack<'_, 'c>) -> Option<&'c PodWebhook> {
    if lack.instrumentation.is_some() || lack.annotation.is_some() {
        return None;
    }
    let webhook = lack.group.webhook.as_ref().and_then(WebhookVerdict::webhook)?;
    let closed = webhook.backend.closed_by.as_ref()?;
    let after = |created: Option<jiff::Timestamp>| match (created, closed.created) {
        (Some(created), Some(closed)) => created >= closed,
        _ => true,
    };
    let passed = case.injected_pods().any(|(_, pod)| after(pod.created));
    (after(lack.pod.created) && !passed).then_some(webhook)
}
