//! B9: the Instrumentation still has the resources that an old operator filled in.

use api::{Certainty, ConditionType, Severity};
use facts::{InputKind, Language};
use injection::Rule;
use serde_json::{Value, json};

use super::used::{object, stored};
use crate::case::Case;
use crate::catalogue::admission::instrumentation_remedy::{patch, resources, resources_field};
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `InstrumentationFrozenDefaults`.
pub static CAUSE: Cause = Cause {
    code: "IH-B009",
    reason: "InstrumentationFrozenDefaults",
    summary: "The Instrumentation still has the small resources that an old operator filled in.",
    condition: ConditionType::InstrumentationResolved,
    severities: &[Severity::Info],
    certainties: &[Certainty::Likely],
    sight: Sight::Always(
        "the Instrumentation's values are those that an earlier operator wrote as defaults; a user may have chosen the same, so it is likely, not certain",
    ),
    since: "0.1.0",
    reads: &[InputKind::Instrumentations],
    page: include_str!("instrumentation_frozen_defaults.md"),
    check,
};

/// Memory limits that operators filled in before 0.122 (request and limit alike, 500m CPU), as recorded with 0.85 to 0.120.
const fn old_memory(language: Language) -> &'static [&'static str] {
    match language {
        Language::Java => &["64Mi"],
        Language::Python | Language::Go => &["32Mi", "64Mi"],
        Language::NodeJs | Language::DotNet | Language::ApacheHttpd | Language::Nginx => &["128Mi"],
        Language::Sdk => &[],
    }
}

/// The limit since 0.122.
const NEW_MEMORY: &str = "256Mi";

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    if !case.operator.config.release.follows(Rule::ServiceNamespace) {
        return Vec::new();
    }
    let frozen = stored(case).into_iter().find_map(|(language, instrumentation)| {
        let spec = instrumentation.spec.language(language)?;
        let stored = if language == Language::Java { &spec.resources } else { &spec.resource_requirements };
        old_default(stored.as_ref()?, language).map(|memory| (language, instrumentation, memory))
    });
    let Some((language, instrumentation, memory)) = frozen else { return Vec::new() };
    let field = resources_field(language).unwrap_or_default();
    let raise = resources(language, json!({ "limits": { "memory": NEW_MEMORY } }));
    let command = raise.and_then(|spec| patch(case, language, &spec)).unwrap_or_default();
    vec![
        Found::new(&CAUSE, Severity::Info, Certainty::Likely)
            .message(format!(
                "Instrumentation {} limits the {language} agent container to {memory} of memory, the default of operators before 0.122; it is {NEW_MEMORY} now, and upgrades do not change what is stored.",
                instrumentation.full_name(),
            ))
            .remedy("Raise it before the container runs out of memory", command)
            .because(object(case, instrumentation), format!("{field}.limits.memory"), memory),
    ]
}

/// The memory limit, if limits and requests are those of an old default.
fn old_default(stored: &Value, language: Language) -> Option<&'static str> {
    let at = |path: &str| stored.pointer(path).and_then(Value::as_str);
    let memory = old_memory(language).iter().find(|memory| at("/limits/memory") == Some(**memory))?;
    let as_filled_in = at("/requests/memory") == Some(*memory) && at("/limits/cpu") == Some("500m");
    as_filled_in.then_some(*memory)
}
