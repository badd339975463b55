//! F5: the agent image has no variant for the node.

use api::{Certainty, ConditionType, Severity};
use facts::{InputKind, Lookup, Pod};
use injection::marks::AgentRole;

use super::{Stuck, status_field, stuck};
use crate::case::{Case, Group};
use crate::cause::{Cause, Sight};
use crate::found::Found;
use crate::progress::{Progress, progress};

/// `AgentImagePlatformMismatch`.
pub static CAUSE: Cause = Cause {
    code: "IH-F005",
    reason: "AgentImagePlatformMismatch",
    summary: "The agent image does not run on the processor or operating system of the node.",
    condition: ConditionType::AgentInstalled,
    severities: &[Severity::Error],
    certainties: &[Certainty::Certain, Certainty::Likely],
    sight: Sight::Always(
        "the waiting message of the agent's container, or the Node's processor and operating system",
    ),
    since: "0.1.0",
    reads: &[InputKind::Nodes],
    page: include_str!("agent_image_platform_mismatch.md"),
    check,
};

const FOR_PLATFORM: &str =
    "Use an agent image for that platform, or keep the Pods on other nodes with a nodeSelector, then";
const ARCHITECTURE: &str = "kubernetes.io/arch";
const SYSTEM: &str = "kubernetes.io/os";

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let said = by_message(case);
    let said = if said.is_empty() { by_processor(case).into_iter().collect() } else { said };
    if said.is_empty() { on_windows(case) } else { said }
}

/// The container ends without a word on nodes of one processor, and there only: a program for another one ends so, where the
/// runtime does not say why.
fn by_processor<'c>(case: &Case<'c>) -> Option<Found<'c>> {
    let stuck = stuck(case);
    let foreign: Vec<_> = stuck.iter().filter(|stuck| is_foreign(case, stuck)).collect();
    let first = foreign.first()?;
    let (node, processor) = (first.pod.node.as_deref()?, processor(case, first.pod)?);
    let ended = first.terminated?;
    Some(
        Found::new(&CAUSE, Severity::Error, Certainty::Likely)
            .message(format!(
                "Agent image {} most likely has no variant for {processor}, the processor of the node of Pod {}: its container ends with exit code {} there.",
                first.agent.image, first.pod.name, ended.exit_code
            ))
            .remedy(FOR_PLATFORM, case.restart_command())
            .because(
                format!("Pod/{}", first.pod.name),
                format!("{}.lastState.terminated", status_field(first.agent)),
                crate::catalogue::crash::ended(ended),
            )
            .because(format!("Node/{node}"), format!("metadata.labels[{ARCHITECTURE}]"), processor)
            .pods(foreign.iter().map(|stuck| stuck.pod)),
    )
}

/// Exit code of a program that the kernel does not run, as runc reports it; `cp` itself never ends so.
const NOT_EXECUTABLE: i32 = 255;

fn is_foreign(case: &Case<'_>, stuck: &Stuck<'_, '_>) -> bool {
    let Some(ended) = stuck.terminated.filter(|_| stuck.agent.role == AgentRole::Agent) else { return false };
    // `Unknown`: the node was started anew.
    if &*ended.reason != "Error" || !ended.message.trim().is_empty() {
        return false;
    }
    let Some(own) = processor(case, stuck.pod) else { return false };
    let mut others = case.injected_pods().filter(|(group, pod)| {
        group.marks.agents.iter().any(|agent| agent.image == stuck.agent.image)
            && progress(pod, &group.marks, case.now) == Progress::Done
    });
    let mut elsewhere = false;
    let works_here = others.any(|(_, pod)| {
        let there = processor(case, pod);
        elsewhere |= there.is_some_and(|there| there != own);
        there == Some(own)
    });
    !works_here && (elsewhere || (ended.exit_code == NOT_EXECUTABLE && own != "amd64"))
}

/// The processor of the node of a Pod, where it can be read.
pub fn processor<'c>(case: &Case<'c>, pod: &Pod) -> Option<&'c str> {
    case.cluster.node(pod.node.as_deref()?).found()?.metadata.labels.get(ARCHITECTURE)
}

