//! What is said of injected Pods that no cause of the catalogue explains?

mod activity;

use api::{Certainty, ConditionType, Severity};
use facts::Language;
use injection::Marks;
use injection::marks::{AgentContainer, AgentRole};

use crate::case::{Case, Group};
use crate::catalogue::crash::ended;
use crate::cause::{Cause, Sight};
use crate::found::Found;
use crate::progress::{Progress, progress};

const fn outcome(
    reason: &'static str,
    summary: &'static str,
    condition: ConditionType,
    severities: &'static [Severity],
    sight: Sight,
    page: &'static str,
    check: crate::cause::Check,
) -> Cause {
    Cause {
        code: "",
        reason,
        summary,
        condition,
        severities,
        certainties: &[Certainty::Certain, Certainty::Likely, Certainty::Hint],
        sight,
        since: "0.1.0",
        reads: &[],
        page,
        check,
    }
}

/// The agent init container waits or runs longer than it should.
pub static INIT_CONTAINER_NOT_STARTED: Cause = outcome(
    "InitContainerNotStarted",
    "The agent init container has not done its work within two minutes, and the API names no reason.",
    ConditionType::AgentInstalled,
    &[Severity::Warning, Severity::Info],
    Sight::Always("the state of the agent's init container, two minutes after the Pod was created"),
    include_str!("outcome/init_container_not_started.md"),
    not_started,
);

/// The agent init container failed for a reason that no cause explains.
pub static INIT_CONTAINER_FAILED: Cause = outcome(
    "InitContainerFailed",
    "The agent init container ended with an exit code, or was refused, for a reason that no other cause explains.",
    ConditionType::AgentInstalled,
    &[Severity::Error],
    Sight::Always("the last end or the waiting reason of the agent's init container"),
    include_str!("outcome/init_container_failed.md"),
    failed,
);

/// An injected Pod lacks the agent init container.
pub static INIT_CONTAINER_MISSING: Cause = outcome(
    "InitContainerMissing",
    "The application container is hooked to an agent, but the init container that copies the agent is missing.",
    ConditionType::AgentInstalled,
    &[Severity::Error],
    Sight::Always("the hook variable and its volume are there, the init container is not"),
    include_str!("outcome/init_container_missing.md"),
    missing,
);

/// Injected and wired, and from here the API cannot see further. Said of an application that fails with the agent in it, where
/// nothing tells why, and as a note of one that does not run for reasons of its own.
pub static ACTIVITY_NOT_VISIBLE: Cause = outcome(
    "ActivityNotVisible",
    "The agent is installed and wired; whether it works cannot be seen through the Kubernetes API.",
    ConditionType::ApplicationStable,
    &[Severity::Warning, Severity::Info],
    Sight::NotVisible(
        "what a process does with the agent, and whether data arrives, stands in logs and at the receiver only",
    ),
    include_str!("outcome/activity_not_visible.md"),
    activity::unseen,
);

/// An annotation that is to mute Events or to ignore findings does not say what it should.
pub static SILENCE_ANNOTATION_INVALID: Cause = outcome(
    "SilenceAnnotationInvalid",
    "An annotation that is to mute Events or to ignore findings does not say what it should.",
    ConditionType::AnnotationsValid,
    &[Severity::Info],
    Sight::Always("the annotation on the workload or its Namespace"),
    include_str!("outcome/silence_annotation_invalid.md"),
    crate::silence::invalid,
);

/// The outcomes that checks of their own look for; run after the catalogue. What is said of Pods is said only of those that it
/// does not explain.
pub static OUTCOMES: [&Cause; 5] = [
    &INIT_CONTAINER_MISSING,
    &INIT_CONTAINER_FAILED,
    &INIT_CONTAINER_NOT_STARTED,
    &ACTIVITY_NOT_VISIBLE,
    &SILENCE_ANNOTATION_INVALID,
];

