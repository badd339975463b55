//! What do the operator's webhooks make of an Instrumentation that is applied?

use facts::Language;
use injection::OperatorConfig;
use serde_json::{Map, Value, json};

/// The object with the operator's defaults filled in.
pub(super) fn defaulted(object: &Value, config: &OperatorConfig) -> Value {
    let mut defaulted = object.clone();
    if !defaulted["spec"].is_object() {
        defaulted["spec"] = json!({});
    }
    for language in Language::ALL {
        let Some(field) = language.spec_field() else { continue };
        let block = &mut defaulted["spec"][field];
        if !block.is_object() {
            *block = Value::Object(Map::new());
        }
        if block["image"].as_str().unwrap_or_default().is_empty() {
            block["image"] = json!(config.images.get(language));
        }
    }
    defaulted
}

/// Warnings, and a refusal if it is refused.
pub(super) fn validated(_object: &Value, _config: &OperatorConfig) -> (Vec<String>, Option<String>) {
    (Vec::new(), None)
}
