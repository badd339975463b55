//! A7: the operator is up, but the API server does not get through to it.

use api::{Certainty, ConditionType, Severity};
use facts::InputKind;

use crate::case::Case;
use crate::catalogue::left_behind::{run, who};
use crate::catalogue::time::{Lack, explained};
use crate::cause::{Cause, Sight};
use crate::found::Found;
use crate::operator::WebhookVerdict;

/// `WebhookUnreachableFromControlPlane`.
pub static CAUSE: Cause = Cause {
    code: "IH-A007",
    reason: "WebhookUnreachableFromControlPlane",
    summary: "The operator is ready, but the way from the API server to its webhook seems to be closed.",
    condition: ConditionType::OperatorReady,
    severities: &[Severity::Error, Severity::Warning],
    certainties: &[Certainty::Hint],
    sight: Sight::HintOnly(
        "the API shows nothing of the way from the API server to the webhook; named where nothing else explains bare Pods and the nodes are of a kind that needs a firewall rule",
    ),
    since: "0.1.0",
    reads: &[InputKind::Instrumentations, InputKind::MutatingWebhookConfigurations, InputKind::Nodes],
    page: include_str!("webhook_unreachable_from_control_plane.md"),
    check,
};

/// What hints at it.
enum Sign {
    /// The webhook's Service did not answer our own TLS handshake.
    NoAnswer { service: String, error: String },
    /// A node of Google's, where the control plane of a private cluster reaches ports 443 and 10250 only.
    GoogleNode { node: String, provider: String },
}

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    // One that got through proves that there is a way.
    if case.injected_groups().next().is_some() {
        return Vec::new();
    }
    let Some(all) = explained(case, |lack| sign(case, lack)) else { return Vec::new() };
    let (why, words) = match &all.what {
        Sign::NoAnswer { .. } => (
            "its Service does not answer a TLS handshake from inside the cluster either",
            "Open the webhook's port between control plane and operator",
        ),
        Sign::GoogleNode { .. } => (
            "in a private GKE cluster the control plane reaches the operator's port 9443 only by a firewall rule of its own",
            "Open port 9443 from the control plane to the nodes (or set the chart's admission port to 10250)",
        ),
    };
    let found = Found::new(&CAUSE, all.severity, Certainty::Hint)
        .message(format!(
            "{} {} without the {} agent, although the operator is ready and nothing else explains it; {why}.",
            who(case, &all.pods),
            run(&all.pods),
            case.languages_phrase()
        ))
        .remedy(format!("{words}, then restart"), case.restart_command());
    let found = match &all.what {
        Sign::NoAnswer { service, error } => {
            found.because(format!("Service/{service}"), "TLS handshake", error)
        }
        Sign::GoogleNode { node, provider } => {
            found.because(format!("Node/{node}"), "spec.providerID", provider)
        }
    };
    vec![found.pods(all.pods)]
}

fn sign(case: &Case<'_>, lack: &Lack<'_, '_>) -> Option<Sign> {
    let webhook = lack.group.webhook.as_ref().and_then(WebhookVerdict::webhook);
    let webhook = webhook.filter(|_| lack.is_unexplained() && lack.group.is_bare())?;
    if let (Some(error), Some(service)) = (&webhook.certificate.error, &webhook.backend.service) {
        let service = format!("{}/{}", service.namespace, service.name);
        return Some(Sign::NoAnswer { service, error: error.clone() });
    }
    let node = case.cluster.node(lack.pod.node.as_deref()?).found()?;
    let provider = &node.spec.provider_id;
    (provider.starts_with("gce://") && !webhook.certificate.by_handshake)
        .then(|| Sign::GoogleNode { node: node.metadata.name.to_string(), provider: provider.to_string() })
}
