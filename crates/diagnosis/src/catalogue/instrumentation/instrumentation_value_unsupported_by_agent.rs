//! B8: a propagator or sampler that the agent of this language does not know.

use api::{Certainty, ConditionType, Severity};
use facts::{Container, Language, PodShape};
use serde_json::json;

use crate::case::Case;
use crate::catalogue::remedy;
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `InstrumentationValueUnsupportedByAgent`.
pub static CAUSE: Cause = Cause {
    code: "IH-B008",
    reason: "InstrumentationValueUnsupportedByAgent",
    summary: "A propagator or sampler is set that the agent of this language does not know.",
    condition: ConditionType::ExporterReachable,
    severities: &[Severity::Warning],
    certainties: &[Certainty::Hint],
    sight: Sight::HintOnly(
        "whether the agent's image brings a propagator or sampler does not show; named for values that official images do not have",
    ),
    since: "0.1.0",
    reads: &[],
    page: include_str!("instrumentation_value_unsupported_by_agent.md"),
    check,
};

const PROPAGATORS: &str = "OTEL_PROPAGATORS";
const SAMPLER: &str = "OTEL_TRACES_SAMPLER";

/// Propagators of the CRD's list that an agent does not bring along: Node.js `@opentelemetry/sdk-node`, .NET
/// `OpenTelemetry.AutoInstrumentation`. Java and Python bring all of them.
const fn unknown_propagators(language: Language) -> &'static [&'static str] {
    match language {
        Language::NodeJs => &["xray", "ottrace"],
        Language::DotNet => &["xray", "ottrace", "jaeger"],
        _ => &[],
    }
}

/// Samplers of the CRD's list that an agent does not bring along.
const fn unknown_samplers(language: Language) -> &'static [&'static str] {
    match language {
        Language::Java => &["xray"],
        Language::NodeJs | Language::Python | Language::DotNet => {
            &["jaeger_remote", "parentbased_jaeger_remote", "xray"]
        }
        _ => &[],
    }
}

/// A setting that an agent does not know.
struct Unsupported {
    language: Language,
    container: String,
    variable: &'static str,
    value: String,
    unknown: String,
}

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let shown = |shape: &PodShape, group: &crate::case::Group<'c>| {
        let marked = group.marks.containers.iter();
        let agents = marked
            .flat_map(|marks| marks.agents.iter().filter_map(move |a| Some((a.language?, &marks.name))));
        agents.into_iter().find_map(|(language, name)| {
            let container = shape.spec.containers.iter().find(|container| container.name == *name)?;
            unsupported(language, container)
        })
    };
    let mut groups = case.injected_groups().filter_map(|group| Some((group, shown(group.shape, group)?)));
    let Some((group, first)) = groups.next() else { return Vec::new() };
    let Some(pod) = group.pods.first() else { return Vec::new() };
    let Unsupported { language, container, variable, value, unknown } = first;
    let (what, spec) = if variable == PROPAGATORS {
        ("propagator", json!({ "propagators": ["tracecontext", "baggage"] }))
    } else {
        ("sampler", json!({ "sampler": { "type": "parentbased_always_on" } }))
    };
    let command = remedy::patch_instrumentation(case, language, &spec).unwrap_or_default();
    vec![
        Found::new(&CAUSE, Severity::Warning, Certainty::Hint)
            .message(format!(
                "The {language} agent in container {container} of {} is told to use {what} {unknown}, which it does not bring along: it may ignore it or not start.",
                case.subject.id.slug(),
            ))
            .remedy("Keep to what every agent knows, if nothing else needs it", command)
            .because(format!("Pod/{}", pod.name), format!("spec.containers[{container}].env[{variable}]"), value)
            .pods(group.pods.iter().copied().chain(groups.flat_map(|(group, _)| group.pods.clone()))),
    ]
}

fn unsupported(language: Language, container: &Container) -> Option<Unsupported> {
    let found = |variable: &'static str, known: &[&str]| {
        let value = container.env_var(variable)?.literal();
        let unknown: Vec<&str> =
            value.split(',').map(str::trim).filter(|name| known.contains(name)).collect();
        (!unknown.is_empty()).then(|| Unsupported {
            language,
            container: container.name.to_string(),
            variable,
            value: value.to_owned(),
            unknown: unknown.join(", "),
        })
    };
    found(PROPAGATORS, unknown_propagators(language)).or_else(|| found(SAMPLER, unknown_samplers(language)))
}
