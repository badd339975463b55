//! C8: a names list has a character that the operator refuses, most often a blank after the comma.

use api::{Certainty, ConditionType, Severity};
use facts::InputKind;
use injection::Outcome;

use super::names::mended;
use crate::case::Case;
use crate::catalogue::blocked;
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `ContainerNamesInvalid`.
pub static CAUSE: Cause = Cause {
    code: "IH-C008",
    reason: "ContainerNamesInvalid",
    summary: "A list of container names has characters that the operator refuses.",
    condition: ConditionType::AnnotationsValid,
    severities: &[Severity::Error, Severity::Warning],
    certainties: &[Certainty::Certain],
    sight: Sight::Always("the characters of the annotation"),
    since: "0.1.0",
    reads: &[InputKind::Instrumentations],
    page: include_str!("container_names_invalid.md"),
    check,
};

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let Some(blocked) = blocked(case, |outcome| matches!(outcome, Outcome::NamesInvalid { .. })) else {
        return Vec::new();
    };
    let Outcome::NamesInvalid { key, value } = &blocked.decision.outcome else { return Vec::new() };
    let origin = blocked.origin(case, key);
    let list = mended(value);
    let (words, command) = if list.is_empty() {
        ("Remove the annotation".to_owned(), origin.remove_command(case))
    } else {
        ("Separate the names by commas alone".to_owned(), origin.set_command(case, &list))
    };
    vec![
        Found::new(&CAUSE, case.severity_of_lack_in(&blocked.pods), Certainty::Certain)
            .message(format!(
                "{} {} without any agent: {key} is {value:?}{}, and the operator accepts only letters, digits, '-' and ',' there{}.",
                blocked.who(case),
                blocked.run(),
                origin.place(),
                if value.contains(char::is_whitespace) { ", no blank" } else { "" },
            ))
            .remedy(words, command)
            .because(&*origin.object, origin.field(), value)
            .pods(blocked.pods),
    ]
}
