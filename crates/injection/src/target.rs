//! What happens to a container, and why nothing?

use std::sync::Arc;

/// A container that a language means.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// Name; for Go the name in the list, which need not exist.
    pub container: Arc<str>,
    /// Whether it is an init container.
    pub is_init: bool,
    /// What happens to it.
    pub outcome: TargetOutcome,
}

/// What happens to a container.
#[derive(Clone, Debug, PartialEq)]
pub enum TargetOutcome {
    /// The agent is mounted and hooked in. Go: the sidecar is added. Apache and nginx: only the first of several
    /// targets gets the module, see [`TargetOutcome::InjectedEnvironmentOnly`]. SDK: the environment is set.
    Injected,
    /// Mount and environment are there, but the hook variable is left alone because its value is a reference from the
    /// Instrumentation: the agent never starts.
    InjectedWithoutHook {
        /// The hook variable.
        variable: &'static str,
    },
    /// A second target of Apache or nginx: environment only, no module.
    InjectedEnvironmentOnly,
    /// Nothing is done to it.
    Skipped(SkipReason),
}

impl TargetOutcome {
    /// Whether the container is changed.
    pub const fn is_injected(&self) -> bool {
        !matches!(self, Self::Skipped(_))
    }
}

/// Why a container is left alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SkipReason {
    /// The container has a variable of the agent with `valueFrom`.
    ValueFrom(&'static str),
    /// `otel-python-platform` has another value than `glibc` and `musl`.
    PythonPlatform(Arc<str>),
    /// `otel-dotnet-auto-runtime` has another value than `linux-x64` and `linux-musl-x64`.
    DotNetRuntime(Arc<str>),
    /// `OTEL_DOTNET_AUTO_HOME` is set in the container.
    DotNetHomeInContainer,
    /// `OTEL_DOTNET_AUTO_HOME` is set in the Instrumentation.
    DotNetHomeInInstrumentation,
    /// Go, Apache and nginx take no init containers.
    InitContainer,
    /// Go: `shareProcessNamespace: false`.
    ProcessNamespaceNotShared,
    /// Go: the Pod names several containers.
    GoSeveralContainers,
    /// Go: nothing says which program to watch.
    GoTargetMissing,
}

impl SkipReason {
    /// The operator's own words (`internal/instrumentation/{sdk,helper,python,dotnet,golang}.go`, v0.158.0).
    pub fn operator_text(&self) -> String {
        match self {
            Self::ValueFrom(variable) => {
                format!("the container defines env var value via ValueFrom, envVar: {variable}")
            }
            Self::PythonPlatform(value) => format!(
                "provided instrumentation.opentelemetry.io/otel-python-platform annotation value '{value}' is not supported"
            ),
            // The text names a key that does not exist.
            Self::DotNetRuntime(value) => {
                format!(
                    "provided instrumentation.opentelemetry.io/dotnet-runtime annotation value '{value}' is not supported"
                )
            }
            Self::DotNetHomeInContainer => {
                "OTEL_DOTNET_AUTO_HOME environment variable is already set in the container".to_owned()
            }
            Self::DotNetHomeInInstrumentation => {
                "OTEL_DOTNET_AUTO_HOME environment variable is already set in the .NET instrumentation spec"
                    .to_owned()
            }
            Self::InitContainer => "is init container".to_owned(),
            Self::ProcessNamespaceNotShared => {
                "shared process namespace has been explicitly disabled".to_owned()
            }
            Self::GoSeveralContainers => {
                "go instrumentation cannot be injected into a pod, multiple containers configured".to_owned()
            }
            Self::GoTargetMissing => "OTEL_GO_AUTO_TARGET_EXE not set".to_owned(),
        }
    }
}
