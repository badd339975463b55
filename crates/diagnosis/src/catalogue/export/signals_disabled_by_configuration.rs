//! H10: the SDK is told to send nothing.

use api::{Certainty, ConditionType, Severity};
use facts::{Language, Pod};
use serde_json::json;

use crate::case::Case;
use crate::catalogue::environment::Place;
use crate::catalogue::remedy::{
    and_restart, instrumentation, named, object, patch_instrumentation, remove_variable,
};
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
    let source = source(case, &target, &off);
    let (words, command) = if off.place.is_injected(case.template, target.name) {
        in_instrumentation(case, &target, &off, &source)
    } else {
        in_template(case, &target, &off, &source)
    };
    vec![
        Found::new(&CAUSE, off.severity, Certainty::Certain)
            .message(format!(
                "{} in {} is {}, set by {source}: {}.",
                off.place.name(),
                target.who(),
                off.value,
                off.means
            ))
            .remedy(words, command)
            .because(
                target.object(),
                format!("spec.containers[{}].{}", target.name, off.place.field()),
                &off.value,
            )
            .pods(pods),
    ]
}

/// Who says so.
fn source(case: &Case<'_>, target: &TargetContainer<'_, '_>, off: &Off) -> String {
    if off.place.is_injected(case.template, target.name) {
        return named(case, target.language);
    }
    let map = matches!(off.place, Place::EnvFrom(_)).then(|| target.env.source(off.place.name())).flatten();
    map.map_or_else(|| "the template".to_owned(), |map| format!("{} {}", map.kind, map.name))
}

fn in_template(
    case: &Case<'_>,
    target: &TargetContainer<'_, '_>,
    off: &Off,
    source: &str,
) -> (String, String) {
    let name = off.place.name();
    let words = format!("Take {name} out of {source}");
    match off.place {
        Place::EnvFrom(_) => (format!("{words}, then"), case.restart_command()),
        Place::Property(_) => (words, case.edit_command()),
        Place::Variable(_) => {
            (words, remove_variable(case, target.name, name).unwrap_or_else(|| case.edit_command()))
        }
    }
}

fn in_instrumentation(
    case: &Case<'_>,
    target: &TargetContainer<'_, '_>,
    off: &Off,
    source: &str,
) -> (String, String) {
    let name = off.place.name();
    let Some((namespace, instrumentation)) = instrumentation(case, target.language) else {
        return (format!("Change it in {source}, then"), case.restart_command());
    };
    let sampler = object(case, target.language).map(|object| &object.spec.sampler);
    let patch = sampler.and_then(|sampler| match name {
        "OTEL_TRACES_SAMPLER" if *sampler.kind == *off.value => {
            Some(json!({"sampler": {"type": "parentbased_always_on"}}))
        }
        "OTEL_TRACES_SAMPLER_ARG" if *sampler.argument == *off.value => {
            Some(json!({"sampler": {"argument": "1"}}))
        }
        _ => None,
    });
    if let Some(command) = patch.and_then(|patch| patch_instrumentation(case, target.language, &patch)) {
        return ("Let it take all traces (or as many as are wanted)".to_owned(), command);
    }
    let edit = format!("kubectl -n {namespace} edit instrumentation {instrumentation}");
    (format!("Take {name} out of {source}"), and_restart(case, edit))
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
    if let Some(found) = of_language(target, &is) {
        return error(found.0, found.1);
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

/// Switches that one language's agent has for all of its traces (its documentation of variables).
fn of_language(
    target: &TargetContainer<'_, '_>,
    is: &impl Fn(&str, &[&str]) -> Option<(Place, String)>,
) -> Option<((Place, String), &'static str)> {
    let off = |name: &str, word: &str, means| is(name, &[word]).map(|found| (found, means));
    match target.language {
        Language::DotNet => off("OTEL_DOTNET_AUTO_TRACES_ENABLED", "false", "no traces are made"),
        Language::Python => off(
            "OTEL_PYTHON_DISABLED_INSTRUMENTATIONS",
            "*",
            "no library is instrumented, so no traces are made",
        ),
        _ => None,
    }
}
