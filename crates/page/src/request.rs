//! Which page does a request ask for, and may it have it?

use std::borrow::Cow;
use std::net::{IpAddr, Ipv6Addr};

use diagnosis::Cause;
use diagnosis::known::named;
use percent_encoding::percent_decode_str;

use crate::filter::{self, Filter};

/// What of a request is looked at.
#[derive(Clone, Copy, Debug)]
pub struct Request<'r> {
    /// The method.
    pub method: &'r str,
    /// The `Host` header, or the authority of an absolute URI. None where there is neither.
    pub host: Option<&'r str>,
    /// The path, percent-encoded.
    pub path: &'r str,
    /// What stands after `?`; empty for nothing.
    pub query: &'r str,
}

/// A page, or a file that pages need.
#[derive(Clone, Debug, PartialEq)]
pub enum Page {
    /// Everything in figures, by cause and by namespace.
    Overview,
    /// Every namespace; counted from 1.
    Namespaces {
        /// Which part of the list.
        part: usize,
    },
    /// Workloads that a filter keeps.
    Workloads(Filter),
    /// One workload.
    Workload {
        /// Its namespace.
        namespace: String,
        /// Its kind in lower case; kinds that are not Kubernetes' own with their group: `rollout.argoproj.io`.
        kind: String,
        /// Its name.
        name: String,
    },
    /// All causes.
    Causes,
    /// The page of one cause.
    Cause(&'static Cause),
    /// The style sheet.
    Style,
    /// The icon.
    Icon,
    /// There is no such page.
    Missing,
    /// The query says something that means nothing; a sentence about it.
    Meaningless(String),
}

/// Why a request gets no page, and is told nothing of the cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Neither `GET` nor `HEAD`.
    Method,
    /// Addressed to somebody else, as a page elsewhere would whose name was made to point here (DNS rebinding).
    Host,
}

impl Page {
    /// The page that is asked for.
    pub fn of(request: &Request<'_>) -> Result<Self, Refusal> {
        if !request.host.is_some_and(is_local) {
            return Err(Refusal::Host);
        }
        if !matches!(request.method, "GET" | "HEAD") {
            return Err(Refusal::Method);
        }
        let segments: Option<Vec<Cow<'_, str>>> = request
            .path
            .strip_prefix('/')
            .map(|path| path.split('/').map(|part| percent_decode_str(part).decode_utf8().ok()).collect())
            .unwrap_or_default();
        let segments = segments.unwrap_or_default();
        let segments: Vec<&str> = segments.iter().map(AsRef::as_ref).collect();
        Ok(match segments[..] {
            [""] => Self::Overview,
            ["style.css"] => Self::Style,
            ["icon.svg"] => Self::Icon,
            ["namespaces"] => {
                filter::part(request.query).map_or_else(Self::Meaningless, |part| Self::Namespaces { part })
            }
            ["workloads"] => Filter::parse(request.query).map_or_else(Self::Meaningless, Self::Workloads),
            ["causes"] => Self::Causes,
            ["causes", reason] => named(reason).map_or(Self::Missing, Self::Cause),
            [namespace, kind, name] if [namespace, kind, name].iter().all(|part| !part.is_empty()) => {
                let [namespace, kind, name] = [namespace, kind, name].map(str::to_owned);
                Self::Workload { namespace, kind: kind.to_lowercase(), name }
            }
            _ => Self::Missing,
        })
    }

    /// Whether the page may speak of the object of that namespace and name. Objects of which it cannot need not be unpacked.
    pub fn wants(&self, namespace: &str, object: &str) -> bool {
        match self {
            Self::Overview | Self::Namespaces { .. } | Self::Cause(_) => true,
            Self::Workloads(filter) => filter.namespace.as_deref().is_none_or(|wanted| wanted == namespace),
            Self::Workload { namespace: wanted, kind, .. } => {
                // The rest of the name may have been cut, see `api::object_name`.
                let kind = kind.split('.').next().unwrap_or_default();
                wanted == namespace && object.strip_prefix(kind).is_some_and(|rest| rest.starts_with('-'))
            }
            Self::Causes | Self::Style | Self::Icon | Self::Missing | Self::Meaningless(_) => false,
        }
    }
}

/// Whether a `Host` header names this machine, whatever the port: `kubectl port-forward` chooses it.
fn is_local(host: &str) -> bool {
    let (name, port) = match host.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            Some((address, port)) => {
                return address.parse() == Ok(Ipv6Addr::LOCALHOST) && is_port(port);
            }
            None => return false,
        },
        None => host.find(':').map_or((host, ""), |colon| host.split_at(colon)),
    };
    let local = name.eq_ignore_ascii_case("localhost")
        || name.parse().is_ok_and(|address: IpAddr| address.is_ipv4() && address.is_loopback());
    local && is_port(port)
}

fn is_port(text: &str) -> bool {
    text.is_empty() || text.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(target: &str) -> Result<Page, Refusal> {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        Page::of(&Request { method: "GET", host: Some("localhost:8081"), path, query })
    }

    #[test]
    fn a_path_names_a_page() {
        assert_eq!(get("/"), Ok(Page::Overview));
        assert_eq!(get("/namespaces?page=3"), Ok(Page::Namespaces { part: 3 }));
        let workload = |namespace: &str, kind: &str, name: &str| {
            Ok(Page::Workload { namespace: namespace.into(), kind: kind.into(), name: name.into() })
        };
        assert_eq!(get("/shop/deployment/checkout"), workload("shop", "deployment", "checkout"));
        assert_eq!(get("/shop/Deployment/check%2Fout"), workload("shop", "deployment", "check/out"));
        assert!(matches!(get("/causes/f4"), Ok(Page::Cause(cause)) if cause.code == "IH-F004"));
        for missing in
            ["", "/shop", "/shop/deployment", "//a/b", "/a/b/c/d", "/causes/Nonsense", "/%ff", "/style.css/"]
        {
            assert_eq!(get(missing), Ok(Page::Missing), "{missing}");
        }
        assert!(matches!(get("/workloads?standing=ill"), Ok(Page::Meaningless(_))));
    }

    #[test]
    fn only_this_machine_is_answered() {
        for (host, answered) in [
            ("localhost", true),
            ("LocalHost:30000", true),
            ("127.0.0.1:8081", true),
            ("127.9.9.9", true),
            ("[::1]:8081", true),
            ("", false),
            ("localhost.attacker.example", false),
            ("127.0.0.1.attacker.example:8081", false),
            ("attacker.example:8081", false),
            ("192.168.0.1", false),
            ("0.0.0.0:8081", false),
            ("[::2]", false),
            ("[::1", false),
            ("localhost:port", false),
            ("user@localhost", false),
        ] {
            let page = Page::of(&Request { method: "GET", host: Some(host), path: "/", query: "" });
            assert_eq!(page.is_ok(), answered, "{host}");
        }
        let unnamed = Request { method: "GET", host: None, path: "/", query: "" };
        assert_eq!(Page::of(&unnamed), Err(Refusal::Host));
    }

    #[test]
    fn nothing_can_be_changed() {
        for (method, refused) in
            [("GET", false), ("HEAD", false), ("POST", true), ("DELETE", true), ("OPTIONS", true)]
        {
            let page = Page::of(&Request { method, host: Some("localhost"), path: "/", query: "" });
            assert_eq!(page == Err(Refusal::Method), refused, "{method}");
        }
    }
}
