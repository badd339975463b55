//! F8: the Go agent beside the application fails.

use api::{Certainty, ConditionType, Severity};
use facts::{Language, Pod};
use injection::marks::AgentRole;
use serde_json::json;

use super::{resources_field, status_field};
use crate::case::Case;
use crate::catalogue::crash::{ended, ending, failing};
use crate::catalogue::environment::container;
use crate::catalogue::remedy::patch_instrumentation;
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `GoAgentCannotAttach`.
pub static CAUSE: Cause = Cause {
    code: "IH-F008",
    reason: "GoAgentCannotAttach",
    summary: "The Go agent beside the application ends again and again.",
    condition: ConditionType::AgentInstalled,
    severities: &[Severity::Error],
    certainties: &[Certainty::Certain, Certainty::Likely, Certainty::Hint],
    sight: Sight::Always(
        "the last end of the agent's container; without a kill for memory its reason stands in its log only",
    ),
    since: "0.1.0",
    reads: &[],
    page: include_str!("go_agent_cannot_attach.md"),
    check,
};

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let mut pods: Vec<&'c Pod> = Vec::new();
    let mut first = None;
    let mut until = None;
    for (group, pod) in case.lasting_pods() {
        let Some(agent) = group.marks.agents.iter().find(|agent| agent.role == AgentRole::GoSidecar) else {
            continue;
        };
        // Where Pods come to an end, so may the agent.
        let for_ever = group.shape.spec.restart_policy.as_deref().is_none_or(|policy| policy == "Always");
        let again_and_again = if for_ever { ending } else { failing };
        let status = pod.status.container(&agent.name);
        let Some(failing) = status.and_then(|status| again_and_again(status, case.now)) else { continue };
        pods.push(pod);
        until = until.max(failing.until);
        first.get_or_insert((group, pod, agent, failing.terminated));
    }
    let Some((group, pod, agent, terminated)) = first else { return Vec::new() };
    let sidecar = container(&group.shape.spec, &agent.name);
    let limit = sidecar.and_then(|sidecar| sidecar.resources.limits.get("memory")).unwrap_or("none");
    let context = sidecar.and_then(|sidecar| sidecar.security_context.as_ref());
    let privileged = context.is_some_and(|context| context.privileged == Some(true));
    let mut command = None;
    let (certainty, why, words) = if &*terminated.reason == "OOMKilled" {
        let patch = json!({ "go": { resources_field(Language::Go): { "limits": { "memory": "512Mi" } } } });
        command = patch_instrumentation(case, Language::Go, &patch);
        let why = format!("it needs more memory than its limit of {limit} to read the program's symbols");
        (Certainty::Certain, why, "Raise spec.go.resourceRequirements.limits.memory".to_owned())
    } else if &*terminated.reason == "StartError" {
        let why = format!("it cannot be started: {}", last_part(&terminated.message));
        command = Some(format!("kubectl -n {} describe pod {}", pod.namespace, pod.name));
        (Certainty::Likely, why, "See what the node refuses".to_owned())
    } else if privileged {
        let log = format!("kubectl -n {} logs {} -c {} --previous", pod.namespace, pod.name, agent.name);
        command = Some(log);
        let why =
            format!("exit code {}; its log tells whether the kernel refuses eBPF", terminated.exit_code);
        (Certainty::Hint, why, "Read its log".to_owned())
    } else {
        let why = format!("exit code {}, and it is not privileged, which eBPF needs", terminated.exit_code);
        (Certainty::Likely, why, "Let spec.go.securityContext be privileged, then".to_owned())
    };
    vec![
        Found::new(&CAUSE, Severity::Error, certainty)
            .message(format!("The Go agent in Pod {} ends again and again: {why}.", pod.name))
            .remedy(words, command.unwrap_or_else(|| case.restart_command()))
            .because(
                format!("Pod/{}", pod.name),
                format!("{}.lastState.terminated", status_field(agent)),
                ended(terminated),
            )
            .because(
                format!("Pod/{}", pod.name),
                format!("spec.containers[{}].resources.limits.memory", agent.name),
                limit,
            )
            .until(until)
            .pods(pods),
    ]
}

/// The last part of what a runtime says, which wraps every error in others, each with a colon.
fn last_part(message: &str) -> &str {
    let inner =
        message.rsplit_once("unable to start container process: ").map_or(message, |(_, inner)| inner);
    inner.trim_end_matches(": unknown").trim_end_matches('.')
}
