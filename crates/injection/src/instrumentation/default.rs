//! What does the operator add to an Instrumentation?
//!
//! `internal/webhook/instrumentation_webhook.go` `defaulter`, v0.158.0. Its patch only adds and replaces: what was sent stays,
//! for instance `limits: {}`.

use facts::Language;
use serde_json::{Map, Value, json};

use super::decode::read_and_write;
use crate::operator::OperatorConfig;

/// An Instrumentation as it is stored, from one as a user writes it. Fields that the CRD does not know, `null`s and `status`
/// are the API server's business, and taken for dropped already.
///
/// # Errors
/// The operator's words where the object does not fit its Go types.
pub fn default_instrumentation(object: &Value, operator: &OperatorConfig) -> Result<Value, String> {
    let mut written = read_and_write(object)?;
    for language in Language::ALL {
        let (Some(block), Some(image)) = (language.spec_field(), operator.images.get(language)) else {
            continue;
        };
        let given = &object["spec"][block];
        default_language(language, &mut written["spec"][block], given, image);
        let annotation =
            format!("instrumentation.opentelemetry.io/default-auto-instrumentation-{language}-image");
        annotate(&mut written, &annotation, image);
    }
    let mut stored = merge(object, written);
    if let Some(stored) = stored.as_object_mut() {
        stored.remove("status");
    }
    Ok(stored)
}

fn annotate(object: &mut Value, key: &str, value: &str) {
    let metadata = &mut object["metadata"];
    if !metadata.is_object() {
        *metadata = Value::Object(Map::new());
    }
    if !metadata["annotations"].is_object() {
        metadata["annotations"] = Value::Object(Map::new());
    }
    metadata["annotations"][key] = value.into();
}

fn default_language(language: Language, block: &mut Value, given: &Value, image: &str) {
    let mut fill = |field: &str, default: &str| {
        if block[field].as_str().unwrap_or_default().is_empty() && !default.is_empty() {
            block[field] = default.into();
        }
    };
    fill("image", image);
    match language {
        Language::ApacheHttpd => {
            fill("version", "2.4");
            fill("configPath", "/usr/local/apache2/conf");
        }
        Language::Nginx => fill("configFile", "/etc/nginx/nginx.conf"),
        _ => {}
    }
    let resources = if language == Language::Java { "resources" } else { "resourceRequirements" };
    let (cpu, memory) = requests(language);
    let defaults = [
        ("limits", json!({"cpu": "500m", "memory": "256Mi"})),
        ("requests", json!({"cpu": cpu, "memory": memory})),
    ];
    for (part, default) in defaults {
        // An empty map counts as given, although Go does not write it.
        if given[resources][part].is_null() {
            block[resources][part] = default;
        }
    }
}

/// Requests for CPU and memory of an agent container.
const fn requests(language: Language) -> (&'static str, &'static str) {
    match language {
        Language::Java | Language::Python | Language::Go | Language::Sdk => ("50m", "64Mi"),
        Language::NodeJs | Language::DotNet => ("50m", "128Mi"),
        Language::ApacheHttpd | Language::Nginx => ("1m", "128Mi"),
    }
}

/// What a patch without removals makes of `old`, where `new` is wanted. Lists of one length are gone through one by one.
fn merge(old: &Value, new: Value) -> Value {
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => {
            let mut merged = old.clone();
            for (key, value) in new {
                let value = match old.get(&key) {
                    Some(old) => merge(old, value),
                    None => value,
                };
                merged.insert(key, value);
            }
            Value::Object(merged)
        }
        (Value::Array(old), Value::Array(new)) if old.len() == new.len() => {
            old.iter().zip(new).map(|(old, new)| merge(old, new)).collect()
        }
        (_, new) => new,
    }
}
