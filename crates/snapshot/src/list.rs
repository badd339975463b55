//! How does a snapshot look as text?

use facts::Object;
use serde_json::Value;

use crate::header::Header;

/// An object as one line of JSON, without what is empty anyway.
///
/// # Errors
/// As [`Object::to_value`].
pub fn entry(object: &Object) -> Result<String, serde_json::Error> {
    let mut value = object.to_value()?;
    without_nothing(&mut value);
    serde_json::to_string(&value)
}

/// A `v1` `List`, one entry a line, the header first.
///
/// # Errors
/// None that can happen: a header has string keys only.
pub fn list(header: &Header, entries: &[String]) -> Result<String, serde_json::Error> {
    let mut text = String::from(
        "{\"apiVersion\":\"v1\",\"kind\":\"List\",\"metadata\":{\"resourceVersion\":\"\"},\"items\":[\n",
    );
    text.push_str(&serde_json::to_string(header)?);
    for entry in entries {
        text.push_str(",\n");
        text.push_str(entry);
    }
    text.push_str("\n]}\n");
    Ok(text)
}

/// Takes out `null`, and what is empty in `metadata`: both read as if they were not there.
fn without_nothing(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|_, field| !field.is_null());
            if let Some(Value::Object(metadata)) = fields.get_mut("metadata") {
                metadata.retain(|_, field| !is_empty(field));
            }
            fields.values_mut().for_each(without_nothing);
        }
        Value::Array(items) => items.iter_mut().for_each(without_nothing),
        _ => {}
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Number(number) => number.as_i64() == Some(0),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Bool(_) => false,
    }
}
