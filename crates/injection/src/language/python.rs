//! Python: packages in front of `PYTHONPATH`.
//!
//! `internal/instrumentation/python.go`, v0.158.0.

use crate::inject::Injection;
use crate::language::agent;
use crate::pod::{Container, EnvVar, Pod};
use crate::releases::Rule;
use crate::target::SkipReason;
use crate::units::Unit;

/// The variable that loads the packages.
pub(crate) const HOOK: &str = "PYTHONPATH";
/// Checked variables that an injection sets.
pub(crate) const MADE: [&str; 1] = [HOOK];
/// The annotation that chooses the C library.
pub(crate) const PLATFORM: &str = "instrumentation.opentelemetry.io/otel-python-platform";

/// The folder of the agent image to copy; none for a platform that is not supported.
pub(crate) fn source_folder(platform: &str) -> Option<&'static str> {
    match platform {
        "" | "glibc" => Some("/autoinstrumentation/."),
        "musl" => Some("/autoinstrumentation-musl/."),
        _ => None,
    }
}

pub(crate) fn check(unit: &mut Unit<'_>, platform: &str) -> Result<(), SkipReason> {
    super::refuse_references(unit, &[HOOK])?;
    match source_folder(platform) {
        Some(_) => Ok(()),
        None => Err(SkipReason::PythonPlatform(platform.into())),
    }
}

/// Mount and variables of a target, the hook among them, before the common ones. A `PYTHONPATH` that
/// `spec.python.env` takes from a reference gets a value beside it, which the API server refuses.
pub(crate) fn begin(injection: &Injection<'_>, container: &mut Container) {
    let names = agent::names(injection.language, injection.release);
    let env = container.env();
    env.append_all_if_not_set(&injection.spec.python.env);
    let start = format!("{}/opentelemetry/instrumentation/auto_instrumentation", names.folder);
    let end = names.folder;
    match env.position(HOOK) {
        None => env.append(EnvVar::literal(HOOK, format!("{start}:{end}"))),
        Some(index) => env.set_value(index, format!("{start}:{}:{end}", env.value(HOOK))),
    }
    container.mount(names.volume, names.folder);
}

/// What the image can export, after the common variables.
pub(crate) fn defaults(injection: &Injection<'_>, container: &mut Container) {
    const PROTOCOL: &str = "http/protobuf";
    let (traces, metrics, logs) = ("OTEL_TRACES_EXPORTER", "OTEL_METRICS_EXPORTER", "OTEL_LOGS_EXPORTER");
    let defaults: &[(&str, &str)] = if !injection.release.follows(Rule::PythonOneProtocol) {
        &[
            (traces, "otlp"),
            ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", PROTOCOL),
            (metrics, "otlp"),
            ("OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", PROTOCOL),
        ]
    } else if !injection.release.follows(Rule::PythonLogs) {
        &[("OTEL_EXPORTER_OTLP_PROTOCOL", PROTOCOL), (traces, "otlp"), (metrics, "otlp")]
    } else {
        &[("OTEL_EXPORTER_OTLP_PROTOCOL", PROTOCOL), (traces, "otlp"), (metrics, "otlp"), (logs, "otlp")]
    };
    let env = container.env();
    for (name, value) in defaults {
        env.append_if_not_set(EnvVar::literal(name, *value));
    }
}

/// Volume and init container. For a platform that is not supported it copies from nowhere, and fails.
pub(crate) fn add_agent(injection: &Injection<'_>, pod: &mut Pod, first_target: &str) {
    let source = source_folder(injection.flavour).unwrap_or_default();
    agent::add(injection, pod, &agent::copy_command(injection, source), first_target);
}
