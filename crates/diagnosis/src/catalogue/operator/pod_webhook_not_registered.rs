//! A2: the API server does not know the operator's Pod webhook.

use api::{Certainty, ConditionType, Severity};
use facts::InputKind;

use super::unasked::{Standing, unasked};
use crate::case::Case;
use crate::cause::{Cause, Sight};
use crate::found::Found;
use crate::operator::{Fault, WebhookVerdict};

/// `PodWebhookNotRegistered`.
pub static CAUSE: Cause = Cause {
    code: "IH-A002",
    reason: "PodWebhookNotRegistered",
    summary: "No webhook configuration names the operator's Pod webhook, or the operator serves none, so that it is never asked.",
    condition: ConditionType::OperatorReady,
    severities: &[Severity::Error, Severity::Warning, Severity::Info],
    certainties: &[Certainty::Certain],
    sight: Sight::Always(
        "no MutatingWebhookConfiguration has an entry that leads to /mutate-v1-pod of the operator, or the operator behind it runs with its webhooks switched off",
    ),
    since: "0.1.0",
    reads: &[InputKind::MutatingWebhookConfigurations, InputKind::Services],
    page: include_str!("pod_webhook_not_registered.md"),
    check,
};

/// Where the manifest of each release of the operator is (README of the operator, "Getting started").
const RELEASES: &str = "https://github.com/open-telemetry/opentelemetry-operator/releases";
const MANIFEST: &str = "opentelemetry-operator.yaml";

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let hit = unasked(case, |verdict| {
        let left = match verdict {
            WebhookVerdict::NotRegistered => None,
            WebhookVerdict::Broken { webhook, faults } if faults.contains(&Fault::SwitchedOff) => {
                Some(*webhook)
            }
            _ => return None,
        };
        Some((left, Standing::Lasting))
    });
    let Some(hit) = hit else { return Vec::new() };
    let registered = hit.what;
    let operator = case.operator;
    let (why, words, command) = match &operator.deployment {
        Some(deployment) if !operator.config.webhooks => (
            format!("{} runs with its webhooks switched off", deployment.slug()),
            match registered {
                Some(_) => "Switch webhooks on, then restart",
                None => "Switch webhooks on, apply the operator's webhook configurations, then restart",
            },
            format!("kubectl -n {} set env {} ENABLE_WEBHOOKS=true", deployment.namespace, deployment.slug()),
        ),
        Some(deployment) => (
            format!("{} runs, but its webhook configuration is gone", deployment.slug()),
            "Install the operator's webhook configurations again, then restart",
            match operator.config.version.filter(|_| !operator.by_helm) {
                Some(version) => {
                    format!("kubectl apply --server-side -f {RELEASES}/download/v{version}/{MANIFEST}")
                }
                // Which chart, repository and values it was installed from is not known here.
                None => format!("helm -n {} list", deployment.namespace),
            },
        ),
        None => (
            if case.knows(InputKind::Deployments) {
                "the cluster has no operator".to_owned()
            } else {
                "no Deployment of it can be seen".to_owned()
            },
            "Install the operator, then restart",
            format!("kubectl apply --server-side -f {RELEASES}/latest/download/{MANIFEST}"),
        ),
    };
    let what = match registered {
        Some(webhook) => {
            format!("nobody serves the webhook that {} registers for Pods", webhook.configuration)
        }
        None => "no MutatingWebhookConfiguration calls the OpenTelemetry Operator for Pods".to_owned(),
    };
    let mut found = hit
        .found(&CAUSE, Certainty::Certain)
        .message(format!("{}: {what}; {why}.", hit.subject_phrase()))
        .remedy(format!("{words} {}", case.subject.id.slug()), command);
    if registered.is_none() {
        found = found.because(
            "MutatingWebhookConfiguration",
            "webhooks[].clientConfig",
            "none has the path /mutate-v1-pod of this operator",
        );
    }
    if let (Some(deployment), false) = (&operator.deployment, operator.config.webhooks) {
        let object = case.object_name(&deployment.kind, &deployment.namespace, &deployment.name);
        let value = operator.webhooks_variable.as_deref().unwrap_or("switched off by flag or file");
        found = found.because(object, "spec.template.spec.containers[].env[ENABLE_WEBHOOKS]", value);
    }
    vec![found]
}
