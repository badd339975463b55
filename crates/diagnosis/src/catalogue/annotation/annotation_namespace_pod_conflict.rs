//! C5: what the Namespace asks for and what the Pod asks for add up to more than the operator can do.

use api::{Certainty, ConditionType, Severity};
use facts::InputKind;

use super::several_languages::{listed, several_languages};
use crate::case::Case;
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `AnnotationNamespacePodConflict`.
pub static CAUSE: Cause = Cause {
    code: "IH-C005",
    reason: "AnnotationNamespacePodConflict",
    summary: "Namespace and Pod ask for different languages, which add up and stop each other.",
    condition: ConditionType::AnnotationsValid,
    severities: &[Severity::Error, Severity::Warning],
    certainties: &[Certainty::Certain],
    sight: Sight::Always("the annotations of Namespace and Pod, merged as the operator merges them"),
    since: "0.1.0",
    reads: &[InputKind::Instrumentations],
    page: include_str!("annotation_namespace_pod_conflict.md"),
    check,
};

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let Some(several) = several_languages(case).filter(super::several_languages::SeveralLanguages::add_up)
    else {
        return Vec::new();
    };
    let namespace = &case.subject.id.namespace;
    let unwanted: Vec<_> =
        several.of_namespace().map(|asked| (asked.language.inject_key(), Some("false"))).collect();
    let mut found = Found::new(&CAUSE, case.severity_of_lack_in(&several.blocked.pods), Certainty::Certain)
        .message(format!(
            "{} {} without any agent: Namespace {namespace} asks for {}, the Pod for {}; these add up, and without container names for each the operator injects none.",
            several.blocked.who(case),
            several.blocked.run(),
            listed(several.of_namespace().map(|asked| &asked.language)),
            listed(several.of_pod().map(|asked| &asked.language)),
        ))
        .remedy(
            "Say \"false\" on the Pod template to what the Namespace adds (or name the containers of each language)",
            case.patch_template_command(&unwanted),
        );
    for asked in &several.languages {
        let origin = several.blocked.origin(case, asked.language.inject_key());
        found = found.because(&*origin.object, origin.field(), origin.value);
    }
    for language in several.without_names {
        let field = format!("metadata.annotations[{}]", language.container_names_key());
        found = found.because(several.blocked.object(case), field, "absent");
    }
    vec![found.pods(several.blocked.pods)]
}
