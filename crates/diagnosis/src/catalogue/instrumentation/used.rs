//! Which Instrumentations do the languages of a workload resolve to?

use std::sync::Arc;

use facts::{Instrumentation, LAST_APPLIED, Language};
use serde_json::{Map, Value};

use crate::case::Case;

/// The languages that are asked for and resolve to an Instrumentation that the API server holds, with it. Manifests are
/// left out: the operator has not touched them yet.
pub fn stored<'s>(case: &'s Case<'_>) -> Vec<(Language, &'s Arc<Instrumentation>)> {
    let mut used: Vec<(Language, &Arc<Instrumentation>)> = Vec::new();
    let decisions = case.restart.iter().chain(case.groups.iter().filter_map(|group| group.decision.as_ref()));
    for language in decisions.flat_map(|decision| &decision.languages) {
        let Some(instrumentation) = &language.instrumentation else { continue };
        let is_stored = !instrumentation.metadata.metadata.uid.is_empty();
        if is_stored && !used.iter().any(|(known, _)| *known == language.language) {
            used.push((language.language, instrumentation));
        }
    }
    used
}

/// `Instrumentation/name`, or `Instrumentation/namespace/name` where it stands in another namespace.
pub fn object(case: &Case<'_>, instrumentation: &Instrumentation) -> String {
    let metadata = &instrumentation.metadata.metadata;
    if metadata.namespace == case.subject.id.namespace {
        format!("Instrumentation/{}", metadata.name)
    } else {
        format!("Instrumentation/{}/{}", metadata.namespace, metadata.name)
    }
}

/// The spec that `kubectl apply` was given last.
pub fn applied(instrumentation: &Instrumentation) -> Option<Map<String, Value>> {
    let text = instrumentation.metadata.metadata.annotations.get(LAST_APPLIED)?;
    let applied: Value = serde_json::from_str(text).ok()?;
    applied.get("spec").and_then(Value::as_object).cloned()
}

/// Whether somebody owns a field, and so it is stored: its path as `managedFields` write it, `f:spec`, `f:java` and so on.
pub fn is_owned(instrumentation: &Instrumentation, path: &[&str]) -> bool {
    instrumentation
        .metadata
        .managed_fields
        .iter()
        .any(|entry| path.iter().try_fold(&entry.fields_v1, |fields, part| fields.get(*part)).is_some())
}
