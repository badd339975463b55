//! Which Service could an address mean?

use std::net::IpAddr;

use facts::{EnvVar, Instrumentation, Language, PodShape};

/// The first two labels of a host name: `collector.observability.svc` means Service `collector` in `observability`; a bare
/// `collector` one in the namespace of the Pod.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Host {
    pub(crate) service: Box<str>,
    pub(crate) namespace: Option<Box<str>>,
}

impl Host {
    /// Reads `http://collector.observability:4317/v1/traces`. None where no Service can be meant.
    pub(crate) fn parse(address: &str) -> Option<Self> {
        let rest = address.trim();
        let rest = rest.split_once("://").map_or(rest, |(_, rest)| rest);
        let authority = rest.split(['/', '?']).next().unwrap_or_default();
        let authority = authority.rsplit('@').next().unwrap_or_default();
        let name = authority.split(':').next().unwrap_or_default().to_ascii_lowercase();
        if name.is_empty()
            || name == "localhost"
            || name.contains(['$', '['])
            || name.parse::<IpAddr>().is_ok()
        {
            return None;
        }
        let mut labels = name.split('.').filter(|label| !label.is_empty());
        Some(Self { service: labels.next()?.into(), namespace: labels.next().map(Into::into) })
    }

    /// The namespace it means, seen from a Pod in `from`.
    pub(crate) fn namespace<'a>(&'a self, from: &'a str) -> &'a str {
        self.namespace.as_deref().unwrap_or(from)
    }

    /// Hosts that the containers of a Pod send to by their own environment.
    pub(crate) fn of_shape(shape: &PodShape) -> Vec<Self> {
        let containers = shape.spec.init_containers.iter().chain(&shape.spec.containers);
        distinct(containers.flat_map(|container| of_env(&container.env)))
    }

    /// Hosts that an Instrumentation sends to.
    pub(crate) fn of_instrumentation(instrumentation: &Instrumentation) -> Vec<Self> {
        let spec = &instrumentation.spec;
        let languages = Language::ALL.into_iter().filter_map(|language| spec.language(language));
        let env = spec.env.iter().chain(languages.flat_map(|language| &language.env));
        let named = env.filter(|var| is_endpoint(&var.name)).filter_map(|var| var.value.as_deref());
        distinct(named.chain([&*spec.exporter.endpoint]).filter_map(Self::parse))
    }
}

fn of_env(env: &[EnvVar]) -> impl Iterator<Item = Host> {
    env.iter().filter(|var| is_endpoint(&var.name)).filter_map(|var| Host::parse(&expand(var.literal(), env)))
}

fn is_endpoint(name: &str) -> bool {
    name.starts_with("OTEL_EXPORTER_") && name.ends_with("_ENDPOINT")
}

/// Puts in literal values for `$(NAME)`; what is not known stays.
fn expand(value: &str, env: &[EnvVar]) -> String {
    let mut expanded = value.to_owned();
    for var in env.iter().filter(|var| !var.literal().is_empty() && value.contains("$(")) {
        expanded = expanded.replace(&format!("$({})", var.name), var.literal());
    }
    expanded
}

fn distinct(hosts: impl Iterator<Item = Host>) -> Vec<Host> {
    let mut distinct = Vec::new();
    for host in hosts {
        if !distinct.contains(&host) {
            distinct.push(host);
        }
    }
    distinct
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_a_service_and_perhaps_a_namespace() {
        for (address, want) in [
            ("http://collector:4317", Some(("collector", None))),
            ("collector.observability:4317", Some(("collector", Some("observability")))),
            (
                "https://Collector.observability.svc.cluster.local./v1/traces",
                Some(("collector", Some("observability"))),
            ),
            ("http://user:secret@collector.o11y", Some(("collector", Some("o11y")))),
            ("http://localhost:4318", None),
            ("http://10.0.0.7:4317", None),
            ("http://[::1]:4317", None),
            ("http://$(OTEL_NODE_IP):4317", None),
            ("", None),
        ] {
            let want = want.map(|(service, namespace)| Host {
                service: service.into(),
                namespace: namespace.map(Into::into),
            });
            assert_eq!(Host::parse(address), want, "{address}");
        }
    }

    #[test]
    fn an_address_may_be_made_of_variables() {
        let shape: PodShape = serde_json::from_str(
            r#"{"spec": {"containers": [{"name": "app", "env": [
                {"name": "COLLECTOR", "value": "otel.o11y"},
                {"name": "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "value": "http://$(COLLECTOR):4317"}]}]}}"#,
        )
        .unwrap();
        assert_eq!(Host::of_shape(&shape), [Host { service: "otel".into(), namespace: Some("o11y".into()) }]);
    }
}
