//! E8: no node has room for the Pod, and the agent's container is what makes it so large.

use api::{Certainty, ConditionType, Severity};
use facts::{Condition, InputKind, Node, Pod, PodShape, Volume};
use injection::quantity::Quantity;
use serde_json::json;

use super::amounts::{of_container, of_pod};
use super::instrumentation_remedy::{edit, patch, resources, resources_field};
use crate::case::{Case, Group};
use crate::cause::{Cause, Sight};
use crate::found::Found;
use crate::progress::GRACE;

/// `PodUnschedulableAfterInjection`.
pub static CAUSE: Cause = Cause {
    code: "IH-E008",
    reason: "PodUnschedulableAfterInjection",
    summary: "No node takes the Pod since the agent's container asks for so much, or for a volume that is not bound.",
    condition: ConditionType::PodsAdmitted,
    severities: &[Severity::Error, Severity::Info],
    certainties: &[Certainty::Likely],
    sight: Sight::Always(
        "the condition PodScheduled, and that the agent's container asks for more than the application",
    ),
    since: "0.1.0",
    reads: &[InputKind::Nodes],
    page: include_str!("pod_unschedulable_after_injection.md"),
    check,
};

/// Pods that wait for a resource of which the injection makes them ask for more.
struct Waiting<'g, 'c> {
    resource: &'static str,
    container: &'g str,
    asked: Quantity,
    own: Quantity,
    pods: Vec<&'c Pod>,
}

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let mut shown = case.injected_groups().filter_map(|group| Some((group, waiting(case, group)?)));
    let Some((group, first)) = shown.next() else { return without_volume(case).into_iter().collect() };
    let agent = group.marks.agents.iter().find(|agent| &*agent.name == first.container);
    let language = agent.and_then(|agent| agent.language);
    let Some(pod) = first.pods.first().copied() else { return Vec::new() };
    let (name, own) = (first.resource, first.own);
    let lower = language.and_then(|language| {
        let lower = json!({ "requests": { name: own.to_string() } });
        resources(language, lower)
            .filter(|_| own.exceeds(Quantity::ZERO))
            .and_then(|spec| patch(case, language, &spec))
    });
    let command = lower.or_else(|| edit(case, language?)).unwrap_or_default();
    let field = language.and_then(resources_field).unwrap_or_else(|| "the agent's resources".to_owned());
    // Where Pods of the same revision have found a node, there is merely no room left.
    let placed =
        case.injected_pods().any(|(other, pod)| other.current == group.current && pod.node.is_some());
    let severity = if placed { Severity::Info } else { Severity::Error };
    vec![
        Found::new(&CAUSE, severity, Certainty::Likely)
            .message(format!(
                "Pod {} cannot be scheduled for want of {name}: container {}, which the injection adds, makes it ask for {}, the application alone for {own}.",
                pod.name, first.container, first.asked,
            ))
            .remedy(format!("Lower {field} of the Instrumentation, then restart the workload"), command)
            .because(
                format!("Pod/{}", pod.name),
                "status.conditions[PodScheduled]",
                format!("Unschedulable: Insufficient {name}"),
            )
            .because(
                format!("Pod/{}", pod.name),
                format!("spec.initContainers[{}].resources.requests[{name}]", first.container),
                first.asked.to_string(),
            )
            .pods(first.pods.iter().copied().chain(shown.flat_map(|(_, waiting)| waiting.pods))),
    ]
}

