//! G5: the agent image runs on the node's processor, the agent inside does not.

use api::{Certainty, ConditionType, Severity};
use facts::{InputKind, Language, Pod};
use injection::Version;

use crate::case::{Case, Group};
use crate::catalogue::protocol::agent_version;
use crate::catalogue::remedy::named;
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `ArchitectureMismatch`.
pub static CAUSE: Cause = Cause {
    code: "IH-G005",
    reason: "ArchitectureMismatch",
    summary: "The .NET agent of this version does not support the node's processor.",
    condition: ConditionType::ApplicationStable,
    severities: &[Severity::Warning],
    certainties: &[Certainty::Likely],
    sight: Sight::Always("the Node's processor, and the version of the agent's image"),
    since: "0.1.0",
    reads: &[InputKind::Nodes],
    page: include_str!("architecture_mismatch.md"),
    check,
};

/// The first .NET image with a profiler for arm64 (operator 0.157, issues 3270 and 5350).
const SUPPORTS_ARM: Version = Version { major: 1, minor: 16, patch: 0 };
const LABEL: &str = "kubernetes.io/arch";

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let mut pods: Vec<&'c Pod> = Vec::new();
    let mut first = None;
    for (group, pod) in case.injected_pods() {
        let Some(agent) = group.marks.agent(Language::DotNet) else { continue };
        let old = agent_version(Language::DotNet, &agent.image).is_some_and(|version| version < SUPPORTS_ARM);
        let Some((object, field)) = arm_node(case, group, pod).filter(|_| old) else { continue };
        pods.push(pod);
        first.get_or_insert((pod, agent.image.clone(), object, field));
    }
    let Some((pod, image, object, field)) = first else { return Vec::new() };
    vec![
        Found::new(&CAUSE, Severity::Warning, Certainty::Likely)
            .message(format!(
                "Pod {} runs on arm64, and the .NET agent {image} has a profiler for amd64 only: much of it stays without effect.",
                pod.name
            ))
            .remedy(
                format!("Use a .NET agent image from 1.16.0 in {}, or run the Pods on amd64, then", named(case, Language::DotNet)),
                case.restart_command(),
            )
            .because(object, field, "arm64")
            .because(format!("Pod/{}", pod.name), "image of the agent container", &*image)
            .pods(pods),
    ]
}

/// Where it stands that a Pod is on an arm64 node.
fn arm_node(case: &Case<'_>, group: &Group<'_>, pod: &Pod) -> Option<(String, String)> {
    let node = pod.node.as_deref().and_then(|node| case.cluster.node(node).found());
    if let Some(node) = node {
        let arm = node.metadata.labels.get(LABEL) == Some("arm64");
        return arm.then(|| (format!("Node/{}", node.metadata.name), format!("metadata.labels[{LABEL}]")));
    }
    let demanded = group.shape.spec.node_selector.get(LABEL) == Some("arm64");
    demanded.then(|| (format!("Pod/{}", pod.name), format!("spec.nodeSelector[{LABEL}]")))
}
