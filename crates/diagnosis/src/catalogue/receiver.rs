//! Does anybody answer where telemetry is sent to?
//!
//! The Service behind an address, its ports and endpoints, and the configuration of the collector that the operator runs
//! behind it. Every "no" comes from an exhaustive look-up; what cannot be read stays unknown.

use facts::{
    ClusterView, Collector, Condition, InputKind, Lookup, Pod, PodPhase, Service, ServicePort, Terminated,
};
use jiff::Timestamp;

use super::address::{Destination, ServiceName};
use super::crash::{failing, failing_until};
use super::endpoint::Export;
use super::otlp_receivers::OtlpReceivers;
use super::protocol::Protocol;
use crate::case::Case;
use crate::progress::{GRACE, is_hopeless};

/// What is known about the other end.
#[derive(Clone, Debug)]
pub enum Reach<'a> {
    /// A Service with that port and with ready endpoints.
    Answers(&'a Service),
    /// There is no such Service.
    NoService,
    /// The Service has no such port.
    NoPort(&'a Service),
    /// Nobody is ready behind the Service.
    NobodyReady(&'a Service),
    /// All who are behind the Service fail again and again, whether one is ready at the moment or not.
    KeepsFailing(Failure<'a>),
    /// Nobody is ready behind the Service yet, and need not be.
    Starting {
        /// The Service.
        service: &'a Service,
        /// When this begins to be worth a finding.
        until: Timestamp,
    },
    /// The name can never be resolved.
    NoSuchName,
    /// Outside of what Services tell: another network, the node, the Pod itself, an address.
    Elsewhere,
    /// Something would have to be read to know.
    Unknown(InputKind),
}

/// A Pod behind a Service that fails again and again, like all others there.
#[derive(Clone, Copy, Debug)]
pub struct Failure<'a> {
    /// The Service.
    pub service: &'a Service,
    /// The first of the Pods.
    pub pod: &'a Pod,
    /// Its container that fails.
    pub container: &'a str,
    /// How that ended last.
    pub terminated: &'a Terminated,
    /// When one of them counts as mended if nothing happens.
    pub until: Option<Timestamp>,
}

/// Looks behind the address of an export.
pub fn reach<'a>(case: &Case<'a>, export: &Export) -> Reach<'a> {
    let name = match &export.destination {
        Destination::Service(name) => name,
        Destination::NoSuchName => return Reach::NoSuchName,
        Destination::Ambiguous => return Reach::Unknown(InputKind::Namespaces),
        _ => return Reach::Elsewhere,
    };
    let service = match case.cluster.service(&name.namespace, &name.name) {
        Lookup::Found(service) => service,
        Lookup::Absent => return Reach::NoService,
        Lookup::Unknown => return Reach::Unknown(InputKind::Services),
    };
    if name.misspelt_domain.is_some() {
        return Reach::NoSuchName;
    }
    if &*service.spec.kind == "ExternalName" {
        return Reach::Elsewhere;
    }
    if !is_headless(service) && export.port().is_some() && port_of(service, export.port()).is_none() {
        return Reach::NoPort(service);
    }
    let is_ready = match case.cluster.endpoints(&name.namespace, &name.name) {
        Lookup::Found(endpoints) => endpoints.ready,
        Lookup::Absent => false,
        Lookup::Unknown => return Reach::Unknown(InputKind::EndpointSlices),
    };
    if let Some(failure) = failure(case, service) {
        return Reach::KeepsFailing(failure);
    }
    match starting_until(case, service).filter(|_| !is_ready) {
        _ if is_ready => Reach::Answers(service),
        Some(until) => Reach::Starting { service, until },
        None => Reach::NobodyReady(service),
    }
}

/// Whether all Pods behind a Service fail again and again. Ready for a moment between two failures they take nothing that
/// could be relied on; after [`GRACE`] they count.
fn failure<'a>(case: &Case<'a>, service: &'a Service) -> Option<Failure<'a>> {
    let (namespace, selector) = (&service.metadata.namespace, &service.spec.selector);
    if selector.is_empty() {
        return None;
    }
    let is_there =
        |pod: &&Pod| !pod.deleted && !matches!(pod.status.phase, PodPhase::Failed | PodPhase::Succeeded);
    let fails = |pod: &'a Pod| {
        let mut containers = pod.status.container_statuses.iter();
        containers.find_map(|status| Some((pod, status, failing_until(status, GRACE, case.now)?)))
    };
    let restarted = case.cluster.restarted_pods(namespace).into_iter();
    let behind = restarted.filter(is_there).filter(|pod| pod.shape.labels.has_all(selector));
    let failing: Vec<_> = behind.filter_map(fails).collect();
    let (pod, status, first) = failing.first()?;
    // Looking through all Pods takes long, and so only where one fails.
    let all = case.cluster.pods_with_labels(namespace, selector).into_iter().filter(is_there).count();
    (all == failing.len()).then(|| Failure {
        service,
        pod,
        container: &status.name,
        terminated: first.terminated,
        until: failing.iter().filter_map(|(_, _, failing)| failing.until).min(),
    })
}

