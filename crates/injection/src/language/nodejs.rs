//! Node.js: a package and `NODE_OPTIONS`.
//!
//! `internal/instrumentation/nodejs.go`, v0.158.0.

use crate::inject::Injection;
use crate::language::{agent, java};
use crate::pod::{Container, EnvVar, Pod};
use crate::releases::Rule;
use crate::target::SkipReason;
use crate::units::Unit;

/// The variable that loads the package.
pub(crate) const HOOK: &str = "NODE_OPTIONS";
/// Checked variables that an injection sets.
pub(crate) const MADE: [&str; 1] = [HOOK];

pub(crate) fn check(unit: &mut Unit<'_>) -> Result<(), SkipReason> {
    super::refuse_references(unit, &[HOOK])
}

/// Mount and variables of a target, before the common ones.
pub(crate) fn begin(injection: &Injection<'_>, container: &mut Container) {
    let names = agent::names(injection.language, injection.release);
    container.env().append_all_if_not_set(&injection.spec.nodejs.env);
    container.mount(names.volume, names.folder);
}

/// The hook, after the common variables. A reference is left alone.
pub(crate) fn hook(injection: &Injection<'_>, container: &mut Container) {
    let folder = agent::names(injection.language, injection.release).folder;
    java::extend(injection, container, HOOK, &format!(" --require {folder}/autoinstrumentation.js"));
    if injection.release.follows(Rule::NodeMetrics) {
        container.env().append_if_not_set(EnvVar::literal("OTEL_METRICS_EXPORTER", "otlp"));
    }
}

/// Volume and init container.
pub(crate) fn add_agent(injection: &Injection<'_>, pod: &mut Pod, first_target: &str) {
    agent::add(injection, pod, &agent::copy_command(injection, "/autoinstrumentation/."), first_target);
}
