//! What do we keep of one Pod?

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::intern::Interner;
use crate::metadata::{Metadata, OwnerReference, null_as_default};
use crate::object::Kind;
use crate::shape::{PodShape, PodSpec};
use crate::status::PodStatus;

/// A Pod as it comes from the API: decoded, turned into a [`Pod`], dropped.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PodView {
    /// Metadata.
    pub metadata: Metadata,
    /// Spec.
    #[serde(deserialize_with = "null_as_default")]
    pub spec: PodSpec,
    /// Status.
    #[serde(deserialize_with = "null_as_default")]
    pub status: PodStatus,
}

impl Kind for PodView {
    const API_VERSION: &'static str = "v1";
    const KIND: &'static str = "Pod";
    const PLURAL: &'static str = "pods";
    fn metadata(&self) -> &Metadata {
        &self.metadata
    }
}

/// What is kept of a Pod: its identity and states, and its share in the [`PodShape`] of its siblings.
#[derive(Clone, Debug, PartialEq)]
pub struct Pod {
    /// Name.
    pub name: Arc<str>,
    /// Namespace.
    pub namespace: Arc<str>,
    /// Unique id; empty in manifests.
    pub uid: Arc<str>,
    /// When it was created; none in manifests.
    pub created: Option<Timestamp>,
    /// Whether it is being deleted.
    pub deleted: bool,
    /// The owner that controls it.
    pub controller: Option<Arc<OwnerReference>>,
    /// Node it is bound to.
    pub node: Option<Arc<str>>,
    /// What it has in common with its siblings.
    pub shape: Arc<PodShape>,
    /// Its states. Of conditions only `Ready`, `PodScheduled`, `Initialized` and `DisruptionTarget`. A Pod that runs, is
    /// ready and never failed keeps no times in it (unless it is the operator's), so that it shares it with its siblings.
    pub status: Arc<PodStatus>,
}

impl Pod {
    /// Takes a decoded Pod apart. Equal shapes and strings of one `interner` are shared.
    pub fn new(view: PodView, interner: &mut Interner) -> Self {
        let PodView { metadata, mut spec, status } = view;
        let controller = metadata.controller().cloned().map(|owner| interner.owner(owner));
        let node = spec.node_name.take().map(|node| interner.string(&node));
        let namespace = interner.string(&metadata.namespace);
        let shape = interner.shape(&metadata.name, metadata.annotations, metadata.labels, spec);
        let status = interner.status(status, shape.is_operator());
        Self {
            name: metadata.name,
            namespace,
            uid: metadata.uid,
            created: metadata.creation_timestamp,
            deleted: metadata.deletion_timestamp.is_some(),
            controller,
            node,
            shape,
            status,
        }
    }

    /// Whether the kubelet made it from a file on the node; such Pods cannot be changed by a webhook.
    pub fn is_static(&self) -> bool {
        self.shape.annotations.contains_key("kubernetes.io/config.mirror")
    }
}
