//! E8: no node has room for the Pod, and the agent's container is what makes it so large.

use api::{Certainty, ConditionType, Severity};
use facts::{Condition, Pod, PodShape};
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
    summary: "No node has room for the Pod since the agent's container asks for so much.",
    condition: ConditionType::PodsAdmitted,
    severities: &[Severity::Error, Severity::Info],
    certainties: &[Certainty::Likely],
    sight: Sight::Always(
        "the condition PodScheduled, and that the agent's container asks for more than the application",
    ),
    since: "0.1.0",
    reads: &[],
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
    let Some((group, first)) = shown.next() else { return Vec::new() };
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
        asked.exceeds(own).then_some(Waiting { resource, container, asked, own, pods })
    })
}

fn is_short_of(pod: &Pod, resource: &str) -> bool {
    let scheduled = Condition::find(&pod.status.conditions, "PodScheduled");
    scheduled.is_some_and(|condition| {
        !condition.is_true()
            && &*condition.reason == "Unschedulable"
            && condition.message.contains(&format!("Insufficient {resource}"))
    })
}

fn without(shape: &PodShape, is_agent: impl Fn(&str) -> bool) -> PodShape {
    let mut own = shape.clone();
    own.spec.init_containers =
        shape.spec.init_containers.iter().filter(|container| !is_agent(&container.name)).cloned().collect();
    own.spec.containers =
        shape.spec.containers.iter().filter(|container| !is_agent(&container.name)).cloned().collect();
    own
}
