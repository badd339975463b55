//! .NET: a profiler and a start-up hook.
//!
//! `internal/instrumentation/dotnet.go`, v0.158.0.

use facts::InstrumentationSpec;

use crate::decision::SkipReason;
use crate::units::Unit;

/// The variable that loads the managed part.
pub(crate) const HOOK: &str = "DOTNET_STARTUP_HOOKS";
/// Set on every injected container; a container that has it counts as instrumented.
pub(crate) const HOME: &str = "OTEL_DOTNET_AUTO_HOME";
/// Variables that are extended, not replaced.
pub(crate) const EXTENDED: [&str; 3] = [HOOK, "DOTNET_ADDITIONAL_DEPS", "DOTNET_SHARED_STORE"];
/// Checked variables that an injection sets.
pub(crate) const MADE: [&str; 4] = [HOOK, "DOTNET_ADDITIONAL_DEPS", "DOTNET_SHARED_STORE", HOME];
/// The annotation that chooses the runtime.
pub(crate) const RUNTIME: &str = "instrumentation.opentelemetry.io/otel-dotnet-auto-runtime";

/// The C library of a runtime identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Runtime {
    Glibc,
    Musl,
}

impl Runtime {
    /// Reads the annotation; none for a runtime that is not supported.
    pub(crate) fn parse(runtime: &str) -> Option<Self> {
        match runtime {
            "" | "linux-x64" => Some(Self::Glibc),
            "linux-musl-x64" => Some(Self::Musl),
            _ => None,
        }
    }
}

pub(crate) fn check(unit: &mut Unit<'_>, spec: &InstrumentationSpec, runtime: &str) -> Result<(), SkipReason> {
    super::refuse_references(unit, &EXTENDED)?;
    if unit.source(HOME).is_some() {
        return Err(SkipReason::DotNetHomeInContainer);
    }
    if spec.dotnet.env.iter().any(|var| &*var.name == HOME) {
        return Err(SkipReason::DotNetHomeInInstrumentation);
    }
    match Runtime::parse(runtime) {
        Some(_) => Ok(()),
        None => Err(SkipReason::DotNetRuntime(runtime.into())),
    }
}
