//! H17: nothing calls the application, so there is nothing to report.

use api::{Certainty, ConditionType, Severity};
use facts::{InputKind, Lookup, Pod, PodPhase};

use crate::case::Case;
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `NoTrafficYet`.
pub static CAUSE: Cause = Cause {
    code: "IH-H017",
    reason: "NoTrafficYet",
    summary: "The Service of these Pods has no ready endpoint, so nothing calls them and there is nothing to report.",
    condition: ConditionType::ApplicationStable,
    severities: &[Severity::Info],
    certainties: &[Certainty::Hint],
    sight: Sight::HintOnly(
        "requests do not show; named where the Service of the Pods has none that is ready",
    ),
    since: "0.1.0",
    reads: &[InputKind::Services, InputKind::EndpointSlices],
    page: include_str!("no_traffic_yet.md"),
    check,
};

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let running: Vec<&'c Pod> = case
        .injected_pods()
        .map(|(_, pod)| pod)
        .filter(|pod| pod.status.phase == PodPhase::Running && !pod.deleted)
        .collect();
    let Some(pod) = running.first() else { return Vec::new() };
    if running.iter().any(|pod| pod.status.is_ready()) {
        return Vec::new();
    }
    let namespace = &case.subject.id.namespace;
    let mut services = case.cluster.services_in(namespace).into_iter();
    let Some(service) = services.find(|service| service.selects(&pod.shape.labels)) else {
        return Vec::new();
    };
    match case.cluster.endpoints(namespace, &service.metadata.name) {
        Lookup::Found(endpoints) if !endpoints.ready => {}
        _ => return Vec::new(),
    }
    vec![
        Found::new(&CAUSE, Severity::Info, Certainty::Hint)
            .message(format!(
                "No Pod of {} is ready, so Service {} sends no requests to them and there is nothing to report yet.",
                case.subject.id.slug(),
                service.metadata.name
            ))
            .remedy("See why the Pods are not ready", format!("kubectl -n {namespace} describe pod {}", pod.name))
            .because(format!("Service/{}", service.metadata.name), "EndpointSlice endpoints ready", "none")
            .pods(running),
    ]
}
