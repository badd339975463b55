//! C11: only a collector sidecar is asked for, where an agent was most likely meant.

use api::{Certainty, ConditionType, Severity};
use facts::{INSTRUMENTATION_PREFIX, InputKind, Language, Pod, PodShape, SIDECAR_INJECT, StringMap};
use injection::annotation::{Request, effective_value};
use injection::{Outcome, Sidecar, SidecarError, SidecarProblem};

use crate::case::Case;
use crate::catalogue::origin::{Origin, origin};
use crate::catalogue::runtime::{Runtime, guess};
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `SidecarAnnotationMistakenForInjection`.
pub static CAUSE: Cause = Cause {
    code: "IH-C011",
    reason: "SidecarAnnotationMistakenForInjection",
    summary: "The annotation asks for a collector sidecar, not for an agent, and there is no such collector.",
    condition: ConditionType::AnnotationsValid,
    severities: &[Severity::Error, Severity::Warning],
    certainties: &[Certainty::Certain],
    sight: Sight::Always(
        "the sidecar annotation stands alone, and no collector of mode sidecar is there for it",
    ),
    since: "0.1.0",
    reads: &[InputKind::Collectors],
    page: include_str!("sidecar_annotation_mistaken_for_injection.md"),
    check,
};

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let Some(mistaken) = mistaken(case) else { return Vec::new() };
    let pods: Vec<&'c Pod> = case.groups.iter().flat_map(|group| group.pods.iter().copied()).collect();
    let pods_exist = !pods.is_empty() || case.wants_pods();
    let Origin { value, .. } = &mistaken;
    let namespace = &case.subject.id.namespace;
    let missing = match Request::parse(value) {
        Request::Named { namespace: other, name } => {
            format!("no collector {name} of mode sidecar in namespace {}", other.unwrap_or(namespace))
        }
        _ => format!("no collector of mode sidecar in namespace {namespace}"),
    };
    let (words, command) = match likely_language(case) {
        Some(language) => (
            format!("Ask for the {language} agent, which its image or command suggests"),
            case.annotate_template_command(language.inject_key(), "true"),
        ),
        None => (
            "Ask for the agent of the application's language (inject-java, -nodejs, -python, -dotnet …) in the Pod template".to_owned(),
            case.edit_command(),
        ),
    };
    vec![
        Found::new(&CAUSE, if pods_exist { Severity::Error } else { Severity::Warning }, Certainty::Certain)
            .message(format!(
                "{} asks for a collector beside the application by {SIDECAR_INJECT} and there is {missing}; no agent is asked for, which takes an annotation inject-<language>.",
                case.subject.id.slug(),
            ))
            .remedy(words, command)
            .because(&*mistaken.object, mistaken.field(), *value)
            .because(case.object(), format!("spec.template.metadata.annotations[{INSTRUMENTATION_PREFIX}inject-*]"), "absent")
            .because(format!("Namespace/{namespace}"), "opentelemetrycollectors.opentelemetry.io", missing)
            .pods(pods),
    ]
}

/// What the first container most likely runs.
fn likely_language(case: &Case<'_>) -> Option<Language> {
    let pod = case.groups.first().map(|group| group.shape);
    match guess(case.template.or(pod)?.spec.containers.first()?)? {
        Runtime::Of(language) => Some(language),
        Runtime::Other(_) => None,
    }
}

/// The sidecar annotation that stands alone: no key about injection beside it, no collector that it could mean, and none
/// in the Pods.
pub fn mistaken<'s>(case: &'s Case<'_>) -> Option<Origin<'s>> {
    let pod = case.groups.iter().find(|group| group.current).and_then(|group| group.pods.first().copied());
    let shape = case.template.or(pod.map(|pod| &pod.shape))?;
    let alone = !names_injection(case.namespace_annotations)
        && case.groups.iter().all(|group| group.marks.is_empty() && group.marks.collector.is_none())
        && case.groups.iter().all(|group| !names_injection(&group.shape.annotations))
        && !names_injection(&shape.annotations)
        && case.subject.workload.is_none_or(|workload| !names_injection(&workload.annotations));
    let value = effective_value(case.namespace_annotations, &shape.annotations, SIDECAR_INJECT);
    let asked = Request::parse(value) != Request::Nothing;
    (asked && alone && no_collector(case, shape))
        .then(|| origin(case, pod.filter(|_| case.template.is_none()), SIDECAR_INJECT))
}

/// Whether the operator would find no collector that can be a sidecar.
fn no_collector(case: &Case<'_>, shape: &PodShape) -> bool {
    let decision = case.decide(shape, None);
    let none =
        matches!(decision.sidecar, Sidecar::NotSelected(SidecarProblem::None | SidecarProblem::NotSidecar))
            || matches!(decision.outcome, Outcome::SidecarFailed(SidecarError::NotFound { .. }));
    none && case.readability_here(InputKind::Collectors).is_exhaustive()
}

fn names_injection(annotations: &StringMap) -> bool {
    let is_about = |key: &str| {
        key.get(..INSTRUMENTATION_PREFIX.len())
            .is_some_and(|prefix| prefix.eq_ignore_ascii_case(INSTRUMENTATION_PREFIX))
    };
    annotations.iter().any(|(key, _)| is_about(key))
}
