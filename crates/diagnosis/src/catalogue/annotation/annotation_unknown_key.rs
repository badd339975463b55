//! C4: a key under the operator's prefix that the operator does not read.

use api::{Certainty, ConditionType, Severity};
use facts::{INSTRUMENTATION_PREFIX, Pod, StringMap};
use injection::annotation::{is_false, is_true};

use super::keys::{StrangeKey, strange};
use crate::case::Case;
use crate::cause::{Cause, Sight};
use crate::found::Found;
use crate::harmless;

/// `AnnotationUnknownKey`.
pub static CAUSE: Cause = Cause {
    code: "IH-C004",
    reason: "AnnotationUnknownKey",
    summary: "An annotation has a key that the operator does not know.",
    condition: ConditionType::AnnotationsValid,
    severities: &[Severity::Error, Severity::Warning, Severity::Info],
    certainties: &[Certainty::Certain],
    sight: Sight::Always("a key under the operator's prefix that no release reads"),
    since: "0.1.0",
    reads: &[],
    page: include_str!("annotation_unknown_key.md"),
    check,
};

/// A strange key and where it stands.
struct Stray<'s> {
    key: &'s str,
    value: &'s str,
    meaning: StrangeKey,
    is_label: bool,
    object: String,
    on_namespace: bool,
}

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let strays = strays(case);
    // One finding a cause: the gravest key, and the others as evidence.
    let Some(worst) = strays.iter().max_by_key(|stray| severity(case, stray)) else { return Vec::new() };
    let mut found =
        Found::new(&CAUSE, severity(case, worst), Certainty::Certain).message(message(case, worst));
    let (words, command) = remedy(case, worst);
    found = found.remedy(words, command);
    let others = strays.iter().filter(|stray| !std::ptr::eq(*stray, worst));
    for stray in std::iter::once(worst).chain(others) {
        let list = if stray.is_label { "labels" } else { "annotations" };
        found = found.because(&*stray.object, format!("metadata.{list}[{}]", stray.key), stray.value);
    }
    vec![found.pods(case.groups.iter().flat_map(|group| concerned(group.pods.as_slice(), worst, case)))]
}

/// The keys that nobody reads, each once: of the template (or a Pod), of the workload itself, of the Namespace.
fn strays<'s>(case: &'s Case<'_>) -> Vec<Stray<'s>> {
    let mut strays: Vec<Stray<'s>> = Vec::new();
    let mut look = |map: &'s StringMap, is_label: bool, object: &str, on_namespace: bool| {
        for (key, value) in map.iter() {
            let Some(meaning) = strange(key, is_label) else { continue };
            if !strays.iter().any(|known| known.key == key && known.is_label == is_label) {
                let object = object.to_owned();
                strays.push(Stray { key, value, meaning, is_label, object, on_namespace });
            }
        }
    };
    let object = case.object();
    if let Some(shape) = case.template {
        look(&shape.annotations, false, &object, false);
        look(&shape.labels, true, &object, false);
    }
    for group in case.groups.iter().filter(|group| group.current) {
        let pod = group.pods.first().map(|pod| format!("Pod/{}", pod.name)).unwrap_or_default();
        look(&group.shape.annotations, false, &pod, false);
        look(&group.shape.labels, true, &pod, false);
    }
    if let Some(workload) = case.subject.workload {
        look(&workload.annotations, false, &object, false);
        look(&workload.labels, true, &object, false);
    }
    let namespace = format!("Namespace/{}", case.subject.id.namespace);
    look(case.namespace_annotations, false, &namespace, true);
    if let Some(found) = case.namespace.found() {
        look(&found.metadata.metadata.labels, true, &namespace, true);
    }
    strays
}

/// An Error only where the key is what keeps a language away: it was meant to ask for one, and nothing else asks for that.
fn severity(case: &Case<'_>, stray: &Stray<'_>) -> Severity {
    if is_false(stray.value) || stray.value.is_empty() {
        return Severity::Info;
    }
    let languages = case.languages();
    let prevented = match stray.meaning.language() {
        Some(language) if languages.contains(&language) => return still_asked(case, stray, language),
        Some(_) => true,
        None => {
            stray.meaning == StrangeKey::Unknown && asks_for_a_language(stray.key) && languages.is_empty()
        }
    };
    match prevented {
        true if opted_out(case, stray) => Severity::Info,
        true if case.wants_pods() || !case.groups.is_empty() => Severity::Error,
        true => Severity::Warning,
        false if matches!(stray.meaning, StrangeKey::Slip(_)) && !languages.is_empty() => Severity::Warning,
        // Whoever says "true" under this prefix wants something, and nothing else asks for anything.
        false if is_true(stray.value) && languages.is_empty() => Severity::Warning,
        false => Severity::Info,
    }
}

