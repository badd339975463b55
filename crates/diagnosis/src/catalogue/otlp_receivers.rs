//! On which addresses does a collector take OTLP, by its configuration?

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::protocol::Protocol;

/// The OTLP receivers in a collector's configuration: those that feed its traces, or where none does, all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OtlpReceivers {
    /// Addresses on which gRPC is taken.
    pub grpc: Vec<String>,
    /// Addresses on which HTTP is taken.
    pub http: Vec<String>,
    /// Whether a pipeline for traces takes from one of them.
    pub feeds_traces: bool,
    /// Whether there is none at all.
    pub is_empty: bool,
}

impl OtlpReceivers {
    /// Reads a configuration: an object (v1beta1) or YAML text (v1alpha1, and the variable of a sidecar). None where it is
    /// not understood.
    pub fn read(config: &Value) -> Option<Self> {
        let config = match config.as_str() {
            Some(text) => Cow::Owned(Self::parse(text)?),
            None => Cow::Borrowed(config),
        };
        let receivers = config.get("receivers")?.as_object()?;
        let service = config.get("service")?.as_object()?;
        let of_traces = receivers_of_traces(service);
        let is_otlp = |name: &str| name == "otlp" || name.starts_with("otlp/");
        let all = receivers.iter().filter(|(name, _)| is_otlp(name));
        let feeding: Vec<&Value> =
            all.clone().filter(|(name, _)| of_traces.contains(&name.as_str())).map(|(_, one)| one).collect();
        let mut found = Self {
            feeds_traces: !feeding.is_empty(),
            is_empty: all.clone().next().is_none(),
            ..Self::default()
        };
        let chosen = if found.feeds_traces { feeding } else { all.map(|(_, receiver)| receiver).collect() };
        for receiver in chosen {
            let protocol = |protocol: &str| {
                let settings = receiver.pointer(&format!("/protocols/{protocol}"))?;
                let endpoint = settings.get("endpoint").and_then(Value::as_str);
                Some(endpoint.unwrap_or_default().to_owned())
            };
            found.grpc.extend(protocol("grpc"));
            found.http.extend(protocol("http"));
        }
        Some(found)
    }

    /// A configuration that is written as YAML.
    fn parse(text: &str) -> Option<Value> {
        serde_saphyr::from_str(text).ok()
    }

    /// The ports on which OTLP is taken: those of the receiver (4317, 4318) where none is written. None where they cannot be
    /// read.
    pub fn ports(&self) -> Option<Vec<u16>> {
        let port = |address: &String, default: u16| match address.rsplit_once(':') {
            None if address.is_empty() => Some(default),
            None => None,
            Some((_, port)) => port.parse().ok(),
        };
        let grpc = self.grpc.iter().map(|address| port(address, Protocol::Grpc.port()));
        let http = self.http.iter().map(|address| port(address, Protocol::Http.port()));
        let ports: Vec<u16> = grpc.chain(http).collect::<Option<_>>()?;
        (!ports.is_empty()).then_some(ports)
    }

    /// The protocol that is taken on a port; none where no receiver names that port, or both do.
    pub fn protocol_on(&self, port: u16) -> Option<Protocol> {
        let listens =
            |addresses: &[String]| addresses.iter().any(|address| address.ends_with(&format!(":{port}")));
        match (listens(&self.grpc), listens(&self.http)) {
            (true, false) => Some(Protocol::Grpc),
            (false, true) => Some(Protocol::Http),
            _ => None,
        }
    }

    /// The address of a port that only the collector's own Pod reaches.
    pub fn loopback_on(&self, port: u16) -> Option<&str> {
        let all = self.grpc.iter().chain(&self.http).map(String::as_str);
        let is_loopback =
            |address: &str| ["localhost:", "127.", "[::1]:"].iter().any(|start| address.starts_with(start));
        let mut there = all.filter(|address| address.ends_with(&format!(":{port}")));
        // Another receiver may take the same port from everywhere.
        let first = there.clone().find(|address| is_loopback(address))?;
        there.all(is_loopback).then_some(first)
    }
}

/// The names of the receivers from which pipelines for traces take.
fn receivers_of_traces(service: &Map<String, Value>) -> Vec<&str> {
    let pipelines = service.get("pipelines").and_then(Value::as_object);
    let of_traces = pipelines
        .into_iter()
        .flatten()
        .filter(|(name, _)| *name == "traces" || name.starts_with("traces/"))
        .filter_map(|(_, pipeline)| pipeline.get("receivers")?.as_array());
    of_traces.flatten().filter_map(Value::as_str).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn receivers_are_read_from_the_configuration() {
        let config = json!({
            "receivers": {"otlp": {"protocols": {"grpc": {"endpoint": "0.0.0.0:4317"}, "http": {"endpoint": "localhost:4318"}}}},
            "service": {"pipelines": {"traces/main": {"receivers": ["otlp"]}}},
        });
        let receivers = OtlpReceivers::read(&config).unwrap();
        assert!(receivers.feeds_traces && !receivers.is_empty);
        assert_eq!(receivers.protocol_on(4317), Some(Protocol::Grpc));
        assert_eq!(receivers.loopback_on(4317), None);
        assert_eq!(receivers.loopback_on(4318), Some("localhost:4318"));
        assert_eq!(OtlpReceivers::read(&json!("receivers: {}")), None);
    }

    #[test]
    fn text_is_read_like_an_object() {
        let text = "receivers:\n  otlp:\n    protocols:\n      grpc:\nservice:\n  pipelines:\n    metrics: {receivers: [otlp]}\n";
        let receivers = OtlpReceivers::read(&json!(text)).unwrap();
        assert_eq!(receivers.ports(), Some(vec![4317]));
        assert!(!receivers.feeds_traces && !receivers.is_empty);
    }

    #[test]
    fn only_receivers_that_feed_traces_count_where_one_does() {
        let http = |port: u16| json!({"protocols": {"http": {"endpoint": format!("0.0.0.0:{port}")}}});
        let config = json!({
            "receivers": {"otlp": http(4318), "otlp/apps": http(5318)},
            "service": {"pipelines": {"traces": {"receivers": ["otlp/apps"]}, "metrics": {"receivers": ["otlp"]}}},
        });
        assert_eq!(OtlpReceivers::read(&config).unwrap().ports(), Some(vec![5318]));
    }
}
