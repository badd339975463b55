//! A8: a `NetworkPolicy` lets nobody reach the operator's webhook.

use api::{Certainty, ConditionType, Severity};
use facts::InputKind;
use serde_json::json;

use super::PROOF;
use crate::case::Case;
use crate::catalogue::left_behind::{run, who};
use crate::catalogue::time::{Lack, explained};
use crate::cause::{Cause, Sight};
use crate::found::Found;
use crate::harmless;
use crate::operator::{ClosedPort, PodWebhook, WebhookVerdict};

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
                admit(closed),
            )
            .because(
                case.object_name("NetworkPolicy", &closed.namespace, &closed.policy),
                "spec.ingress",
                format!("no rule without Pod or Namespace selectors has port {}", closed.port),
            )
            .until(Some(case.now + PROOF))
            .pods(all.pods),
    ]
}

/// The command that admits everybody to the port. A list that is empty is not stored, and nothing can be added to it.
fn admit(closed: &ClosedPort) -> String {
    let rule = json!({"ports": [{"port": closed.port}]});
    let (path, value) =
        if closed.has_rules { ("/spec/ingress/-", rule) } else { ("/spec/ingress", json!([rule])) };
    let patch = harmless::json(&json!([{"op": "add", "path": path, "value": value}]));
    format!("kubectl -n {} patch networkpolicy {} --type json -p {patch}", closed.namespace, closed.policy)
}

/// The webhook whose port was closed when the Pod was created. A Pod that was injected since, of whatever workload, proves that
/// the API server passes.
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
    let newest = case.cluster.newest_injected();
    let passed = newest.is_some() && after(newest) || case.injected_pods().any(|(_, pod)| after(pod.created));
    (after(lack.pod.created) && !passed).then_some(webhook)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// JSON Patch adds to no list that is not there, and `ingress: []` is stored as none.
    #[test]
    fn a_policy_without_rules_gets_its_first_one() {
        let closed = |has_rules| ClosedPort {
            namespace: "operator".into(),
            policy: "deny".into(),
            created: None,
            has_rules,
            port: 9443,
        };
        for (has_rules, want) in [
            (true, r#"'[{"op":"add","path":"/spec/ingress/-","value":{"ports":[{"port":9443}]}}]'"#),
            (false, r#"'[{"op":"add","path":"/spec/ingress","value":[{"ports":[{"port":9443}]}]}]'"#),
        ] {
            let command = format!("kubectl -n operator patch networkpolicy deny --type json -p {want}");
            assert_eq!(admit(&closed(has_rules)), command);
        }
    }
}
