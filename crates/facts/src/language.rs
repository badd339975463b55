//! Which languages can the operator inject, and under which names?

use std::fmt;

/// The eight kinds of injection, in the order in which the operator looks them up and injects them
/// (`internal/instrumentation/podmutator.go`, v0.158.0).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Language {
    /// Java agent.
    Java,
    /// Node.js SDK.
    NodeJs,
    /// Python SDK.
    Python,
    /// .NET SDK.
    DotNet,
    /// Go eBPF agent, a sidecar.
    Go,
    /// Apache HTTP server module.
    ApacheHttpd,
    /// nginx module.
    Nginx,
    /// Configuration of an SDK that the application brings itself: environment only.
    Sdk,
}

impl Language {
    /// All of them, in the operator's order.
    pub const ALL: [Self; 8] = [
        Self::Java,
        Self::NodeJs,
        Self::Python,
        Self::DotNet,
        Self::Go,
        Self::ApacheHttpd,
        Self::Nginx,
        Self::Sdk,
    ];

    /// The word used in annotations: `inject-<word>`.
    pub const fn annotation_word(self) -> &'static str {
        match self {
            Self::Java => "java",
            Self::NodeJs => "nodejs",
            Self::Python => "python",
            Self::DotNet => "dotnet",
            Self::Go => "go",
            Self::ApacheHttpd => "apache-httpd",
            Self::Nginx => "nginx",
            Self::Sdk => "sdk",
        }
    }

    /// The block of an Instrumentation's spec; none for SDK.
    pub const fn spec_field(self) -> Option<&'static str> {
        match self {
            Self::Java => Some("java"),
            Self::NodeJs => Some("nodejs"),
            Self::Python => Some("python"),
            Self::DotNet => Some("dotnet"),
            Self::Go => Some("go"),
            Self::ApacheHttpd => Some("apacheHttpd"),
            Self::Nginx => Some("nginx"),
            Self::Sdk => None,
        }
    }

    /// The annotation that asks for it.
    pub const fn inject_key(self) -> &'static str {
        match self {
            Self::Java => "instrumentation.opentelemetry.io/inject-java",
            Self::NodeJs => "instrumentation.opentelemetry.io/inject-nodejs",
            Self::Python => "instrumentation.opentelemetry.io/inject-python",
            Self::DotNet => "instrumentation.opentelemetry.io/inject-dotnet",
            Self::Go => "instrumentation.opentelemetry.io/inject-go",
            Self::ApacheHttpd => "instrumentation.opentelemetry.io/inject-apache-httpd",
            Self::Nginx => "instrumentation.opentelemetry.io/inject-nginx",
            Self::Sdk => "instrumentation.opentelemetry.io/inject-sdk",
        }
    }

    /// The annotation that names its target containers. nginx's is odd: there is no `nginx-container-names`
    /// (`internal/instrumentation/annotation.go`, v0.158.0).
    pub const fn container_names_key(self) -> &'static str {
        match self {
            Self::Java => "instrumentation.opentelemetry.io/java-container-names",
            Self::NodeJs => "instrumentation.opentelemetry.io/nodejs-container-names",
            Self::Python => "instrumentation.opentelemetry.io/python-container-names",
            Self::DotNet => "instrumentation.opentelemetry.io/dotnet-container-names",
            Self::Go => "instrumentation.opentelemetry.io/go-container-names",
            Self::ApacheHttpd => "instrumentation.opentelemetry.io/apache-httpd-container-names",
            Self::Nginx => "instrumentation.opentelemetry.io/inject-nginx-container-names",
            Self::Sdk => "instrumentation.opentelemetry.io/sdk-container-names",
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.annotation_word())
    }
}
