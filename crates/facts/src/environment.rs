//! Where do the variables of a container come from?

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// An environment variable.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct EnvVar {
    /// Name.
    #[serde(deserialize_with = "crate::text::text")]
    pub name: Arc<str>,
    /// Literal value. Of watched Pods only values that a diagnosis needs are kept, the rest reads as empty.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "crate::text::optional")]
    pub value: Option<Arc<str>>,
    /// Where the value comes from, as it stands in the API: `{"configMapKeyRef": {…}}` and so on. Shared: few
    /// have one, and these are alike.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value_from: Option<Arc<ValueFrom>>,
}

impl EnvVar {
    /// The literal value, empty where there is none.
    pub fn literal(&self) -> &str {
        self.value.as_deref().unwrap_or_default()
    }
}

/// The source of a variable's value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ValueFrom {
    /// A key of a `ConfigMap`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config_map_key_ref: Option<KeyRef>,
    /// A key of a Secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_key_ref: Option<KeyRef>,
    /// A field of the Pod.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field_ref: Option<FieldRef>,
    /// A resource of a container; only that it is there matters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_field_ref: Option<ResourceFieldRef>,
}

/// A key of a `ConfigMap` or Secret.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct KeyRef {
    /// Name of the object.
    #[serde(deserialize_with = "crate::text::text")]
    pub name: Arc<str>,
    /// Key in it.
    #[serde(deserialize_with = "crate::text::text")]
    pub key: Arc<str>,
    /// Whether the container may start without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub optional: Option<bool>,
}

/// A field of the Pod, for example `status.hostIP`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct FieldRef {
    /// Version, `v1` after the API server's defaulting.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "crate::text::optional")]
    pub api_version: Option<Arc<str>>,
    /// Path of the field.
    #[serde(deserialize_with = "crate::text::text")]
    pub field_path: Arc<str>,
}

/// A resource of a container, for example `limits.memory`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ResourceFieldRef {
    /// Name of the resource.
    #[serde(deserialize_with = "crate::text::text")]
    pub resource: Arc<str>,
}

/// A `ConfigMap` or Secret whose keys become variables.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct EnvFrom {
    /// Prefix put before each key.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "crate::text::optional")]
    pub prefix: Option<Arc<str>>,
    /// The `ConfigMap`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config_map_ref: Option<NameRef>,
    /// The Secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_ref: Option<NameRef>,
}

/// A reference by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NameRef {
    /// Name of the object.
    #[serde(deserialize_with = "crate::text::text")]
    pub name: Arc<str>,
    /// Whether the container may start without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub optional: Option<bool>,
}
