//! It would be injected now: what was different when the Pod was created?
//!
//! Pods are never changed after their creation. One that lacks what would be injected today was created before the
//! Instrumentation, before the annotation, or while the operator's webhook did not answer.

mod annotation;
mod gap;

pub mod annotation_added_after_pod_start;
pub mod injection_lingers_after_opt_out;
pub mod instrumentation_created_after_pod;
pub mod mixed_instrumentation_across_replicas;
pub mod mutation_aborted;
pub mod pod_created_while_webhook_unavailable;

use std::sync::Arc;

use api::{Certainty, Severity};
use facts::{Instrumentation, Language, Pod, PodPhase};
use injection::Decision;
use jiff::Timestamp;

pub use annotation::{Change, Holder};
pub use gap::{Gap, gap};

use crate::case::{Case, Group};
use crate::operator::WebhookVerdict;

/// A Pod that lacks what would be injected now, and what explains it.
pub struct Lack<'g, 'c> {
    /// Its group.
    pub group: &'g Group<'c>,
    /// The Pod.
    pub pod: &'c Pod,
    /// The Instrumentation that came after it, and the language that asks for it.
    pub instrumentation: Option<Younger>,
    /// The annotation that came after it.
    pub annotation: Option<Change>,
    /// What kept the operator from being asked. Not looked for where one of the above explains it.
    pub gap: Option<Gap>,
}

/// An Instrumentation that is younger than a Pod.
#[derive(Clone)]
pub struct Younger {
    /// The language that asks for it.
    pub language: Language,
    /// The Instrumentation.
    pub instrumentation: Arc<Instrumentation>,
    /// When it was created.
    pub created: Timestamp,
    /// How sure it is that it came later: times have whole seconds, and the operator's cache takes a moment.
    pub certainty: Certainty,
}

impl Lack<'_, '_> {
    /// Whether nothing explains it.
    pub const fn is_unexplained(&self) -> bool {
        self.instrumentation.is_none() && self.annotation.is_none() && self.gap.is_none()
    }

    /// Whether the Pod has ended, and nothing asked for injection when it was made: then nothing was lost, and nothing is to be
    /// done.
    fn is_over(&self) -> bool {
        let finished = matches!(self.pod.status.phase, PodPhase::Succeeded | PodPhase::Failed);
        finished && self.annotation.as_ref().is_some_and(|change| change.certainty != Certainty::Hint)
    }
}

/// Every such Pod. Only where the operator may be asked: else a restart would not help, and why is said elsewhere.
pub fn lacks<'g, 'c>(case: &'g Case<'c>) -> Vec<Lack<'g, 'c>> {
    let mut lacks = Vec::new();
    for group in case.lacking_groups() {
        let may_answer = group.webhook.as_ref().is_some_and(WebhookVerdict::may_answer);
        let Some(decision) = group.decision.as_ref().filter(|_| may_answer) else { continue };
        if would_inject(decision, &group.missing) {
            lacks.extend(group.pods.iter().map(|pod| explain(case, group, decision, pod)));
        }
    }
    lacks
}

/// Whether the operator would inject one of these languages.
pub fn would_inject(decision: &Decision, missing: &[Language]) -> bool {
    let reaches = |language: &Language| {
        let decided = decision.language(*language);
        decided.is_some_and(|decided| decided.targets().iter().any(|target| target.outcome.is_injected()))
    };
    missing.iter().any(reaches)
}

fn explain<'g, 'c>(
    case: &'g Case<'c>,
    group: &'g Group<'c>,
    decision: &Decision,
    pod: &'c Pod,
) -> Lack<'g, 'c> {
    let mut lack = Lack { group, pod, instrumentation: None, annotation: None, gap: None };
    let Some(created) = pod.created else { return lack };
    // One failing look-up ends the request for every language, but no look-up can have failed where one was injected.
    let younger = group.is_bare().then(|| younger(decision, created)).flatten();
    lack.annotation = annotation::change(case, group, created);
    lack.instrumentation = younger.clone().filter(|younger| younger.certainty == Certainty::Certain);
    let is_proven = |change: &Change| change.certainty != Certainty::Hint;
    if lack.instrumentation.is_some() || lack.annotation.as_ref().is_some_and(is_proven) {
        lack.annotation = lack.annotation.filter(is_proven);
        return lack;
    }
    lack.gap = gap(case.operator, group.webhook.as_ref(), created);
    if lack.gap.is_some() {
        lack.annotation = None;
    } else if lack.annotation.is_none() {
        lack.instrumentation = younger;
    }
    lack
}

/// The first Instrumentation of the decision that is not older than the Pod.
fn younger(decision: &Decision, pod: Timestamp) -> Option<Younger> {
    decision.languages.iter().find_map(|language| {
        let instrumentation = language.instrumentation.as_ref()?;
        let created = instrumentation.metadata.metadata.creation_timestamp?;
        let certainty = match created.as_second().cmp(&pod.as_second()) {
            std::cmp::Ordering::Greater => Certainty::Certain,
            std::cmp::Ordering::Equal => Certainty::Likely,
            std::cmp::Ordering::Less => return None,
        };
        let instrumentation = instrumentation.clone();
        Some(Younger { language: language.language, instrumentation, created, certainty })
    })
}

/// Pods with one and the same explanation.
pub struct Explained<'c, T> {
    /// The explanation of the first.
    pub what: T,
    /// The Pods.
    pub pods: Vec<&'c Pod>,
    /// The gravest effect among them.
    pub severity: Severity,
}

/// Collects the Pods that have an explanation of one kind.
pub fn explained<'c, T>(
    case: &Case<'c>,
    pick: impl Fn(&Lack<'_, 'c>) -> Option<T>,
) -> Option<Explained<'c, T>> {
    let mut all: Option<Explained<'c, T>> = None;
    for lack in lacks(case).into_iter().filter(|lack| !lack.is_over()) {
        let Some(what) = pick(&lack) else { continue };
        let severity = case.severity_of_lack(lack.group);
        match &mut all {
            Some(all) => {
                all.pods.push(lack.pod);
                all.severity = all.severity.max(severity);
            }
            None => all = Some(Explained { what, pods: vec![lack.pod], severity }),
        }
    }
    all
}
