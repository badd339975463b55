//! Which language, or which container, did the operator leave out although it processed the Pod?

use std::sync::Arc;

use facts::{Language, Pod};
use injection::{Decision, LanguageDecision, Outcome, SkipReason, TargetOutcome};

pub use super::left_behind::{run, who};
use crate::case::{Case, Group};

/// A language that some Pods lack, with what the operator would decide about it.
pub struct StoppedLanguage<'b, 'c> {
    /// The decision about the Pod; that of the first group where several agree.
    pub decision: &'b Decision,
    /// The decision about the language.
    pub language: &'b LanguageDecision,
    /// The Pods; empty where the workload has none.
    pub pods: Vec<&'c Pod>,
}

/// The languages that are asked for and missing, one entry a language for which `matches` holds. Where there are no Pods
/// the next ones count.
pub fn stopped_languages<'b, 'c>(
    case: &'b Case<'c>,
    matches: impl Fn(&LanguageDecision) -> bool,
) -> Vec<StoppedLanguage<'b, 'c>> {
    let mut stopped: Vec<StoppedLanguage<'b, 'c>> = Vec::new();
    let mut add = |decision: &'b Decision, language: Language, pods: &[&'c Pod]| {
        let Some(found) = decision.language(language).filter(|found| matches(found)) else { return };
        match stopped.iter_mut().find(|known| known.language.language == language) {
            Some(known) => known.pods.extend(pods),
            None => stopped.push(StoppedLanguage { decision, language: found, pods: pods.to_vec() }),
        }
    };
    for group in case.lacking_groups() {
        let Some(decision) = &group.decision else { continue };
        for language in &group.missing {
            add(decision, *language, &group.pods);
        }
    }
    if let Some(decision) = case.restart.as_ref().filter(|_| case.groups.is_empty()) {
        for language in Language::ALL {
            add(decision, language, &[]);
        }
    }
    stopped
}

/// A container that was left alone while the Pod was processed.
pub struct Skipped<'b, 'c> {
    /// The language.
    pub language: &'b LanguageDecision,
    /// The container.
    pub container: &'b Arc<str>,
    /// Whether it is an init container.
    pub is_init: bool,
    /// Why.
    pub reason: &'b SkipReason,
    /// The Pods; empty where the workload has none.
    pub pods: Vec<&'c Pod>,
}

/// The containers that are left alone for a reason for which `matches` holds, one entry a language and container. A
/// container that carries the language all the same does not count.
pub fn skipped<'b, 'c>(case: &'b Case<'c>, matches: impl Fn(&SkipReason) -> bool) -> Vec<Skipped<'b, 'c>> {
    let mut skipped: Vec<Skipped<'b, 'c>> = Vec::new();
    let next = case.restart.as_ref().filter(|_| case.groups.is_empty()).map(|decision| (decision, None));
    let decided = case.groups.iter().filter_map(|group| Some((decision_on(case, group)?, Some(group))));
    for (decision, group) in decided.chain(next) {
        for (language, target) in
            decision.languages.iter().flat_map(|l| l.targets().iter().map(move |t| (l, t)))
        {
            let TargetOutcome::Skipped(reason) = &target.outcome else { continue };
            let carried =
                group.is_some_and(|group| group.marks.is_injected(language.language, &target.container));
            if carried || !matches(reason) {
                continue;
            }
            let pods = group.map(|group| group.pods.as_slice()).unwrap_or_default();
            let known = skipped.iter_mut().find(|known| {
                known.language.language == language.language && known.container == &target.container
            });
            match known {
                Some(known) => known.pods.extend(pods),
                None => skipped.push(Skipped {
                    language,
                    container: &target.container,
                    is_init: target.is_init,
                    reason,
                    pods: pods.to_vec(),
                }),
            }
        }
    }
    skipped
}

/// The decision that tells about single containers of a group: its own, or where every language has reached some
/// container, that about the template it comes from.
fn decision_on<'b>(case: &'b Case<'_>, group: &'b Group<'_>) -> Option<&'b Decision> {
    let next = case.restart.as_ref().filter(|_| group.current && group.concerns_us());
    group.decision.as_ref().or(next).filter(|decision| decision.outcome == Outcome::Processed)
}
