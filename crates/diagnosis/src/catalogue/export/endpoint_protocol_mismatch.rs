//! H1: the endpoint takes another protocol than the agent speaks, or takes it under another path.

use api::{Certainty, ConditionType, Severity};
use facts::{InputKind, Language, Service};

use super::remedy::{set_endpoint, where_it_stands, with_port, with_right_path};
use super::{Wrong, certainty_of, judge, sender, who};
use crate::case::Case;
use crate::catalogue::address::Destination;
use crate::catalogue::endpoint::{Export, PROTOCOL, Signal};
use crate::catalogue::environment::Environment;
use crate::catalogue::otlp_receivers::OtlpReceivers;
use crate::catalogue::protocol::Protocol;
use crate::catalogue::receiver::{Failure, Reach, collector_behind, port_of, protocol_of, reach};
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `EndpointProtocolMismatch`.
pub static CAUSE: Cause = Cause {
    code: "IH-H001",
    reason: "EndpointProtocolMismatch",
    summary: "The agent speaks another protocol than the endpoint takes, or asks for a path that it does not have.",
    condition: ConditionType::ExporterReachable,
    severities: &[Severity::Error, Severity::Warning],
    certainties: &[Certainty::Likely, Certainty::Hint],
    sight: Sight::Always(
        "port and path of the endpoint, against the protocol of the agent; what listens there is known only of the cluster's own Services and collectors",
    ),
    since: "0.1.0",
    reads: &[
        InputKind::Instrumentations,
        InputKind::Collectors,
        InputKind::Services,
        InputKind::EndpointSlices,
    ],
    page: include_str!("endpoint_protocol_mismatch.md"),
    check,
};

/// What the other end takes, and how that is known.
struct Mismatch {
    spoken: Protocol,
    taken: Option<Protocol>,
    evidence: (String, String, String),
}

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let Some(wrong) = judge(case, |export| mismatch(case, export)) else {
        if let Some(wrong) = judge(case, |export| unknown_protocol(case, export)) {
            return vec![by_name(case, wrong)];
        }
        return judge(case, |export| wrong_path(case, export))
            .map(|wrong| by_path(case, wrong))
            .into_iter()
            .collect();
    };
    let (export, Mismatch { spoken, taken, evidence }) = (wrong.export, wrong.what);
    let said = match &export.protocol_place {
        Some(place) => format!("{} is {spoken}", place.name()),
        None => "that is its default".to_owned(),
    };
    let certainty = certainty_of(wrong.severity);
    let found = Found::new(&CAUSE, wrong.severity, certainty)
        .because(export.object(case), export.field(), &export.value.text)
        .because(evidence.0, evidence.1, evidence.2)
        .pods(wrong.pods);
    let Some(taken) = taken else {
        return vec![
            found
                .message(format!(
                    "{} is told to speak {spoken}, but its image has no exporter for it.",
                    who(case, export)
                ))
                .remedy(
                    format!("Set {PROTOCOL} to http/protobuf and use port 4318, then"),
                    case.restart_command(),
                ),
        ];
    };
    let right = with_port(export, spoken.port());
    let command = right.and_then(|endpoint| set_endpoint(case, export, &endpoint));
    vec![
        found
            .message(format!(
                "{} sends {spoken} ({said}) to {}, where {taken} is taken.",
                who(case, export),
                export.value.text
            ))
            .remedy(
                match &command {
                    Some(_) => format!("Use port {}", spoken.port()),
                    None => format!("Give {} port {}, then", where_it_stands(case, export), spoken.port()),
                },
                command.unwrap_or_else(|| case.restart_command()),
            ),
    ]
}

fn mismatch(case: &Case<'_>, export: &Export) -> Option<(Severity, Mismatch)> {
    let spoken = export.protocol?;
    if export.language == Language::Python && spoken == Protocol::Grpc {
        let place = export.protocol_place.as_ref()?;
        let evidence = (
            export.object(case),
            format!("spec.containers[{}].{}", export.container, place.field()),
            spoken.to_string(),
        );
        return Some((Severity::Error, Mismatch { spoken, taken: None, evidence }));
    }
    let (taken, evidence) = taken(case, export)?;
    (taken != spoken).then(|| (severity(export), Mismatch { spoken, taken: Some(taken), evidence }))
}

/// A protocol that the agent does not know, so that it does not start its exporter: `Unsupported OTLP traces protocol` (Java's
/// and Python's auto-configuration, Go's autoexport). Node.js and .NET go on with their default.
fn unknown_protocol(case: &Case<'_>, export: &Export) -> Option<(Severity, (String, String))> {
    export.protocol_place.as_ref()?;
    let strict = matches!(export.language, Language::Java | Language::Python | Language::Go);
    let env = Environment::new(sender(case, export)?, &case.subject.id.namespace, case.cluster);
    let java = export.language == Language::Java;
    let of_signal = format!("OTEL_EXPORTER_OTLP_{}_PROTOCOL", export.signal.word());
    let (value, place) = env.seen(&of_signal, java).or_else(|| env.setting(PROTOCOL, java))?;
    let is_known = matches!(value.text.trim(), "grpc" | "http/protobuf");
    let is_seen = !value.is_hidden() && value.unexpanded.is_empty();
    (strict && is_seen && !is_known).then(|| (severity(export), (value.text, place.field())))
}

