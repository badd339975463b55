//! Which revision of a Deployment does a Pod belong to, and could that revision's Pods be created?

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::condition::Condition;
use crate::metadata::{Metadata, null_as_default, null_as_empty};
use crate::object::Kind;
use crate::shape::PodShape;
use crate::workload::Template;

/// A `ReplicaSet`. There are ten old ones for every Deployment, so its template is kept only where nothing else has it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReplicaSet {
    /// Metadata; the annotation `deployment.kubernetes.io/revision` numbers the revisions.
    pub metadata: Metadata,
    /// Spec.
    pub spec: ReplicaSetSpec,
    /// Status.
    #[serde(deserialize_with = "null_as_default")]
    pub status: ReplicaSetStatus,
    /// What is kept of `spec.template`.
    #[serde(skip)]
    pub template: Option<Arc<PodShape>>,
}

impl Kind for ReplicaSet {
    const API_VERSION: &'static str = "apps/v1";
    const KIND: &'static str = "ReplicaSet";
    const PLURAL: &'static str = "replicasets";
    fn metadata(&self) -> &Metadata {
        &self.metadata
    }
}

/// Annotations in which controllers number revisions.
pub const REVISIONS: [&str; 2] = ["deployment.kubernetes.io/revision", "rollout.argoproj.io/revision"];

impl ReplicaSet {
    /// Number of the Deployment's (or `Rollout`'s) revision; 0 where it has none.
    pub fn revision(&self) -> i64 {
        let mut revisions = REVISIONS.iter().filter_map(|key| self.metadata.annotations.get(key));
        revisions.next().and_then(|text| text.parse().ok()).unwrap_or_default()
    }

    /// Hash of the template.
    pub fn template_hash(&self) -> Option<&str> {
        self.metadata.labels.get("pod-template-hash")
    }
}

/// Spec of a `ReplicaSet`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReplicaSetSpec {
    /// Wanted Pods; 1 where unset.
    pub replicas: Option<i32>,
    /// Template of the Pods, as it comes from the API. Boxed: it does not stay.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub template: Option<Box<Template>>,
}

/// Status of a `ReplicaSet`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ReplicaSetStatus {
    /// Pods there are.
    pub replicas: i32,
    /// Pods that are ready.
    pub ready_replicas: i32,
    /// Conditions, `ReplicaFailure` among them.
    #[serde(deserialize_with = "null_as_empty")]
    pub conditions: Box<[Condition]>,
}

/// Wanted Pods of a workload whose `replicas` is unset.
pub(crate) const DEFAULT_REPLICAS: i32 = 1;

impl ReplicaSetSpec {
    /// Wanted Pods, defaulted.
    pub fn wanted(&self) -> i32 {
        self.replicas.unwrap_or(DEFAULT_REPLICAS)
    }
}
