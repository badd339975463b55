//! H10: the SDK is told to send nothing.

use api::{Certainty, ConditionType, Severity};
use facts::{Language, Pod};

use crate::case::Case;
use crate::catalogue::environment::{Place, is_own};
use crate::catalogue::remedy::named;
use crate::catalogue::remedy::remove_variable;
use crate::catalogue::targets::{TargetContainer, targets};
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `SignalsDisabledByConfiguration`.
pub static CAUSE: Cause = Cause {
    code: "IH-H010",
    reason: "SignalsDisabledByConfiguration",
    summary: "The SDK, its traces or its sampler are switched off by a setting.",
    condition: ConditionType::ExporterReachable,
    severities: &[Severity::Error, Severity::Info],
    certainties: &[Certainty::Certain],
    sight: Sight::Always("the container's variables and JVM flags"),
    since: "0.1.0",
    reads: &[],
    page: include_str!("signals_disabled_by_configuration.md"),
    check,
};

/// A share of traces so small that most services will seem to send none.
const TINY_RATIO: f64 = 0.001;

struct Off {
    severity: Severity,
    place: Place,
    value: String,
    means: &'static str,
}

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let mut pods: Vec<&'c Pod> = Vec::new();
    let mut worst: Option<(TargetContainer<'_, 'c>, Off)> = None;
    for target in targets(case) {
        let Some(off) = switched_off(&target) else { continue };
        pods.extend(target.pods());
        if worst.as_ref().is_none_or(|(_, known)| off.severity > known.severity) {
            worst = Some((target, off));
        }
    }
    let Some((target, off)) = worst else { return Vec::new() };
    let own = is_own(case.template, target.name, off.place.name());
    let source = if own { "the template".to_owned() } else { named(case, target.language) };
    let command = own.then(|| remove_variable(case, target.name, off.place.name())).flatten();
    let then = if command.is_some() { "" } else { ", then" };
    let command = command.unwrap_or_else(|| case.restart_command());
    vec![
        Found::new(&CAUSE, off.severity, Certainty::Certain)
            .message(format!(
                "{} in {} is {}, set by {source}: {}.",
                off.place.name(),
                target.who(),
                off.value,
                off.means
            ))
            .remedy(format!("Change it in {source}{then}"), command)
            .because(
                target.object(),
                format!("spec.containers[{}].{}", target.name, off.place.field()),
                &off.value,
            )
            .pods(pods),
    ]
}

fn switched_off(target: &TargetContainer<'_, '_>) -> Option<Off> {
    // Modules of web servers have settings of their own.
    if matches!(target.language, Language::ApacheHttpd | Language::Nginx) {
        return None;
    }
    let java = target.language == Language::Java;
    let is = |name: &str, words: &[&str]| {
        let (value, place) = target.env.setting(name, java)?;
        words.contains(&value.text.trim().to_ascii_lowercase().as_str()).then_some((place, value.text))
    };
    let error = |(place, value), means| Some(Off { severity: Severity::Error, place, value, means });
    if let Some(found) = is("OTEL_SDK_DISABLED", &["true"]) {
        return error(found, "the SDK sends nothing");
    }
    if let Some(found) = is("OTEL_JAVAAGENT_ENABLED", &["false"]).filter(|_| java) {
        return error(found, "the Java agent does nothing");
    }
    if let Some(found) = is("OTEL_TRACES_EXPORTER", &["none"]) {
        return error(found, "no traces are sent");
    }
    // `logging-otlp` is left out: what it prints is meant to be collected.
    if let Some(found) = is("OTEL_TRACES_EXPORTER", &["console", "logging"]) {
        return error(found, "traces are printed into the container's log, and sent nowhere");
    }
    if let Some(found) = is("OTEL_TRACES_SAMPLER", &["always_off", "parentbased_always_off"]) {
        return error(found, "no trace is begun here");
    }
    let sampler = is("OTEL_TRACES_SAMPLER", &["traceidratio", "parentbased_traceidratio"])?;
    let (value, place) = target.env.setting("OTEL_TRACES_SAMPLER_ARG", java)?;
    let ratio: f64 = value.text.trim().parse().ok()?;
    let _ = sampler;
    if ratio <= 0.0 {
        return error((place, value.text), "the sampler takes no trace at all");
    }
    let means = "the sampler takes so few traces that there may seem to be none";
    (ratio < TINY_RATIO).then_some(Off { severity: Severity::Info, place, value: value.text, means })
}
