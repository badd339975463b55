//! What do the Pods of one workload have in common?
//!
//! Their spec, labels and annotations, without what differs from Pod to Pod. The field names are those of the API, so
//! that a shape reads from and writes to Kubernetes JSON.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::metadata::{null_as_default, null_as_empty};
use crate::string_map::StringMap;

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

impl PodShape {
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

/// An environment variable.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct EnvVar {
    /// Name.
    #[serde(deserialize_with = "crate::text::text")]
    pub name: Arc<str>,
    /// Literal value. Of watched Pods only values that a diagnosis needs are kept, the rest reads as empty.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "crate::text::optional")]
    pub value: Option<Arc<str>>,
    /// Where the value comes from, as it stands in the API: `{"configMapKeyRef": {…}}` and so on. Shared: few
    /// have one, and these are alike.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value_from: Option<Arc<ValueFrom>>,
}

impl EnvVar {
    /// The literal value, empty where there is none.
    pub fn literal(&self) -> &str {
        self.value.as_deref().unwrap_or_default()
    }
}

/// The source of a variable's value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ValueFrom {
    /// A key of a `ConfigMap`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config_map_key_ref: Option<KeyRef>,
    /// A key of a Secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_key_ref: Option<KeyRef>,
    /// A field of the Pod.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field_ref: Option<FieldRef>,
    /// A resource of a container; only that it is there matters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_field_ref: Option<ResourceFieldRef>,
}

/// A key of a `ConfigMap` or Secret.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct KeyRef {
    /// Name of the object.
    #[serde(deserialize_with = "crate::text::text")]
    pub name: Arc<str>,
    /// Key in it.
    #[serde(deserialize_with = "crate::text::text")]
    pub key: Arc<str>,
    /// Whether the container may start without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub optional: Option<bool>,
}

/// A field of the Pod, for example `status.hostIP`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct FieldRef {
    /// Version, `v1` after the API server's defaulting.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "crate::text::optional")]
    pub api_version: Option<Arc<str>>,
    /// Path of the field.
    #[serde(deserialize_with = "crate::text::text")]
    pub field_path: Arc<str>,
}

/// A resource of a container, for example `limits.memory`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ResourceFieldRef {
    /// Name of the resource.
    #[serde(deserialize_with = "crate::text::text")]
    pub resource: Arc<str>,
}

/// A `ConfigMap` or Secret whose keys become variables.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct EnvFrom {
    /// Prefix put before each key.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "crate::text::optional")]
    pub prefix: Option<Arc<str>>,
    /// The `ConfigMap`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config_map_ref: Option<NameRef>,
    /// The Secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_ref: Option<NameRef>,
}

/// A reference by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NameRef {
    /// Name of the object.
    #[serde(deserialize_with = "crate::text::text")]
    pub name: Arc<str>,
    /// Whether the container may start without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub optional: Option<bool>,
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

/// A volume; of its source only what a diagnosis needs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Volume {
    /// Name.
    #[serde(deserialize_with = "crate::text::text")]
    pub name: Arc<str>,
    /// Scratch space.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub empty_dir: Option<EmptyDir>,
    /// A Secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<SecretVolume>,
    /// A `ConfigMap`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config_map: Option<NameRef>,
    /// A path of the node.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host_path: Option<HostPath>,
}

/// Scratch space.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct EmptyDir {
    /// Limit, as a quantity.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "crate::text::optional")]
    pub size_limit: Option<Arc<str>>,
}

/// A Secret as a volume.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SecretVolume {
    /// Name of the Secret.
    #[serde(deserialize_with = "crate::text::text")]
    pub secret_name: Arc<str>,
    /// Whether the Pod may start without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub optional: Option<bool>,
}

/// A path of the node.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct HostPath {
    /// The path.
    #[serde(deserialize_with = "crate::text::text")]
    pub path: Arc<str>,
}
