//! What have other controllers reported about an object?

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::metadata::{Metadata, null_as_default};
use crate::object::Kind;

/// A core/v1 Event of type `Warning`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Event {
    /// Metadata.
    pub metadata: Metadata,
    /// `Normal` or `Warning`.
    #[serde(rename = "type", deserialize_with = "null_as_default")]
    pub kind: Arc<str>,
    /// Reason.
    #[serde(deserialize_with = "null_as_default")]
    pub reason: Arc<str>,
    /// Message.
    #[serde(deserialize_with = "null_as_default")]
    pub message: Arc<str>,
    /// What it is about.
    pub involved_object: ObjectReference,
    /// When it was last seen, as the older API writes it.
    pub last_timestamp: Option<Timestamp>,
    /// When it was seen, as the newer API writes it.
    pub event_time: Option<Timestamp>,
}

impl Kind for Event {
    const API_VERSION: &'static str = "v1";
    const KIND: &'static str = "Event";
    const PLURAL: &'static str = "events";
    fn metadata(&self) -> &Metadata {
        &self.metadata
    }
}

/// Reasons of Warning Events that a diagnosis reads.
const READ_REASONS: [&str; 10] = [
    "FailedCreate",
    "FailedMount",
    "FailedScheduling",
    "Failed",
    "InspectFailed",
    "Unhealthy",
    "Evicted",
    "InstrumentationRequestRejected",
    "UpgradeBlocked",
    "ReplicaSetCreateError",
];

impl Event {
    /// Whether a diagnosis reads such an Event; the rest is dropped when decoding.
    pub fn is_read(&self) -> bool {
        &*self.kind == "Warning" && READ_REASONS.contains(&&*self.reason)
    }

    /// When it was last seen.
    pub fn seen(&self) -> Option<Timestamp> {
        self.last_timestamp.or(self.event_time).or(self.metadata.creation_timestamp)
    }
}

/// A reference to an object, as Events make it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ObjectReference {
    /// Kind.
    #[serde(deserialize_with = "null_as_default")]
    pub kind: Arc<str>,
    /// Namespace.
    #[serde(deserialize_with = "null_as_default")]
    pub namespace: Arc<str>,
    /// Name.
    #[serde(deserialize_with = "null_as_default")]
    pub name: Arc<str>,
    /// Unique id.
    #[serde(deserialize_with = "null_as_default")]
    pub uid: Arc<str>,
    /// Part of the object, for example `spec.initContainers{name}`.
    #[serde(deserialize_with = "null_as_default")]
    pub field_path: Arc<str>,
}
