//! What kind of machine does a Pod run on?

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::metadata::{Metadata, null_as_default};
use crate::object::Kind;

/// The part of a Node that is read: its labels tell architecture and operating system, its provider who runs the cluster.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Node {
    /// Metadata.
    pub metadata: Metadata,
    /// Spec.
    #[serde(deserialize_with = "null_as_default")]
    pub spec: NodeSpec,
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
