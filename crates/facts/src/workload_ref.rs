//! What is a workload called?

use std::fmt;
use std::sync::Arc;

use crate::metadata::{Metadata, OwnerReference};
use crate::object::Kind;

/// Names a workload: a Deployment, `StatefulSet`, `DaemonSet`, `CronJob`, a Job without `CronJob`, a Pod without controller,
/// or any other kind of controller as an ownerReference names it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct WorkloadRef {
    /// Namespace.
    pub namespace: Arc<str>,
    /// Kind.
    pub kind: Arc<str>,
    /// Name.
    pub name: Arc<str>,
    /// Group and version.
    pub api_version: Arc<str>,
}

impl WorkloadRef {
    /// A workload of one of the kinds that are watched.
    pub fn of<K: Kind>(metadata: &Metadata) -> Self {
        Self {
            namespace: metadata.namespace.clone(),
            kind: K::KIND.into(),
            name: metadata.name.clone(),
            api_version: K::API_VERSION.into(),
        }
    }

    /// The workload that an ownerReference in a namespace names.
    pub fn owner(namespace: &Arc<str>, owner: &OwnerReference) -> Self {
        Self {
            namespace: namespace.clone(),
            kind: owner.kind.clone(),
            name: owner.name.clone(),
            api_version: owner.api_version.clone(),
        }
    }

    /// `deployment/checkout`, as `kubectl` takes it.
    pub fn slug(&self) -> String {
        format!("{}/{}", self.kind.to_lowercase(), self.name)
    }
}

impl fmt::Display for WorkloadRef {
    /// `shop/deployment/checkout`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.namespace, self.slug())
    }
}
