//! What do the settings of one container say about where its telemetry goes?

use std::sync::Arc;

use facts::Language;

use super::{Export, Signal};
use crate::case::Case;
use crate::catalogue::address::{Address, Destination};
use crate::catalogue::environment::{Environment, HIDDEN, Place, Value};
use crate::catalogue::protocol::{Protocol, default_of};

/// Variables by which an SDK takes everything from a file instead.
const CONFIGURATION_FILES: [&str; 2] = ["OTEL_EXPERIMENTAL_CONFIG_FILE", "OTEL_CONFIG_FILE"];
/// A file of the Java agent with the same settings, of lower rank than variables.
const JAVA_SETTINGS_FILE: &str = "OTEL_JAVAAGENT_CONFIGURATION_FILE";

/// Whether a container's SDK takes its configuration from a file that nobody sees.
pub fn is_configured_by_file(env: Environment<'_>, language: Language) -> bool {
    CONFIGURATION_FILES.iter().any(|name| env.seen(name, language == Language::Java).is_some())
}

/// Every export of an agent that takes its settings from variables.
pub(super) fn of_agent(
    case: &Case<'_>,
    group: Option<usize>,
    name: &Arc<str>,
    language: Language,
    image: &str,
    env: Environment<'_>,
) -> Vec<Export> {
    if is_configured_by_file(env, language) {
        return Vec::new();
    }
    let mut exports: Vec<Export> = traces(case, group, name, language, image, env).into_iter().collect();
    for signal in [Signal::Metrics, Signal::Logs] {
        if let Some(export) = other_signal(case, group, name, language, image, env, signal) {
            exports.push(export);
        }
    }
    exports
}

/// Where traces go; none where they are not exported by OTLP.
pub(super) fn traces(
    case: &Case<'_>,
    group: Option<usize>,
    name: &Arc<str>,
    language: Language,
    image: &str,
    env: Environment<'_>,
) -> Option<Export> {
    let exporter = env.seen("OTEL_TRACES_EXPORTER", language == Language::Java);
    let sends = exporter.as_ref().is_none_or(|(value, _)| value.is_hidden() || names_otlp(&value.text));
    sends.then(|| by_settings(case, group, name, language, image, env, Signal::Traces))
}

/// Metrics or logs, where a setting of their own sends them another way than traces.
fn other_signal(
    case: &Case<'_>,
    group: Option<usize>,
    name: &Arc<str>,
    language: Language,
    image: &str,
    env: Environment<'_>,
    signal: Signal,
) -> Option<Export> {
    let java = language == Language::Java;
    let exporter = env.seen(&format!("OTEL_{}_EXPORTER", signal.word()), java);
    let sends = exporter.as_ref().is_none_or(|(value, _)| names_otlp(&value.text));
    let own = ["ENDPOINT", "PROTOCOL"]
        .iter()
        .any(|end| env.seen(&format!("OTEL_EXPORTER_OTLP_{}_{end}", signal.word()), java).is_some());
    (sends && own).then(|| by_settings(case, group, name, language, image, env, signal))
}

fn names_otlp(exporters: &str) -> bool {
    exporters.split(',').any(|exporter| exporter.trim().starts_with("otlp"))
}

fn by_settings(
    case: &Case<'_>,
    group: Option<usize>,
    name: &Arc<str>,
    language: Language,
    image: &str,
    env: Environment<'_>,
    signal: Signal,
) -> Export {
    let java = language == Language::Java;
    let of_signal = |end: &str| format!("OTEL_EXPORTER_OTLP_{}_{end}", signal.word());
    let either = |end: &str| {
        env.seen(&of_signal(end), java).or_else(|| env.setting(&format!("OTEL_EXPORTER_OTLP_{end}"), java))
    };
    let exporter = format!("OTEL_{}_EXPORTER", signal.word());
    let mut others = CONFIGURATION_FILES.iter().copied().chain([exporter.as_str()]);
    let may_differ =
        env.may_be_unseen(&of_signal("ENDPOINT"), java) || others.any(|name| env.may_be_unseen(name, java));
    let is_of_one_signal = env.seen(&of_signal("ENDPOINT"), java).is_some();
    let endpoint = either("ENDPOINT").or_else(|| {
        let file = java.then(|| env.setting(JAVA_SETTINGS_FILE, java)).flatten()?;
        Some((Value { text: HIDDEN.to_owned(), unexpanded: Vec::new() }, file.1))
    });
    let chosen = either("PROTOCOL");
    let protocol = match &chosen {
        Some((value, _)) => Protocol::parse(&value.text),
        None => default_of(language, image),
    };
    let protocol = (protocol, chosen.map(|(_, place)| place));
    Export {
        may_differ,
        is_of_one_signal,
        ..assemble(case, group, (name, name), language, signal, endpoint, protocol)
    }
}

/// The endpoint in the configuration of a web server's module.
pub(super) fn of_module(
    case: &Case<'_>,
    group: Option<usize>,
    target: &Arc<str>,
    language: Language,
    agent: &Arc<str>,
    env: Environment<'_>,
) -> Option<Export> {
    let (variable, directive) = match language {
        Language::ApacheHttpd => ("OTEL_APACHE_AGENT_CONF", "ApacheModuleOtelExporterEndpoint"),
        _ => ("OTEL_NGINX_AGENT_CONF", "NginxModuleOtelExporterEndpoint"),
    };
    let (text, place) = env.get(variable)?;
    let endpoint = directive_value(&text.text, directive).map(|endpoint| {
        let unexpanded =
            text.unexpanded.iter().filter(|name| endpoint.contains(&format!("$({name})"))).cloned().collect();
        (Value { text: endpoint, unexpanded }, place)
    });
    let protocol = (default_of(language, ""), None);
    Some(assemble(case, group, (target, agent), language, Signal::Traces, endpoint, protocol))
}

/// The value of a directive in the configuration that the operator writes for a web server.
pub fn directive_value(configuration: &str, directive: &str) -> Option<String> {
    let line = configuration.lines().rev().find_map(|line| line.trim().strip_prefix(directive))?;
    let value = line.trim().trim_end_matches(';').trim_matches('"');
    (!value.is_empty()).then(|| value.to_owned())
}

fn assemble(
    case: &Case<'_>,
    group: Option<usize>,
    (name, place_container): (&Arc<str>, &Arc<str>),
    language: Language,
    signal: Signal,
    endpoint: Option<(Value, Place)>,
    (protocol, protocol_place): (Option<Protocol>, Option<Place>),
) -> Export {
    let (value, place) = endpoint.map_or_else(Default::default, |(value, place)| (value, Some(place)));
    let address = Address::parse(&value.text);
    // `$$(NAME)` stays `$(NAME)`, which no host is called.
    let is_seen = !value.is_hidden() && value.unexpanded.is_empty();
    let destination = match &address {
        Some(address) if is_seen && address.host.contains("$(") => Destination::NoSuchName,
        Some(address) => address.destination(&case.subject.id.namespace, case.cluster),
        None if value.text.is_empty() => Destination::Loopback,
        None if is_seen && !value.text.starts_with("unix:") => Destination::NoSuchName,
        None => Destination::Hidden,
    };
    Export {
        group,
        container: name.clone(),
        language,
        signal,
        value,
        place,
        is_of_one_signal: false,
        place_container: place_container.clone(),
        address,
        destination,
        protocol,
        protocol_place,
        may_differ: false,
    }
}
