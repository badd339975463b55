//! How does a workload become a verdict?
//!
//! Every cause is looked for; consequences are taken out; what is left is put together as a status. Same input, same
//! output: no clock, no memory, no I/O.

use api::{ConditionType, InstrumentationHealthStatus, Outcome, Severity};
use facts::{ClusterView, InputKind, Pod, Readability, Service, Subject};
use jiff::Timestamp;

use crate::asked::is_ours;
use crate::case::Case;
use crate::catalogue::{CATCH_ALL, CAUSES, endpoint, hits_everyone};
use crate::figures::Figures;
use crate::found::Found;
use crate::operator::OperatorState;
use crate::outcome::{ACTIVITY_NOT_VISIBLE, OUTCOMES};
use crate::precedence::{sort, suppress};
use crate::progress::{Progress, progress};
use crate::wants::Wants;
use crate::{annotations, carry, flapping, proof, status};

/// What is to be said about one workload.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnosis {
    /// The status to be written, with times carried over from the previous one.
    pub status: InstrumentationHealthStatus,
    /// When to judge again although nothing has changed.
    pub recheck_at: Option<Timestamp>,
    /// Whether the main finding is a cause that sits in the operator and hits everyone: no Event for each workload then.
    pub operator_wide: bool,
    /// What the workload adds to the figures of the cluster.
    pub figures: Figures,
    /// Closer looks that the verdict was made without; nothing where nobody asked.
    pub wants: Wants,
}

impl Diagnosis {
    /// The `Healthy` condition as status and reason.
    pub fn healthy(&self) -> (&str, &str) {
        let healthy = self
            .status
            .conditions
            .iter()
            .find(|condition| condition.type_ == ConditionType::Healthy.as_str());
        healthy
            .map_or(("Unknown", Outcome::Progressing.as_str()), |healthy| (&healthy.status, &healthy.reason))
    }
}

/// Settings of a judgement.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Where the pages of causes are served; empty: findings name the command that prints the page.
    pub docs_base_url: String,
    /// Whether [`Diagnosis::wants`] is to be worked out.
    pub closer_looks: bool,
}

/// Judges a workload. `None`: nothing asks for injection, so that nothing is to be said.
pub fn diagnose(
    subject: &Subject<'_>,
    cluster: &dyn ClusterView,
    operator: &OperatorState,
    previous: Option<&InstrumentationHealthStatus>,
    now: Timestamp,
    options: &Options,
) -> Option<Diagnosis> {
    let case = Case::new(subject, cluster, operator, now);
    if !is_ours(&case) {
        return None;
    }
    let findings = findings(&case);
    let verdict = Verdict::new(&case, findings);
    let operator_wide = verdict.primary().is_some_and(|found| hits_everyone(found.cause));
    let figures = Figures::of(&verdict);
    let mut status = status::build(&verdict, options);
    carry::over(previous, &mut status, now);
    let wants =
        if options.closer_looks { Wants::of(&case, &status.instrumentations) } else { Wants::default() };
    let settles_at = flapping::settles_at(&status).filter(|time| *time > now);
    let recheck_at = verdict.recheck_at().into_iter().chain(settles_at).min();
    Some(Diagnosis { status, recheck_at, operator_wide, figures, wants })
}

/// Every finding on a workload, worst first, without consequences of others.
fn findings<'a>(case: &Case<'a>) -> Vec<Found<'a>> {
    let mut found: Vec<Found<'a>> = CAUSES.iter().flat_map(|cause| (cause.check)(case)).collect();
    leave_to_others(&mut found);
    let mut rest: Vec<Found<'a>> = OUTCOMES.iter().flat_map(|cause| (cause.check)(case)).collect();
    rest.retain_mut(|outcome| {
        let speaks_of_pods = !outcome.pods.is_empty();
        outcome.pods.retain(|pod| !explains_agent(&found, pod));
        !speaks_of_pods || !outcome.pods.is_empty()
    });
    let is_told = found.iter().any(|found| found.severity > Severity::Info);
    rest.retain(|outcome| !is_told || *outcome.cause != ACTIVITY_NOT_VISIBLE);
    found.append(&mut rest);
    annotations::ignore(case, &mut found);
    suppress(&mut found);
    sort(&mut found);
    one_per_reason(found)
}

/// A status lists every reason once: what several groups of Pods show is one finding with all their Pods.
fn one_per_reason(found: Vec<Found<'_>>) -> Vec<Found<'_>> {
    let mut merged: Vec<Found<'_>> = Vec::with_capacity(found.len());
    for finding in found {
        match merged.iter_mut().find(|known| known.cause == finding.cause) {
            Some(known) => known.absorb(finding),
            None => merged.push(finding),
        }
    }
    merged
}

/// Takes the Pods out of the catch-all finding that any other cause explains.
fn leave_to_others(found: &mut Vec<Found<'_>>) {
    let (mut rest, others): (Vec<_>, Vec<_>) =
        std::mem::take(found).into_iter().partition(|found| found.cause == CATCH_ALL);
    let explains = |other: &Found<'_>, pod: &Pod| {
        other.severity > Severity::Info
            && other.cause.condition <= ConditionType::AgentWired
            && (other.pods.is_empty() || other.pods.iter().any(|known| std::ptr::eq(*known, pod)))
    };
    for finding in &mut rest {
        finding.pods.retain(|pod| !others.iter().any(|other| explains(other, pod)));
    }
    rest.retain(|finding| !finding.pods.is_empty());
    *found = others;
    found.append(&mut rest);
}

