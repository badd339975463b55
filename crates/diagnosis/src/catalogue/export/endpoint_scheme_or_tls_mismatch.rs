//! H4: the endpoint lacks its scheme, or asks for TLS where the other end has none (or the reverse).

use std::net::Ipv6Addr;

use api::{Certainty, ConditionType, Severity};
use facts::{Container, InputKind, Language};

use super::remedy::{set_endpoint, where_it_stands};
use super::{certainty_of, judge, sender, who};
use crate::case::Case;
use crate::catalogue::address::{Address, Destination, without_broken_scheme};
use crate::catalogue::endpoint::Export;
use crate::catalogue::environment::Environment;
use crate::catalogue::protocol::Protocol;
use crate::catalogue::receiver::{Reach, reach};
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `EndpointSchemeOrTlsMismatch`.
pub static CAUSE: Cause = Cause {
    code: "IH-H004",
    reason: "EndpointSchemeOrTlsMismatch",
    summary: "The endpoint has no scheme, or its scheme does not fit the TLS of the other end.",
    condition: ConditionType::ExporterReachable,
    severities: &[Severity::Error, Severity::Warning],
    certainties: &[Certainty::Likely, Certainty::Hint],
    sight: Sight::Always(
        "the endpoint as it stands; whether the receiver speaks TLS does not show, so of TLS it is a hint",
    ),
    since: "0.1.0",
    reads: &[
        InputKind::Instrumentations,
        InputKind::Services,
        InputKind::EndpointSlices,
        InputKind::ConfigMaps,
    ],
    page: include_str!("endpoint_scheme_or_tls_mismatch.md"),
    check,
};

/// What is wrong, and the endpoint that would be right.
struct Mismatch {
    why: String,
    instead: Option<String>,
    certainty: Certainty,
    /// What to do, where it is not the scheme that has to change.
    words: Option<&'static str>,
}

impl Mismatch {
    fn new(why: impl Into<String>, certainty: Certainty) -> Self {
        Self { why: why.into(), instead: None, certainty, words: None }
    }
}

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let Some(wrong) = judge(case, |export| mismatch(case, export)) else { return Vec::new() };
    let (export, Mismatch { why, instead, certainty, words }) = (wrong.export, wrong.what);
    let command = instead.as_deref().and_then(|endpoint| set_endpoint(case, export, endpoint));
    let place = where_it_stands(case, export);
    let words = match &instead {
        _ if let Some(words) = words => words.to_owned(),
        Some(_) if command.is_some() => "Write the scheme".to_owned(),
        Some(endpoint) => format!("Set {place} to {endpoint}, then"),
        None => format!("Match the scheme in {place} with the receiver, then"),
    };
    vec![
        Found::new(&CAUSE, wrong.severity, certainty)
            .message(format!("{} sends to {}: {why}.", who(case, export), export.value.text))
            .remedy(words, command.unwrap_or_else(|| case.restart_command()))
            .because(export.object(case), export.field(), &export.value.text)
            .pods(wrong.pods),
    ]
}

fn mismatch(case: &Case<'_>, export: &Export) -> Option<(Severity, Mismatch)> {
    if export.value.text.starts_with("unix:") {
        // Only libraries of gRPC know sockets, and not all of them.
        let severity =
            if export.protocol == Some(Protocol::Http) { Severity::Error } else { Severity::Warning };
        return Some((severity, unknown_scheme("unix", certainty_of(severity))));
    }
    let address = export.address.as_ref()?;
    if let Some(instead) = with_brackets(&export.value.text) {
        let why = "an IPv6 address has to stand in brackets";
        let mismatch = Mismatch { instead: Some(instead), ..Mismatch::new(why, Certainty::Likely) };
        return Some((Severity::Error, mismatch));
    }
    match address.scheme.as_deref() {
        // A text of which a part is hidden or not expanded may begin with anything.
        None if export.value.text.starts_with(['<', '$']) => None,
        None => without_scheme(export),
        Some("http" | "https") => wrong_tls(case, export, address),
        Some(scheme) if export.language == Language::Sdk => {
            Some((Severity::Warning, unknown_scheme(scheme, Certainty::Hint)))
        }
        Some(scheme) => Some((Severity::Error, unknown_scheme(scheme, Certainty::Likely))),
    }
}

/// `http://[fd00::7]:4318` for `http://fd00::7:4318`.
fn with_brackets(text: &str) -> Option<String> {
    let (scheme, rest) = text.split_once("://")?;
    let authority = rest.split('/').next()?;
    let (host, port) = authority.rsplit_once(':').filter(|(_, port)| port.len() >= 4)?;
    host.parse::<Ipv6Addr>()
        .is_ok()
        .then(|| format!("{scheme}://[{host}]:{port}{}", &rest[authority.len()..]))
}

fn unknown_scheme(scheme: &str, certainty: Certainty) -> Mismatch {
    Mismatch::new(format!("the agent knows http:// and https://, not {scheme}://"), certainty)
}

