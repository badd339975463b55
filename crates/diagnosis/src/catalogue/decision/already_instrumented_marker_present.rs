//! D3: the template itself looks as if the operator had been at work, so it leaves the Pod alone.

use api::{Certainty, ConditionType, Severity};
use injection::{InjectionMark, NODE_NAME_VARIABLE, Outcome};

use crate::case::Case;
use crate::catalogue::blocked;
use crate::catalogue::obstacle::mark_in_words;
use crate::catalogue::remedy::remove_variable;
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `AlreadyInstrumentedMarkerPresent`.
pub static CAUSE: Cause = Cause {
    code: "IH-D003",
    reason: "AlreadyInstrumentedMarkerPresent",
    summary: "The Pod template carries a mark of an earlier injection, so the operator skips its Pods.",
    condition: ConditionType::Injected,
    severities: &[Severity::Error, Severity::Warning, Severity::Info],
    certainties: &[Certainty::Certain, Certainty::Likely],
    sight: Sight::Always("the operator's marks stand in the template"),
    since: "0.1.0",
    reads: &[],
    page: include_str!("already_instrumented_marker_present.md"),
    check,
};

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let is_marked = |outcome: &Outcome| matches!(outcome, Outcome::AlreadyInstrumented(_));
    let copied = case.restart.as_ref().is_none_or(|next| is_marked(&next.outcome));
    if let Some(blocked) = blocked(case, is_marked).filter(|_| copied) {
        let Outcome::AlreadyInstrumented(mark) = &blocked.decision.outcome else { return Vec::new() };
        // A Pod that has no template may have got the mark from the operator itself.
        let certainty = if case.restart.is_some() { Certainty::Certain } else { Certainty::Likely };
        let found = Found::new(&CAUSE, case.severity_of_lack_in(&blocked.pods), certainty).message(format!(
            "{} {} without the agent that is asked for: the Pod template already has {}, which the operator takes for its own earlier work.",
            blocked.who(case),
            blocked.run(),
            mark_in_words(mark),
        ));
        return vec![mended(case, found, mark).pods(blocked.pods)];
    }
    frozen(case).into_iter().collect()
}

/// The whole injection was copied into the template: telemetry flows, but the operator will never touch it again.
fn frozen<'c>(case: &Case<'c>) -> Option<Found<'c>> {
    let next = case.restart.as_ref().filter(|_| !case.asked.is_empty())?;
    let Outcome::AlreadyInstrumented(mark) = &next.outcome else { return None };
    case.groups.iter().find(|group| group.current && group.missing.is_empty())?;
    let found = Found::new(&CAUSE, Severity::Info, Certainty::Certain).message(format!(
        "The template of {} already has {}: the injection was copied into it, works, and will not follow its Instrumentation any more.",
        case.subject.id.slug(),
        mark_in_words(mark),
    ));
    Some(mended(case, found, mark))
}

fn mended<'c>(case: &Case<'_>, found: Found<'c>, mark: &InjectionMark) -> Found<'c> {
    let id = &case.subject.id;
    let removed = match mark {
        InjectionMark::NodeNameVariable(container) => remove_variable(case, container, NODE_NAME_VARIABLE),
        _ => None,
    };
    let command = removed.unwrap_or_else(|| format!("kubectl -n {} edit {}", id.namespace, id.slug()));
    let (field, value) = match mark {
        InjectionMark::InitContainer(name) => ("initContainers", name.to_string()),
        InjectionMark::Container(name) => ("containers", name.to_string()),
        InjectionMark::NodeNameVariable(container) => {
            ("containers", format!("{container}: {NODE_NAME_VARIABLE}"))
        }
    };
    let words = "Remove what was copied from an injected Pod from the template";
    found.remedy(words, command).because(case.object(), format!("spec.template.spec.{field}"), value)
}
