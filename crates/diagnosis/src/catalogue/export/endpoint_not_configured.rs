//! H3: telemetry goes to the Pod itself, where nobody takes it.

use api::{Certainty, ConditionType, Severity};
use facts::{Container, InputKind, Language, PodShape, Service};

use super::remedy::{set_endpoint, where_it_stands};
use super::{certainty_of, judge, shape, who};
use crate::case::Case;
use crate::catalogue::address::Destination;
use crate::catalogue::endpoint::Export;
use crate::catalogue::protocol::Protocol;
use crate::catalogue::receiver::port_of;
use crate::catalogue::sidecars::takes_no_telemetry;
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `EndpointNotConfigured`.
pub static CAUSE: Cause = Cause {
    code: "IH-H003",
    reason: "EndpointNotConfigured",
    summary: "No endpoint is configured, and no collector runs in the Pod.",
    condition: ConditionType::ExporterReachable,
    severities: &[Severity::Error, Severity::Warning],
    certainties: &[Certainty::Likely, Certainty::Hint],
    sight: Sight::Always(
        "no endpoint in the container's variables, and nothing in the Pod that listens; a file inside the image may set it, so it is likely, not certain",
    ),
    since: "0.1.0",
    reads: &[InputKind::Instrumentations, InputKind::Services],
    page: include_str!("endpoint_not_configured.md"),
    check,
};

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let Some(wrong) = judge(case, |export| Some((unheard(case, export)?, ()))) else { return Vec::new() };
    let export = wrong.export;
    let port = export.port().map(|port| format!(":{port}")).unwrap_or_default();
    let (why, evidence) = match &export.place {
        None => ("has no endpoint and so sends to", "not set".to_owned()),
        Some(_) => ("sends to", export.value.text.clone()),
    };
    let protocol = export.protocol.unwrap_or(Protocol::Http);
    let address = |namespace: &str, name: &str| {
        let path = export.path_for_another_host();
        format!("http://{name}.{namespace}.svc.cluster.local:{}{path}", protocol.port())
    };
    let known = collector(case, protocol).map(|service| &service.metadata);
    let endpoint = known.map(|service| address(&service.namespace, &service.name));
    let command = endpoint.as_deref().and_then(|endpoint| set_endpoint(case, export, endpoint));
    let words = match (&command, endpoint) {
        (Some(_), _) => "Name your collector".to_owned(),
        (None, Some(endpoint)) => format!("Set {} to {endpoint}, then", where_it_stands(case, export)),
        (None, None) => {
            let form = address("NAMESPACE", "NAME");
            format!("Set {} to your collector ({form}), then", where_it_stands(case, export))
        }
    };
    let certainty = certainty_of(wrong.severity);
    vec![
        Found::new(&CAUSE, wrong.severity, certainty)
            .message(format!(
                "{} {why} localhost{port}, and no other container of the Pod is known to take telemetry.",
                who(case, export)
            ))
            .remedy(words, command.unwrap_or_else(|| case.restart_command()))
            .because(export.object(case), export.field(), evidence)
            .pods(wrong.pods),
    ]
}

/// The only Service that is called like a collector and has the port, to suggest it.
fn collector<'c>(case: &Case<'c>, protocol: Protocol) -> Option<&'c Service> {
    const NAMES: [&str; 5] =
        ["otel-collector", "opentelemetry-collector", "collector-collector", "collector", "alloy"];
    let all = NAMES.iter().flat_map(|name| case.cluster.services_named(name));
    let fitting: Vec<&Service> =
        all.filter(|service| port_of(service, Some(protocol.port())).is_some()).collect();
    (fitting.len() == 1).then(|| fitting[0])
}

/// How grave it is that an export goes to the Pod itself; none where somebody may listen there.
fn unheard(case: &Case<'_>, export: &Export) -> Option<Severity> {
    if export.destination != Destination::Loopback {
        return None;
    }
    let shape = shape(case, export)?;
    if shape.spec.host_network {
        return None;
    }
    let others = other_containers(shape, export);
    if others.iter().any(|container| may_be_collector(container, export)) {
        return None;
    }
    // An SDK of the application's own may be told in its code.
    let sure = others.is_empty() && export.language != Language::Sdk;
    Some(if sure { Severity::Error } else { Severity::Warning })
}

/// Containers that run beside the sender and may take telemetry: no agents, none that sends telemetry itself, no sidecars
/// that are known for something else.
fn other_containers<'s>(shape: &'s PodShape, export: &Export) -> Vec<&'s Container> {
    let stays = |container: &&Container| container.restart_policy.as_deref() == Some("Always");
    let marks = injection::marks(shape);
    let is_agent = |name: &str| marks.agents.iter().any(|agent| &*agent.name == name);
    let init = shape.spec.init_containers.iter().filter(stays);
    let all = init.chain(&shape.spec.containers).filter(|container| !is_agent(&container.name));
    let others: Vec<&Container> = all
        .filter(|container| container.name != export.container)
        .filter(|container| marks.container(&container.name).is_none() && !takes_no_telemetry(container))
        .collect();
    // The Go agent sends from a container of its own: the only other one is the application.
    if export.language == Language::Go && others.len() == 1 { Vec::new() } else { others }
}

/// Whether a container is a collector by name or image, or declares the port.
fn may_be_collector(container: &Container, export: &Export) -> bool {
    const WORDS: [&str; 10] = [
        "otc-container",
        "otel",
        "collector",
        "opentelemetry",
        "alloy",
        "agent",
        "fluent",
        "vector",
        "telegraf",
        "jaeger",
    ];
    let named = |text: &str| WORDS.iter().any(|word| text.to_ascii_lowercase().contains(word));
    let port = export.port().map(i32::from);
    named(&container.name)
        || named(container.image.rsplit('/').next().unwrap_or_default())
        || container.ports.iter().any(|declared| Some(declared.container_port) == port)
}
