//! C1: the annotation stands on the workload or its Service, where the operator never looks.

use api::{Certainty, ConditionType, Severity};
use facts::{InputKind, Language, StringMap};
use injection::annotation::Request;

use crate::case::Case;
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `AnnotationNotOnPodTemplate`.
pub static CAUSE: Cause = Cause {
    code: "IH-C001",
    reason: "AnnotationNotOnPodTemplate",
    summary: "The annotation stands on the workload itself or its Service, not on its Pod template.",
    condition: ConditionType::AnnotationsValid,
    severities: &[Severity::Error, Severity::Warning],
    certainties: &[Certainty::Certain],
    sight: Sight::Always(
        "the annotation stands on the workload or its Service, and neither on its template nor on the Namespace",
    ),
    since: "0.1.0",
    reads: &[InputKind::Services],
    page: include_str!("annotation_not_on_pod_template.md"),
    check,
};

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let misplaced: Vec<Misplaced<'_>> =
        places(case).into_iter().flat_map(|(place, own)| misplaced(case, place, own)).collect();
    let Some(first) = misplaced.first() else { return Vec::new() };
    let languages = case.languages();
    // Where another language is asked for in the right place, this may be a relic.
    let severity = if (case.wants_pods() || !case.groups.is_empty()) && languages.is_empty() {
        Severity::Error
    } else {
        Severity::Warning
    };
    let key = first.language.inject_key();
    let path = if &*case.subject.id.kind == "CronJob" {
        "spec.jobTemplate.spec.template.metadata.annotations"
    } else {
        "spec.template.metadata.annotations"
    };
    let slug = case.subject.id.slug();
    let mut found = Found::new(&CAUSE, severity, Certainty::Certain)
        .message(format!(
            "{key} stands on {}, where the operator does not look: neither the Pod template of {slug} nor its Namespace has it, so the Pods run without the {} agent.",
            first.place.in_words(case),
            first.language,
        ))
        .remedy(format!("Move it to {path}"), case.annotate_template_command(key, first.value));
    for misplaced in &misplaced {
        let Place { object, path } = &misplaced.place;
        let field = format!("{path}.annotations[{}]", misplaced.language.inject_key());
        found = found.because(&**object, field, misplaced.value);
    }
    vec![
        found.because(case.object(), format!("{path}[{key}]"), "absent").pods(
            case.groups.iter().filter(|group| group.current).flat_map(|group| group.pods.iter().copied()),
        ),
    ]
}

struct Misplaced<'s> {
    language: Language,
    value: &'s str,
    place: Place,
}

/// Where people write it in vain.
#[derive(Clone)]
struct Place {
    object: String,
    path: &'static str,
}

impl Place {
    fn new(object: String) -> Self {
        Self { object, path: "metadata" }
    }

    fn in_words(&self, case: &Case<'_>) -> String {
        match self.path {
            "metadata" if self.object == case.object() => format!("{} itself", self.object),
            "metadata" => self.object.clone(),
            path => format!("{path} of {}", self.object),
        }
    }
}

/// The places above the Pods on which people write it in vain.
fn places<'s>(case: &'s Case<'_>) -> Vec<(Place, &'s StringMap)> {
    let mut objects = Vec::new();
    if let Some(workload) = case.subject.workload {
        objects.push((Place::new(case.object()), &workload.annotations));
        let of_jobs = Place { path: "spec.jobTemplate.metadata", ..Place::new(case.object()) };
        objects.push((of_jobs, &workload.job_annotations));
    }
    // Jobs have what their CronJob says of them.
    let is_said_above = || case.subject.workload.is_some_and(|workload| !workload.job_annotations.is_empty());
    if let Some(job) = case.subject.jobs.first()
        && !is_said_above()
    {
        objects.push((Place::new(format!("Job/{}", job.id.name)), &job.annotations));
    }
    if case.subject.workload.is_none()
        && let Some(set) = case.subject.replica_sets.first()
    {
        objects.push((Place::new(format!("ReplicaSet/{}", set.metadata.name)), &set.metadata.annotations));
    }
    for service in case.services_asking_in_vain() {
        objects
            .push((Place::new(format!("Service/{}", service.metadata.name)), &service.metadata.annotations));
    }
    objects
}

/// The languages that are asked for in a place and neither template (or Pods) nor Namespace mentions.
fn misplaced<'s>(
    case: &'s Case<'_>,
    place: Place,
    own: &'s StringMap,
) -> impl Iterator<Item = Misplaced<'s>> {
    let asked = case.languages();
    let mentioned = move |key: &str| {
        case.template.is_some_and(|shape| shape.annotations.contains_key(key))
            || case.groups.iter().any(|group| group.current && group.shape.annotations.contains_key(key))
    };
    Language::ALL.into_iter().filter_map(move |language| {
        let value = own.get(language.inject_key())?;
        let counts = Request::parse(value) != Request::Nothing
            && !asked.contains(&language)
            && !mentioned(language.inject_key())
            && !case
                .injected_groups()
                .any(|group| group.current && group.marks.languages().contains(&language));
        counts.then(|| Misplaced { language, value, place: place.clone() })
    })
}
