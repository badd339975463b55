//! Where does an agent lie between its init container and the application?
//!
//! `internal/instrumentation/helper.go` `instrVolume`, `volumeSize`, v0.158.0: an emptyDir with a size limit, or a claim made
//! from a template if one is given that is not empty.

use facts::LanguageSpec;
use serde_json::{Map, Value, json};

use crate::releases::{Release, Rule};

/// The limit of a language's emptyDir.
pub(crate) fn size_limit(spec: &LanguageSpec, release: Release) -> Value {
    let given = spec.volume_limit_size.clone().filter(|size| !size.is_null());
    given.unwrap_or_else(|| if release.follows(Rule::Volume200Mi) { "200Mi" } else { "150Mi" }.into())
}

/// A language's volume.
pub(crate) fn of_language(name: &str, spec: &LanguageSpec, release: Release) -> Value {
    match spec.volume_claim_template.as_ref().filter(|template| is_template_given(template)) {
        Some(template) => json!({ "name": name, "ephemeral": {"volumeClaimTemplate": complete(template)} }),
        None => json!({ "name": name, "emptyDir": {"sizeLimit": size_limit(spec, release)} }),
    }
}

/// Whether a claim template says anything.
pub(crate) fn is_template_given(template: &Value) -> bool {
    !is_zero(template, Struct::Template)
}

/// Go structs inside a claim template; every other object is a map or a pointer.
#[derive(Clone, Copy)]
enum Struct {
    Template,
    Metadata,
    Spec,
    Resources,
}

impl Struct {
    fn field(self, name: &str) -> Option<Self> {
        match (self, name) {
            (Self::Template, "metadata") => Some(Self::Metadata),
            (Self::Template, "spec") => Some(Self::Spec),
            (Self::Spec, "resources") => Some(Self::Resources),
            _ => None,
        }
    }
}

/// Go's `reflect.Value.IsZero`: an empty struct is zero, an empty list or map is not. `creationTimestamp: null` is nothing.
fn is_zero(value: &Value, kind: Struct) -> bool {
    value.as_object().is_none_or(|fields| {
        fields.iter().all(|(name, value)| match kind.field(name) {
            Some(inner) => is_zero(value, inner),
            None => value.is_null() || (value.as_str() == Some("") && name != "storageClassName"),
        })
    })
}

/// A template as Go writes it: both parts and the resources are always there.
fn complete(template: &Value) -> Value {
    let mut template = template.clone();
    let parts = template.as_object_mut().map(|template| {
        template.entry("metadata").or_insert_with(|| Value::Object(Map::new()));
        template.entry("spec").or_insert_with(|| Value::Object(Map::new()))
    });
    if let Some(spec) = parts.and_then(Value::as_object_mut) {
        spec.entry("resources").or_insert_with(|| Value::Object(Map::new()));
    }
    template
}

/// Resources as Go writes them: empty maps are left out.
pub(crate) fn resources(resources: Option<&Value>) -> Value {
    let mut resources = resources.and_then(Value::as_object).cloned().unwrap_or_default();
    resources.retain(|_, part| match part {
        Value::Object(map) => !map.is_empty(),
        Value::Array(list) => !list.is_empty(),
        Value::Null => false,
        _ => true,
    });
    Value::Object(resources)
}