/// Until when those behind a Service may take to get ready. None where that is over, or where waiting does not help: one of
/// them fails again and again, or cannot be started.
fn starting_until(case: &Case<'_>, service: &Service) -> Option<Timestamp> {
    let selector = &service.spec.selector;
    let chosen = |labels| case.cluster.pods_with_labels(&service.metadata.namespace, labels);
    let mut pods = if selector.is_empty() { Vec::new() } else { chosen(selector) };
    pods.retain(|pod| !pod.deleted);
    let heals = |pod: &&&Pod| {
        let mut all = pod.status.init_container_statuses.iter().chain(&pod.status.container_statuses);
        all.all(|status| failing(status, case.now).is_none() && !is_hopeless(status))
    };
    let unready_since = |pod: &&Pod| {
        let ready = Condition::find(&pod.status.conditions, "Ready");
        ready.and_then(|ready| ready.last_transition_time).or(pod.created)
    };
    let since = if pods.is_empty() {
        service.metadata.creation_timestamp
    } else {
        pods.iter().filter(heals).filter_map(unready_since).max()
    };
    since.map(|since| since + GRACE).filter(|until| case.now < *until)
}

/// A headless Service forwards nothing: its name stands for the Pods, whatever ports it lists.
pub fn is_headless(service: &Service) -> bool {
    &*service.spec.cluster_ip == "None"
}

/// The TCP port of a Service by number.
pub fn port_of(service: &Service, port: Option<u16>) -> Option<&ServicePort> {
    let tcp = |listed: &&ServicePort| matches!(&*listed.protocol, "" | "TCP");
    service.spec.ports.iter().filter(tcp).find(|listed| Some(listed.port) == port.map(i32::from))
}

/// The protocol that a port of a Service is for: by the number of the Pods' port, else by its own number, and never against
/// its name.
pub fn protocol_of(port: &ServicePort) -> Option<Protocol> {
    let number = |value: u64| u16::try_from(value).ok().and_then(Protocol::of_port);
    let target = port.target_port.as_u64().and_then(number);
    let by_number = target.or_else(|| u64::try_from(port.port).ok().and_then(number));
    let said = |name: &str| match name.to_ascii_lowercase() {
        name if name.contains("grpc") => Some(Protocol::Grpc),
        name if name.contains("http") => Some(Protocol::Http),
        _ => None,
    };
    let by_name = said(&port.name).or_else(|| port.target_port.as_str().and_then(said));
    match (by_number, by_name) {
        (Some(number), Some(name)) if number != name => None,
        (Some(number), _) => Some(number),
        (None, _) => None,
    }
}

/// The collector that the operator runs behind a Service: it names the Service `<collector>-collector`.
pub fn collector_behind<'a>(cluster: &'a dyn ClusterView, name: &ServiceName) -> Option<&'a Collector> {
    let bare = name.name.trim_end_matches("-headless");
    let collector = bare.strip_suffix("-collector")?;
    cluster.collector(&name.namespace, collector).found()
}

/// Whether the operator's collector behind a Service takes no OTLP at all.
pub fn lacks_otlp(case: &Case<'_>, name: &ServiceName) -> bool {
    let collector = collector_behind(case.cluster, name);
    let receivers = collector.and_then(|collector| OtlpReceivers::read(&collector.spec.config));
    receivers.is_some_and(|receivers| receivers.is_empty)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_port_is_judged_by_its_number_and_never_against_its_name() {
        for (port, want) in [
            (json!({"port": 4317, "name": "otlp-grpc", "targetPort": 4317}), Some(Protocol::Grpc)),
            (json!({"port": 80, "targetPort": 4318}), Some(Protocol::Http)),
            (json!({"port": 4317, "name": "otlp-http"}), None),
            (json!({"port": 9000, "name": "grpc"}), None),
        ] {
            let read: ServicePort = serde_json::from_value(port.clone()).unwrap();
            assert_eq!(protocol_of(&read), want, "{port}");
        }
    }
}
