//! F5: the agent image has no variant for the node.

use api::{Certainty, ConditionType, Severity};
use facts::{InputKind, Lookup, Pod};

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

const ARCHITECTURE: &str = "kubernetes.io/arch";
const SYSTEM: &str = "kubernetes.io/os";

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let said = by_message(case);
    if said.is_empty() { on_windows(case) } else { said }
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

fn words<'s>(stuck: &'s Stuck<'_, '_>) -> &'s str {
    let refused = stuck.refusal().map(|waiting| &*waiting.message);
    refused.or_else(|| stuck.terminated.map(|terminated| &*terminated.message)).unwrap_or_default()
}

fn by_message<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let stuck = stuck(case);
    let refused: Vec<_> = stuck.iter().filter(|stuck| names_platform(words(stuck))).collect();
    let Some(first) = refused.first() else { return Vec::new() };
    let platform = platform(case, first.pod, first.group);
    let on = platform.as_ref().map_or_else(String::new, |platform| format!(" ({platform})"));
    let (words_of_remedy, command) = match windows(case, first.group, first.pod) {
        Some(_) => without_agent(case, first.group),
        None => (
            "Use an agent image for that platform, or keep the Pods on other nodes with a nodeSelector, then",
            case.restart_command(),
        ),
    };
    let mut found = Found::new(&CAUSE, Severity::Error, Certainty::Certain)
        .message(format!(
            "Agent image {} has no variant for the node of Pod {}{on}.",
            first.agent.image, first.pod.name
        ))
        .remedy(words_of_remedy, command)
        .because(format!("Pod/{}", first.pod.name), status_field(first.agent), last_words(words(first)));
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
    for (group, pod) in case.injected_pods() {
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
