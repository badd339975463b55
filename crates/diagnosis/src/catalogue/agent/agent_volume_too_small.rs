//! F6: Pods are evicted because the agent fills its volume.

use api::{Certainty, ConditionType, Severity};
use facts::{Language, Pod};
use injection::quantity::Quantity;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::case::Case;
use crate::catalogue::remedy::{named, patch_instrumentation};
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `AgentVolumeTooSmall`.
pub static CAUSE: Cause = Cause {
    code: "IH-F006",
    reason: "AgentVolumeTooSmall",
    summary: "Pods are evicted because the agent needs more space than its volume or container may have.",
    condition: ConditionType::AgentInstalled,
    severities: &[Severity::Error, Severity::Warning],
    certainties: &[Certainty::Certain, Certainty::Likely, Certainty::Hint],
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
    let settles = settles_at(&judged);
    if settles.is_some_and(|settles| case.now >= settles) {
        return Vec::new();
    }
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
    let Some((pod, volume, limit)) = first else {
        return by_container(case, &judged).map(|found| found.until(settles)).into_iter().collect();
    };
    let limit = limit.unwrap_or_else(|| "its limit".to_owned());
    let marks = injection::marks(&pod.shape);
    let language = marks.agents.iter().find_map(|agent| agent.language).unwrap_or(Language::Java);
    let block = language.spec_field().unwrap_or("java");
    let patch = json!({ block: { "volumeLimitSize": "500Mi" } });
    let command = patch_instrumentation(case, language, &patch).unwrap_or_else(|| case.restart_command());
    let found = Found::new(&CAUSE, Severity::Error, Certainty::Certain)
            .message(format!(
                "{} Pods such as {} were evicted: the agent needs more than {limit} in volume {volume}, set by {}.",
                pods.len(),
                pod.name,
                named(case, language)
            ))
            .remedy(format!("Raise spec.{block}.volumeLimitSize"), command);
    vec![evicted(found, pod).until(settles).pods(pods)]
}

/// How old the Pods that run must be, and be ready, for the evicted ones to be history: an agent's files are all there within
/// minutes.
const SETTLED: SignedDuration = SignedDuration::from_hours(1);

/// When the evicted Pods are history; none while a Pod in their place is not ready.
fn settles_at(judged: &[&Pod]) -> Option<Timestamp> {
    let running = judged.iter().filter(|pod| pod.status.reason.as_deref() != Some("Evicted"));
    let created = running.map(|pod| pod.created.filter(|_| pod.status.is_ready()));
    Some(created.collect::<Option<Vec<_>>>()?.into_iter().max()? + SETTLED)
}

/// Evicted for the space that the Pod's containers may use on the node, towards which the agent's files count.
fn by_container<'c>(case: &Case<'c>, judged: &[&'c Pod]) -> Option<Found<'c>> {
    let limit_of = |pod: &Pod| {
        let mut containers = pod.shape.spec.containers.iter();
        containers.find_map(|container| {
            let limit = container.resources.limits.get("ephemeral-storage")?;
            Some((container.name.to_string(), limit.to_owned()))
        })
    };
    let newest = judged.iter().max_by_key(|pod| pod.created)?;
    let (container, limit) = limit_of(newest)?;
    let said = |pod: &&&'c Pod| {
        let message = pod.status.message.as_deref().unwrap_or_default();
        pod.status.reason.as_deref() == Some("Evicted")
            && OVER_THE_POD.iter().any(|words| message.contains(words))
            && agent_volume(pod).is_some()
            && limit_of(pod).is_some_and(|(_, known)| known == limit)
    };
    let pods: Vec<&'c Pod> = judged.iter().filter(said).copied().collect();
    let pod = pods.first()?;
    let volume = agent_volume(pod)?;
    let id = &case.subject.id;
    // An agent takes 100 to 200 MiB; where there was much more room, the application may have filled it alone.
    let tight = Quantity::parse(&limit)
        .zip(Quantity::parse("512Mi"))
        .is_some_and(|(limit, much)| !limit.exceeds(much));
    let command = match &*id.kind {
        "Deployment" | "StatefulSet" | "DaemonSet" if tight => format!(
            "kubectl -n {} set resources {} -c {container} --limits=ephemeral-storage=1Gi",
            id.namespace,
            id.slug()
        ),
        _ => case.edit_command(),
    };
    let (severity, certainty) =
        if tight { (Severity::Error, Certainty::Likely) } else { (Severity::Warning, Certainty::Hint) };
    let found = Found::new(&CAUSE, severity, certainty)
            .message(format!(
                "{} Pods such as {} were evicted: they used more than the {limit} of ephemeral storage that container {container} may have, and the agent's files in volume {volume} count.",
                pods.len(),
                pod.name,
            ))
            .remedy("Raise the container's ephemeral-storage limit", command);
    Some(evicted(found, pod).pods(pods))
}

/// The evidence of an eviction.
fn evicted<'c>(found: Found<'c>, pod: &Pod) -> Found<'c> {
    let object = format!("Pod/{}", pod.name);
    let message = pod.status.message.as_deref().unwrap_or_default().trim();
    found.because(object.clone(), "status.message", message).because(object, "status.reason", "Evicted")
}

/// What the kubelet says of a Pod that uses too much of the node's disk (`pkg/kubelet/eviction/eviction_manager.go`, 1.36).
const OVER_THE_POD: [&str; 2] = [
    "ephemeral local storage usage exceeds the total limit of containers",
    "exceeded its local ephemeral storage limit",
];

/// The agent's volume on the node's disk.
fn agent_volume(pod: &Pod) -> Option<&str> {
    let is_agent = |name: &str| AGENT_VOLUMES.iter().any(|start| name.starts_with(start));
    let mut volumes = pod.shape.spec.volumes.iter();
    volumes.find(|volume| volume.empty_dir.is_some() && is_agent(&volume.name)).map(|volume| &*volume.name)
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
