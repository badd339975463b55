//! What of a container is read?

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::environment::{EnvFrom, EnvVar};
use crate::metadata::{null_as_default, null_as_empty};
use crate::string_map::StringMap;

/// A container, init container or native sidecar.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Container {
    /// Name.
    #[serde(deserialize_with = "crate::text::text")]
    pub name: Arc<str>,
    /// Image reference.
    #[serde(deserialize_with = "crate::text::text")]
    pub image: Arc<str>,
    /// Entry point; empty where the image's own runs.
    #[serde(skip_serializing_if = "<[_]>::is_empty", deserialize_with = "crate::text::list")]
    pub command: Box<[Arc<str>]>,
    /// Arguments.
    #[serde(skip_serializing_if = "<[_]>::is_empty", deserialize_with = "crate::text::list")]
    pub args: Box<[Arc<str>]>,
    /// Environment, in order.
    #[serde(skip_serializing_if = "<[_]>::is_empty", deserialize_with = "null_as_empty")]
    pub env: Box<[EnvVar]>,
    /// `ConfigMap`s and Secrets taken as environment.
    #[serde(skip_serializing_if = "<[_]>::is_empty", deserialize_with = "null_as_empty")]
    pub env_from: Box<[EnvFrom]>,
    /// Mounts.
    #[serde(skip_serializing_if = "<[_]>::is_empty", deserialize_with = "null_as_empty")]
    pub volume_mounts: Box<[VolumeMount]>,
    /// Ports.
    #[serde(skip_serializing_if = "<[_]>::is_empty", deserialize_with = "null_as_empty")]
    pub ports: Box<[ContainerPort]>,
    /// Requests and limits.
    #[serde(deserialize_with = "null_as_default")]
    pub resources: ResourceRequirements,
    /// Security context of the container.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub security_context: Option<SecurityContext>,
    /// `Always` makes an init container a native sidecar.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "crate::text::optional")]
    pub restart_policy: Option<Arc<str>>,
}

impl Container {
    /// The first variable of that name; the operator looks at no other
    /// (`internal/instrumentation/helper.go` `getIndexOfEnv`, v0.158.0).
    pub fn env_var(&self, name: &str) -> Option<&EnvVar> {
        self.env.iter().find(|var| &*var.name == name)
    }
}

/// A mount of a volume.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct VolumeMount {
    /// Name of the volume.
    #[serde(deserialize_with = "crate::text::text")]
    pub name: Arc<str>,
    /// Path in the container.
    #[serde(deserialize_with = "crate::text::text")]
    pub mount_path: Arc<str>,
    /// Whether it is read-only.
    #[serde(skip_serializing_if = "std::ops::Not::not", deserialize_with = "null_as_default")]
    pub read_only: bool,
}

/// A port that a container declares.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ContainerPort {
    /// Name.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "crate::text::optional")]
    pub name: Option<Arc<str>>,
    /// Number.
    pub container_port: i32,
    /// Port on the node.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host_port: Option<i32>,
}

/// Requests and limits of a container, as quantities.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ResourceRequirements {
    /// Requests.
    #[serde(skip_serializing_if = "StringMap::is_empty")]
    pub requests: StringMap,
    /// Limits.
    #[serde(skip_serializing_if = "StringMap::is_empty")]
    pub limits: StringMap,
}

/// The part of a Pod's or container's security context that decides whether an agent container may run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SecurityContext {
    /// Numeric user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_as_user: Option<i64>,
    /// Whether root is refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_as_non_root: Option<bool>,
    /// Whether the container is privileged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub privileged: Option<bool>,
    /// Whether a process may gain more privileges than its parent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow_privilege_escalation: Option<bool>,
    /// Whether the root file system is read-only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_only_root_filesystem: Option<bool>,
}
