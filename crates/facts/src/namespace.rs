//! What does a Namespace ask of its Pods, and since when?

use serde::{Deserialize, Serialize};

use crate::managed_fields::ManagedMetadata;
use crate::metadata::Metadata;
use crate::object::Kind;

/// The part of a Namespace that is read: labels, annotations and who set them when.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Namespace {
    /// Metadata with managedFields.
    pub metadata: ManagedMetadata,
}

impl Kind for Namespace {
    const API_VERSION: &'static str = "v1";
    const KIND: &'static str = "Namespace";
    const PLURAL: &'static str = "namespaces";
    fn metadata(&self) -> &Metadata {
        &self.metadata.metadata
    }
}
