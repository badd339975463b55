//! F4: the agent's image cannot be pulled.

use api::{Certainty, ConditionType, Severity};
use injection::marks::{AgentContainer, AgentRole};

use super::status_field;
use crate::case::Case;
use crate::catalogue::remedy::{named, object};
use crate::cause::{Cause, Sight};
use crate::found::Found;
use crate::progress::{IMAGE, Progress, progress};

/// `AgentImagePullFailed`.
pub static CAUSE: Cause = Cause {
    code: "IH-F004",
    reason: "AgentImagePullFailed",
    summary: "The kubelet cannot pull the agent image.",
    condition: ConditionType::AgentInstalled,
    severities: &[Severity::Error],
    certainties: &[Certainty::Certain],
    sight: Sight::Always("the waiting reason and message of the agent's container"),
    since: "0.1.0",
    reads: &[],
    page: include_str!("agent_image_pull_failed.md"),
    check,
};

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let mut pods = Vec::new();
    let mut first = None;
    for (group, pod) in case.lasting_pods() {
        let Progress::Refused { status } = progress(pod, &group.marks, case.now) else { continue };
        let Some(waiting) = status.state.waiting.as_ref().filter(|w| IMAGE.contains(&&*w.reason)) else {
            continue;
        };
        let Some(agent) = group.marks.agents.iter().find(|agent| agent.name == status.name) else { continue };
        pods.push(pod);
        // Only the CRI's own words are stable: `ErrImagePull` and `ImagePullBackOff` take turns at every try.
        first.get_or_insert((pod, agent.clone(), cri_error(&waiting.message, &agent.image).to_owned()));
    }
    let Some((pod, agent, error)) = first else { return Vec::new() };
    let source = agent.language.map(|language| named(case, language));
    let source = source.unwrap_or_else(|| "the Instrumentation".to_owned());
    let field = field(&agent);
    let corrected = is_corrected(case, &agent);
    let words = if corrected {
        format!("{source} names another image by now: make the Pods anew")
    } else if error.contains("pull policy of Never") {
        format!(
            "Load the image onto the nodes, or set spec.imagePullPolicy of {source} to IfNotPresent, then"
        )
    } else if error.contains("certificate") {
        format!("Let the nodes trust the registry's certificate, or name a copy in {field} of {source}, then")
    } else if error.contains("toomanyrequests") || error.contains("Too Many Requests") {
        format!(
            "The registry limits pulls: give the Pod a pull secret, or name a copy in {field} of {source}, then"
        )
    } else if is_out_of_reach(&error) {
        format!(
            "The node does not reach the registry: mend that, or name a copy in {field} of {source}, then"
        )
    } else if error.contains("invalid reference format") {
        format!("Correct {field} of {source}, then")
    } else {
        format!("Correct {field} of {source} (or give the Pod a pull secret), then")
    };
    vec![
        Found::new(&CAUSE, Severity::Error, Certainty::Certain)
            .message(format!(
                "Pod {} cannot pull agent image {} from {source}: {error}.",
                pod.name, agent.image
            ))
            .remedy(words, case.restart_command())
            .because(format!("Pod/{}", pod.name), format!("{}.state.waiting", status_field(&agent)), &error)
            .because(format!("Pod/{}", pod.name), format!("image of container {}", agent.name), &agent.image)
            .pods(pods),
    ]
}

/// The field of the Instrumentation that names the image.
fn field(agent: &AgentContainer) -> String {
    let block = agent.language.and_then(facts::Language::spec_field).unwrap_or("<language>");
    match agent.role {
        AgentRole::JavaExtension => format!("spec.{block}.extensions[].image"),
        _ => format!("spec.{block}.image"),
    }
}

/// Whether the Instrumentation names other images than this by now.
fn is_corrected(case: &Case<'_>, agent: &AgentContainer) -> bool {
    let now = || object(case, agent.language?)?.spec.language(agent.language?).cloned();
    now().is_some_and(|now| match agent.role {
        AgentRole::JavaExtension => now.extensions.iter().all(|extension| extension.image != agent.image),
        _ => !now.image.is_empty() && now.image != agent.image,
    })
}

/// Whether the registry was never spoken to (Go's `net` errors, as every runtime passes them on).
fn is_out_of_reach(error: &str) -> bool {
    ["dial tcp", "i/o timeout", "no such host", "context deadline exceeded", "TLS handshake timeout"]
        .iter()
        .any(|words| error.contains(words))
}

/// What the container runtime said, without the kubelet's frame (`Back-off pulling image "X": ErrImagePull: <error>`,
/// kubelet 1.36) and without the repetitions of the image that runtimes put before the reason.
fn cri_error<'m>(message: &'m str, image: &str) -> &'m str {
    let inner = message.rsplit_once("ErrImagePull: ").map_or(message, |(_, inner)| inner);
    let inner = inner
        .strip_prefix("rpc error: code = ")
        .map_or(inner, |rest| rest.split_once("desc = ").map_or(rest, |(_, text)| text));
    let reason = inner.rsplit_once(&format!("{image}: ")).map_or(inner, |(_, reason)| reason);
    // `failed to do request: Head "<url>": dial tcp …`: the reason is what follows the last quotation.
    let shorter = reason.rsplit_once("\": ").map_or(reason, |(_, last)| last);
    shorter.trim_end_matches('.')
}
