//! Where does each instrumented container send its telemetry?
//!
//! Judged on what the Pod carries, not on what the Instrumentation says now: its own variables win over the
//! Instrumentation's. Apache and nginx read a configuration file that an init container writes, and no variable
//! (`internal/instrumentation/{exporter,apachehttpd,nginx}.go`, v0.158.0).

use std::fmt;
use std::sync::Arc;

use facts::{InputKind, Language, Pod, PodShape, Service};
use injection::Marks;
use injection::marks::AgentRole;
use jiff::Timestamp;

use super::address::{Address, Destination};
use super::environment::{Environment, HIDDEN, Place, Value, container};
use super::protocol::{Protocol, default_of};
use super::receiver::{Reach, reach};
use crate::case::Case;
use crate::found::Found;

/// The variable that the operator sets from `spec.exporter.endpoint`.
pub const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
/// The variable that chooses the protocol.
pub const PROTOCOL: &str = "OTEL_EXPORTER_OTLP_PROTOCOL";

/// A kind of telemetry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// Traces.
    Traces,
    /// Metrics.
    Metrics,
    /// Logs.
    Logs,
}

impl Signal {
    /// All of them; traces first.
    pub const ALL: [Self; 3] = [Self::Traces, Self::Metrics, Self::Logs];

    /// The word in variables: `OTEL_TRACES_EXPORTER`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Traces => "TRACES",
            Self::Metrics => "METRICS",
            Self::Logs => "LOGS",
        }
    }
}

impl fmt::Display for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Traces => "traces",
            Self::Metrics => "metrics",
            Self::Logs => "logs",
        })
    }
}

/// One container's export of one kind of telemetry.
#[derive(Clone, Debug)]
pub struct Export {
    /// Index into [`Case::groups`]; none for the Pods that the template would give.
    pub group: Option<usize>,
    /// The container that sends.
    pub container: Arc<str>,
    /// The agent that sends.
    pub language: Language,
    /// What it sends. Metrics and logs are listed only where they go another way than traces.
    pub signal: Signal,
    /// The endpoint after expansion; empty where none is configured.
    pub value: Value,
    /// Where it stands; none where none is configured.
    pub place: Option<Place>,
    /// The container in which `place` is to be found.
    pub place_container: Arc<str>,
    /// The endpoint taken apart.
    pub address: Option<Address>,
    /// Who is meant. Without an endpoint the agent sends to the Pod itself.
    pub destination: Destination,
    /// The protocol in effect; none where it cannot be told.
    pub protocol: Option<Protocol>,
    /// The variable or property that chooses the protocol; none for the agent's default.
    pub protocol_place: Option<Place>,
    /// Whether a source in `envFrom` that cannot be read might send it another way, or keep it.
    pub may_differ: bool,
}

impl Export {
    /// Pods that export so; none for those to come.
    pub fn pods<'c>(&self, case: &Case<'c>) -> Vec<&'c Pod> {
        self.group.map(|index| case.groups[index].pods.clone()).unwrap_or_default()
    }

    /// The object on which the endpoint stands, for evidence.
    pub fn object(&self, case: &Case<'_>) -> String {
        match self.pods(case).first() {
            Some(pod) => format!("Pod/{}", pod.name),
            None => format!("{}/{}", case.subject.id.kind, case.subject.id.name),
        }
    }

    /// The field in which the endpoint stands, for evidence.
    pub fn field(&self) -> String {
        let place = self.place.as_ref().map_or_else(|| format!("env[{ENDPOINT}]"), Place::field);
        let list = if self.place_container == self.container { "containers" } else { "initContainers" };
        format!("spec.{list}[{}].{place}", self.place_container)
    }

    /// The port that is spoken to: the agents' default where there is no endpoint.
    pub fn port(&self) -> Option<u16> {
        match &self.address {
            Some(address) => address.effective_port(),
            None => self.protocol.map(Protocol::port),
        }
    }
}

/// Every export of the workload: of the present revision's injected Pods, else of all injected Pods, else of the Pods that
/// the template would give.
pub fn exports<'k>(case: &'k Case<'_>) -> &'k [Export] {
    case.exports.get_or_init(|| {
        let any_current = case.groups.iter().any(|group| group.current && group.is_injected());
        let mut exports = Vec::new();
        for (index, group) in case.groups.iter().enumerate() {
            if group.is_injected() && (group.current || !any_current) {
                exports.extend(of_shape(case, Some(index), group.shape, &group.marks));
            }
        }
        // What the next Pods would carry takes long to work out, so only where there are none to look at.
        if case.groups.is_empty()
            && let Some(shape) = case.next_shape()
        {
            exports.extend(of_shape(case, None, shape, &injection::marks(shape)));
        }
        exports
    })
}

