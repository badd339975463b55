//! What kind of machine does a Pod run on?

use serde::{Deserialize, Serialize};

use crate::metadata::Metadata;
use crate::object::Kind;

/// The part of a Node that is read: its labels tell architecture and operating system.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Node {
    /// Metadata.
    pub metadata: Metadata,
}

impl Kind for Node {
    const API_VERSION: &'static str = "v1";
    const KIND: &'static str = "Node";
    const PLURAL: &'static str = "nodes";
    fn metadata(&self) -> &Metadata {
        &self.metadata
    }
}
