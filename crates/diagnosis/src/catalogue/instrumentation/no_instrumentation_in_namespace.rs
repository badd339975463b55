//! B2: `true` asks for the only Instrumentation of the Pod's namespace, and there is none.

use api::{Certainty, ConditionType, Severity};
use facts::InputKind;
use injection::{LookupError, Outcome};

use crate::case::Case;
use crate::catalogue::blocked;
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `NoInstrumentationInNamespace`.
pub static CAUSE: Cause = Cause {
    code: "IH-B002",
    reason: "NoInstrumentationInNamespace",
    summary: "The annotation says true, but the namespace has no Instrumentation.",
    condition: ConditionType::InstrumentationResolved,
    severities: &[Severity::Error, Severity::Warning],
    certainties: &[Certainty::Certain],
    sight: Sight::Always("the list of Instrumentations in the Pod's Namespace"),
    since: "0.1.0",
    reads: &[InputKind::Instrumentations],
    page: include_str!("no_instrumentation_in_namespace.md"),
    check,
};

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let none_there = |outcome: &Outcome| {
        matches!(outcome, Outcome::LookupFailed { error: LookupError::NoneInNamespace, .. })
    };
    let blocked = blocked(case, none_there).filter(|_| !case.operator.is_not_installed(case.cluster));
    let Some(blocked) = blocked else { return Vec::new() };
    let Outcome::LookupFailed { language, .. } = blocked.decision.outcome else { return Vec::new() };
    let namespace = &case.subject.id.namespace;
    let origin = blocked.origin(case, language.inject_key());
    let elsewhere: Vec<String> =
        case.cluster.instrumentations().iter().map(|i| i.full_name()).take(3).collect();
    let (words, command) = match elsewhere.as_slice() {
        [] => ("Create an Instrumentation in this namespace, then".to_owned(), case.restart_command()),
        [first, ..] => (
            "Create one in this namespace, or name another's".to_owned(),
            case.annotate_template_command(language.inject_key(), first),
        ),
    };
    vec![
        Found::new(&CAUSE, case.severity_of_lack_in(&blocked.pods), Certainty::Certain)
            .message(format!(
                "{} {} without the {language} agent: {} is \"true\"{}, which means the only Instrumentation in namespace {namespace}, and there is none.",
                blocked.who(case),
                blocked.run(),
                origin.key,
                origin.place(),
            ))
            .remedy(words, command)
            .because(&*origin.object, origin.field(), origin.value)
            .because(format!("Namespace/{namespace}"), "instrumentations.opentelemetry.io", "none")
            .pods(blocked.pods),
    ]
}
