//! What does the address of an exporter mean, seen from a Pod?
//!
//! Cluster DNS: a bare name is a Service of the Pod's own namespace, `name.namespace` and `name.namespace.svc…` one of
//! that namespace; a name in front of it is a Pod of a headless Service (Kubernetes, "DNS for Services and Pods").

mod domain;

use std::net::IpAddr;

use facts::{ClusterView, InputKind};

use super::environment::{HIDDEN, NODE_ADDRESS, POD_ADDRESS};
pub use domain::is_private_name;
use domain::{is_outer_domain, misspelt};

/// An endpoint taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// In lower case; none where the text has none.
    pub scheme: Option<String>,
    /// Host, in lower case, without brackets and closing dot.
    pub host: String,
    /// Port as written.
    pub port: Option<u16>,
    /// Path, without slashes at its end; empty for the root.
    pub path: String,
}

impl Address {
    /// Reads `scheme://host:port/path`. None where there is no host.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (scheme, rest) = match text.split_once("://") {
            Some((scheme, rest)) => (Some(scheme.to_ascii_lowercase()), rest),
            None => (None, without_broken_scheme(text)),
        };
        let authority = rest.split(['/', '#']).next().unwrap_or_default();
        let path = rest[authority.len()..].split(['#', '?']).next().unwrap_or_default();
        // A stand-in such as `<?>` holds a question mark of its own.
        let authority = if authority.contains('<') { authority } else { authority.split('?').next()? };
        let authority = authority.rsplit('@').next()?;
        let (host, port) = match authority.strip_prefix('[') {
            Some(bracketed) => {
                let (host, rest) = bracketed.split_once(']')?;
                (host, rest.strip_prefix(':'))
            }
            None => match authority.rsplit_once(':') {
                // Several colons without brackets: an IPv6 address without port.
                Some((host, _)) if host.contains(':') => (authority, None),
                Some((host, port)) => (host, Some(port)),
                None => (authority, None),
            },
        };
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        let port = port.and_then(|port| port.parse().ok());
        let path = path.trim_end_matches('/').to_owned();
        (!host.is_empty()).then_some(Self { scheme, host, port, path })
    }

    /// The port in use: the scheme's own where none is written.
    pub fn effective_port(&self) -> Option<u16> {
        self.port.or(match self.scheme.as_deref() {
            Some("http") => Some(80),
            Some("https") => Some(443),
            _ => None,
        })
    }

    /// Whether it asks for TLS.
    pub fn is_https(&self) -> bool {
        self.scheme.as_deref() == Some("https")
    }

    /// What the host means to a Pod of a namespace.
    pub fn destination(&self, namespace: &str, cluster: &dyn ClusterView) -> Destination {
        destination(&self.host, namespace, cluster)
    }
}

/// The rest of `http:host` or `http:/host`, which lacks slashes. `http:4318` is a host of that name.
pub fn without_broken_scheme(text: &str) -> &str {
    let rest = ["http:", "https:"].iter().find_map(|scheme| {
        let start = text.get(..scheme.len())?;
        start.eq_ignore_ascii_case(scheme).then(|| text[scheme.len()..].trim_start_matches('/'))
    });
    rest.filter(|rest| !rest.starts_with(|c: char| c.is_ascii_digit())).unwrap_or(text)
}

/// Who is meant by a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// The Pod itself.
    Loopback,
    /// The node of the Pod.
    Node,
    /// A Service.
    Service(ServiceName),
    /// A name inside the cluster's own domain that DNS can never answer.
    NoSuchName,
    /// A name outside the cluster.
    External,
    /// An IP address.
    Literal,
    /// Cannot be seen.
    Hidden,
    /// `name.last`, of which cannot be told whether `last` is a namespace or a domain of another network.
    Ambiguous,
}

/// A Service as an address names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceName {
    /// Namespace.
    pub namespace: String,
    /// Name.
    pub name: String,
    /// Whether the namespace is the Pod's own because the address gives none.
    pub is_short: bool,
    /// Whether it can only be a name of the cluster. `name.namespace` may also be a host of another network.
    pub is_certain: bool,
    /// The domain after `svc`, where it looks like a misspelt `cluster.local`.
    pub misspelt_domain: Option<String>,
}

