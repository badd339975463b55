//! Which collectors does the operator run, and can one of them be a sidecar?

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::metadata::{Metadata, null_as_default};
use crate::object::Kind;

/// The part of an `OpenTelemetryCollector` that is read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Collector {
    /// Metadata.
    pub metadata: Metadata,
    /// Spec.
    #[serde(deserialize_with = "null_as_default")]
    pub spec: CollectorSpec,
}

impl Kind for Collector {
    const API_VERSION: &'static str = "opentelemetry.io/v1beta1";
    const KIND: &'static str = "OpenTelemetryCollector";
    const PLURAL: &'static str = "opentelemetrycollectors";
    fn metadata(&self) -> &Metadata {
        &self.metadata
    }
}

/// Spec of an `OpenTelemetryCollector`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CollectorSpec {
    /// `deployment` (also where unset), `daemonset`, `statefulset` or `sidecar`.
    #[serde(deserialize_with = "null_as_default")]
    pub mode: Arc<str>,
    /// The collector's configuration: an object in v1beta1, YAML text in v1alpha1.
    pub config: Value,
}
