//! B5: the Instrumentation has no image, because the operator's defaulting webhook never saw it.

use api::{Certainty, ConditionType, Severity};
use facts::{InputKind, Instrumentation, Language};

use super::used::{object, stored};
use crate::case::Case;
use crate::catalogue::admission::injected::Injected;
use crate::catalogue::admission::text::Complaint;
use crate::catalogue::refusal::{Refusal, standing};
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `InstrumentationNotDefaulted`.
pub static CAUSE: Cause = Cause {
    code: "IH-B005",
    reason: "InstrumentationNotDefaulted",
    summary: "The Instrumentation has no agent image, because its defaulting webhook never saw it.",
    condition: ConditionType::PodsAdmitted,
    severities: &[Severity::Error, Severity::Warning],
    certainties: &[Certainty::Certain],
    sight: Sight::Always(
        "the Instrumentation has no image for the language, and the API server says so in ReplicaFailure or FailedCreate",
    ),
    since: "0.1.0",
    reads: &[InputKind::Instrumentations, InputKind::Events],
    page: include_str!("instrumentation_not_defaulted.md"),
    check,
};

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let used = stored(case);
    let Some((language, instrumentation)) =
        used.into_iter().find(|(language, found)| lacks_image(found, *language))
    else {
        return Vec::new();
    };
    // Only what would really be injected makes a Pod without image.
    let would_inject = case.restart.as_ref().is_none_or(|next| next.injected().any(|(l, _)| l == language));
    let refusal = standing(case).filter(|refusal| is_about_image(case, refusal));
    if !would_inject && refusal.is_none() {
        return Vec::new();
    }
    let nothing_runs = case.groups.is_empty() && case.wants_pods();
    let severity = if refusal.is_some() || nothing_runs { Severity::Error } else { Severity::Warning };
    let name = instrumentation.full_name();
    let field = language.spec_field().unwrap_or_default();
    let metadata = &instrumentation.metadata.metadata;
    let verb = if severity == Severity::Error { "cannot be created" } else { "cannot be created anew" };
    let mut found = Found::new(&CAUSE, severity, Certainty::Certain)
        .message(format!(
            "The Pods of {} {verb}: Instrumentation {name} has no spec.{field}.image, so the agent's container would have none; it was written while the operator's defaulting webhook was away.",
            case.subject.id.slug(),
        ))
        .remedy(
            "Write it again while the operator runs, which fills in the defaults",
            format!(
                "kubectl -n {} get instrumentation {} -o yaml | kubectl replace -f -",
                metadata.namespace, metadata.name
            ),
        )
        .because(object(case, instrumentation), format!("spec.{field}.image"), "");
    if let Some(refusal) = refusal {
        found = found.because(&*refusal.object, refusal.field, refusal.text());
    }
    let key = default_image_key(language);
    if metadata.annotations.get(&key).is_none() {
        found =
            found.because(object(case, instrumentation), format!("metadata.annotations[{key}]"), "absent");
    }
    vec![found]
}

fn lacks_image(instrumentation: &Instrumentation, language: Language) -> bool {
    instrumentation.spec.language(language).is_some_and(|spec| spec.image.is_empty())
}

fn is_about_image(case: &Case<'_>, refusal: &Refusal<'_>) -> bool {
    let Complaint::Invalid(complaints) = Complaint::read(refusal.text()) else { return false };
    let injected = Injected::of(case);
    complaints.iter().any(|complaint| {
        complaint.path.rsplit('.').next() == Some("image")
            && complaint.detail.starts_with("Required value")
            && (injected.after.is_none() || injected.field(complaint).is_some())
    })
}

/// The annotation in which the operator notes the image that it filled in.
fn default_image_key(language: Language) -> String {
    format!("instrumentation.opentelemetry.io/default-auto-instrumentation-{language}-image")
}
