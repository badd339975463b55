//! B6: the Instrumentation was applied with a field that does not exist, and the API server dropped it.

use api::{Certainty, ConditionType, Severity};
use facts::{InputKind, Instrumentation, LAST_APPLIED, Language};
use serde_json::{Map, Value};

use super::schema::{SPEC, fields, meant};
use super::used::{applied, is_owned, object, stored};
use crate::case::Case;
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `InstrumentationUnknownField`.
pub static CAUSE: Cause = Cause {
    code: "IH-B006",
    reason: "InstrumentationUnknownField",
    summary: "The Instrumentation was applied with a field that does not exist and was dropped.",
    condition: ConditionType::InstrumentationResolved,
    severities: &[Severity::Info],
    certainties: &[Certainty::Certain, Certainty::Likely],
    sight: Sight::Always(
        "the last applied configuration of the Instrumentation, against what is stored; where it was not made with kubectl apply, it does not show",
    ),
    since: "0.1.0",
    reads: &[InputKind::Instrumentations],
    page: include_str!("instrumentation_unknown_field.md"),
    check,
};

/// A field that was applied and is not there.
struct Dropped {
    path: String,
    meant: Option<String>,
}

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let used = stored(case);
    let mut seen: Vec<String> = Vec::new();
    let mut found = Vec::new();
    for (_, instrumentation) in &used {
        let name = instrumentation.full_name();
        if seen.contains(&name) {
            continue;
        }
        let languages: Vec<Language> = used
            .iter()
            .filter(|(_, other)| other.full_name() == name)
            .map(|(language, _)| *language)
            .collect();
        found.extend(on(case, instrumentation, &languages));
        seen.push(name);
    }
    found.truncate(1);
    found
}

fn on<'c>(case: &Case<'c>, instrumentation: &Instrumentation, languages: &[Language]) -> Option<Found<'c>> {
    let dropped = dropped(instrumentation, languages);
    let first = dropped.first()?;
    let metadata = &instrumentation.metadata.metadata;
    let certainty = if instrumentation.metadata.managed_fields.is_empty() {
        Certainty::Likely
    } else {
        Certainty::Certain
    };
    let list = dropped.iter().map(|field| &*field.path).collect::<Vec<_>>().join(", ");
    let hint =
        first.meant.as_ref().map(|meant| format!("; most likely {meant} was meant")).unwrap_or_default();
    let mut found = Found::new(&CAUSE, Severity::Info, certainty)
        .message(format!(
            "Instrumentation {} was applied with {list}, which does not exist and was dropped, so it has no effect{hint}.",
            instrumentation.full_name(),
        ))
        .remedy(
            "Correct the source, and apply it with --validate=strict, which refuses unknown fields",
            format!("kubectl -n {} explain instrumentation.spec", metadata.namespace),
        );
    for field in &dropped {
        found = found.because(
            object(case, instrumentation),
            format!("metadata.annotations[{LAST_APPLIED}]: {}", field.path),
            field.meant.as_deref().map_or_else(
                || "not in the schema".to_owned(),
                |meant| format!("not in the schema; {meant} is"),
            ),
        );
    }
    Some(found)
}

/// The fields of the spec, and of the blocks that matter to these languages, that were applied and are not stored.
fn dropped(instrumentation: &Instrumentation, languages: &[Language]) -> Vec<Dropped> {
    let Some(spec) = applied(instrumentation) else { return Vec::new() };
    let mut dropped = unknown(&spec, SPEC, "spec", instrumentation, &["f:spec"]);
    for (block, value) in &spec {
        let is_language = Language::ALL.iter().find(|language| language.spec_field() == Some(block));
        if is_language.is_some_and(|language| !languages.contains(language)) {
            continue;
        }
        if let (Some(known), Some(inner)) = (fields(block), value.as_object()) {
            let managed = format!("f:{block}");
            let path = format!("spec.{block}");
            dropped.extend(unknown(inner, &known, &path, instrumentation, &["f:spec", &managed]));
            for (name, value) in inner {
                if let (Some(known), Some(deeper)) = (fields(&format!("{block}.{name}")), value.as_object()) {
                    let owned = ["f:spec", &managed, &format!("f:{name}")];
                    dropped.extend(unknown(
                        deeper,
                        &known,
                        &format!("{path}.{name}"),
                        instrumentation,
                        &owned,
                    ));
                }
            }
        }
    }
    dropped
}

fn unknown(
    object: &Map<String, Value>,
    known: &[&'static str],
    path: &str,
    instrumentation: &Instrumentation,
    managed: &[&str],
) -> Vec<Dropped> {
    let strange = object.iter().filter(|(name, value)| !known.contains(&name.as_str()) && !value.is_null());
    // A newer schema may know more fields than this table: what somebody owns is stored.
    let is_stored = |name: &str| {
        let field = format!("f:{name}");
        let path: Vec<&str> = managed.iter().copied().chain([&*field]).collect();
        is_owned(instrumentation, &path)
    };
    strange
        .filter(|(name, _)| !is_stored(name))
        .map(|(name, _)| Dropped {
            path: format!("{path}.{name}"),
            meant: meant(name, known).map(|meant| format!("{path}.{meant}")),
        })
        .collect()
}