/// Whether a cause already says why the agent of this Pod is not installed.
fn explains_agent(found: &[Found<'_>], pod: &Pod) -> bool {
    let installed = found.iter().filter(|found| found.cause.condition <= ConditionType::AgentInstalled);
    installed
        .filter(|found| found.severity > Severity::Info)
        .any(|found| found.pods.iter().any(|other| other.uid == pod.uid && other.name == pod.name))
}

/// A case with its findings and the state of each Pod, ready to be written down.
pub(crate) struct Verdict<'c, 'a> {
    pub(crate) case: &'c Case<'a>,
    pub(crate) found: Vec<Found<'a>>,
    pub(crate) pods: Vec<PodState>,
    pub(crate) unproven: Option<InputKind>,
    /// See [`endpoint::starting`].
    pub(crate) receiver: Option<(&'a Service, Timestamp)>,
}

/// One Pod that asks for injection, carries it, or shows a finding.
pub(crate) struct PodState {
    /// Place of its group in [`Case::groups`]; none for a leftover.
    pub(crate) group: Option<usize>,
    pub(crate) current: bool,
    pub(crate) injected: bool,
    pub(crate) starting: Option<Option<Timestamp>>,
    pub(crate) failed: bool,
}

impl<'c, 'a> Verdict<'c, 'a> {
    fn new(case: &'c Case<'a>, found: Vec<Found<'a>>) -> Self {
        // Pods that cannot be created say nothing about those that run.
        let concerns_all = |found: &Found<'a>| found.cause.condition != ConditionType::PodsAdmitted;
        let everywhere = found
            .iter()
            .any(|found| found.severity == Severity::Error && found.pods.is_empty() && concerns_all(found));
        let mut pods = Vec::new();
        for (place, group) in case.groups.iter().enumerate() {
            for pod in &group.pods {
                let shows = |found: &&Found<'a>| found.pods.iter().any(|other| std::ptr::eq(*other, *pod));
                let relevant = group.concerns_us() || found.iter().any(|found| shows(&found));
                if !relevant {
                    continue;
                }
                let failed =
                    everywhere || found.iter().filter(|f| f.severity == Severity::Error).any(|f| shows(&f));
                let starting = match progress(pod, &group.marks, case.now) {
                    Progress::Starting { until } if group.is_injected() && !failed => Some(until),
                    _ => None,
                };
                pods.push(PodState {
                    group: Some(place),
                    current: group.current,
                    injected: group.is_injected(),
                    starting,
                    failed,
                });
            }
        }
        // A leftover counts only where it shows something: evicted because of the agent, for example.
        let shown = case
            .leftovers
            .iter()
            .filter(|pod| found.iter().any(|f| f.pods.iter().any(|p| std::ptr::eq(*p, **pod))));
        pods.extend(shown.map(|pod| PodState {
            group: None,
            current: case.subject.is_current(pod),
            injected: true,
            starting: None,
            failed: true,
        }));
        let unproven = proof::unproven(case, &found);
        let receiver = endpoint::starting(case);
        Self { case, found, pods, unproven, receiver }
    }

    /// The finding that decides `Healthy`: the first Error, else the first Warning.
    pub(crate) fn primary(&self) -> Option<&Found<'a>> {
        self.found.iter().find(|found| found.severity > Severity::Info)
    }

    /// Status and reason of `Healthy`.
    pub(crate) fn healthy(&self) -> (&'static str, &'static str) {
        match self.primary() {
            Some(found) if found.severity == Severity::Error => ("False", found.cause.reason),
            _ if self.unproven.is_some() => ("Unknown", Outcome::NotChecked.as_str()),
            Some(found) => ("Unknown", found.cause.reason),
            None if self.progressing() || self.receiver.is_some() => {
                ("Unknown", Outcome::Progressing.as_str())
            }
            None => ("True", Outcome::Instrumented.as_str()),
        }
    }

    /// Whether Pods are in grace and none of the current revision proves that it works.
    pub(crate) fn progressing(&self) -> bool {
        let proven =
            |state: &PodState| state.current && state.injected && state.starting.is_none() && !state.failed;
        let waiting_for_pods =
            self.case.groups.is_empty() && self.case.wants_pods() && self.case.expects_pods_now();
        waiting_for_pods
            || self.template_is_ahead()
            || (self.pods.iter().any(|state| state.starting.is_some()) && !self.pods.iter().any(proven))
    }

    /// Whether the template asks and no Pod that was made from it is there yet.
    fn template_is_ahead(&self) -> bool {
        let case = self.case;
        let rolls = case.subject.template().is_some() && case.wants_pods() && case.expects_pods_now();
        rolls && !case.asked.is_empty() && case.groups.iter().all(|group| group.asked.is_empty())
    }

    fn recheck_at(&self) -> Option<Timestamp> {
        let grace = self.pods.iter().filter_map(|state| state.starting.flatten());
        let mute = annotations::muted_until(self.case);
        let operator = self.case.operator.changes_at();
        let findings = self.found.iter().filter_map(|found| found.until);
        let receiver = self.receiver.map(|(_, until)| until);
        let all = grace.chain(mute).chain(operator).chain(findings).chain(receiver);
        all.filter(|time| *time > self.case.now).min()
    }
}

/// A kind that cannot be read where the workload is, and what that needs.
pub(crate) fn unreadable<'a>(case: &Case<'a>) -> impl Iterator<Item = (InputKind, &'a str)> {
    InputKind::ALL.iter().filter_map(|kind| match case.readability_here(*kind) {
        Readability::Unreadable { needs } => Some((*kind, &**needs)),
        _ => None,
    })
}
