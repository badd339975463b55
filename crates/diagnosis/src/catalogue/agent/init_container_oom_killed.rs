//! F1: the agent's init container needs more memory than it may have.

use api::{Certainty, ConditionType, Severity};
use facts::{Language, Pod};
use injection::marks::{AgentContainer, AgentRole};
use serde_json::json;

use super::{resources_field, status_field, stuck};
use crate::case::{Case, Group};
use crate::catalogue::environment::container;
use crate::catalogue::remedy::{named, object, patch_instrumentation};
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `InitContainerOOMKilled`.
pub static CAUSE: Cause = Cause {
    code: "IH-F001",
    reason: "InitContainerOOMKilled",
    summary: "The agent init container is killed because it needs more memory than its limit.",
    condition: ConditionType::AgentInstalled,
    severities: &[Severity::Error, Severity::Info],
    certainties: &[Certainty::Certain],
    sight: Sight::Always("the last end of the agent's init container"),
    since: "0.1.0",
    reads: &[],
    page: include_str!("init_container_oom_killed.md"),
    check,
};

/// Default of the operator since 0.122, and the next step above it.
const SUGGESTED: [(&str, u64); 2] = [("256Mi", 256 << 20), ("512Mi", 512 << 20)];

const OOM: &str = "OOMKilled";

/// What runc says where there is not even memory enough to start (`libcontainer/process_linux.go`, 1.1 and later); the kubelet
/// then reports `RunContainerError` and `StartError` by turns.
const OOM_AT_START: &str = "container init was OOM-killed";

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let mut pods: Vec<&'c Pod> = Vec::new();
    let mut first = None;
    for stuck in stuck(case) {
        let is_init = stuck.agent.role != AgentRole::GoSidecar;
        let killed = stuck.terminated.is_some_and(|terminated| &*terminated.reason == OOM);
        let at_start = stuck.words().contains(OOM_AT_START);
        if is_init && (killed || at_start) {
            pods.push(stuck.pod);
            let said = if killed { OOM } else { OOM_AT_START };
            first.get_or_insert((stuck.group, stuck.pod, stuck.agent, stuck.language(), said));
        }
    }
    match first {
        Some((group, pod, agent, language, said)) => {
            vec![found(case, Severity::Error, group, pod, agent, language, said).pods(pods)]
        }
        None => survived(case),
    }
}

/// Killed at first, and then done: it will happen again, perhaps for good.
fn survived<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let mut pods: Vec<&'c Pod> = Vec::new();
    let mut first = None;
    for (group, pod) in case.injected_pods() {
        for agent in group.marks.agents.iter().filter(|agent| agent.role != AgentRole::GoSidecar) {
            let Some(status) = pod.status.container(&agent.name) else { continue };
            let done = status.state.terminated.as_ref().is_some_and(|terminated| terminated.exit_code == 0);
            if done
                && status.last_state.terminated.as_ref().is_some_and(|terminated| &*terminated.reason == OOM)
            {
                pods.push(pod);
                first.get_or_insert((group, pod, agent));
            }
        }
    }
    let Some((group, pod, agent)) = first else { return Vec::new() };
    vec![found(case, Severity::Info, group, pod, agent, agent.language, OOM).pods(pods)]
}

fn found<'c>(
    case: &Case<'_>,
    severity: Severity,
    group: &Group<'_>,
    pod: &Pod,
    agent: &AgentContainer,
    language: Option<Language>,
    said: &str,
) -> Found<'c> {
    let limit = container(&group.shape.spec, &agent.name)
        .and_then(|container| container.resources.limits.get("memory"))
        .unwrap_or("none");
    let language = language.unwrap_or(Language::Java);
    let (block, resources) = (language.spec_field().unwrap_or("java"), resources_field(language));
    let more = SUGGESTED.iter().find(|(_, enough)| *enough > bytes(limit)).unwrap_or(&SUGGESTED[1]).0;
    let patch = json!({ block: { resources: { "limits": { "memory": more } } } });
    let command = patch_instrumentation(case, language, &patch);
    let raised = limit_now(case, language).is_some_and(|now| bytes(&now) > bytes(limit));
    let (words, command) = match command.filter(|_| !raised) {
        Some(command) => (format!("Raise spec.{block}.{resources}.limits.memory"), command),
        None if raised => {
            ("Its limit has been raised since: make the Pods anew".to_owned(), case.restart_command())
        }
        None => (format!("Raise spec.{block}.{resources}.limits.memory, then"), case.restart_command()),
    };
    let happens = match severity {
        Severity::Error => "is killed again and again",
        _ => "was killed once before it succeeded",
    };
    Found::new(&CAUSE, severity, Certainty::Certain)
        .message(format!(
            "Init container {} of Pod {} {happens}: it needs more memory than its limit of {limit}, which comes from {}.",
            agent.name,
            pod.name,
            named(case, language)
        ))
        .remedy(words, command)
        .because(format!("Pod/{}", pod.name), format!("{}.lastState.terminated", status_field(agent)), said)
        .because(format!("Pod/{}", pod.name), format!("spec.initContainers[{}].resources.limits.memory", agent.name), limit)
}

/// The limit that the Instrumentation has now.
fn limit_now(case: &Case<'_>, language: Language) -> Option<String> {
    let block = object(case, language)?.spec.language(language)?;
    let resources = match language {
        Language::Java => &block.resources,
        _ => &block.resource_requirements,
    };
    Some(resources.as_ref()?.pointer("/limits/memory")?.as_str()?.to_owned())
}

/// Bytes of a quantity in `Mi`, `Gi` or `M`; 0 for what is none of these.
fn bytes(quantity: &str) -> u64 {
    let units: [(&str, u64); 5] =
        [("Ki", 1 << 10), ("Mi", 1 << 20), ("Gi", 1 << 30), ("M", 1_000_000), ("G", 1_000_000_000)];
    let found = units.iter().find_map(|(unit, factor)| {
        let number: u64 = quantity.strip_suffix(unit)?.parse().ok()?;
        Some(number.saturating_mul(*factor))
    });
    found.or_else(|| quantity.parse().ok()).unwrap_or(0)
}
