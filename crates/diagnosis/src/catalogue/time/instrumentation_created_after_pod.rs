//! B4: the Instrumentation came after the Pod.

use api::{Certainty, ConditionType, Severity};
use facts::InputKind;

use super::explained;
use crate::case::Case;
use crate::catalogue::left_behind::{run, who};
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `InstrumentationCreatedAfterPod`.
pub static CAUSE: Cause = Cause {
    code: "IH-B004",
    reason: "InstrumentationCreatedAfterPod",
    summary: "The Pod is older than the Instrumentation that it asks for; a restart injects it.",
    condition: ConditionType::Injected,
    severities: &[Severity::Error, Severity::Warning],
    certainties: &[Certainty::Certain, Certainty::Likely],
    sight: Sight::Always("the two times of creation"),
    since: "0.1.0",
    reads: &[InputKind::Instrumentations],
    page: include_str!("instrumentation_created_after_pod.md"),
    check,
};

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let Some(all) = explained(case, |lack| lack.instrumentation.clone()) else { return Vec::new() };
    let younger = &all.what;
    let metadata = &younger.instrumentation.metadata.metadata;
    let later = match younger.certainty {
        Certainty::Certain => "was created later",
        _ => "was created in the same second, too late for the operator to know it",
    };
    let (words, command) = case.restart_remedy();
    let found = Found::new(&CAUSE, all.severity, younger.certainty)
        .message(format!(
            "{} {} without the {} agent: Instrumentation {} {later}, and running Pods are never changed.",
            who(case, &all.pods),
            run(&all.pods),
            younger.language,
            younger.instrumentation.full_name()
        ))
        .remedy(words, command);
    let found = match all.pods.first() {
        Some(pod) => found.because(
            format!("Pod/{}", pod.name),
            "metadata.creationTimestamp",
            pod.created.map_or_else(String::new, |created| created.to_string()),
        ),
        None => found,
    };
    vec![
        found
            .because(
                case.object_name("Instrumentation", &metadata.namespace, &metadata.name),
                "metadata.creationTimestamp",
                younger.created.to_string(),
            )
            .pods(all.pods),
    ]
}
