//! Does a container fail again and again, and is the injection to blame?
//!
//! Between two failures a container runs for a while: it counts as failing until the kubelet itself has forgotten its
//! back-off. The stack trace is not in the API, so blame comes from comparison: with Pods of the same workload that have no
//! agent, or another one.

use std::sync::Arc;

use facts::{ContainerStatus, Language, Pod, PodPhase, Terminated};
use jiff::{SignedDuration, Timestamp};

use crate::case::{Case, Group};

/// The kubelet starts its back-off anew when a container has run for twice the longest pause
/// (`pkg/kubelet/kubelet.go` `MaxContainerBackOff`, 1.36).
const STABLE: SignedDuration = SignedDuration::from_mins(10);

/// The shortest run after which a container that has nothing to be compared with counts as mended.
const SETTLED: SignedDuration = SignedDuration::from_secs(60);

/// A container that fails again and again.
#[derive(Clone, Copy, Debug)]
pub struct Failing<'c> {
    /// How it ended last.
    pub terminated: &'c Terminated,
    /// Where it runs at the moment: when it counts as mended if nothing happens.
    pub until: Option<Timestamp>,
}

/// Whether a container fails again and again. One that ends with 0 does not fail.
pub fn failing(status: &ContainerStatus, now: Timestamp) -> Option<Failing<'_>> {
    failing_until(status, STABLE, now)
}

/// The same of one that counts as mended as soon as it has run for so long.
pub fn failing_until(
    status: &ContainerStatus,
    stable: SignedDuration,
    now: Timestamp,
) -> Option<Failing<'_>> {
    ending_until(status, stable, now).filter(|failing| failing.terminated.exit_code != 0)
}

/// Whether a container that is to run for ever ends again and again, with whatever exit code.
pub fn ending(status: &ContainerStatus, now: Timestamp) -> Option<Failing<'_>> {
    ending_until(status, STABLE, now)
}

fn ending_until(status: &ContainerStatus, stable: SignedDuration, now: Timestamp) -> Option<Failing<'_>> {
    let terminated = status.last_termination()?;
    if let Some(running) = &status.state.running {
        let until = running.started_at? + stable;
        return (status.restart_count >= 2 && now < until)
            .then_some(Failing { terminated, until: Some(until) });
    }
    // One that cannot even be started takes turns between the two.
    let waits = matches!(status.waiting_reason(), Some("CrashLoopBackOff" | "RunContainerError"));
    let ended = status.state.terminated.is_some() && status.restart_count > 0;
    (waits || ended).then_some(Failing { terminated, until: None })
}

/// How a container ended, in words: `Error (exit code 1)`.
pub fn ended(terminated: &Terminated) -> String {
    format!("{} (exit code {})", terminated.reason, terminated.exit_code)
}

/// An instrumented container that fails, in Pods of one group.
pub struct Crash<'k, 'c> {
    /// The group.
    pub group: &'k Group<'c>,
    /// The Pods in which it fails.
    pub pods: Vec<&'c Pod>,
    /// The container.
    pub container: &'k Arc<str>,
    /// Agents mounted into it.
    pub languages: Vec<Language>,
    /// How it ended last in the first of the Pods.
    pub terminated: &'c Terminated,
    /// When it may count as mended although nothing happens.
    pub until: Option<Timestamp>,
    /// Whether the injection is to blame.
    pub blame: Blame<'c>,
}

/// Whether an injection is to blame for a failure.
#[derive(Clone, Copy, Debug)]
pub enum Blame<'c> {
    /// This Pod of the same workload has no agent, or another one, and runs.
    Compared(&'c Pod),
    /// There is nothing to compare with.
    Open,
}

impl<'c> Crash<'_, 'c> {
    /// A Pod of the same workload without this agent, which runs.
    pub fn compared(&self) -> Option<&'c Pod> {
        match self.blame {
            Blame::Compared(pod) => Some(pod),
            Blame::Open => None,
        }
    }

    /// Whether an agent of a language is mounted.
    pub fn has(&self, language: Language) -> bool {
        self.languages.contains(&language)
    }
}

/// Instrumented containers that fail in a way that the injection may be to blame for. Left out are those that fail without
/// it as well, and those that ran with the same agent in an earlier revision.
pub fn crashes<'k, 'c>(case: &'k Case<'c>) -> Vec<Crash<'k, 'c>> {
    let mut crashes = Vec::new();
    for group in case.injected_groups().filter(|group| group.current) {
        for target in group.marks.containers.iter().filter(|target| !target.agents.is_empty()) {
            let Some(blame) = blame(case, group, &target.name) else { continue };
            let mut pods = Vec::new();
            let mut last = None;
            let mut until = None;
            for pod in &group.pods {
                if matches!(pod.status.phase, PodPhase::Failed | PodPhase::Succeeded) {
                    continue;
                }
                let status = pod.status.container(&target.name);
                let Some(failing) = status.and_then(|status| failing(status, case.now)) else { continue };
                // Nobody else shows that it would run: an application that waited for its database by failing runs now.
                let settles = status.filter(|_| matches!(blame, Blame::Open)).and_then(settles_at);
                if settles.is_some_and(|settles| case.now >= settles) {
                    continue;
                }
                pods.push(*pod);
                until = until.max(settles.or(failing.until));
                last.get_or_insert(failing.terminated);
            }
            let Some(terminated) = last else { continue };
            let languages = target.agents.iter().filter_map(|agent| agent.language).collect();
            crashes.push(Crash { group, pods, container: &target.name, languages, terminated, until, blame });
        }
    }
    crashes
}

/// When a container that runs has run clearly longer than before it failed: twice as long, and no shorter than [`SETTLED`].
fn settles_at(status: &ContainerStatus) -> Option<Timestamp> {
    let started = status.state.running.as_ref()?.started_at?;
    let last = status.last_termination()?;
    let before = last.finished_at?.duration_since(last.started_at?);
    Some(started + (before * 2).clamp(SETTLED, STABLE))
}

/// None where the injection is not to blame.
fn blame<'c>(case: &Case<'c>, crashed: &Group<'c>, container: &str) -> Option<Blame<'c>> {
    let mut runs = None;
    for group in case.groups.iter().filter(|group| !std::ptr::eq(*group, crashed)) {
        let same_agent = group.is_injected() && images(group) == images(crashed);
        let fails = |pod: &&Pod| {
            pod.status.container(container).is_some_and(|status| failing(status, case.now).is_some())
        };
        if same_agent {
            // An earlier revision ran well with the same agent: the new revision itself is broken.
            if !group.current && group.pods.iter().any(|pod| pod.status.is_ready()) {
                return None;
            }
        } else if !group.is_injected() && group.pods.iter().copied().any(|pod| fails(&pod)) {
            return None;
        } else {
            runs = runs.or_else(|| group.pods.iter().copied().find(|pod| pod.status.is_ready()));
        }
    }
    Some(runs.map_or(Blame::Open, Blame::Compared))
}

fn images<'k>(group: &'k Group<'_>) -> Vec<&'k str> {
    group.marks.agents.iter().map(|agent| &*agent.image).collect()
}
