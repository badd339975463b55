//! E7: the Pod that comes out of the operator is not valid.

use api::{Certainty, ConditionType, Severity};
use facts::{InputKind, Language};
use injection::{Policies, RefusalCause, refusal as predict};
use serde_json::json;

use super::injected::{Field, Injected};
use super::instrumentation_remedy::{edit, patch, resources, resources_field};
use super::text::{Complaint, FieldComplaint};
use crate::case::Case;
use crate::catalogue::refusal::standing;
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `InjectedSpecInvalid`.
pub static CAUSE: Cause = Cause {
    code: "IH-E007",
    reason: "InjectedSpecInvalid",
    summary: "The Pod that comes out of the operator is not valid, so the API server refuses it.",
    condition: ConditionType::PodsAdmitted,
    severities: &[Severity::Error, Severity::Warning],
    certainties: &[Certainty::Certain],
    sight: Sight::Always(
        "what the API server says in ReplicaFailure or FailedCreate, or what it would say of the Pod as the operator would build it",
    ),
    since: "0.1.0",
    reads: &[InputKind::Instrumentations, InputKind::Events],
    page: include_str!("injected_spec_invalid.md"),
    check,
};

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let injected = Injected::of(case);
    if let Some(refusal) = standing(case) {
        let Complaint::Invalid(complaints) = Complaint::read(refusal.text()) else { return Vec::new() };
        let found = first_of_ours(&injected, &complaints);
        let Some((complaint, field)) = found else { return Vec::new() };
        return vec![said(case, &injected, Severity::Error, &complaint, &field).because(
            &*refusal.object,
            refusal.field,
            refusal.text(),
        )];
    }
    predicted(case, &injected).into_iter().collect()
}

/// The first error that the injection has brought about; not that of an Instrumentation that was never defaulted.
fn first_of_ours<'t, 'i>(
    injected: &Injected<'i>,
    complaints: &[FieldComplaint<'t>],
) -> Option<(FieldComplaint<'t>, Field<'i>)> {
    complaints.iter().find_map(|complaint| {
        let field = injected.field(complaint).or_else(|| {
            let named = injected.is_named_in(complaint.detail) || injected.is_named_in(complaint.path);
            named.then(|| Field { words: complaint.path.to_owned(), container: None, variable: None })
        });
        Some((*complaint, field?)).filter(|(complaint, _)| !complaint.detail.starts_with("Required value"))
    })
}

/// What the objects alone prove: the next Pod will be refused.
fn predicted<'c>(case: &Case<'c>, injected: &Injected<'_>) -> Option<Found<'c>> {
    let pod = |shape: &facts::PodShape| {
        json!({
            "metadata": { "annotations": shape.annotations, "labels": shape.labels },
            "spec": shape.spec,
        })
    };
    let none = facts::StringMap::default();
    let policies = Policies { namespace_labels: &none, limit_ranges: &[], resource_quotas: &[] };
    let refusal = predict(&pod(injected.before?), &pod(injected.after?), &policies)?;
    let RefusalCause::Invalid(errors) = refusal.cause else { return None };
    if refusal.without_injection {
        return None;
    }
    let texts: Vec<String> = errors.iter().map(ToString::to_string).collect();
    let complaints: Vec<FieldComplaint<'_>> = texts
        .iter()
        .filter_map(|text| text.split_once(": "))
        .map(|(path, detail)| FieldComplaint { path, detail })
        .collect();
    let (complaint, field) = first_of_ours(injected, &complaints)?;
    // Pods that run are not harmed until they are made anew.
    let severity =
        if case.groups.is_empty() && case.wants_pods() { Severity::Error } else { Severity::Warning };
    let said = said(case, injected, severity, &complaint, &field);
    Some(said.because(case.object(), format!("after injection: {}", complaint.path), complaint.detail))
}

fn said<'c>(
    case: &Case<'c>,
    injected: &Injected<'_>,
    severity: Severity,
    complaint: &FieldComplaint<'_>,
    field: &Field<'_>,
) -> Found<'c> {
    let (words, command) = remedy(case, injected, complaint, field);
    let verb = if severity == Severity::Error { "cannot be created" } else { "cannot be created anew" };
    Found::new(&CAUSE, severity, Certainty::Certain)
        .message(format!(
            "The Pods of {} {verb}: after injection the {} is not valid: {}.",
            case.subject.id.slug(),
            field.words,
            complaint.detail.trim_start_matches("Invalid value: \"\": ").trim_end_matches('.'),
        ))
        .remedy(words, command)
}

fn remedy(
    case: &Case<'_>,
    injected: &Injected<'_>,
    complaint: &FieldComplaint<'_>,
    field: &Field<'_>,
) -> (String, String) {
    let language = field.container.and_then(|container| injected.language(&container.name));
    let language = language.or_else(|| injected.marks.languages().first().copied());
    let edit = || language.and_then(|language| edit(case, language)).unwrap_or_default();
    if let (Some(variable), Some(container)) = (field.variable, field.container) {
        return variable_remedy(case, injected, variable, &container.name, edit());
    }
    if complaint.path.contains(".resources")
        && let Some(language) = language
    {
        let command = raise_command(case, field, language).unwrap_or_else(edit);
        let resources = resources_field(language).unwrap_or_default();
        return (format!("Set limits in {resources} that are not below the requests"), command);
    }
    if complaint.detail.contains("must be unique") {
        return (
            "Name each container once in the container-names annotations, or upgrade the operator (0.121 made mounts unique)".to_owned(),
            String::new(),
        );
    }
    ("Correct what the Instrumentation says about it".to_owned(), edit())
}

/// A variable that ends up with a value and a reference: the reference stands in the template, or in the Instrumentation.
fn variable_remedy(
    case: &Case<'_>,
    injected: &Injected<'_>,
    variable: &str,
    container: &str,
    edit: String,
) -> (String, String) {
    let own = injected.own().find(|own| &*own.name == container).and_then(|own| own.env_var(variable));
    if own.is_none() {
        return (format!("Give {variable} as a plain value in the Instrumentation"), edit);
    }
    (format!("Give {variable} as a plain value in the template, or remove it"), case.edit_command())
}

/// The command that raises each limit that is below its request.
fn raise_command(case: &Case<'_>, field: &Field<'_>, language: Language) -> Option<String> {
    let asked = &field.container?.resources;
    let below = asked.requests.iter().find(|(name, request)| {
        let parse = injection::quantity::Quantity::parse;
        let limit = asked.limits.get(name).and_then(parse);
        limit.zip(parse(request)).is_some_and(|(limit, request)| request.exceeds(limit))
    });
    let (name, request) = below?;
    patch(case, language, &resources(language, json!({ "limits": { name: request } }))?)
}