fn without_scheme(export: &Export) -> Option<(Severity, Mismatch)> {
    let instead = (!export.value.text.contains('<'))
        .then(|| format!("http://{}", without_broken_scheme(&export.value.text)));
    let why = "the scheme is missing, so the agent takes it for no URL at all".to_owned();
    let grpc = export.protocol == Some(Protocol::Grpc);
    match export.language {
        // Their gRPC libraries take host:port.
        Language::ApacheHttpd | Language::Nginx => None,
        Language::NodeJs | Language::Python if grpc => None,
        Language::Sdk => {
            Some((Severity::Warning, Mismatch { instead, ..Mismatch::new(why, Certainty::Hint) }))
        }
        _ => Some((Severity::Error, Mismatch { instead, ..Mismatch::new(why, Certainty::Likely) })),
    }
}

/// `https://` to a receiver in the cluster without a CA to trust, or a CA that `http://` never uses.
fn wrong_tls(case: &Case<'_>, export: &Export, address: &Address) -> Option<(Severity, Mismatch)> {
    let env = Environment::new(sender(case, export)?, &case.subject.id.namespace, case.cluster);
    let java = export.language == Language::Java;
    let names = ["OTEL_EXPORTER_OTLP_CERTIFICATE", "OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE"];
    let has_ca = names.iter().any(|name| env.seen(name, java).is_some());
    let may_have_ca = has_ca || names.iter().any(|name| env.may_be_unseen(name, java));
    let inside = match &export.destination {
        Destination::Service(_) => matches!(reach(case, export), Reach::Answers(_)),
        Destination::Node | Destination::Loopback => true,
        _ => false,
    };
    let hint = |why: &str| Some((Severity::Warning, Mismatch::new(why, Certainty::Hint)));
    let trusts = trusts_another_ca(env, export.language);
    if let Some(path) = certificate_nowhere(sender(case, export)?, env).filter(|_| address.is_https()) {
        let why = format!(
            "its CA certificate is to be {path}, but exporter.tls names neither Secret nor ConfigMap, so no such file is there"
        );
        let words =
            Some("Name the Secret or ConfigMap that holds the certificate in spec.exporter.tls, then");
        return Some((Severity::Error, Mismatch { words, ..Mismatch::new(why, Certainty::Likely) }));
    }
    if let Some((path, holder)) = certificate_without_key(case, env).filter(|_| address.is_https()) {
        let why = format!(
            "its CA certificate is to be {path}, but {holder} has no such key, so no such file is there"
        );
        let words =
            Some("Put the certificate under that key, or name the right one in spec.exporter.tls, then");
        return Some((Severity::Error, Mismatch { words, ..Mismatch::new(why, Certainty::Likely) }));
    }
    if address.is_https() && inside && !may_have_ca && !trusts && export.language != Language::Sdk {
        return hint(
            "https asks for TLS, but no CA certificate of the receiver is configured (exporter.tls)",
        );
    }
    if !address.is_https() && has_ca {
        return hint("a CA certificate is configured, but http:// does not use TLS");
    }
    if !address.is_https() && address.port == Some(443) {
        return hint("port 443 is for TLS, but the scheme is http://");
    }
    None
}

/// The path of a CA certificate in the operator's folder of a Secret or `ConfigMap` without name: that is what it makes of
/// a file name alone (`exporter.go`, v0.158.0).
fn certificate_nowhere(container: &Container, env: Environment<'_>) -> Option<String> {
    const FOLDER: &str = "/otel-auto-instrumentation-secret-/";
    let (value, _) = env.get("OTEL_EXPORTER_OTLP_CERTIFICATE")?;
    let is_mounted = container.volume_mounts.iter().any(|mount| FOLDER.starts_with(&*mount.mount_path));
    (value.text.starts_with(FOLDER) && !is_mounted).then_some(value.text)
}

/// The path of a CA certificate in a Secret or `ConfigMap` that does not have it, and which one that is.
fn certificate_without_key(case: &Case<'_>, env: Environment<'_>) -> Option<(String, String)> {
    let (value, _) = env.get("OTEL_EXPORTER_OTLP_CERTIFICATE")?;
    let rest = value.text.strip_prefix("/otel-auto-instrumentation-")?;
    let (kind, (name, key)) = match rest.strip_prefix("configmap-") {
        Some(path) => ("ConfigMap", path.split_once('/')?),
        None => ("Secret", rest.strip_prefix("secret-")?.split_once('/')?),
    };
    let namespace = &case.subject.id.namespace;
    let lacks_key = match kind {
        "ConfigMap" => case.cluster.config_map(namespace, name).found()?.value(key).is_absent(),
        _ => case.cluster.secret(namespace, name).found()?.has_key(key) == Some(false),
    };
    lacks_key.then(|| (value.text.clone(), format!("{kind} {namespace}/{name}")))
}

/// Whether the runtime is told to trust more than the public CAs.
fn trusts_another_ca(env: Environment<'_>, language: Language) -> bool {
    let variables: &[&str] = match language {
        Language::NodeJs => &["NODE_EXTRA_CA_CERTS"],
        Language::Python => &["REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"],
        Language::DotNet | Language::Go => &["SSL_CERT_FILE", "SSL_CERT_DIR"],
        _ => &[],
    };
    // A trust store of Java's is named by a property that may stand in any of these.
    let trust_store = || {
        ["JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS", "JAVA_OPTS"].iter().any(|name| {
            env.get(name).is_some_and(|(value, _)| value.text.contains("javax.net.ssl.trustStore"))
        })
    };
    variables.iter().any(|name| env.entry(name).is_some()) || (language == Language::Java && trust_store())
}
