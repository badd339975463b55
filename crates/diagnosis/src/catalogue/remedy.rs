//! Which command mends an Instrumentation, a variable or the webhook, and what has to follow it?

use facts::{Credentials, Instrumentation, Language};
use serde_json::{Value, json};

use crate::case::Case;
use crate::harmless;
use crate::operator::PodWebhook;

/// Longest command that fits a remedy together with a few words.
const FITS: usize = 285;

/// The Instrumentation that a language resolves to now.
pub fn object<'k>(case: &'k Case<'_>, language: Language) -> Option<&'k Instrumentation> {
    let decisions = case.restart.iter().chain(case.groups.iter().filter_map(|group| group.decision.as_ref()));
    let mut chosen = decisions.filter_map(|decision| decision.language(language)?.instrumentation.as_deref());
    chosen.next()
}

/// Namespace and name of the Instrumentation that a language resolves to now.
pub fn instrumentation(case: &Case<'_>, language: Language) -> Option<(String, String)> {
    let full = case.instrumentation_of(language)?;
    full.split_once('/').map(|(namespace, name)| (namespace.to_owned(), name.to_owned()))
}

/// The command that merges JSON into the spec of a language's Instrumentation, and restarts the workload.
pub fn patch_instrumentation(case: &Case<'_>, language: Language, spec: &Value) -> Option<String> {
    Some(and_restart(case, patch_only(case, language, spec)?))
}

/// The command that merges JSON into the spec of a language's Instrumentation. Controllers whose Pods are refused try again by
/// themselves, so no restart is needed.
pub fn patch_only(case: &Case<'_>, language: Language, spec: &Value) -> Option<String> {
    let (namespace, name) = instrumentation(case, language)?;
    let patch = harmless::json(&json!({ "spec": spec }));
    Some(format!("kubectl -n {namespace} patch instrumentation {name} --type merge -p {patch}"))
}

/// The command that changes one field of the webhook's entry, as JSON Patch has it.
pub fn patch_webhook(webhook: &PodWebhook, operation: &str, field: &str, value: Option<&str>) -> String {
    let mut change = json!({"op": operation, "path": format!("/webhooks/{}/{field}", webhook.index)});
    if let Some(value) = value {
        change["value"] = value.into();
    }
    let patch = harmless::json(&json!([change]));
    format!("kubectl patch mutatingwebhookconfiguration {} --type json -p {patch}", webhook.configuration)
}

/// The command that sets a variable of a container in the template, which rolls the workload. None where `kubectl set` does not
/// change the kind, or the value holds a credential, which has no place in a status.
pub fn set_variable(case: &Case<'_>, container: &str, name: &str, value: &str) -> Option<String> {
    let is_told = Credentials::unnumbered().variable(name, value) == value;
    let assignment = harmless::word(&format!("{name}={value}"));
    (is_told && can_be_set(case)).then(|| set_env(case, container, &assignment))
}

/// The command that takes a variable of a container out of the template, which rolls the workload. None where `kubectl set` does
/// not change the kind.
pub fn remove_variable(case: &Case<'_>, container: &str, name: &str) -> Option<String> {
    can_be_set(case).then(|| set_env(case, container, &harmless::word(&format!("{name}-"))))
}

fn set_env(case: &Case<'_>, container: &str, assignment: &str) -> String {
    let id = &case.subject.id;
    format!("kubectl -n {} set env {} -c {container} {assignment}", id.namespace, id.slug())
}

/// Whether `kubectl set` changes the template, for new Pods or for the next run.
fn can_be_set(case: &Case<'_>) -> bool {
    matches!(&*case.subject.id.kind, "Deployment" | "StatefulSet" | "DaemonSet" | "CronJob")
}

/// A command and the restart after it, as far as both fit.
pub fn and_restart(case: &Case<'_>, command: String) -> String {
    let both = format!("{command} && {}", case.restart_command());
    if both.chars().count() <= FITS { both } else { command }
}

/// How a message names the Instrumentation of a language.
pub fn named(case: &Case<'_>, language: Language) -> String {
    case.instrumentation_of(language)
        .map_or_else(|| "the Instrumentation".to_owned(), |name| format!("Instrumentation {name}"))
}
