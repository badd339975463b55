//! What do the Pods of one workload have in common?
//!
//! Their spec, labels and annotations, without what differs from Pod to Pod. The field names are those of the API, so
//! that a shape reads from and writes to Kubernetes JSON.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::container::{Container, SecurityContext};
use crate::metadata::{null_as_default, null_as_empty};
use crate::string_map::StringMap;
use crate::volume::Volume;

/// The shared part of Pods, or the template of a workload.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PodShape {
    /// Annotations that are kept (see [`crate::is_relevant_annotation`]).
    pub annotations: StringMap,
    /// Labels, without those that name one Pod.
    pub labels: StringMap,
    /// The spec.
    pub spec: PodSpec,
}

/// Word in the image and labels of the operator.
const OPERATOR: &str = "opentelemetry-operator";

/// Whether labels name the operator. The label that it puts on what it manages does not count.
pub fn names_operator(labels: &StringMap) -> bool {
    labels.iter().any(|(key, value)| key != "app.kubernetes.io/managed-by" && value.contains(OPERATOR))
}

/// Beginnings of the names of the containers that the operator adds.
const AGENTS: [&str; 2] = ["opentelemetry-auto-instrumentation", "otel-agent-attach-"];

impl PodShape {
    /// Whether the operator seems to have put an agent in: by the names that it gives to containers, of whatever release.
    pub fn carries_agent(&self) -> bool {
        let is_agent = |name: &str| AGENTS.iter().any(|known| name.starts_with(known));
        self.spec
            .init_containers
            .iter()
            .chain(&self.spec.containers)
            .any(|container| is_agent(&container.name))
    }

    /// Whether these could be the operator's own Pods: by a label, or by the last part of a container's image.
    pub fn is_operator(&self) -> bool {
        let last_part = |image: &str| image.rsplit('/').next().is_some_and(|part| part.contains(OPERATOR));
        names_operator(&self.labels)
            || self.spec.containers.iter().any(|container| last_part(&container.image))
    }
}

/// The part of a Pod's spec that is read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PodSpec {
    /// Init containers, native sidecars among them.
    #[serde(skip_serializing_if = "<[_]>::is_empty", deserialize_with = "null_as_empty")]
    pub init_containers: Box<[Container]>,
    /// Containers.
    #[serde(deserialize_with = "null_as_empty")]
    pub containers: Box<[Container]>,
    /// Volumes.
    #[serde(skip_serializing_if = "<[_]>::is_empty", deserialize_with = "null_as_empty")]
    pub volumes: Box<[Volume]>,
    /// Node, where it is given before scheduling or known after it. Not part of a shape: see [`crate::Pod::node`].
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "crate::text::optional")]
    pub node_name: Option<Arc<str>>,
    /// Whether the containers see each other's processes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share_process_namespace: Option<bool>,
    /// Whether the Pod uses the node's network.
    #[serde(skip_serializing_if = "std::ops::Not::not", deserialize_with = "null_as_default")]
    pub host_network: bool,
    /// `Always`, `OnFailure` or `Never`.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "crate::text::optional")]
    pub restart_policy: Option<Arc<str>>,
    /// `ServiceAccount` of the Pod.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "crate::text::optional")]
    pub service_account_name: Option<Arc<str>>,
    /// Security context of the Pod.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub security_context: Option<SecurityContext>,
    /// Node labels that the Pod demands.
    #[serde(skip_serializing_if = "StringMap::is_empty")]
    pub node_selector: StringMap,
    /// `os.name`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub os: Option<PodOs>,
}

/// The operating system that a Pod demands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct PodOs {
    /// `linux` or `windows`.
    #[serde(deserialize_with = "crate::text::text")]
    pub name: Arc<str>,
}
