//! D6: the Pod does not fulfil what the Go agent needs, so it is not added.

use api::{Certainty, ConditionType, Severity};
use facts::{InputKind, Language};
use injection::SkipReason;
use serde_json::json;

use crate::case::Case;
use crate::catalogue::annotation::keys::GO_TARGET;
use crate::catalogue::obstacle;
use crate::catalogue::origin::origin;
use crate::catalogue::stopped::{run, skipped, who};
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `GoPreconditionsNotMet`.
pub static CAUSE: Cause = Cause {
    code: "IH-D006",
    reason: "GoPreconditionsNotMet",
    summary: "The Pod lacks something that the Go agent needs, so the agent is not added.",
    condition: ConditionType::Injected,
    severities: &[Severity::Error, Severity::Warning],
    certainties: &[Certainty::Certain],
    sight: Sight::Always("the Pod lacks what the operator asks for before it adds the Go agent"),
    since: "0.1.0",
    reads: &[InputKind::Instrumentations],
    page: include_str!("go_preconditions_not_met.md"),
    check,
};

/// Only people know the program: a path that is made up would be waited for without end.
const UNKNOWN_PROGRAM: &str = "Put the path of the container's program into the annotation instrumentation.opentelemetry.io/otel-go-auto-target-exe of the Pod template";

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let needs = |reason: &SkipReason| {
        matches!(
            reason,
            SkipReason::GoTargetMissing
                | SkipReason::GoSeveralContainers
                | SkipReason::ProcessNamespaceNotShared
        )
    };
    let skipped = skipped(case, needs);
    let Some(first) = skipped.first() else { return Vec::new() };
    let pod = first.pods.first().copied();
    let names = origin(case, pod, Language::Go.container_names_key());
    let why = obstacle::skipped(Language::Go, first.container, first.reason, None);
    let (words, command) = match first.reason {
        SkipReason::GoTargetMissing => match program(case, pod, first.container) {
            Some(program) => (
                "Name the path of the program in the container",
                case.annotate_template_command(GO_TARGET, program),
            ),
            None => (UNKNOWN_PROGRAM, case.edit_command()),
        },
        SkipReason::GoSeveralContainers => ("Name one container", names.set_command(case, first.container)),
        _ => (
            "Take shareProcessNamespace: false out of the Pod template",
            case.merge_into_template_command(&json!({"spec": {"shareProcessNamespace": null}})),
        ),
    };
    let request = origin(case, pod, Language::Go.inject_key());
    let found = Found::new(&CAUSE, case.severity_of_lack_in(&first.pods), Certainty::Certain)
        .message(format!("{} {} without the Go agent: {why}.", who(case, &first.pods), run(&first.pods)))
        .remedy(words, command)
        .because(&*request.object, request.field(), request.value);
    let found = match first.reason {
        SkipReason::GoTargetMissing => {
            found.because(request.object, format!("metadata.annotations[{GO_TARGET}]"), "absent")
        }
        SkipReason::GoSeveralContainers => found.because(&*names.object, names.field(), names.value),
        _ => found.because(case.object(), "spec.template.spec.shareProcessNamespace", "false"),
    };
    vec![found.pods(skipped.iter().flat_map(|skipped| skipped.pods.iter().copied()))]
}

/// The program that the container starts, where the template says it with its whole path.
fn program<'k>(case: &'k Case<'_>, pod: Option<&'k facts::Pod>, container: &str) -> Option<&'k str> {
    let shape = pod.map(|pod| &pod.shape).or(case.template)?;
    let container = shape.spec.containers.iter().find(|known| &*known.name == container)?;
    container.command.first().filter(|path| path.starts_with('/')).map(|path| &**path)
}
