//! D2: the variable that loads the agent takes its value from a reference, so the operator cannot extend it.

use api::{Certainty, ConditionType, Severity};
use facts::{InputKind, Language, Pod, ValueFrom};
use injection::marks::{Hook, hook_variable};
use injection::{SkipReason, TargetOutcome};

use crate::case::{Case, Group};
use crate::catalogue::stopped::{run, skipped, who};
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `EnvValueFromBlocksInjection`.
pub static CAUSE: Cause = Cause {
    code: "IH-D002",
    reason: "EnvValueFromBlocksInjection",
    summary: "The variable that loads the agent takes its value from a reference, so the agent is not hooked in.",
    condition: ConditionType::AgentWired,
    severities: &[Severity::Error, Severity::Warning],
    certainties: &[Certainty::Certain],
    sight: Sight::Always("valueFrom in the hook variable of the container or Instrumentation"),
    since: "0.1.0",
    reads: &[InputKind::Instrumentations],
    page: include_str!("env_value_from_blocks_injection.md"),
    check,
};

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let mut found: Vec<Found<'c>> = in_container(case).into_iter().collect();
    if found.is_empty() {
        found.extend(in_instrumentation(case));
    }
    found
}

/// The container itself has the reference: it is left alone, with neither mount nor variables.
fn in_container<'c>(case: &Case<'c>) -> Option<Found<'c>> {
    let skipped = skipped(case, |reason| matches!(reason, SkipReason::ValueFrom(_)));
    let first = skipped.first()?;
    let SkipReason::ValueFrom(variable) = first.reason else { return None };
    let (language, container) = (first.language.language, first.container);
    let source = source(case, first.pods.first().copied(), container, variable);
    Some(
        Found::new(&CAUSE, case.severity_of_lack_in(&first.pods), Certainty::Certain)
            .message(format!(
                "{} {} without the {language} agent in container {container}: its variable {variable} comes from {source}, and the operator can only extend a plain value.",
                who(case, &first.pods),
                run(&first.pods),
            ))
            .remedy(
                format!("Give {variable} as a plain value in place of valueFrom, in the Pod template"),
                case.edit_command(),
            )
            .because(
                object(case, first.pods.first().copied()),
                format!("spec.containers[{container}].env[{variable}].valueFrom"),
                &source,
            )
            .pods(skipped.iter().flat_map(|skipped| skipped.pods.iter().copied())),
    )
}

/// The Instrumentation brings the reference: mount and common variables are there, the agent's flag is not.
fn in_instrumentation<'c>(case: &Case<'c>) -> Option<Found<'c>> {
    let mut shown = case.injected_groups().filter_map(|group| Some((group, inert(group)?))).peekable();
    let (language, container, variable, pods) = match shown.peek() {
        Some((_, (language, container, variable))) => {
            let (language, container, variable) = (*language, (*container).to_owned(), *variable);
            (language, container, variable, shown.flat_map(|(group, _)| group.pods.clone()).collect())
        }
        None if case.groups.is_empty() => next_inert(case).map(|(l, c, v)| (l, c, v, Vec::new()))?,
        None => return None,
    };
    let instrumentation = case.instrumentation_of(language);
    let name = instrumentation.as_deref().unwrap_or("the Instrumentation");
    let (words, command) = match instrumentation.as_deref().and_then(|name| name.split_once('/')) {
        Some((namespace, name)) => (
            format!("Give {variable} as a plain value there, then restart the workload"),
            format!("kubectl -n {namespace} edit instrumentation {name}"),
        ),
        None => (format!("Give {variable} as a plain value there, then"), case.restart_command()),
    };
    let source = source(case, pods.first().copied(), &container, variable);
    Some(
        Found::new(&CAUSE, case.severity_of_lack_in(&pods).max(Severity::Warning), Certainty::Certain)
            .message(format!(
                "The {language} agent is mounted into container {container} of {} but never loaded: {name} sets {variable} from {source}, so the operator does not add the agent to it.",
                case.subject.id.slug(),
            ))
            .remedy(words, command)
            .because(
                object(case, pods.first().copied()),
                format!("spec.containers[{container}].env[{variable}].valueFrom"),
                &source,
            )
            .pods(pods),
    )
}

/// A language that is mounted into a container whose hook variable is a reference.
fn inert<'s>(group: &'s Group<'_>) -> Option<(Language, &'s str, &'static str)> {
    group.marks.containers.iter().find_map(|container| {
        let agent = container.agents.iter().find(|agent| matches!(agent.hook, Hook::Reference(_)))?;
        let Hook::Reference(variable) = agent.hook else { return None };
        Some((agent.language?, &*container.name, variable))
    })
}

/// The same about the next Pods.
fn next_inert(case: &Case<'_>) -> Option<(Language, String, &'static str)> {
    case.restart.as_ref()?.injected().find_map(|(language, target)| match target.outcome {
        TargetOutcome::InjectedWithoutHook { variable } => {
            Some((language, target.container.to_string(), hook_variable(language).unwrap_or(variable)))
        }
        _ => None,
    })
}

/// Where the value comes from, in words.
fn source(case: &Case<'_>, pod: Option<&Pod>, container: &str, variable: &str) -> String {
    let shape = pod.map(|pod| &pod.shape).or(case.template);
    let containers = shape.map(|shape| shape.spec.containers.iter().chain(&shape.spec.init_containers));
    let found = containers.into_iter().flatten().find(|known| &*known.name == container);
    let from =
        found.and_then(|container| container.env_var(variable)).and_then(|var| var.value_from.as_deref());
    from.map_or_else(|| "a reference".to_owned(), reference_in_words)
}

/// What a value is taken from, in words.
pub fn reference_in_words(from: &ValueFrom) -> String {
    match from {
        ValueFrom { config_map_key_ref: Some(key), .. } => {
            format!("key {} of ConfigMap {}", key.key, key.name)
        }
        ValueFrom { secret_key_ref: Some(key), .. } => format!("key {} of Secret {}", key.key, key.name),
        ValueFrom { field_ref: Some(field), .. } => format!("field {}", field.field_path),
        ValueFrom { resource_field_ref: Some(field), .. } => format!("resource {}", field.resource),
        _ => "a reference".to_owned(),
    }
}

fn object(case: &Case<'_>, pod: Option<&Pod>) -> String {
    pod.map_or_else(|| case.object(), |pod| format!("Pod/{}", pod.name))
}