/// The language is asked for all the same. That another value was meant matters only where it is another Instrumentation.
fn still_asked(case: &Case<'_>, stray: &Stray<'_>, language: facts::Language) -> Severity {
    let asked = case.asked.iter().find(|asked| asked.language == language);
    let same = asked.is_none_or(|asked| asked.value.eq_ignore_ascii_case(stray.value));
    if same { Severity::Info } else { Severity::Warning }
}

/// Whether the workload says `false` to what a strange key on its Namespace was meant to ask.
fn opted_out(case: &Case<'_>, stray: &Stray<'_>) -> bool {
    let own = |shape: &facts::PodShape| {
        stray
            .meaning
            .language()
            .and_then(|language| shape.annotations.get(language.inject_key()))
            .is_some_and(is_false)
    };
    stray.on_namespace && case.template.is_some_and(|shape| own(shape))
}

fn asks_for_a_language(key: &str) -> bool {
    let name = key.strip_prefix(INSTRUMENTATION_PREFIX).unwrap_or_default();
    name.to_lowercase().starts_with("inject")
}

fn message(case: &Case<'_>, stray: &Stray<'_>) -> String {
    let Stray { key, object, .. } = stray;
    let workload = case.subject.id.slug();
    match stray.meaning {
        StrangeKey::Slip(meant) if stray.is_label => {
            let is_asked = stray.meaning.language().is_some_and(|one| case.languages().contains(&one));
            if meant == *key && is_asked {
                format!(
                    "{key} stands as a label of {object} as well, where it has no effect: the operator reads annotations only."
                )
            } else if meant == *key {
                format!(
                    "{key} stands as a label of {object}, but the operator reads annotations only, so nothing asks it to instrument {workload}."
                )
            } else {
                format!(
                    "Label {key} of {object} is not read by the operator; most likely the annotation {meant} was meant."
                )
            }
        }
        StrangeKey::Slip(meant) => {
            format!(
                "Annotation {key} of {object} is not known to the operator, so it has no effect; most likely {meant} was meant."
            )
        }
        StrangeKey::Unknown if asks_for_a_language(key) => {
            format!("Annotation {key} of {object} has no effect: the operator cannot inject such a language.")
        }
        StrangeKey::Unknown => {
            let list = if stray.is_label { "Label" } else { "Annotation" };
            format!("{list} {key} of {object} is not known to the operator, so it has no effect.")
        }
    }
}

fn remedy(case: &Case<'_>, stray: &Stray<'_>) -> (String, String) {
    let namespace = &case.subject.id.namespace;
    match stray.meaning {
        StrangeKey::Slip(meant) if stray.on_namespace => {
            let value = harmless::word(stray.value);
            let correct = if stray.is_label {
                format!("kubectl label namespace {namespace} {}- && kubectl annotate namespace {namespace} {meant}={value}", stray.key)
            } else {
                format!("kubectl annotate namespace {namespace} {}- {meant}={value}", stray.key)
            };
            ("Correct the key, which takes effect on new Pods".to_owned(), format!("{correct} && {}", case.restart_command()))
        }
        StrangeKey::Slip(meant) if stray.is_label || stray.key == meant => {
            ("Write it as an annotation of the Pod template".to_owned(), case.annotate_template_command(meant, stray.value))
        }
        StrangeKey::Slip(meant) => (
            "Correct the key in the Pod template".to_owned(),
            case.patch_template_command(&[(stray.key, None), (meant, Some(stray.value))]),
        ),
        StrangeKey::Unknown => (
            "Remove it; the operator can inject java, nodejs, python, dotnet, go, apache-httpd, nginx and sdk".to_owned(),
            String::new(),
        ),
    }
}

/// The Pods that show it, where it is what keeps a language away.
fn concerned<'p, 'c>(
    pods: &'p [&'c Pod],
    stray: &Stray<'_>,
    case: &Case<'_>,
) -> impl Iterator<Item = &'c Pod> + 'p {
    let shows = severity(case, stray) == Severity::Error;
    pods.iter().copied().filter(move |_| shows)
}
