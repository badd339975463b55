//! B1: the annotation names an Instrumentation that does not exist.

use api::{Certainty, ConditionType, Severity};
use facts::{ClusterView, InputKind, Kind as _};
use injection::annotation::{Request, is_true};
use injection::{LookupError, Outcome};

use crate::case::Case;
use crate::catalogue::nearest::nearest;
use crate::catalogue::origin::Origin;
use crate::catalogue::{Blocked, blocked};
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `InstrumentationNotFound`.
pub static CAUSE: Cause = Cause {
    code: "IH-B001",
    reason: "InstrumentationNotFound",
    summary: "The annotation names an Instrumentation that does not exist.",
    condition: ConditionType::InstrumentationResolved,
    severities: &[Severity::Error, Severity::Warning],
    certainties: &[Certainty::Certain],
    sight: Sight::Always("the name in the annotation, looked up as the operator does"),
    since: "0.1.0",
    reads: &[InputKind::Instrumentations],
    page: include_str!("instrumentation_not_found.md"),
    check,
};

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let not_found = |outcome: &Outcome| {
        matches!(outcome, Outcome::LookupFailed { error: LookupError::NotFound { .. }, .. })
    };
    let blocked = blocked(case, not_found).filter(|_| !case.operator.is_not_installed(case.cluster));
    let Some(blocked) = blocked else { return Vec::new() };
    let Outcome::LookupFailed { language, error: LookupError::NotFound { namespace, name } } =
        &blocked.decision.outcome
    else {
        return Vec::new();
    };
    let key = language.inject_key();
    let origin = blocked.origin(case, key);
    let (words, command) = remedy(case, &origin, namespace, name);
    vec![
        Found::new(&CAUSE, case.severity_of_lack_in(&blocked.pods), Certainty::Certain)
            .message(format!(
                "{} {} without any agent: {key} is {:?}{}, and there is no Instrumentation {name} in namespace {namespace}{}.",
                blocked.who(case),
                blocked.run(),
                origin.value,
                origin.place(),
                others(&blocked, *language),
            ))
            .remedy(words, command)
            .because(&*origin.object, origin.field(), origin.value)
            .because(format!("Instrumentation/{namespace}/{name}"), "metadata.name", "not found")
            .pods(blocked.pods),
    ]
}

/// Who else is stopped: one look-up that fails ends the request for every language.
fn others(blocked: &Blocked<'_, '_>, failing: facts::Language) -> String {
    let others = blocked.decision.languages.iter().map(|decision| decision.language);
    let others: Vec<String> =
        others.filter(|language| *language != failing).map(|language| language.to_string()).collect();
    if others.is_empty() { String::new() } else { format!("; this stops {} as well", others.join(", ")) }
}

fn remedy(case: &Case<'_>, origin: &Origin<'_>, namespace: &str, name: &str) -> (String, String) {
    match meant(case.cluster, &case.subject.id.namespace, origin.value, namespace, name) {
        Some(meant) if is_true(&meant) => (
            "Say \"true\", which takes the only Instrumentation of the namespace".to_owned(),
            origin.set_command(case, &meant),
        ),
        Some(meant) => (format!("Name {meant}, or create {name}"), origin.set_command(case, &meant)),
        None => (
            format!(
                "Create Instrumentation {name} in namespace {namespace}, or correct the annotation; those that exist"
            ),
            "kubectl get instrumentations -A".to_owned(),
        ),
    }
}

/// The value that was most likely meant on a Pod of namespace `own`: a similar name in the same namespace, the same name in another one, `true` for a
/// word that says yes, or the only Instrumentation there is.
pub fn meant(
    cluster: &dyn ClusterView,
    own: &str,
    value: &str,
    namespace: &str,
    name: &str,
) -> Option<String> {
    let said = |namespace: &str, name: &str| {
        if namespace == own { name.to_owned() } else { format!("{namespace}/{name}") }
    };
    let there = cluster.instrumentations_in(namespace);
    let names = || there.iter().map(|there| &*there.metadata().name);
    if matches!(Request::parse(value), Request::Named { namespace: None, .. })
        && ["yes", "on", "1", "enabled", "enable", "y", "t", "true"].contains(&&*value.trim().to_lowercase())
        && there.len() == 1
    {
        return Some("true".to_owned());
    }
    let elsewhere = cluster.instrumentations();
    let same_name = || elsewhere.iter().find(|other| &*other.metadata().name == name);
    let only = || (there.len() == 1).then(|| said(namespace, &there[0].metadata().name));
    nearest(name, names())
        .map(|name| said(namespace, name))
        .or_else(|| same_name().map(|other| said(&other.metadata().namespace, name)))
        .or_else(only)
}
