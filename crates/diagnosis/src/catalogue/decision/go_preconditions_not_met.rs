//! D6: the Pod does not fulfil what the Go agent needs, so it is not added.

use api::{Certainty, ConditionType, Severity};
use facts::{InputKind, Language};
use injection::SkipReason;

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
        SkipReason::GoTargetMissing => (
            "Name the path of the program in the container",
            case.annotate_template_command(GO_TARGET, &program(case, pod, first.container)),
        ),
        SkipReason::GoSeveralContainers => ("Name one container", names.set_command(case, first.container)),
        _ => ("Take shareProcessNamespace: false out of the Pod template", share_command(case)),
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
fn program(case: &Case<'_>, pod: Option<&facts::Pod>, container: &str) -> String {
    let shape = pod.map(|pod| &pod.shape).or(case.template);
    let container =
        shape.and_then(|shape| shape.spec.containers.iter().find(|known| &*known.name == container));
    let program =
        container.and_then(|container| container.command.first()).filter(|path| path.starts_with('/'));
    program.map_or_else(|| "/path/of/the/program".to_owned(), ToString::to_string)
}

fn share_command(case: &Case<'_>) -> String {
    let id = &case.subject.id;
    match &*id.kind {
        "Deployment" | "StatefulSet" | "DaemonSet" => format!(
            r#"kubectl -n {} patch {} --type merge -p '{{"spec":{{"template":{{"spec":{{"shareProcessNamespace":null}}}}}}}}'"#,
            id.namespace,
            id.slug()
        ),
        _ => case.restart_command(),
    }
}
