//! B3: `true` asks for the only Instrumentation of the Pod's namespace, and there are several.

use std::sync::Arc;

use api::{Certainty, ConditionType, Severity};
use facts::InputKind;
use injection::{LookupError, Outcome};

use crate::case::Case;
use crate::catalogue::{Blocked, blocked};
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `MultipleInstrumentationsInNamespace`.
pub static CAUSE: Cause = Cause {
    code: "IH-B003",
    reason: "MultipleInstrumentationsInNamespace",
    summary: "The annotation says true, and the namespace has several Instrumentations.",
    condition: ConditionType::InstrumentationResolved,
    severities: &[Severity::Error, Severity::Warning],
    certainties: &[Certainty::Certain],
    sight: Sight::Always("the list of Instrumentations in the Pod's Namespace"),
    since: "0.1.0",
    reads: &[InputKind::Instrumentations],
    page: include_str!("multiple_instrumentations_in_namespace.md"),
    check,
};

/// So many names are spelled out.
const NAMED: usize = 4;

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let several = |outcome: &Outcome| {
        matches!(outcome, Outcome::LookupFailed { error: LookupError::SeveralInNamespace { .. }, .. })
    };
    let blocked = blocked(case, several).or_else(|| to_come(case, several));
    let Some(blocked) = blocked else { return Vec::new() };
    let Outcome::LookupFailed { language, error: LookupError::SeveralInNamespace { names } } =
        &blocked.decision.outcome
    else {
        return Vec::new();
    };
    let namespace = &case.subject.id.namespace;
    let key = language.inject_key();
    let origin = blocked.origin(case, key);
    let (mut names, first) = (names.clone(), oldest(case, namespace));
    // The one that was there before the others is most likely meant.
    names.sort_by_key(|name| Some(name) != first.as_ref());
    let mut listed = names.iter().take(NAMED).map(|name| &**name).collect::<Vec<_>>().join(", ");
    if names.len() > NAMED {
        listed.push_str(", …");
    }
    let severity = match case.injected_groups().next() {
        // Those that run have theirs from a time when there was only one.
        Some(_) if blocked.pods.is_empty() => Severity::Warning,
        _ => case.severity_of_lack_in(&blocked.pods),
    };
    let command = names.first().map(|first| case.annotate_template_command(key, first)).unwrap_or_default();
    vec![
        Found::new(&CAUSE, severity, Certainty::Certain)
            .message(format!(
                "{} {} without the {language} agent: {key} is \"true\"{}, which means the only Instrumentation in namespace {namespace}, and there are {} ({listed}).",
                blocked.who(case),
                blocked.run(),
                origin.place(),
                names.len(),
            ))
            .remedy(format!("Name one of them ({listed}) in the Pod template"), command)
            .because(&*origin.object, origin.field(), origin.value)
            .because(format!("Namespace/{namespace}"), "instrumentations.opentelemetry.io", listed)
            .pods(blocked.pods),
    ]
}

/// The Instrumentation of a namespace that was created before all others.
fn oldest(case: &Case<'_>, namespace: &str) -> Option<Arc<str>> {
    let all = case.cluster.instrumentations_in(namespace);
    let dated = all.iter().filter_map(|instrumentation| {
        let metadata = &instrumentation.metadata.metadata;
        Some((metadata.creation_timestamp?, &metadata.name))
    });
    dated.min().map(|(_, name)| name.clone())
}

/// The Pods that run were injected; the next ones will not be.
fn to_come<'b, 'c>(case: &'b Case<'c>, matches: impl Fn(&Outcome) -> bool) -> Option<Blocked<'b, 'c>> {
    let decision = case.restart.as_ref().filter(|decision| matches(&decision.outcome))?;
    case.injected_groups().any(|group| group.current).then_some(Blocked { decision, pods: Vec::new() })
}
