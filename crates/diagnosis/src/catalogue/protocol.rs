//! Which protocol does an agent speak when nothing tells it?
//!
//! By the version of the agent image that runs, never by the Instrumentation's present one. Images of unknown origin or
//! version stay unknown. Sources: `docs/rfcs/instrumentation-v1beta1.md` of the operator, section 2, and the release notes of
//! the agents (Java 2.0, Node.js image 0.56.0, Go v0.8.0-alpha).

use std::fmt;

use facts::Language;
use injection::Version;

/// How OTLP is carried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// HTTP with protobuf or JSON; port 4318 by registration.
    Http,
    /// gRPC; port 4317 by registration.
    Grpc,
}

impl Protocol {
    /// The value of `OTEL_EXPORTER_OTLP_PROTOCOL`, or none where it says nothing that is known.
    pub fn parse(text: &str) -> Option<Self> {
        match text.trim().to_ascii_lowercase().as_str() {
            "grpc" => Some(Self::Grpc),
            "http/protobuf" | "http/json" => Some(Self::Http),
            _ => None,
        }
    }

    /// The port registered for it (IANA; OpenTelemetry specification, "OTLP/gRPC Default Port").
    pub const fn port(self) -> u16 {
        match self {
            Self::Http => 4318,
            Self::Grpc => 4317,
        }
    }

    /// The protocol that a port is registered for.
    pub const fn of_port(port: u16) -> Option<Self> {
        match port {
            4317 => Some(Self::Grpc),
            4318 => Some(Self::Http),
            _ => None,
        }
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Http => "http/protobuf",
            Self::Grpc => "grpc",
        })
    }
}

/// The protocol of a language's agent image where no variable says otherwise.
pub fn default_of(language: Language, image: &str) -> Option<Protocol> {
    let at_least = |minimum: [u16; 3], before, from| {
        let version = agent_version(language, image)?;
        let [major, minor, patch] = minimum;
        Some(if version >= (Version { major, minor, patch }) { from } else { before })
    };
    match language {
        Language::Java => at_least([2, 0, 0], Protocol::Grpc, Protocol::Http),
        Language::NodeJs => at_least([0, 56, 0], Protocol::Grpc, Protocol::Http),
        Language::Go => at_least([0, 8, 0], Protocol::Grpc, Protocol::Http),
        Language::Python | Language::DotNet => is_upstream(language, image).then_some(Protocol::Http),
        // The module links the gRPC exporter only, whatever the version.
        Language::ApacheHttpd | Language::Nginx => Some(Protocol::Grpc),
        Language::Sdk => None,
    }
}

/// The version of an agent, told by the tag of an image that is named like the operator's own; mirrors keep that name.
/// A suffix such as `-1` or `b0` is ignored.
pub fn agent_version(language: Language, image: &str) -> Option<Version> {
    is_upstream(language, image).then(|| tag_version(image)).flatten()
}

/// The leading number of an image's tag: `3.12` of `python:3.12-alpine`.
pub fn tag_version(image: &str) -> Option<Version> {
    let name = image.split('@').next()?;
    let (_, tag) = name.rsplit('/').next()?.split_once(':')?;
    let tag = tag.trim_start_matches('v');
    let end = tag.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(tag.len());
    let mut numbers = tag[..end].trim_end_matches('.').split('.').map(|number| number.parse::<u16>().ok());
    let major = numbers.next()??;
    let mut next = || numbers.next().unwrap_or(Some(0));
    Some(Version { major, minor: next()?, patch: next()? })
}

/// Whether an image is named like the operator's own of that language.
fn is_upstream(language: Language, image: &str) -> bool {
    let name = image.split('@').next().unwrap_or_default();
    let last = name.rsplit('/').next().unwrap_or_default();
    let repository = last.split(':').next().unwrap_or_default();
    repository.strip_prefix("autoinstrumentation-").is_some_and(|word| word == language.annotation_word())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_image_tells_the_protocol() {
        let upstream = "ghcr.io/open-telemetry/opentelemetry-operator/autoinstrumentation";
        for (language, image, want) in [
            (Language::Java, format!("{upstream}-java:2.30.0"), Some(Protocol::Http)),
            (Language::Java, format!("{upstream}-java:1.33.6"), Some(Protocol::Grpc)),
            (
                Language::Java,
                "registry.example.com/otel/autoinstrumentation-java:2.15.0-1".into(),
                Some(Protocol::Http),
            ),
            (Language::Java, "registry.example.com/vendor/java-agent:2.15.0".into(), None),
            (Language::Java, format!("{upstream}-java:latest"), None),
            (Language::Java, format!("{upstream}-java@sha256:0123"), None),
            (Language::NodeJs, format!("{upstream}-nodejs:0.53.0"), Some(Protocol::Grpc)),
            (Language::NodeJs, format!("{upstream}-nodejs:0.56.0"), Some(Protocol::Http)),
            (Language::Python, format!("{upstream}-python:0.64b0"), Some(Protocol::Http)),
            (Language::Go, "example.com/x/autoinstrumentation-go:v0.24.0".into(), Some(Protocol::Http)),
            (Language::Nginx, format!("{upstream}-apache-httpd:1.0.4"), Some(Protocol::Grpc)),
            (Language::Sdk, String::new(), None),
        ] {
            assert_eq!(default_of(language, &image), want, "{image}");
        }
    }
}