/// The agent's volume is to be a claim, and the scheduler waits for it.
fn without_volume<'c>(case: &Case<'c>) -> Option<Found<'c>> {
    let waits = |pod: &Pod, volume: &str, alone: bool| {
        unschedulable(pod).is_some_and(|message| {
            let message = message.to_ascii_lowercase();
            let about_claims = message.contains("persistentvolumeclaim");
            about_claims
                && (alone || message.contains(volume))
                && pod.created.is_none_or(|created| created + GRACE <= case.now)
        })
    };
    case.injected_groups().find_map(|group| {
        let volumes = &group.shape.spec.volumes;
        // Neither of a kind that is known here: of these, agents' volumes are claims, and the token's is projected.
        let may_be_claim = |volume: &&Volume| {
            volume.empty_dir.is_none()
                && volume.secret.is_none()
                && volume.config_map.is_none()
                && volume.host_path.is_none()
                && !volume.name.starts_with("kube-api-access")
        };
        let claims: Vec<&Volume> = volumes.iter().filter(may_be_claim).collect();
        let volume = claims.iter().find(|volume| volume.name.starts_with("opentelemetry-auto-instrumentation"))?;
        let pods: Vec<&'c Pod> =
            group.pods.iter().copied().filter(|pod| waits(pod, &volume.name, claims.len() == 1)).collect();
        let pod = pods.first()?;
        let language = group.marks.agents.iter().find_map(|agent| agent.language)?;
        let block = language.spec_field()?;
        Some(
            Found::new(&CAUSE, Severity::Error, Certainty::Likely)
                .message(format!(
                    "Pod {} cannot be scheduled for want of a volume: the agent's volume {} is to be a PersistentVolumeClaim by spec.{block}.volumeClaimTemplate of the Instrumentation, and that is not bound.",
                    pod.name, volume.name,
                ))
                .remedy(
                    format!("Name a storage class that provisions it, or take spec.{block}.volumeClaimTemplate out (the agent then gets an emptyDir); then restart the workload"),
                    edit(case, language).unwrap_or_default(),
                )
                .because(
                    format!("Pod/{}", pod.name),
                    "status.conditions[PodScheduled]",
                    "Unschedulable: PersistentVolumeClaim",
                )
                .because(format!("Pod/{}", pod.name), format!("spec.volumes[{}]", volume.name), "a claim")
                .pods(pods),
        )
    })
}

fn waiting<'g, 'c>(case: &Case<'c>, group: &'g Group<'c>) -> Option<Waiting<'g, 'c>> {
    ["cpu", "memory"].into_iter().find_map(|resource| {
        let is_short =
            |pod: &&Pod| is_short_of(pod, resource) && pod.created.is_none_or(|t| t + GRACE <= case.now);
        let pods: Vec<&'c Pod> = group.pods.iter().copied().filter(|pod| is_short(pod)).collect();
        if pods.is_empty() {
            return None;
        }
        let is_agent = |name: &str| group.marks.agents.iter().any(|agent| &*agent.name == name);
        let asked = of_pod(group.shape, resource)?.amount;
        let own = of_pod(&without(group.shape, is_agent), resource)?.amount;
        let containers = group.shape.spec.init_containers.iter().chain(&group.shape.spec.containers);
        let agents = containers.filter(|container| is_agent(&container.name));
        let mut largest: Option<(Quantity, &str)> = None;
        for agent in agents {
            let amount = of_container(agent, false, resource).unwrap_or(Quantity::ZERO);
            if largest.is_none_or(|(most, _)| amount.exceeds(most)) {
                largest = Some((amount, &agent.name));
            }
        }
        let (_, container) = largest?;
        (asked.exceeds(own) && !fits_no_node(case, resource, own)).then_some(Waiting {
            resource,
            container,
            asked,
            own,
            pods,
        })
    })
}

/// Whether no node is as large as the application alone wants it.
fn fits_no_node(case: &Case<'_>, resource: &str, own: Quantity) -> bool {
    let nodes = case.cluster.nodes();
    let size = |node: &&Node| Quantity::parse(node.status.allocatable.get(resource)?);
    case.knows(InputKind::Nodes)
        && !nodes.is_empty()
        && nodes.iter().all(|node| size(node).is_some_and(|size| own.exceeds(size)))
}

fn is_short_of(pod: &Pod, resource: &str) -> bool {
    unschedulable(pod).is_some_and(|message| message.contains(&format!("Insufficient {resource}")))
}

/// The scheduler's words about a Pod that it cannot place.
fn unschedulable(pod: &Pod) -> Option<&str> {
    let scheduled = Condition::find(&pod.status.conditions, "PodScheduled")?;
    (!scheduled.is_true() && &*scheduled.reason == "Unschedulable").then_some(&*scheduled.message)
}

fn without(shape: &PodShape, is_agent: impl Fn(&str) -> bool) -> PodShape {
    let mut own = shape.clone();
    own.spec.init_containers =
        shape.spec.init_containers.iter().filter(|container| !is_agent(&container.name)).cloned().collect();
    own.spec.containers =
        shape.spec.containers.iter().filter(|container| !is_agent(&container.name)).cloned().collect();
    own
}
