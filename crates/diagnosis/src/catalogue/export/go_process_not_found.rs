//! H15: the Go agent waits for a program that the Pod does not run.

use api::{Certainty, ConditionType, Severity};
use facts::{Container, Language, Pod};

use crate::case::Case;
use crate::catalogue::targets::{TargetContainer, targets};
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `GoProcessNotFound`.
pub static CAUSE: Cause = Cause {
    code: "IH-H015",
    reason: "GoProcessNotFound",
    summary: "The Go agent is told to watch a program that no container of the Pod starts.",
    condition: ConditionType::AgentWired,
    severities: &[Severity::Error],
    certainties: &[Certainty::Likely],
    sight: Sight::Always(
        "the program in the annotation, against an absolute path in the command; what a process starts does not show, so it is likely, not certain",
    ),
    since: "0.1.0",
    reads: &[],
    page: include_str!("go_process_not_found.md"),
    check,
};

/// The variable that names the program; the annotation of the same meaning becomes it.
const TARGET: &str = "OTEL_GO_AUTO_TARGET_EXE";
/// The annotation.
const ANNOTATION: &str = "instrumentation.opentelemetry.io/otel-go-auto-target-exe";

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let other = another_program(case);
    if other.is_empty() { no_program(case) } else { other }
}

/// The operator takes an empty annotation or variable for an answer, and the agent is left without a program.
fn no_program<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let of_go = targets(case).into_iter().filter(|target| target.language == Language::Go);
    let is_empty = |target: &TargetContainer<'_, '_>| {
        let variable = target.container.env_var(TARGET);
        variable.is_some_and(|variable| variable.value_from.is_none() && variable.literal().is_empty())
    };
    let nameless: Vec<_> = of_go.filter(is_empty).collect();
    let Some(first) = nameless.first() else { return Vec::new() };
    vec![
        Found::new(&CAUSE, Severity::Error, Certainty::Likely)
            .message(format!(
                "The Go agent of {} is told of no program to watch: {TARGET} is empty.",
                case.subject.id.slug()
            ))
            .remedy(
                "Name the path of the program in the container",
                case.annotate_template_command(ANNOTATION, "/path/of/the/program"),
            )
            .because(first.object(), format!("spec.containers[{}].env[{TARGET}]", first.name), "empty")
            .pods(nameless.iter().flat_map(|target| target.pods().iter().copied())),
    ]
}

fn another_program<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let mut pods: Vec<&'c Pod> = Vec::new();
    let mut first = None;
    for target in targets(case).into_iter().filter(|target| target.language == Language::Go) {
        let Some((wanted, _)) = target.env.get(TARGET) else { continue };
        let spec = &target.group.shape.spec;
        let others: Vec<&Container> =
            spec.containers.iter().filter(|container| container.name != *target.name).collect();
        let Some(started) = all_start_another(&others, &wanted.text) else { continue };
        pods.extend(target.pods());
        first.get_or_insert((target.object(), target.name, wanted.text, started));
    }
    let Some((object, sidecar, wanted, (container, program))) = first else { return Vec::new() };
    vec![
        Found::new(&CAUSE, Severity::Error, Certainty::Likely)
            .message(format!(
                "The Go agent waits for {wanted}, but container {container} starts {program}: it will never find its process."
            ))
            .remedy("Name the program that runs", case.annotate_template_command(ANNOTATION, &program))
            .because(object.clone(), format!("spec.containers[{sidecar}].env[{TARGET}]"), wanted)
            .because(object, format!("spec.containers[{container}].command[0]"), program)
            .pods(pods),
    ]
}

/// The first container and its program, where every container says by an absolute path that it starts something else. A
/// command that may start other programs (a shell, an init) says nothing.
fn all_start_another(containers: &[&Container], wanted: &str) -> Option<(String, String)> {
    let explicit = |container: &&Container| {
        let program = container.command.first().filter(|program| program.starts_with('/'))?;
        let words = container.command.iter().chain(&container.args);
        let starts_others = LAUNCHERS.contains(&program.rsplit('/').next().unwrap_or_default())
            || program.ends_with(".sh")
            || words.into_iter().any(|word| word.contains(wanted));
        (!starts_others && **program != *wanted).then(|| (container.name.to_string(), program.to_string()))
    };
    let programs: Option<Vec<_>> = containers.iter().map(explicit).collect();
    programs?.into_iter().next()
}

const LAUNCHERS: [&str; 12] = [
    "sh",
    "bash",
    "ash",
    "dash",
    "busybox",
    "env",
    "tini",
    "dumb-init",
    "s6-svscan",
    "supervisord",
    "su",
    "gosu",
];
