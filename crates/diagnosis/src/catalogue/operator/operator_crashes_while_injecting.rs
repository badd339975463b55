//! A11: the operator crashed just when the Pod was created.

use api::{Certainty, ConditionType, Severity};
use facts::InputKind;

use crate::case::Case;
use crate::catalogue::left_behind::{run, who};
use crate::catalogue::time::{Gap, explained};
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `OperatorCrashesWhileInjecting`.
pub static CAUSE: Cause = Cause {
    code: "IH-A011",
    reason: "OperatorCrashesWhileInjecting",
    summary: "The operator's container ended with an error within seconds of the creation of the Pod.",
    condition: ConditionType::Injected,
    severities: &[Severity::Error, Severity::Warning],
    certainties: &[Certainty::Likely],
    sight: Sight::Always(
        "the last end of the operator's container, against the time at which the Pod was created",
    ),
    since: "0.1.0",
    reads: &[InputKind::Instrumentations, InputKind::MutatingWebhookConfigurations],
    page: include_str!("operator_crashes_while_injecting.md"),
    check,
};

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let crashed = |gap: &Option<Gap>| match gap {
        Some(Gap::Crashed { pod, crash }) => Some((pod.clone(), crash.clone())),
        _ => None,
    };
    let Some(all) = explained(case, |lack| crashed(&lack.gap)) else { return Vec::new() };
    let (pod, crash) = &all.what;
    let namespace = case.operator.deployment.as_ref().map_or("", |operator| &*operator.namespace);
    let advice = if &*crash.reason == "OOMKilled" {
        "Give the operator more memory (Helm: manager.resources) and a second replica, then restart"
    } else {
        "See why it crashed, give it a second replica, then restart"
    };
    vec![
        Found::new(&CAUSE, all.severity, Certainty::Likely)
            .message(format!(
                "{} {} without the {} agent: created when the operator's Pod {pod} had crashed ({}, exit code {}).",
                who(case, &all.pods),
                run(&all.pods),
                case.languages_phrase(),
                crash.reason,
                crash.exit_code
            ))
            .remedy(
                format!("{advice} {}", case.subject.id.slug()),
                format!("kubectl -n {namespace} logs {pod} --previous"),
            )
            .because(
                case.object_name("Pod", namespace, pod),
                "status.containerStatuses[].lastState.terminated.finishedAt",
                crash.at.to_string(),
            )
            .because(
                all.pods.first().map_or_else(String::new, |pod| format!("Pod/{}", pod.name)),
                "metadata.creationTimestamp",
                all.pods.first().and_then(|pod| pod.created).map_or_else(String::new, |time| time.to_string()),
            )
            .pods(all.pods),
    ]
}