/// containerd, Docker, CRI-O (`containers/image`, of all its times), and the kernel through the runtime.
fn names_platform(message: &str) -> bool {
    [
        "no match for platform",
        "no matching manifest",
        "does not match the specified platform",
        "no image found in manifest list for architecture",
        "no image found in image index for architecture",
        "cannot be used on this platform",
        "exec format error",
    ]
    .iter()
    .any(|words| message.contains(words))
}

fn by_message<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let stuck = stuck(case);
    let refused: Vec<_> = stuck.iter().filter(|stuck| names_platform(stuck.words())).collect();
    let Some(first) = refused.first() else { return Vec::new() };
    let platform = platform(case, first.pod, first.group);
    let on = platform.as_ref().map_or_else(String::new, |platform| format!(" ({platform})"));
    let (words_of_remedy, command) = match windows(case, first.group, first.pod) {
        Some(_) => without_agent(case, first.group),
        None => (FOR_PLATFORM, case.restart_command()),
    };
    let mut found = Found::new(&CAUSE, Severity::Error, Certainty::Certain)
        .message(format!(
            "Agent image {} has no variant for the node of Pod {}{on}.",
            first.agent.image, first.pod.name
        ))
        .remedy(words_of_remedy, command)
        .because(format!("Pod/{}", first.pod.name), status_field(first.agent), last_words(first.words()));
    if let (Some(platform), Some(node)) = (platform, &first.pod.node) {
        found = found.because(format!("Node/{node}"), "metadata.labels", platform);
    }
    vec![found.pods(refused.iter().map(|stuck| stuck.pod))]
}

/// The runtime's words without the kubelet's frame.
fn last_words(message: &str) -> &str {
    message.rsplit_once("ErrImagePull: ").map_or(message, |(_, inner)| inner)
}

/// The operator injects Linux images into Windows Pods as well; they cannot run.
fn on_windows<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let mut pods = Vec::new();
    let mut first = None;
    for (group, pod) in case.lasting_pods() {
        let stopped =
            !matches!(progress(pod, &group.marks, case.now), Progress::Done | Progress::Starting { .. });
        let Some(field) = windows(case, group, pod).filter(|_| stopped) else { continue };
        pods.push(pod);
        first.get_or_insert((pod, group, field));
    }
    let Some((pod, group, field)) = first else { return Vec::new() };
    let Some(agent) = group.marks.agents.first() else { return Vec::new() };
    let (words, command) = without_agent(case, group);
    vec![
        Found::new(&CAUSE, Severity::Error, Certainty::Likely)
            .message(format!(
                "Pod {} is a Windows Pod, and agent image {} is for Linux: the operator does not support Windows.",
                pod.name, agent.image
            ))
            .remedy(words, command)
            .because(format!("Pod/{}", pod.name), field, "windows")
            .pods(pods),
    ]
}

/// There is no agent for Windows: what helps is to ask for none.
fn without_agent(case: &Case<'_>, group: &Group<'_>) -> (&'static str, String) {
    let keys: Vec<_> = group.asked.iter().map(|asked| (asked.language.inject_key(), Some("false"))).collect();
    ("The operator has no agent for Windows: say false on these Pods", case.patch_template_command(&keys))
}

fn windows(case: &Case<'_>, group: &Group<'_>, pod: &Pod) -> Option<String> {
    let spec = &group.shape.spec;
    if spec.os.as_ref().is_some_and(|os| &*os.name == "windows") {
        return Some("spec.os.name".to_owned());
    }
    if spec.node_selector.get(SYSTEM) == Some("windows") {
        return Some(format!("spec.nodeSelector[{SYSTEM}]"));
    }
    let Lookup::Found(node) = case.cluster.node(pod.node.as_deref()?) else { return None };
    (node.metadata.labels.get(SYSTEM) == Some("windows")).then(|| format!("node label {SYSTEM}"))
}

/// Operating system and processor of the node, where it can be read.
fn platform(case: &Case<'_>, pod: &Pod, group: &Group<'_>) -> Option<String> {
    let node = pod.node.as_deref().and_then(|node| case.cluster.node(node).found());
    let label = |key: &str| {
        let of_node = node.and_then(|node| node.metadata.labels.get(key));
        of_node.or_else(|| group.shape.spec.node_selector.get(key))
    };
    let architecture = label(ARCHITECTURE)?;
    Some(match label(SYSTEM) {
        Some(system) => format!("{system}/{architecture}"),
        None => architecture.to_owned(),
    })
}
