//! C12: the Namespace asks for injection, and the workload says no.

use api::{Certainty, ConditionType, Severity};
use facts::{Language, PodShape};
use injection::annotation::{Request, is_false};

use crate::case::Case;
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `InjectionExplicitlyDisabled`.
pub static CAUSE: Cause = Cause {
    code: "IH-C012",
    reason: "InjectionExplicitlyDisabled",
    summary: "The workload says false to the injection that its Namespace asks for.",
    condition: ConditionType::AnnotationsValid,
    severities: &[Severity::Info],
    certainties: &[Certainty::Certain],
    sight: Sight::Always("the Pod says false to what its Namespace asks for"),
    since: "0.1.0",
    reads: &[],
    page: include_str!("injection_explicitly_disabled.md"),
    check,
};

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let current = case.groups.iter().find(|group| group.current).map(|group| &**group.shape);
    let Some(shape) = case.template.map(|shape| &**shape).or(current) else { return Vec::new() };
    let languages: Vec<Language> =
        Language::ALL.into_iter().filter(|language| opts_out(case, shape, *language)).collect();
    let Some(first) = languages.first() else { return Vec::new() };
    let namespace = &case.subject.id.namespace;
    let list = languages.iter().map(Language::to_string).collect::<Vec<_>>().join(", ");
    let key = first.inject_key();
    let mut found = Found::new(&CAUSE, Severity::Info, Certainty::Certain)
        .message(format!(
            "{} is left alone on purpose: Namespace {namespace} asks for {list}, and {key} is \"false\" on the workload.",
            case.subject.id.slug(),
        ))
        .remedy("Nothing, if that is meant; else take the annotation away", case.patch_template_command(&[(key, None)]));
    for language in &languages {
        let field = format!("metadata.annotations[{}]", language.inject_key());
        let asked = case.namespace_annotations.get(language.inject_key()).unwrap_or_default();
        found = found.because(case.object(), format!("spec.template.{field}"), "false");
        found = found.because(format!("Namespace/{namespace}"), field, asked);
    }
    vec![found]
}

fn opts_out(case: &Case<'_>, shape: &PodShape, language: Language) -> bool {
    let asked = case.namespace_annotations.get(language.inject_key()).unwrap_or_default();
    Request::parse(asked) != Request::Nothing
        && shape.annotations.get(language.inject_key()).is_some_and(is_false)
}
