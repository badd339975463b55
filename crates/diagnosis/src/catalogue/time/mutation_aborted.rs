//! D4: the Pod is bare, everything says that it would be injected, and no time explains it.

use api::{Certainty, ConditionType, Severity};
use facts::{InputKind, Readability};
use injection::{LookupError, Outcome};

use super::{Lack, lacks};
use crate::case::{Case, Group};
use crate::catalogue::left_behind::{run, who};
use crate::cause::{Cause, Sight};
use crate::found::Found;
use crate::operator::WebhookVerdict;

/// `MutationAborted`. The evaluator takes out the Pods that any other cause explains.
pub static CAUSE: Cause = Cause {
    code: "IH-D004",
    reason: "MutationAborted",
    summary: "The Pod lacks the agent although nothing that can be read says why; the operator's log may.",
    condition: ConditionType::Injected,
    severities: &[Severity::Error, Severity::Warning],
    certainties: &[Certainty::Likely, Certainty::Hint],
    sight: Sight::Always(
        "bare Pods that nothing else explains: a hint, for the reason stands in the operator's log only; with --probe-admission a creation tried as a dry run, so that it is likely",
    ),
    since: "0.1.0",
    reads: &[InputKind::MutatingWebhookConfigurations, InputKind::Instrumentations],
    page: include_str!("mutation_aborted.md"),
    check,
};

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    if case.is_manifest() {
        return Vec::new();
    }
    let is_refuted = case.trial_is_injected() == Some(false);
    let is_explained = |lack: &Lack<'_, '_>| !lack.is_unexplained() && !is_refuted;
    let explained: Vec<_> = lacks(case).into_iter().filter(is_explained).collect();
    let mut pods = Vec::new();
    let mut severity = Severity::Warning;
    for group in case.lacking_groups().filter(|group| is_known(group)) {
        let before = pods.len();
        let by_time = |pod: &&facts::Pod| explained.iter().any(|lack| std::ptr::eq(lack.pod, *pod));
        pods.extend(group.pods.iter().copied().filter(|pod| !by_time(pod)));
        if pods.len() > before {
            severity = severity.max(case.severity_of_lack(group));
        }
    }
    let Some(first) = pods.first() else { return Vec::new() };
    // In a set of manifests what is not there is unknown, and may be all that is missing.
    let webhooks = case.cluster.readability(InputKind::MutatingWebhookConfigurations);
    if *webhooks == Readability::Partial {
        severity = Severity::Warning;
    }
    let operator = case.operator.deployment.as_ref();
    let log = operator.map_or_else(
        || "the operator's log may tell".to_owned(),
        |operator| format!("the log of {} in {} may tell", operator.slug(), operator.namespace),
    );
    let (words, command) = case.restart_remedy();
    let (certainty, also) = if is_refuted {
        (Certainty::Likely, ", a Pod that is created now (dry run) comes back without it as well")
    } else {
        (Certainty::Hint, "")
    };
    let found = Found::new(&CAUSE, severity, certainty).message(format!(
        "{} {} without the {} agent{also}, and nothing that can be read says why; {log}.",
        who(case, &pods),
        run(&pods),
        case.languages_phrase()
    ));
    let found = match operator.filter(|_| is_refuted) {
        Some(operator) => found
            .remedy(
                "Read the operator's log",
                format!("kubectl -n {} logs {}", operator.namespace, operator.slug()),
            )
            .because(case.object(), "dry-run creation of a Pod", "no agent"),
        None => found.remedy(words, command),
    };
    vec![
        found
            .because(
                format!("Pod/{}", first.name),
                "metadata.creationTimestamp",
                first.created.map_or_else(String::new, |created| created.to_string()),
            )
            .pods(pods.iter().copied()),
    ]
}

/// Whether enough can be read to say that nothing explains it, and the operator is not known to be out of reach.
fn is_known(group: &Group<'_>) -> bool {
    let undecided = |outcome: &Outcome| {
        matches!(
            outcome,
            Outcome::Undecided { .. } | Outcome::LookupFailed { error: LookupError::Unknown, .. }
        )
    };
    let decided = group.decision.as_ref().is_none_or(|decision| !undecided(&decision.outcome));
    decided && group.webhook.as_ref().is_none_or(WebhookVerdict::may_answer)
}
