//! H16: the collector is there, but its configuration takes no OTLP.

use api::{Certainty, ConditionType, Severity};
use facts::{InputKind, PodShape};
use injection::marks::CollectorSidecar;

use super::{judge, shape, who};
use crate::case::Case;
use crate::catalogue::address::{Destination, ServiceName};
use crate::catalogue::endpoint::{Export, Signal};
use crate::catalogue::environment::container;
use crate::catalogue::otlp_receivers::OtlpReceivers;
use crate::catalogue::receiver::{collector_behind, is_headless, port_of};
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `CollectorNotReceiving`.
pub static CAUSE: Cause = Cause {
    code: "IH-H016",
    reason: "CollectorNotReceiving",
    summary: "The collector behind the endpoint has no OTLP receiver for traces.",
    condition: ConditionType::ExporterReachable,
    severities: &[Severity::Error, Severity::Warning],
    certainties: &[Certainty::Likely],
    sight: Sight::Always(
        "the configuration in the OpenTelemetryCollector; of collectors that the operator does not manage nothing shows",
    ),
    since: "0.1.0",
    reads: &[InputKind::Instrumentations, InputKind::Collectors, InputKind::Services],
    page: include_str!("collector_not_receiving.md"),
    check,
};

struct Deaf {
    collector: String,
    why: String,
    evidence: (String, String),
}

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let Some(wrong) = judge(case, |export| Some((Severity::Error, deaf(case, export)?))) else {
        return Vec::new();
    };
    let (export, Deaf { collector, why, evidence }) = (wrong.export, wrong.what);
    let (namespace, name) = collector.split_once('/').unwrap_or((&*case.subject.id.namespace, &collector));
    vec![
        Found::new(&CAUSE, wrong.severity, Certainty::Likely)
            .message(format!("{} sends to {}, but OpenTelemetryCollector {collector} {why}.", who(case, export), export.value.text))
            .remedy(
                "Add an otlp receiver on 0.0.0.0 with the protocols grpc and http, and name it in the pipelines",
                format!("kubectl -n {namespace} edit opentelemetrycollector {name}"),
            )
            .because(format!("OpenTelemetryCollector/{collector}"), evidence.0, evidence.1)
            .because(export.object(case), export.field(), &export.value.text)
            .pods(wrong.pods),
    ]
}

fn deaf(case: &Case<'_>, export: &Export) -> Option<Deaf> {
    if export.signal != Signal::Traces {
        return None;
    }
    let (collector, receivers, port) = match &export.destination {
        Destination::Service(name) => {
            let collector = collector_behind(case.cluster, name)?;
            let receivers = OtlpReceivers::read(&collector.spec.config)?;
            (
                format!("{}/{}", name.namespace, collector.metadata.name),
                receivers,
                port_behind(case, export, name),
            )
        }
        Destination::Loopback => {
            let shape = shape(case, export)?;
            let port = export.port().filter(|port| !names_port(shape, *port));
            (sidecar_name(shape)?, of_sidecar(case, shape)?, port)
        }
        _ => return None,
    };
    let (why, field, value) = if receivers.is_empty {
        ("has no OTLP receiver".to_owned(), "spec.config.receivers", "no otlp".to_owned())
    } else if !receivers.feeds_traces {
        (
            "has no pipeline that takes traces from its OTLP receiver".to_owned(),
            "spec.config.service.pipelines",
            "no traces from otlp".to_owned(),
        )
    } else {
        let port = port?;
        let elsewhere = receivers.ports().filter(|ports| !ports.contains(&port));
        let loopback =
            || matches!(export.destination, Destination::Service(_)).then(|| receivers.loopback_on(port));
        if let Some(ports) = elsewhere {
            let ports: Vec<String> = ports.iter().map(ToString::to_string).collect();
            (
                format!("takes no traces by OTLP on port {port} (only on {})", ports.join(" and ")),
                "spec.config.receivers.otlp.protocols",
                format!("ports {}", ports.join(", ")),
            )
        } else {
            (
                "takes OTLP from its own Pod only".to_owned(),
                "spec.config.receivers.otlp.protocols endpoint",
                loopback()??.to_owned(),
            )
        }
    };
    Some(Deaf { collector, why, evidence: (field.to_owned(), value) })
}

/// The port of the collector's Pod that stands behind the one that is spoken to. None where the Service has no such port, or
/// names the Pod's one.
fn port_behind(case: &Case<'_>, export: &Export, name: &ServiceName) -> Option<u16> {
    let service = case.cluster.service(&name.namespace, &name.name).found()?;
    if is_headless(service) {
        return export.port();
    }
    match &port_of(service, export.port())?.target_port {
        serde_json::Value::Null => export.port(),
        target => u16::try_from(target.as_u64()?).ok(),
    }
}

/// The operator writes the configuration of a sidecar into a variable (`internal/manifests/collector`, v0.158.0), as YAML.
/// Where that cannot be read, the one of the collector counts which the Pod's label names.
fn of_sidecar(case: &Case<'_>, shape: &PodShape) -> Option<OtlpReceivers> {
    let marks = injection::marks(shape);
    marks
        .collector
        .filter(|collector| matches!(collector, CollectorSidecar::Native | CollectorSidecar::Container))?;
    let variable = container(&shape.spec, injection::SIDECAR_CONTAINER)?.env_var("OTEL_CONFIG");
    let written = variable.and_then(|variable| OtlpReceivers::read(&variable.literal().into()));
    if written.is_some() {
        return written;
    }
    let full_name = sidecar_name(shape)?;
    let (namespace, name) = full_name.split_once('/')?;
    OtlpReceivers::read(&case.cluster.collector(namespace, name).found()?.spec.config)
}

/// Whether the configuration in the Pod speaks of a port: it may be older than that of the collector.
fn names_port(shape: &PodShape, port: u16) -> bool {
    let variable = container(&shape.spec, injection::SIDECAR_CONTAINER)
        .and_then(|sidecar| sidecar.env_var("OTEL_CONFIG"));
    variable.is_some_and(|variable| variable.literal().contains(&port.to_string()))
}

fn sidecar_name(shape: &PodShape) -> Option<String> {
    let label = shape.labels.get("sidecar.opentelemetry.io/injected")?;
    Some(label.replacen('.', "/", 1))
}
