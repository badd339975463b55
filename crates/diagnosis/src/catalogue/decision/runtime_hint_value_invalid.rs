//! D7: the annotation about platform or runtime has a value that the operator does not know.

use api::{Certainty, ConditionType, Severity};
use facts::InputKind;
use injection::SkipReason;

use crate::case::Case;
use crate::catalogue::annotation::keys::{DOTNET_RUNTIME, PYTHON_PLATFORM};
use crate::catalogue::origin::origin;
use crate::catalogue::stopped::{run, skipped, who};
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `RuntimeHintValueInvalid`.
pub static CAUSE: Cause = Cause {
    code: "IH-D007",
    reason: "RuntimeHintValueInvalid",
    summary: "The annotation about platform or runtime has a value that the operator does not know.",
    condition: ConditionType::Injected,
    severities: &[Severity::Error, Severity::Warning],
    certainties: &[Certainty::Certain],
    sight: Sight::Always("the value of the annotation"),
    since: "0.1.0",
    reads: &[InputKind::Instrumentations],
    page: include_str!("runtime_hint_value_invalid.md"),
    check,
};

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let is_hint =
        |reason: &SkipReason| matches!(reason, SkipReason::PythonPlatform(_) | SkipReason::DotNetRuntime(_));
    let skipped = skipped(case, is_hint);
    let Some(first) = skipped.first() else { return Vec::new() };
    let (key, [glibc, musl]) = match first.reason {
        SkipReason::PythonPlatform(_) => (PYTHON_PLATFORM, ["glibc", "musl"]),
        _ => (DOTNET_RUNTIME, ["linux-x64", "linux-musl-x64"]),
    };
    let pod = first.pods.first().copied();
    let origin = origin(case, pod, key);
    let value = origin.value.to_lowercase();
    let meant = if value.contains("musl") || value.contains("alpine") { musl } else { glibc };
    // Python's init container is added all the same, and copies from nowhere.
    let fails = case.groups.iter().any(|group| group.marks.agents.iter().any(|agent| agent.source_missing));
    let effect = if fails {
        "; its init container has nothing to copy and fails, so the Pod does not start"
    } else {
        ""
    };
    let mut found = Found::new(&CAUSE, case.severity_of_lack_in(&first.pods), Certainty::Certain)
        .message(format!(
            "{} {} without the {} agent: {key} is {:?}{}, and only {glibc} and {musl} are known{effect}.",
            who(case, &first.pods),
            run(&first.pods),
            first.language.language,
            origin.value,
            origin.place(),
        ))
        .remedy(format!("Say {glibc}, or {musl} for Alpine images"), origin.set_command(case, meant))
        .because(&*origin.object, origin.field(), origin.value);
    for group in &case.groups {
        if let (Some(agent), Some(pod)) =
            (group.marks.agents.iter().find(|agent| agent.source_missing), group.pods.first())
        {
            found = found.because(
                format!("Pod/{}", pod.name),
                format!("spec.initContainers[{}].command[2]", agent.name),
                "",
            );
        }
    }
    vec![found.pods(skipped.iter().flat_map(|skipped| skipped.pods.iter().copied()))]
}
