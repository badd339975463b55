//! C3: the agent of one language sits in a container that most likely runs another.

use api::{Certainty, ConditionType, Severity};
use facts::{Container, Language};
use injection::marks::ContainerMarks;

use crate::case::{Case, Group};
use crate::catalogue::runtime::{Runtime, guess};
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `AnnotationLanguageMismatch`.
pub static CAUSE: Cause = Cause {
    code: "IH-C003",
    reason: "AnnotationLanguageMismatch",
    summary: "The agent of one language was put into a container that seems to run another.",
    condition: ConditionType::AnnotationsValid,
    severities: &[Severity::Warning, Severity::Info],
    certainties: &[Certainty::Hint],
    sight: Sight::HintOnly(
        "the runtime in a container does not show; named where the image or command speaks of another language",
    ),
    since: "0.1.0",
    reads: &[],
    page: include_str!("annotation_language_mismatch.md"),
    check,
};

/// An agent in a container that runs something else.
struct Mismatch<'s> {
    container: &'s Container,
    injected: Language,
    runtime: Runtime,
}

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let shown = case.injected_groups().filter_map(|group| Some((group, mismatch(group)?)));
    let mut shown = shown.peekable();
    let Some((first, mismatch)) = shown.next() else { return every_language(case).into_iter().collect() };
    let Mismatch { container, injected, runtime } = mismatch;
    let Some(pod) = first.pods.first() else { return Vec::new() };
    let right = match runtime {
        Runtime::Of(language) => Some(language),
        Runtime::Other(_) => None,
    };
    // What the Namespace asks for goes on being asked for unless the template says no.
    let off = case.namespace_annotations.contains_key(injected.inject_key()).then_some("false");
    let annotations: Vec<(&str, Option<&str>)> = [(injected.inject_key(), off)]
        .into_iter()
        .chain(right.map(|language| {
            let value = first
                .asked
                .iter()
                .find(|asked| asked.language == injected)
                .map_or("true", |asked| &*asked.value);
            (language.inject_key(), Some(value))
        }))
        .collect();
    let words = match right {
        Some(right) => format!("If it is {}, ask for {right} instead", runtime.name()),
        None => {
            format!("If it is {}, ask for no agent: the operator has no agent for it", runtime.name())
        }
    };
    vec![
        Found::new(&CAUSE, Severity::Warning, Certainty::Hint)
            .message(format!(
                "Container {} of {} carries the {injected} agent but seems to run {}, where that agent does nothing.",
                container.name,
                case.subject.id.slug(),
                runtime.name(),
            ))
            .remedy(words, case.patch_template_command(&annotations))
            .because(format!("Pod/{}", pod.name), format!("spec.containers[{}].image", container.name), &container.image)
            .because(
                format!("Pod/{}", pod.name),
                format!("spec.containers[{}].command", container.name),
                container.command.join(" "),
            )
            .pods(first.pods.iter().chain(shown.flat_map(|(group, _)| &group.pods)).copied()),
    ]
}

/// Agents from so many languages in one container were asked for by somebody who did not know which it runs.
const MANY: usize = 3;

/// A process loads the agent of its own runtime, so nothing is lost; the others cost start-up time and space.
fn every_language<'c>(case: &Case<'c>) -> Option<Found<'c>> {
    case.injected_groups().find_map(|group| {
        let all = |marks: &ContainerMarks| -> Vec<String> {
            marks.agents.iter().filter_map(|agent| agent.language).map(|language| language.to_string()).collect()
        };
        let marks = group.marks.containers.iter().find(|marks| all(marks).len() >= MANY)?;
        let pod = group.pods.first()?;
        Some(
            Found::new(&CAUSE, Severity::Info, Certainty::Hint)
                .message(format!(
                    "Container {} of {} carries the agents of {} at once; it loads only that of the language it runs.",
                    marks.name,
                    case.subject.id.slug(),
                    all(marks).join(", "),
                ))
                .remedy(
                    "Ask for the language that it runs, and say \"false\" to the others in the Pod template",
                    case.edit_command(),
                )
                .because(format!("Pod/{}", pod.name), format!("spec.containers[{}].volumeMounts", marks.name), all(marks).join(", "))
                .pods(group.pods.iter().copied()),
        )
    })
}

fn mismatch<'s>(group: &'s Group<'_>) -> Option<Mismatch<'s>> {
    let containers = &group.shape.spec.containers;
    for marks in group.marks.containers.iter().filter(|marks| !marks.is_init) {
        let Some(container) = containers.iter().find(|container| container.name == marks.name) else {
            continue;
        };
        let Some(runtime) = guess(container) else { continue };
        // Where several agents share a container, one of them may be right.
        let injected: Vec<Language> = marks.agents.iter().filter_map(|agent| agent.language).collect();
        if let [injected] = injected.as_slice()
            && runtime != Runtime::Of(*injected)
        {
            return Some(Mismatch { container, injected: *injected, runtime });
        }
    }
    None
}