fn not_started<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let mut overdue = Vec::new();
    for (group, pod) in case.lasting_pods() {
        if let Progress::Overdue { container, reason } = progress(pod, &group.marks, case.now) {
            overdue.push((pod, container.to_owned(), reason.to_owned()));
        }
    }
    let Some((pod, container, reason)) = overdue.first() else { return Vec::new() };
    // A scale-up for which there is no room yet, or a slow node: the revision has shown that it works.
    let works = |(group, pod): (&Group<'c>, &facts::Pod)| {
        group.current && pod.status.is_ready() && progress(pod, &group.marks, case.now) == Progress::Done
    };
    let severity = if case.injected_pods().any(works) { Severity::Info } else { Severity::Warning };
    let state = if reason.is_empty() { "not started" } else { reason.as_str() };
    let (words, command) = match held_up_by(pod, container) {
        Some(own) => (
            format!("Init container {own} comes first and has not ended well: see its log"),
            format!("kubectl -n {} logs {} -c {own}", pod.namespace, pod.name),
        ),
        None => (
            "See what the Pod waits for".to_owned(),
            format!("kubectl -n {} describe pod {}", pod.namespace, pod.name),
        ),
    };
    vec![
        Found::new(&INIT_CONTAINER_NOT_STARTED, severity, Certainty::Hint)
            .message(format!(
                "Agent container {container} of Pod {} is still {state} more than two minutes after the Pod was created; the API names no reason that lies in the injection.",
                pod.name
            ))
            .remedy(words, command)
            .because(format!("Pod/{}", pod.name), format!("status.initContainerStatuses[{container}].state"), state)
            .pods(overdue.iter().map(|(pod, ..)| *pod)),
    ]
}

/// The init container of the application's own that keeps an agent's one from its turn.
fn held_up_by<'p>(pod: &'p facts::Pod, agent: &str) -> Option<&'p str> {
    let before = pod.status.init_container_statuses.iter().take_while(|status| &*status.name != agent);
    let mut before = before.filter(|status| !status.ready);
    before
        .find(|status| status.last_termination().is_some_and(|ended| ended.exit_code != 0))
        .map(|status| &*status.name)
}

fn failed<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let mut pods = Vec::new();
    let mut first = None;
    for (group, pod) in case.lasting_pods() {
        let (container, field, value) = match progress(pod, &group.marks, case.now) {
            Progress::Failed { status, terminated } => {
                (status.name.clone(), "lastState.terminated", ended(terminated))
            }
            Progress::Refused { status } => {
                let waiting = status.state.waiting.as_ref();
                let words = waiting.map(|waiting| format!("{}: {}", waiting.reason, waiting.message));
                (status.name.clone(), "state.waiting", words.unwrap_or_default())
            }
            _ => continue,
        };
        pods.push(pod);
        first.get_or_insert((pod, container, field, value));
    }
    let Some((pod, container, field, value)) = first else { return Vec::new() };
    vec![
        Found::new(&INIT_CONTAINER_FAILED, Severity::Error, Certainty::Certain)
            .message(format!("Agent container {container} of Pod {} fails: {value}.", pod.name))
            .remedy(
                "Read its log",
                format!("kubectl -n {} logs {} -c {container} --previous", pod.namespace, pod.name),
            )
            .because(
                format!("Pod/{}", pod.name),
                format!("status.initContainerStatuses[{container}].{field}"),
                &value,
            )
            .pods(pods),
    ]
}

fn missing<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let mut found = Vec::new();
    for group in case.injected_groups() {
        for (language, container) in hooked_without_agent(&group.marks) {
            let Some(pod) = group.pods.first() else { continue };
            found.push(
                Found::new(&INIT_CONTAINER_MISSING, Severity::Error, Certainty::Certain)
                    .message(format!(
                        "Container {container} of Pod {} is hooked to the {language} agent, but no init container of the Pod copies that agent.",
                        pod.name
                    ))
                    .remedy("Remove agent settings that were copied into the template, then restart", case.restart_command())
                    .because(format!("Pod/{}", pod.name), "spec.initContainers", "no agent init container")
                    .pods(group.pods.iter().copied()),
            );
        }
    }
    found
}

/// Agents mounted into a container that no container of the Pod brings.
fn hooked_without_agent(marks: &Marks) -> impl Iterator<Item = (Language, &str)> {
    // Up to 0.85 one name stood for four languages.
    let is_shared = |agent: &AgentContainer| agent.role == AgentRole::Agent && agent.language.is_none();
    let any_language = marks.agents.iter().any(is_shared);
    marks.containers.iter().flat_map(move |container| {
        let languages = container.agents.iter().filter_map(|agent| agent.language);
        languages
            .filter(move |language| !any_language && marks.agent(*language).is_none())
            .map(|language| (language, &*container.name))
    })
}
