//! F6: Pods are evicted because the agent fills its volume.

use api::{Certainty, ConditionType, Severity};
use facts::{Language, Pod};
use serde_json::json;

use crate::case::Case;
use crate::catalogue::remedy::{named, patch_instrumentation};
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `AgentVolumeTooSmall`.
pub static CAUSE: Cause = Cause {
    code: "IH-F006",
    reason: "AgentVolumeTooSmall",
    summary: "Pods are evicted because the agent is larger than the limit of its volume.",
    condition: ConditionType::AgentInstalled,
    severities: &[Severity::Error],
    certainties: &[Certainty::Certain],
    sight: Sight::Always("the message with which the Pod was evicted"),
    since: "0.1.0",
    reads: &[],
    page: include_str!("agent_volume_too_small.md"),
    check,
};

/// Volumes that the operator adds for agents.
const AGENT_VOLUMES: [&str; 3] = ["opentelemetry-auto-instrumentation", "otel-apache-", "otel-nginx-"];

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let mut judged: Vec<&'c Pod> = case.leftovers.clone();
    judged.extend(case.injected_pods().map(|(_, pod)| pod));
    judged.retain(|pod| case.subject.is_current(pod));
    let Some(newest) = judged.iter().max_by_key(|pod| pod.created) else { return Vec::new() };
    let mut pods: Vec<&'c Pod> = Vec::new();
    let mut first: Option<(&'c Pod, String, Option<String>)> = None;
    for pod in &judged {
        let Some(volume) = evicted_for(pod) else { continue };
        // Where Pods made since have another limit, it was raised: the evicted ones are history.
        let limit = limit_of(pod, &volume);
        if limit == limit_of(newest, &volume) {
            pods.push(pod);
            first.get_or_insert((pod, volume, limit));
        }
    }
    let Some((pod, volume, limit)) = first else { return Vec::new() };
    let limit = limit.unwrap_or_else(|| "its limit".to_owned());
    let marks = injection::marks(&pod.shape);
    let language = marks.agents.iter().find_map(|agent| agent.language).unwrap_or(Language::Java);
    let block = language.spec_field().unwrap_or("java");
    let patch = json!({ block: { "volumeLimitSize": "500Mi" } });
    let command = patch_instrumentation(case, language, &patch).unwrap_or_else(|| case.restart_command());
    vec![
        Found::new(&CAUSE, Severity::Error, Certainty::Certain)
            .message(format!(
                "{} Pods such as {} were evicted: the agent needs more than {limit} in volume {volume}, set by {}.",
                pods.len(),
                pod.name,
                named(case, language)
            ))
            .remedy(format!("Raise spec.{block}.volumeLimitSize"), command)
            .because(
                format!("Pod/{}", pod.name),
                "status.message",
                pod.status.message.as_deref().unwrap_or_default().trim(),
            )
            .because(format!("Pod/{}", pod.name), "status.reason", "Evicted")
            .pods(pods),
    ]
}

/// The agent's volume for which the kubelet evicted a Pod (`pkg/kubelet/eviction/helpers.go`, 1.36:
/// `Usage of EmptyDir volume "X" exceeds the limit "Y". `).
fn evicted_for(pod: &Pod) -> Option<String> {
    pod.status.reason.as_deref().filter(|reason| *reason == "Evicted")?;
    let rest = pod.status.message.as_deref()?.split_once("EmptyDir volume \"")?.1;
    let volume = rest.split('"').next()?;
    AGENT_VOLUMES.iter().any(|start| volume.starts_with(start)).then(|| volume.to_owned())
}

fn limit_of(pod: &Pod, volume: &str) -> Option<String> {
    let found = pod.shape.spec.volumes.iter().find(|known| &*known.name == volume)?;
    found.empty_dir.as_ref()?.size_limit.as_deref().map(str::to_owned)
}
