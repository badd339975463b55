//! H16: the collector is there, but its configuration takes no OTLP.

use api::{Certainty, ConditionType, Severity};
use facts::{InputKind, PodShape};
use injection::marks::CollectorSidecar;

use super::{judge, shape, who};
use crate::case::Case;
use crate::catalogue::address::Destination;
use crate::catalogue::endpoint::{Export, Signal};
use crate::catalogue::environment::container;
use crate::catalogue::receiver::{OtlpReceivers, collector_behind};
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
    reads: &[InputKind::Instrumentations, InputKind::Collectors],
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
    let (collector, receivers, beside) = match &export.destination {
        Destination::Service(name) => {
            let collector = collector_behind(case.cluster, name)?;
            let receivers = OtlpReceivers::read(&collector.spec.config)?;
            (format!("{}/{}", name.namespace, collector.metadata.name), receivers, false)
        }
        Destination::Loopback => {
            let shape = shape(case, export)?;
            (sidecar_name(shape)?, of_sidecar(case, shape)?, true)
        }
        _ => return None,
    };
    let (why, evidence) = if receivers.is_empty() {
        ("has no OTLP receiver", ("spec.config.receivers", "no otlp".to_owned()))
    } else if !receivers.feeds_traces {
        (
            "has no pipeline that takes traces from its OTLP receiver",
            ("spec.config.service.pipelines", "no traces from otlp".to_owned()),
        )
    } else if let Some(ports) = receivers.ports().filter(|_| beside)
        && let Some(port) = export.port()
        && !ports.contains(&port)
        && !names_port(shape(case, export)?, port)
    {
        let ports: Vec<String> = ports.iter().map(ToString::to_string).collect();
        let why = format!("takes no OTLP on port {port} (only on {})", ports.join(" and "));
        let evidence =
            ("spec.config.receivers.otlp.protocols".to_owned(), format!("ports {}", ports.join(", ")));
        return Some(Deaf { collector, why, evidence });
    } else {
        let address = receivers.loopback().find(|_| !beside)?;
        let port = export.port()?;
        if !address.ends_with(&format!(":{port}")) {
            return None;
        }
        (
            "takes OTLP from its own Pod only",
            ("spec.config.receivers.otlp.protocols endpoint", address.to_owned()),
        )
    };
    Some(Deaf { collector, why: why.to_owned(), evidence: (evidence.0.to_owned(), evidence.1) })
}

/// The operator writes the configuration of a sidecar into a variable (`internal/manifests/collector`, v0.158.0), as YAML;
/// only where it is JSON can it be read here. Else that of the collector which the Pod's label names.
fn of_sidecar(case: &Case<'_>, shape: &PodShape) -> Option<OtlpReceivers> {
    let marks = injection::marks(shape);
    marks
        .collector
        .filter(|collector| matches!(collector, CollectorSidecar::Native | CollectorSidecar::Container))?;
    let variable = container(&shape.spec, injection::SIDECAR_CONTAINER)?.env_var("OTEL_CONFIG");
    let written = variable.and_then(|variable| serde_json::from_str(variable.literal()).ok());
    if let Some(receivers) = written.as_ref().and_then(OtlpReceivers::read) {
        return Some(receivers);
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
