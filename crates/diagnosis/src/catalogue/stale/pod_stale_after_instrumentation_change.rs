//! I1: the Instrumentation was changed, and running Pods keep what it said before.

use api::{Certainty, ConditionType, Severity};
use facts::{InputKind, Pod};

use super::drift::{Difference, Drift, drifts};
use crate::case::Case;
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `PodStaleAfterInstrumentationChange`.
pub static CAUSE: Cause = Cause {
    code: "IH-I001",
    reason: "PodStaleAfterInstrumentationChange",
    summary: "The Instrumentation was changed, and running Pods keep what it said before.",
    condition: ConditionType::UpToDate,
    severities: &[Severity::Error, Severity::Warning, Severity::Info],
    certainties: &[Certainty::Certain],
    sight: Sight::Always(
        "the Pod's variables, against what the operator would inject now, and the time of the last change",
    ),
    since: "0.1.0",
    reads: &[InputKind::Instrumentations],
    page: include_str!("pod_stale_after_instrumentation_change.md"),
    check,
};

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let drifts = drifts(case);
    let mut pods: Vec<&'c Pod> = Vec::new();
    let mut all: Vec<(Severity, &Drift<'_, '_>, &Difference)> = Vec::new();
    for drift in &drifts {
        for pod in &drift.pods {
            if !pods.iter().any(|known| std::ptr::eq(*known, *pod)) {
                pods.push(pod);
            }
        }
        for difference in drift.differences() {
            // What concerns the Pod as a whole is found for each of its containers.
            if !all.iter().any(|(.., known)| known.field == difference.field && known.name == difference.name)
            {
                all.push((effect(difference), drift, difference));
            }
        }
    }
    // The gravest first; of equals the first that was found.
    all.sort_by_key(|(severity, ..)| std::cmp::Reverse(*severity));
    let Some((&(severity, drift, difference), others)) = all.split_first() else { return Vec::new() };
    let Some(pod) = drift.pods.first() else { return Vec::new() };
    let name = drift.instrumentation.full_name();
    let total: usize = case.injected_groups().map(|group| group.pods.len()).sum();
    let who = match pods.as_slice() {
        [one] => format!("Pod {} runs", one.name),
        several => format!("{} of {total} Pods run", several.len()),
    };
    let more = match others.len() {
        0 => String::new(),
        1 => " (and one more field differs)".to_owned(),
        more => format!(" (and {more} more fields differ)"),
    };
    let since = if drift.chosen_later { "chosen by the Namespace" } else { "changed" };
    let mut found = Found::new(&CAUSE, severity, Certainty::Certain)
        .message(format!(
            "{who} with {} {}; Instrumentation {name} says {} since it was {since}{more}, and running Pods are never changed.",
            difference.name, difference.has, difference.would_get
        ))
        .remedy("Make the Pods anew", case.restart_command())
        .because(format!("Pod/{}", pod.name), &difference.field, &difference.has)
        .because(format!("Instrumentation/{name}"), format!("value for {}", difference.name), &difference.would_get);
    if let (Some(created), Some(changed)) = (pod.created, drift.changed) {
        let (object, field) = if drift.chosen_later {
            (format!("Namespace/{}", case.subject.id.namespace), "metadata.managedFields time of annotation")
        } else {
            (format!("Instrumentation/{name}"), "metadata.managedFields time of spec")
        };
        found = found
            .because(format!("Pod/{}", pod.name), "metadata.creationTimestamp", created.to_string())
            .because(object, field, changed.to_string());
    }
    for (_, drift, other) in others {
        let pod = drift.pods.first().map_or("", |pod| &*pod.name);
        let value = format!("{} (now: {})", other.has, other.would_get);
        found = found.because(format!("Pod/{pod}"), &other.field, value);
    }
    vec![found.pods(pods)]
}

/// What a difference does: variables that decide where or whether telemetry goes lose it; an older agent still reports.
fn effect(difference: &Difference) -> Severity {
    let name = &*difference.name;
    let decides = name.starts_with("OTEL_EXPORTER_")
        || name.starts_with("OTEL_TRACES_SAMPLER")
        || (name.starts_with("OTEL_") && name.ends_with("S_EXPORTER"))
        || matches!(name, "OTEL_SDK_DISABLED" | "OTEL_JAVAAGENT_ENABLED");
    match name {
        _ if decides => Severity::Error,
        // Traces fall apart where services do not hand the context on in the same way.
        "OTEL_PROPAGATORS" => Severity::Warning,
        _ => Severity::Info,
    }
}
