//! A7: the operator is up, but the API server does not get through to it.

use api::{Certainty, ConditionType, Severity};
use facts::InputKind;

use super::PROOF;
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
    certainties: &[Certainty::Likely, Certainty::Hint],
    sight: Sight::Always(
        "bare Pods that nothing else explains, and nodes of a kind that needs a firewall rule: a hint; with --probe-admission a creation tried as a dry run, so that it is likely",
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
    /// A trial creation came back bare, although nothing that can be read stands in the way.
    Trial,
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
        Sign::Trial => (
            "a Pod that is created now (dry run) comes back without it as well",
            "Open the webhook's port between control plane and operator, or see the operator's log for an error",
        ),
    };
    let certainty = if matches!(all.what, Sign::Trial) { Certainty::Likely } else { Certainty::Hint };
    let found = Found::new(&CAUSE, all.severity, certainty)
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
        Sign::Trial => found.because(case.object(), "dry-run creation of a Pod", "no agent"),
    };
    vec![found.until(Some(case.now + PROOF)).pods(all.pods)]
}

fn sign(case: &Case<'_>, lack: &Lack<'_, '_>) -> Option<Sign> {
    let webhook = lack.group.webhook.as_ref().and_then(WebhookVerdict::webhook);
    // Where a handshake from inside the cluster succeeds, it is as likely that the operator itself does nothing.
    let is_silent = webhook.is_some_and(|webhook| !webhook.certificate.by_handshake);
    if is_silent && lack.group.is_bare() && case.trial_is_injected() == Some(false) {
        return Some(Sign::Trial);
    }
    let webhook = webhook.filter(|_| lack.is_unexplained() && lack.group.is_bare())?;
    if let (Some(error), Some(service)) = (&webhook.certificate.error, &webhook.backend.service) {
        let service = format!("{}/{}", service.namespace, service.name);
        return Some(Sign::NoAnswer { service, error: error.clone() });
    }
    // One of another workload that got through since the webhook was registered proves a way as well.
    if case
        .cluster
        .newest_injected()
        .is_some_and(|newest| webhook.created.is_none_or(|since| newest >= since))
    {
        return None;
    }
    let node = case.cluster.node(lack.pod.node.as_deref()?).found()?;
    let provider = &node.spec.provider_id;
    (provider.starts_with("gce://") && !webhook.certificate.by_handshake)
        .then(|| Sign::GoogleNode { node: node.metadata.name.to_string(), provider: provider.to_string() })
}