fn destination(host: &str, own: &str, cluster: &dyn ClusterView) -> Destination {
    if host.contains(HIDDEN) || host.contains("$(") {
        return Destination::Hidden;
    }
    if host.contains(NODE_ADDRESS.to_ascii_lowercase().as_str()) {
        return Destination::Node;
    }
    if host == "localhost" || host.contains(POD_ADDRESS.to_ascii_lowercase().as_str()) {
        return Destination::Loopback;
    }
    if let Ok(address) = host.parse::<IpAddr>() {
        // To send to no address in particular is to send to oneself.
        let is_own = address.is_loopback() || address.is_unspecified();
        return if is_own { Destination::Loopback } else { Destination::Literal };
    }
    if !is_host_name(host) {
        return Destination::NoSuchName;
    }
    let labels: Vec<&str> = host.split('.').collect();
    if let Some(at) = labels.iter().position(|label| *label == "svc").filter(|at| *at >= 2) {
        return Destination::Service(ServiceName {
            misspelt_domain: misspelt(&labels[at + 1..]),
            ..service(labels[at - 2], labels[at - 1])
        });
    }
    match labels.as_slice() {
        [name] => Destination::Service(ServiceName { is_short: true, ..service(name, own) }),
        [.., "pod", "cluster", "local"] => Destination::Hidden,
        [.., "cluster", "local"] => Destination::NoSuchName,
        [name, namespace] => two_labels(name, namespace, cluster),
        _ => Destination::External,
    }
}

/// Whether a text may be the name of a host. What a template left behind (`{{ .Values.host }}`, `${HOST}`) is none.
pub fn is_host_name(text: &str) -> bool {
    text.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '.' | '_' | ':' | '%'))
}

fn service(name: &str, namespace: &str) -> ServiceName {
    ServiceName {
        namespace: namespace.to_owned(),
        name: name.to_owned(),
        is_short: false,
        is_certain: true,
        misspelt_domain: None,
    }
}

/// `name.namespace`, or a host of another network such as `vendor.example`.
fn two_labels(name: &str, last: &str, cluster: &dyn ClusterView) -> Destination {
    match cluster.namespace(last) {
        facts::Lookup::Found(_) => Destination::Service(service(name, last)),
        _ if is_outer_domain(last) => Destination::External,
        _ if !cluster.readability(InputKind::Namespaces).is_exhaustive() => Destination::Ambiguous,
        _ => Destination::Service(ServiceName { is_certain: false, ..service(name, last) }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_taken_apart() {
        for (text, scheme, host, port, path) in [
            ("http://otel-collector.o11y:4318/", Some("http"), "otel-collector.o11y", Some(4318), ""),
            ("otel-collector:4318", None, "otel-collector", Some(4318), ""),
            ("http:/otel-collector:4318", None, "otel-collector", Some(4318), ""),
            ("HTTP:otel-collector:4318", None, "otel-collector", Some(4318), ""),
            (
                "https://OTLP.Vendor.example./v1/Traces?x=1",
                Some("https"),
                "otlp.vendor.example",
                None,
                "/v1/Traces",
            ),
            ("http://[::1]:4317", Some("http"), "::1", Some(4317), ""),
            ("http://fd00::7/a/", Some("http"), "fd00::7", None, "/a"),
            ("http://user:word@host:1", Some("http"), "host", Some(1), ""),
            ("http://<?>:4318", Some("http"), "<?>", Some(4318), ""),
            ("http://<status.hostIP>:4318", Some("http"), "<status.hostip>", Some(4318), ""),
        ] {
            let (scheme, host, path) = (scheme.map(str::to_owned), host.to_owned(), path.to_owned());
            let want = Address { scheme, host, port, path };
            assert_eq!(Address::parse(text), Some(want), "{text}");
        }
        assert_eq!(Address::parse("http://"), None);
    }
}
