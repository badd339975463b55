//! How is a field of the Instrumentation set that makes the next Pod acceptable?
//!
//! Controllers try again by themselves, and each try goes through the operator: no restart is needed.

use facts::Language;
use serde_json::{Map, Value, json};

use crate::case::Case;
use crate::catalogue::remedy;

pub use crate::catalogue::remedy::patch_only as patch;

/// The command that opens a language's Instrumentation in an editor.
pub fn edit(case: &Case<'_>, language: Language) -> Option<String> {
    let (namespace, name) = remedy::instrumentation(case, language)?;
    Some(format!("kubectl -n {namespace} edit instrumentation {name}"))
}

/// The field under which a language keeps the resources of its agent container: Java is odd.
pub fn resources_field(language: Language) -> Option<String> {
    let block = language.spec_field()?;
    let field = if language == Language::Java { "resources" } else { "resourceRequirements" };
    Some(format!("spec.{block}.{field}"))
}

/// The spec that gives a language's agent container these resources.
pub fn resources(language: Language, resources: Value) -> Option<Value> {
    let block = language.spec_field()?;
    let field = if language == Language::Java { "resources" } else { "resourceRequirements" };
    let inner: Map<String, Value> = [(field.to_owned(), resources)].into_iter().collect();
    Some(json!({ block: inner }))
}
