//! What does one workload add to the figures of the whole cluster?
//!
//! The status says it in words for people, and has room for eight findings; figures leave nothing out.

use api::Severity;
use facts::Language;

use crate::annotations;
use crate::evaluate::Verdict;

/// The countable part of a verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figures {
    /// Status of `Healthy`.
    pub healthy: &'static str,
    /// Reason of `Healthy`.
    pub reason: &'static str,
    /// Reason and severity of every finding.
    pub findings: Box<[(&'static str, Severity)]>,
    /// Reasons of findings that users call intended.
    pub ignored: Box<[&'static str]>,
    /// Pods by language, for every language that is asked for on a Pod.
    pub pods: Box<[LanguagePods]>,
    /// Pods with a finding that loses telemetry.
    pub failed: u32,
    /// Whether no Events are wanted.
    pub muted: bool,
}

/// Pods of one workload that ask for one language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LanguagePods {
    /// The language.
    pub language: Language,
    /// Pods that ask for it.
    pub asked: u32,
    /// Those of them that carry it.
    pub injected: u32,
    /// Those of the injected ones that have started and show no finding that loses telemetry.
    pub healthy: u32,
}

impl Figures {
    pub(crate) fn of(verdict: &Verdict<'_, '_>) -> Self {
        let (healthy, reason) = verdict.healthy();
        let found = &verdict.found;
        Self {
            healthy,
            reason,
            findings: found.iter().map(|found| (found.cause.reason, found.severity)).collect(),
            ignored: found.iter().filter(|found| found.ignored).map(|found| found.cause.reason).collect(),
            pods: Language::ALL.into_iter().filter_map(|language| pods(verdict, language)).collect(),
            failed: verdict.pods.iter().map(|state| u32::from(state.failed)).sum(),
            muted: annotations::muted_until(verdict.case).is_some(),
        }
    }
}

fn pods(verdict: &Verdict<'_, '_>, language: Language) -> Option<LanguagePods> {
    let mut count = LanguagePods { language, asked: 0, injected: 0, healthy: 0 };
    for state in &verdict.pods {
        let Some(group) = state.group.and_then(|place| verdict.case.groups.get(place)) else { continue };
        if !group.asked.iter().any(|asked| asked.language == language) {
            continue;
        }
        let injected = !group.missing.contains(&language);
        count.asked += 1;
        count.injected += u32::from(injected);
        count.healthy += u32::from(injected && !state.failed && state.starting.is_none());
    }
    (count.asked > 0).then_some(count)
}
