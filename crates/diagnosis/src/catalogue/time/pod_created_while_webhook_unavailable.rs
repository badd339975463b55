//! A14: the Pod was created while the operator's webhook did not answer.

use api::{Certainty, ConditionType, Severity};
use facts::InputKind;

use super::{Gap, explained};
use crate::case::Case;
use crate::catalogue::left_behind::{run, who};
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `PodCreatedWhileWebhookUnavailable`.
pub static CAUSE: Cause = Cause {
    code: "IH-A014",
    reason: "PodCreatedWhileWebhookUnavailable",
    summary: "The Pod was created before or while the operator's webhook could not answer; a restart injects it.",
    condition: ConditionType::Injected,
    severities: &[Severity::Error, Severity::Warning],
    certainties: &[Certainty::Certain, Certainty::Likely, Certainty::Hint],
    sight: Sight::Always(
        "creation of the Pod, against the times at which the operator became ready and its webhook was registered",
    ),
    since: "0.1.0",
    reads: &[InputKind::Instrumentations, InputKind::MutatingWebhookConfigurations],
    page: include_str!("pod_created_while_webhook_unavailable.md"),
    check,
};

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let gap = |gap: &Option<Gap>| gap.clone().filter(|gap| !matches!(gap, Gap::Crashed { .. }));
    // A Pod that is created now comes back bare as well: that the operator was away then is not why.
    if case.trial_is_injected() == Some(false) {
        return Vec::new();
    }
    let Some(all) = explained(case, |lack| gap(&lack.gap)) else { return Vec::new() };
    let languages = case.languages_phrase();
    let why = match &all.what {
        Gap::RegisteredLater { .. } => "before the operator's webhook was registered",
        Gap::ServiceLater { .. } => "before the Service of the operator's webhook",
        Gap::ReadyLater { certainty: Certainty::Hint, .. } => "in the seconds in which the operator came up",
        _ => "before the operator became ready, when nobody answered its webhook",
    };
    let (words, command) = case.restart_remedy();
    let found = Found::new(&CAUSE, all.severity, all.what.certainty())
        .message(format!(
            "{} {} without the {languages} agent: created {why}.",
            who(case, &all.pods),
            run(&all.pods)
        ))
        .remedy(words, command);
    let pod = all.pods.first().map(|pod| (format!("Pod/{}", pod.name), pod.created));
    let found = match pod {
        Some((pod, Some(created))) => found.because(pod, "metadata.creationTimestamp", created.to_string()),
        _ => found,
    };
    let found = match &all.what {
        Gap::RegisteredLater { configuration, created } => found.because(
            format!("MutatingWebhookConfiguration/{configuration}"),
            "metadata.creationTimestamp",
            created.to_string(),
        ),
        Gap::ServiceLater { service, created } => {
            found.because(format!("Service/{service}"), "metadata.creationTimestamp", created.to_string())
        }
        Gap::ReadyLater { ready, .. } => {
            let operator = case.operator.deployment.as_ref();
            let object = operator.map_or_else(
                || "Pods of the operator".to_owned(),
                |operator| case.object_name(&operator.kind, &operator.namespace, &operator.name),
            );
            found.because(object, "Pods ready since", ready.to_string())
        }
        Gap::Crashed { .. } => found,
    };
    let found = match case.trial_is_injected() {
        Some(true) => found.because(
            case.object(),
            "dry-run creation of a Pod",
            format!("carries the {languages} agent"),
        ),
        _ => found,
    };
    vec![found.pods(all.pods)]
}