fn by_name<'c>(case: &Case<'c>, wrong: Wrong<'_, 'c, (String, String)>) -> Found<'c> {
    let (export, (said, field)) = (wrong.export, wrong.what);
    let certainty = certainty_of(wrong.severity);
    Found::new(&CAUSE, wrong.severity, certainty)
        .message(format!(
            "{} is told to speak {said}, which it does not know: it takes grpc and http/protobuf, and exports nothing.",
            who(case, export)
        ))
        .remedy(format!("Set {PROTOCOL} to http/protobuf, then"), case.restart_command())
        .because(export.object(case), format!("spec.containers[{}].{field}", export.container), said)
        .pods(wrong.pods)
}

/// A path that receivers of OTLP by HTTP answer with 404: of one signal where the endpoint is of another or of all, or none where
/// it is of one signal.
fn wrong_path(case: &Case<'_>, export: &Export) -> Option<(Severity, String)> {
    let asked = export.http_path().filter(|_| export.protocol == Some(Protocol::Http))?;
    let own = export.signal.path();
    let is_doubled = Signal::ALL.iter().any(|signal| asked.ends_with(&format!("{}{own}", signal.path())));
    let is_there = !matches!(export.destination, Destination::Service(_)) || service(case, export).is_some();
    ((asked == "/" || is_doubled) && is_there).then(|| (severity(export), asked))
}

fn by_path<'c>(case: &Case<'c>, wrong: Wrong<'_, 'c, String>) -> Found<'c> {
    let (export, asked) = (wrong.export, wrong.what);
    let certainty = certainty_of(wrong.severity);
    let rule = if export.is_of_one_signal { "is used as it is" } else { "gets each signal's path added" };
    let right = with_right_path(export);
    let command = right.as_deref().and_then(|right| set_endpoint(case, export, right));
    let place = where_it_stands(case, export);
    let change = match right {
        Some(right) => format!("Make it {right} in {place}"),
        None => format!("Correct the path in {place}"),
    };
    let words = if command.is_some() { change } else { format!("{change}, then") };
    Found::new(&CAUSE, wrong.severity, certainty)
        .message(format!(
            "{} sends {} to {}, which {rule}: receivers of OTLP answer {asked} with 404, they take {}.",
            who(case, export),
            export.signal,
            export.value.text,
            export.signal.path(),
        ))
        .remedy(words, command.unwrap_or_else(|| case.restart_command()))
        .because(export.object(case), export.field(), &export.value.text)
        .pods(wrong.pods)
}

/// How sure it is that what does not fit at the address does harm.
fn severity(export: &Export) -> Severity {
    match export.destination {
        Destination::External | Destination::Hidden | Destination::Ambiguous => Severity::Warning,
        // What the application's own SDK does with its variables is not known.
        _ if export.language == Language::Sdk => Severity::Warning,
        _ => Severity::Error,
    }
}

/// The Service that is meant, where it exists and has the port.
fn service<'c>(case: &Case<'c>, export: &Export) -> Option<&'c Service> {
    match reach(case, export) {
        Reach::Answers(service)
        | Reach::NobodyReady(service)
        | Reach::KeepsFailing(Failure { service, .. })
        | Reach::Starting { service, .. } => Some(service),
        _ => None,
    }
}

/// The protocol that is taken at the address: by the collector's configuration, by the Service's port, by the number.
fn taken(case: &Case<'_>, export: &Export) -> Option<(Protocol, (String, String, String))> {
    let port = export.address.as_ref()?.effective_port()?;
    let by_number =
        || Some((Protocol::of_port(port)?, (export.object(case), "port".to_owned(), port.to_string())));
    let Destination::Service(name) = &export.destination else { return by_number() };
    let Some(service) = service(case, export) else { return by_number() };
    let Some(listed) = port_of(service, Some(port)) else { return by_number() };
    let object = format!("Service/{}/{}", name.namespace, name.name);
    let inner = listed.target_port.as_u64().and_then(|number| u16::try_from(number).ok()).unwrap_or(port);
    let receivers = collector_behind(case.cluster, name)
        .and_then(|collector| OtlpReceivers::read(&collector.spec.config));
    if let Some(protocol) = receivers.and_then(|receivers| receivers.protocol_on(inner)) {
        return Some((
            protocol,
            (object, format!("spec.ports[{port}]"), format!("{protocol} receiver of the collector")),
        ));
    }
    Some((
        protocol_of(listed)?,
        (object, format!("spec.ports[{port}]"), format!("{port} → {inner} {}", listed.name)),
    ))
}
