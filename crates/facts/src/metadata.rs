//! Who is this object, and who owns it?

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
    /// Since when it is being deleted. Boxed: few objects are, and there are hundreds of thousands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deletion_timestamp: Option<Box<Timestamp>>,
    /// Labels.
    pub labels: StringMap,
    /// Annotations.
    pub annotations: StringMap,
    /// Owners.
    #[serde(skip_serializing_if = "<[_]>::is_empty", deserialize_with = "null_as_default")]
    pub owner_references: Arc<[OwnerReference]>,
}

impl Metadata {
    /// The owner that controls the object. None where its kind or name can be no object's: whoever creates a Pod writes its
    /// owners, the API server only asks that they are not empty (`ValidateOwnerReferences` of apimachinery, 1.36), and they are
    /// words of the commands that we tell people to paste.
    pub fn controller(&self) -> Option<&OwnerReference> {
        self.owner_references.iter().find(|owner| owner.controller).filter(|owner| owner.can_exist())
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

impl OwnerReference {
    fn can_exist(&self) -> bool {
        let is_kind = |c: char| c.is_ascii_alphanumeric();
        let is_name = |c: char| c.is_ascii_alphanumeric() || "-._:".contains(c);
        self.kind.chars().all(is_kind) && self.name.chars().all(is_name)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_exist_is_an_owner() {
        for (kind, name, known) in [
            ("ReplicaSet", "checkout-6476884b54", true),
            ("Rollout", "checkout", true),
            ("Node", "ip-10-0-0-1.eu.compute.internal", true),
            ("Rollout; reboot", "checkout", false),
            ("Rollout", "$(reboot)", false),
            ("Rollout", "a b", false),
            ("Rollout", "../checkout", false),
        ] {
            let owner = OwnerReference {
                kind: kind.into(),
                name: name.into(),
                controller: true,
                ..OwnerReference::default()
            };
            let metadata = Metadata { owner_references: [owner].into(), ..Metadata::default() };
            assert_eq!(metadata.controller().is_some(), known, "{kind} {name}");
        }
    }
}
