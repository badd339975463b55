//! .NET: a profiler and a start-up hook.
//!
//! `internal/instrumentation/dotnet.go`, v0.158.0.

use facts::InstrumentationSpec;

use crate::inject::Injection;
use crate::language::agent;
use crate::pod::{Container, EnvVar, Pod};
use crate::releases::Rule;
use crate::target::SkipReason;
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

pub(crate) fn check(
    unit: &mut Unit<'_>,
    spec: &InstrumentationSpec,
    runtime: &str,
) -> Result<(), SkipReason> {
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

/// Mount and variables of a target, before the common ones.
pub(crate) fn begin(injection: &Injection<'_>, container: &mut Container) {
    let names = agent::names(injection.language, injection.release);
    container.env().append_all_if_not_set(&injection.spec.dotnet.env);
    container.mount(names.volume, names.folder);
}

/// Profiler and hooks, after the common variables. Those of the profiler are left to the user.
pub(crate) fn hook(injection: &Injection<'_>, container: &mut Container) {
    let folder = agent::names(injection.language, injection.release).folder;
    let is_musl = Runtime::parse(injection.flavour) == Some(Runtime::Musl);
    let library = match (injection.release.follows(Rule::DotNetFolders), is_musl) {
        (true, false) => "linux",
        (true, true) => "linux-musl",
        (false, false) => "linux-x64",
        (false, true) => "linux-musl-x64",
    };
    let env = container.env();
    env.append_if_not_set(EnvVar::literal("CORECLR_ENABLE_PROFILING", "1"));
    env.append_if_not_set(EnvVar::literal("CORECLR_PROFILER", "{918728DD-259F-4A6A-AC2B-B85E1B658318}"));
    let profiler = format!("{folder}/{library}/OpenTelemetry.AutoInstrumentation.Native.so");
    env.append_if_not_set(EnvVar::literal("CORECLR_PROFILER_PATH", profiler));
    extend(
        injection,
        container,
        HOOK,
        &format!("{folder}/net/OpenTelemetry.AutoInstrumentation.StartupHook.dll"),
    );
    extend(injection, container, EXTENDED[1], &format!("{folder}/AdditionalDeps"));
    container.env().append_if_not_set(EnvVar::literal(HOME, folder));
    extend(injection, container, EXTENDED[2], &format!("{folder}/store"));
}

/// Appends to a list, or adds it. A reference is left alone.
fn extend(injection: &Injection<'_>, container: &mut Container, variable: &str, path: &str) {
    let env = container.env();
    match env.position(variable) {
        None => env.append(EnvVar::literal(variable, path)),
        Some(index) => env.change(index, |var| {
            if var.value_from.is_none() || !injection.release.follows(Rule::SpecEnvKept) {
                var.value = format!("{}:{path}", var.value).into();
            }
        }),
    }
}

/// Volume and init container.
pub(crate) fn add_agent(injection: &Injection<'_>, pod: &mut Pod, first_target: &str) {
    agent::add(injection, pod, &agent::copy_command(injection, "/autoinstrumentation/."), first_target);
}
