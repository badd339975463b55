//! What kind of machine does a Pod run on?

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::metadata::{Metadata, null_as_default};
use crate::object::Kind;
use crate::string_map::StringMap;

/// The part of a Node that is read: its labels tell architecture and operating system, its provider who runs the
/// cluster, its size what Pods fit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Node {
    /// Metadata.
    pub metadata: Metadata,
    /// Spec.
    #[serde(deserialize_with = "null_as_default")]
    pub spec: NodeSpec,
    /// Status.
    #[serde(deserialize_with = "null_as_default")]
    pub status: NodeStatus,
}

/// The part of a Node's status that is read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct NodeStatus {
    /// What Pods may take of it altogether, by resource.
    #[serde(skip_serializing_if = "StringMap::is_empty")]
    pub allocatable: StringMap,
}

/// The part of a Node's spec that is read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NodeSpec {
    /// Whose machine it is, for example `gce://project/zone/name`.
    #[serde(rename = "providerID", deserialize_with = "null_as_default")]
    pub provider_id: Arc<str>,
}

impl Kind for Node {
    const API_VERSION: &'static str = "v1";
    const KIND: &'static str = "Node";
    const PLURAL: &'static str = "nodes";
    fn metadata(&self) -> &Metadata {
        &self.metadata
    }
}
