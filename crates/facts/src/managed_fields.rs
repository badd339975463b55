//! Who set which field of an object, and when?

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::metadata::{Metadata, null_as_empty};

/// Metadata with `managedFields`, decoded only where a change in time is judged: they are as large as the object.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ManagedMetadata {
    /// The metadata proper.
    #[serde(flatten)]
    pub metadata: Metadata,
    /// Which manager set which fields, and when. Empty where the source does not carry them (`kubectl get -o yaml`).
    #[serde(skip_serializing_if = "<[_]>::is_empty", deserialize_with = "null_as_empty")]
    pub managed_fields: Box<[ManagedFields]>,
}

impl ManagedMetadata {
    /// By when an annotation was set: the newest time of an entry that owns it.
    pub fn annotation_set_by(&self, key: &str) -> Option<Timestamp> {
        self.newest(|entry| entry.owns_annotation(key))
    }

    /// When the spec was last changed: the newest time of an entry that owns a part of it.
    pub fn spec_changed(&self) -> Option<Timestamp> {
        self.newest(ManagedFields::owns_spec)
    }

    /// Leaves of `managedFields` only who set an annotation that stands in the metadata, and when: as decoded they are ten
    /// times as large as the rest.
    pub fn keep_annotation_times(&mut self) {
        let annotations = self.metadata.annotations.clone();
        let entries = std::mem::take(&mut self.managed_fields).into_vec();
        self.managed_fields = entries
            .into_iter()
            .filter_map(|entry| {
                let owned = annotations.iter().map(|(key, _)| key).filter(|key| entry.owns_annotation(key));
                let owned: Map<String, Value> = owned.map(|key| (format!("f:{key}"), empty())).collect();
                (!owned.is_empty()).then(|| entry.with_annotations(owned))
            })
            .collect();
    }

    /// Leaves of `managedFields` only who wrote which fields of the spec when, down to the fields of its blocks.
    pub fn keep_spec_times(&mut self) {
        let entries = std::mem::take(&mut self.managed_fields).into_vec();
        self.managed_fields = entries
            .into_iter()
            .filter(ManagedFields::owns_spec)
            .map(ManagedFields::with_field_names)
            .collect();
    }

    fn newest(&self, owns: impl Fn(&ManagedFields) -> bool) -> Option<Timestamp> {
        self.managed_fields.iter().filter(|entry| owns(entry)).filter_map(|entry| entry.time).max()
    }
}

/// One entry of `metadata.managedFields`: which fields a manager set, and when it last did so. The time is that of the
/// whole entry: it proves that a field was there *by* then, not since when.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ManagedFields {
    /// Name of the manager.
    #[serde(deserialize_with = "crate::text::text")]
    pub manager: Arc<str>,
    /// Subresource through which it wrote; empty for the main resource.
    #[serde(deserialize_with = "crate::text::text")]
    pub subresource: Arc<str>,
    /// When.
    pub time: Option<Timestamp>,
    /// The fields, as Kubernetes writes them (`f:metadata` → `f:annotations` → `f:<key>`).
    pub fields_v1: Value,
}

impl ManagedFields {
    /// Whether this entry owns an annotation.
    pub fn owns_annotation(&self, key: &str) -> bool {
        self.fields_v1
            .get("f:metadata")
            .and_then(|metadata| metadata.get("f:annotations"))
            .is_some_and(|annotations| annotations.get(format!("f:{key}")).is_some())
    }

    /// Whether this entry owns a part of the spec.
    pub fn owns_spec(&self) -> bool {
        self.subresource.is_empty() && self.fields_v1.get("f:spec").is_some()
    }

    fn with_annotations(self, owned: Map<String, Value>) -> Self {
        let annotations = Map::from_iter([("f:annotations".to_owned(), Value::Object(owned))]);
        let fields = Map::from_iter([("f:metadata".to_owned(), Value::Object(annotations))]);
        Self { fields_v1: Value::Object(fields), ..self }
    }

    fn with_field_names(self) -> Self {
        /// `f:spec` → blocks → their fields.
        const LEVELS: usize = 2;
        let spec = self.fields_v1.get("f:spec").map_or_else(empty, |spec| names(spec, LEVELS));
        Self { fields_v1: Value::Object(Map::from_iter([("f:spec".to_owned(), spec)])), ..self }
    }
}

/// The names of fields, so many levels deep.
fn names(fields: &Value, levels: usize) -> Value {
    let Some(fields) = fields.as_object().filter(|_| levels > 0) else { return empty() };
    let inner = fields.iter().filter(|(name, _)| name.starts_with("f:"));
    Value::Object(inner.map(|(name, inner)| (name.clone(), names(inner, levels - 1))).collect())
}

fn empty() -> Value {
    Value::Object(Map::new())
}
