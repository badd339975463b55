//! What does an object's own controller say about it?

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A condition in the status of a Pod, workload or `CustomResourceDefinition`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Condition {
    /// Type, for example `ReplicaFailure`.
    #[serde(rename = "type", deserialize_with = "crate::text::text")]
    pub kind: Arc<str>,
    /// `True`, `False` or `Unknown`.
    #[serde(deserialize_with = "crate::text::text")]
    pub status: Arc<str>,
    /// Reason, in one word.
    #[serde(deserialize_with = "crate::text::text")]
    pub reason: Arc<str>,
    /// Message.
    #[serde(deserialize_with = "crate::text::text")]
    pub message: Arc<str>,
    /// Since when the status is so.
    pub last_transition_time: Option<Timestamp>,
}

impl Condition {
    /// The condition of a type.
    pub fn find<'a>(conditions: &'a [Self], kind: &str) -> Option<&'a Self> {
        conditions.iter().find(|condition| &*condition.kind == kind)
    }

    /// Whether the status is `True`.
    pub fn is_true(&self) -> bool {
        &*self.status == "True"
    }
}
