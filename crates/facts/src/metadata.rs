//! Who is this object, who owns it, and when did what about it change?

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::string_map::StringMap;

/// The part of `metadata` that is read. `managedFields` are decoded only where a view type asks for them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Metadata {
    /// Name; empty for what is not created yet.
    #[serde(deserialize_with = "crate::text::text")]
    pub name: Arc<str>,
    /// Namespace; empty for cluster-scoped objects.
    #[serde(deserialize_with = "crate::text::text")]
    pub namespace: Arc<str>,
    /// Prefix of the name that the API server will make.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "crate::text::optional")]
    pub generate_name: Option<Arc<str>>,
    /// Unique id; empty in manifests.
    #[serde(deserialize_with = "crate::text::text")]
    pub uid: Arc<str>,
    /// Opaque version of the stored object.
    #[serde(deserialize_with = "crate::text::text")]
    pub resource_version: Arc<str>,
    /// Counts changes of the spec; 0 in manifests.
    pub generation: i64,
    /// When it was created.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub creation_timestamp: Option<Timestamp>,
    /// Since when it is being deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deletion_timestamp: Option<Timestamp>,
    /// Labels.
    pub labels: StringMap,
    /// Annotations.
    pub annotations: StringMap,
    /// Owners.
    #[serde(skip_serializing_if = "<[_]>::is_empty", deserialize_with = "null_as_default")]
    pub owner_references: Arc<[OwnerReference]>,
}

impl Metadata {
    /// The owner that controls the object.
    pub fn controller(&self) -> Option<&OwnerReference> {
        self.owner_references.iter().find(|owner| owner.controller)
    }
}

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

    fn newest(&self, owns: impl Fn(&ManagedFields) -> bool) -> Option<Timestamp> {
        self.managed_fields.iter().filter(|entry| owns(entry)).filter_map(|entry| entry.time).max()
    }
}

/// One owner of an object.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct OwnerReference {
    /// Group and version of the owner.
    #[serde(deserialize_with = "crate::text::text")]
    pub api_version: Arc<str>,
    /// Kind of the owner.
    #[serde(deserialize_with = "crate::text::text")]
    pub kind: Arc<str>,
    /// Name of the owner, in the same namespace.
    #[serde(deserialize_with = "crate::text::text")]
    pub name: Arc<str>,
    /// Unique id of the owner.
    #[serde(deserialize_with = "crate::text::text")]
    pub uid: Arc<str>,
    /// Whether this owner controls the object.
    pub controller: bool,
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
    pub fields_v1: serde_json::Value,
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
}

/// Reads a list that may be `null`.
pub(crate) fn null_as_empty<'de, D, T>(deserializer: D) -> Result<Box<[T]>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Deserialize<'de>,
{
    Ok(Option::<Box<[T]>>::deserialize(deserializer)?.unwrap_or_default())
}

/// Reads a value that may be `null`.
pub(crate) fn null_as_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}