fn of_shape(case: &Case<'_>, group: Option<usize>, shape: &PodShape, marks: &Marks) -> Vec<Export> {
    let mut exports = Vec::new();
    for agent in &marks.agents {
        let Some(sender) = container(&shape.spec, &agent.name) else { continue };
        let env = Environment::new(sender, &case.subject.id.namespace, case.cluster);
        match (agent.role, agent.language) {
            (AgentRole::GoSidecar, Some(language)) => {
                exports.extend(traces(case, group, &agent.name, language, &agent.image, env));
            }
            (AgentRole::Agent, Some(language @ (Language::ApacheHttpd | Language::Nginx))) => {
                let target = marks.containers.iter().find(|target| target.agent(language).is_some());
                let Some(target) = target else { continue };
                exports.extend(of_module(case, group, &target.name, language, &agent.name, env));
            }
            _ => {}
        }
    }
    let has_module = marks.agent(Language::ApacheHttpd).is_some() || marks.agent(Language::Nginx).is_some();
    for target in &marks.containers {
        let Some(sender) = container(&shape.spec, &target.name) else { continue };
        let env = Environment::new(sender, &case.subject.id.namespace, case.cluster);
        if target.is_sdk_only() && !has_module {
            exports.extend(of_agent(case, group, &target.name, Language::Sdk, "", env));
        }
        for language in target.agents.iter().filter_map(|agent| agent.language) {
            let by_variables =
                matches!(language, Language::Java | Language::NodeJs | Language::Python | Language::DotNet);
            let image = marks.agent(language).or_else(|| marks.agents.first());
            if by_variables {
                let image = image.map(|agent| &*agent.image).unwrap_or_default();
                exports.extend(of_agent(case, group, &target.name, language, image, env));
            }
        }
    }
    exports
}

/// Variables by which an SDK takes everything from a file instead.
const CONFIGURATION_FILES: [&str; 2] = ["OTEL_EXPERIMENTAL_CONFIG_FILE", "OTEL_CONFIG_FILE"];
/// A file of the Java agent with the same settings, of lower rank than variables.
const JAVA_SETTINGS_FILE: &str = "OTEL_JAVAAGENT_CONFIGURATION_FILE";

/// Whether a container's SDK takes its configuration from a file that nobody sees.
pub fn is_configured_by_file(env: Environment<'_>, language: Language) -> bool {
    CONFIGURATION_FILES.iter().any(|name| env.seen(name, language == Language::Java).is_some())
}

fn of_agent(
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

fn traces(
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
    Export { may_differ, ..assemble(case, group, (name, name), language, signal, endpoint, protocol) }
}

/// The endpoint in the configuration of a web server's module.
fn of_module(
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
    let destination = match (&address, value.text.is_empty()) {
        (Some(address), _) => address.destination(&case.subject.id.namespace, case.cluster),
        (None, true) => Destination::Loopback,
        (None, false) => Destination::Hidden,
    };
    Export {
        group,
        container: name.clone(),
        language,
        signal,
        value,
        place,
        place_container: place_container.clone(),
        address,
        destination,
        protocol,
        protocol_place,
        may_differ: false,
    }
}

/// Those who take the telemetry of running Pods are starting: their Service, and when that begins to be worth a finding.
pub fn starting<'c>(case: &Case<'c>) -> Option<(&'c Service, Timestamp)> {
    let mut exports = exports(case).iter().filter(|export| export.group.is_some());
    exports.find_map(|export| match reach(case, export) {
        Reach::Starting { service, until } => Some((service, until)),
        _ => None,
    })
}

/// What would have to be readable to say that the endpoint exists. None where the endpoint lies outside the cluster, where
/// there is none, or where something is found wrong with it anyway.
pub fn unproven(case: &Case<'_>, found: &[Found<'_>]) -> Option<InputKind> {
    let judged = found.iter().any(|found| found.cause.condition == api::ConditionType::ExporterReachable);
    let mut exports = exports(case).iter().filter(|export| export.group.is_some() && !judged);
    exports.find_map(|export| match reach(case, export) {
        Reach::Unknown(kind) => Some(kind),
        _ => None,
    })
}
