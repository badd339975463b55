//! One way of one kind of telemetry out of a container.

use std::fmt;
use std::sync::Arc;

use facts::{Language, Pod};

use super::ENDPOINT;
use crate::case::Case;
use crate::catalogue::address::{Address, Destination};
use crate::catalogue::environment::{Place, Value};
use crate::catalogue::protocol::Protocol;

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

    /// The path under which an OTLP receiver takes it by HTTP (OTLP specification, "OTLP/HTTP Request").
    pub const fn path(self) -> &'static str {
        match self {
            Self::Traces => "/v1/traces",
            Self::Metrics => "/v1/metrics",
            Self::Logs => "/v1/logs",
        }
    }

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
    /// Whether that setting is of this signal only, rather than of all.
    pub is_of_one_signal: bool,
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

    /// The path that an agent asks for that speaks HTTP: what the endpoint of one signal says as it is, and below what the endpoint
    /// of all signals says (OpenTelemetry specification, "Endpoint URLs for OTLP/HTTP"). None where none is configured.
    pub fn http_path(&self) -> Option<String> {
        let written = &self.address.as_ref()?.path;
        Some(if self.is_of_one_signal {
            if written.is_empty() { "/".to_owned() } else { written.clone() }
        } else {
            format!("{written}{}", self.signal.path())
        })
    }

    /// The path that the endpoint has to have at another receiver: an endpoint of one signal names that signal's.
    pub fn path_for_another_host(&self) -> &'static str {
        let is_http = self.protocol != Some(Protocol::Grpc);
        if self.is_of_one_signal && is_http { self.signal.path() } else { "" }
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
