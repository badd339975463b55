//! What does Go make of the JSON, and what does it refuse?
//!
//! `encoding/json` as `sigs.k8s.io/json` has it: `null` is nothing, the first field that does not fit is reported after
//! everything was read, and what is written back leaves out what is empty.

use serde_json::{Map, Value};

use super::go_types::{Field, INSTRUMENTATION, Struct, Type};
use crate::quantity::Quantity;

/// Reads an Instrumentation and writes it back.
pub(super) fn read_and_write(object: &Value) -> Result<Value, String> {
    let mut reader = Reader { misfit: None, bad_quantity: None };
    let written = reader.read_struct(&INSTRUMENTATION, object, "").unwrap_or_default();
    reader.bad_quantity.or(reader.misfit).map_or(Ok(Value::Object(written)), Err)
}

struct Reader {
    /// The first field that does not fit; reported where everything could be read.
    misfit: Option<String>,
    /// The first quantity that is none; it ends the reading, whatever did not fit before.
    bad_quantity: Option<String>,
}

impl Reader {
    fn refuse(&mut self, value: &Value, outer: &Struct, path: &str, wanted: &str) {
        let kind = match value {
            Value::Null => return,
            Value::Bool(_) => "bool",
            Value::Number(_) => "number",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        };
        let outer = outer.name.rsplit('.').next().unwrap_or_default();
        self.misfit.get_or_insert_with(|| {
            format!("json: cannot unmarshal {kind} into Go struct field {outer}.{path} of type {wanted}")
        });
    }

    fn read_struct(
        &mut self,
        kind: &'static Struct,
        value: &Value,
        path: &str,
    ) -> Option<Map<String, Value>> {
        let given = value.as_object()?;
        let mut fields = Map::new();
        // In the order of the JSON, so that the first misfit is the one reported.
        for (key, value) in given {
            let Some(field) = kind.fields.iter().find(|field| field.key == key) else { continue };
            let path = match (path, field.embedded_in) {
                ("", _) => key.clone(),
                (path, None) => format!("{path}.{key}"),
                (path, Some(embedded)) => format!("{path}.{embedded}.{key}"),
            };
            if let Some(value) = self.read(&field.kind, value, kind, &path)
                && (field.always || field.pointer || !is_empty(&value))
            {
                fields.insert(key.clone(), value);
            }
        }
        for field in kind.fields.iter().filter(|field| field.always) {
            if !fields.contains_key(field.key) {
                fields.insert(field.key.to_owned(), zero(field));
            }
        }
        Some(fields)
    }

    /// The value as it is written back; none for `null` and what does not fit.
    fn read(&mut self, kind: &Type, value: &Value, outer: &Struct, path: &str) -> Option<Value> {
        if value.is_null() {
            return None;
        }
        let fits = match (kind, value) {
            (Type::Struct(kind), Value::Object(_)) => {
                return self.read_struct(kind, value, path).map(Value::Object);
            }
            (Type::List(_, item), Value::Array(items)) => {
                let items = items.iter().map(|value| match value {
                    Value::Null => zero_of(item),
                    value => self.read(item, value, outer, path).unwrap_or_else(|| zero_of(item)),
                });
                return Some(items.collect());
            }
            (Type::Map(_, item), Value::Object(map)) => {
                let mut read = Map::new();
                for (key, value) in map {
                    let value = self.read(item, value, outer, path).unwrap_or_else(|| zero_of(item));
                    read.insert(key.clone(), value);
                }
                return Some(Value::Object(read));
            }
            (Type::Quantity, _) => return self.read_quantity(value),
            (Type::Int(_), Value::Number(number)) => number.is_i64(),
            (Type::Opaque, _) | (Type::Text(_), Value::String(_)) | (Type::Bool, Value::Bool(_)) => true,
            _ => false,
        };
        if !fits {
            self.refuse(value, outer, path, &type_name(kind));
            return None;
        }
        Some(value.clone())
    }

    fn read_quantity(&mut self, value: &Value) -> Option<Value> {
        let text = match value {
            Value::String(text) => text.clone(),
            // What is neither text nor number is read as the text of the JSON.
            value => value.to_string(),
        };
        match Quantity::canonical(&text) {
            Ok(text) => Some(text.into()),
            Err(error) => {
                self.bad_quantity.get_or_insert_with(|| error.to_string());
                None
            }
        }
    }
}

fn type_name(kind: &Type) -> String {
    match kind {
        Type::Struct(kind) => kind.name.to_owned(),
        Type::Text(name) | Type::Int(name) => (*name).to_owned(),
        Type::Bool => "bool".to_owned(),
        Type::Quantity => "resource.Quantity".to_owned(),
        Type::List(item, _) => format!("[]{item}"),
        // `corev1.ResourceList` is the only map that is not of strings.
        Type::Map("resource.Quantity", _) => "v1.ResourceList".to_owned(),
        Type::Map(item, _) => format!("map[string]{item}"),
        Type::Opaque => "interface {}".to_owned(),
    }
}

/// What `omitempty` leaves out.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
        Value::Number(number) => number.as_i64() == Some(0),
        Value::Bool(true) => false,
    }
}

fn zero(field: &Field) -> Value {
    zero_of(&field.kind)
}

/// An empty value as it is written.
fn zero_of(kind: &Type) -> Value {
    match kind {
        Type::Struct(kind) => {
            let always = kind.fields.iter().filter(|field| field.always);
            Value::Object(always.map(|field| (field.key.to_owned(), zero(field))).collect())
        }
        Type::Text(_) => "".into(),
        Type::Quantity => "0".into(),
        Type::Bool => false.into(),
        Type::Int(_) => 0.into(),
        Type::List(..) | Type::Map(..) => Value::Null,
        Type::Opaque => Value::Object(Map::new()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_does_not_fit_is_refused_in_gos_words() {
        for (spec, want) in [
            (
                json!({ "java": {"image": 5, "env": "x"} }),
                "json: cannot unmarshal string into Go struct field Java.spec.java.env of type []v1.EnvVar",
            ),
            // The name of a reference is a field of an embedded struct.
            (
                json!({ "env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": 5}}}] }),
                "json: cannot unmarshal number into Go struct field \
                 SecretKeySelector.spec.env.valueFrom.secretKeyRef.LocalObjectReference.name of type string",
            ),
            // A quantity that is none ends the reading, whatever did not fit before.
            (
                json!({ "go": {"image": [], "resourceRequirements": {"limits": {"cpu": "1K"}}} }),
                "unable to parse quantity's suffix",
            ),
            (
                json!({ "nginx": {"resourceRequirements": {"claims": [{"name": []}]}} }),
                "json: cannot unmarshal array into Go struct field \
                 ResourceClaim.spec.nginx.resourceRequirements.claims.name of type string",
            ),
            (
                json!({ "go": {"securityContext": {"windowsOptions": {"hostProcess": "yes"}}} }),
                "json: cannot unmarshal string into Go struct field \
                 WindowsSecurityContextOptions.spec.go.securityContext.windowsOptions.hostProcess of type bool",
            ),
        ] {
            assert_eq!(read_and_write(&json!({ "spec": spec })), Err(want.to_owned()), "{spec}");
        }
    }
}
