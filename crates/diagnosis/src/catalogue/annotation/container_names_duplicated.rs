//! C10: a container is named twice for one language, which stops everything.

use api::{Certainty, ConditionType, Severity};
use facts::{InputKind, Language};
use injection::Outcome;
use injection::names::CONTAINER_NAMES;

use super::names::{lists, mended, show};
use crate::case::Case;
use crate::catalogue::blocked;
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `ContainerNamesDuplicated`.
pub static CAUSE: Cause = Cause {
    code: "IH-C010",
    reason: "ContainerNamesDuplicated",
    summary: "A container is named twice for one language.",
    condition: ConditionType::AnnotationsValid,
    severities: &[Severity::Error, Severity::Warning],
    certainties: &[Certainty::Certain],
    sight: Sight::Always("a name that stands twice in the lists as the operator joins them"),
    since: "0.1.0",
    reads: &[InputKind::Instrumentations],
    page: include_str!("container_names_duplicated.md"),
    check,
};

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let Some(blocked) = blocked(case, |outcome| matches!(outcome, Outcome::NamesDuplicated { .. })) else {
        return Vec::new();
    };
    let Outcome::NamesDuplicated { language, names } = &blocked.decision.outcome else { return Vec::new() };
    let all = blocked.decision.languages.iter().map(|decision| decision.language);
    let languages: Vec<Language> = language.map_or_else(|| all.collect(), |language| vec![language]);
    let mut lists: Vec<_> =
        languages.iter().flat_map(|language| lists(case, blocked.pods.first().copied(), *language)).collect();
    lists.dedup();
    let common = lists.iter().find(|list| list.key == CONTAINER_NAMES);
    let own = lists.iter().find(|list| list.key != CONTAINER_NAMES);
    let named = names.iter().map(|name| &**name).collect::<Vec<_>>().join(", ");
    let (why, words) = match (language, common, own) {
        (None, ..) => (
            "for more than one language, which this operator refuses".to_owned(),
            "Name each container for one language only, or upgrade the operator to 0.149",
        ),
        (Some(language), Some(_), Some(_)) => (
            format!(
                "for {language} twice: container-names and {language}-container-names are joined, not replaced"
            ),
            "Name each container in one of the lists only",
        ),
        (Some(language), ..) => (format!("for {language} twice"), "Name each container once"),
    };
    let command = match (language, common, own) {
        (Some(_), Some(common), Some(own)) if !own.on_namespace => {
            let rest = without(&mended(own.value), common.value);
            case.patch_template_command(&[(own.key, Some(&*rest).filter(|rest| !rest.is_empty()))])
        }
        (Some(_), Some(list), None) | (Some(_), None, Some(list)) => {
            list.set_command(case, &mended(list.value))
        }
        _ => String::new(),
    };
    let found = Found::new(&CAUSE, case.severity_of_lack_in(&blocked.pods), Certainty::Certain)
        .message(format!(
            "{} {} without any agent: container {named} is named {why}.",
            blocked.who(case),
            blocked.run(),
        ))
        .remedy(words, command);
    vec![show(found, &lists).pods(blocked.pods)]
}

/// The names of a list that do not stand in another one.
fn without(list: &str, other: &str) -> String {
    list.split(',').filter(|name| !other.split(',').any(|known| known == *name)).collect::<Vec<_>>().join(",")
}
