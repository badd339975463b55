//! What identifies an object of each kind, and what of its metadata is not worth keeping?

use std::sync::Arc;

use facts::{
    Collector, ConfigMap, CustomResourceDefinition, Instrumentation, Interner, Metadata,
    MutatingWebhookConfiguration, Namespace, NetworkPolicy, Node, Pod, ReplicaSet, Secret, Service,
    StringMap, Workload, is_relevant_annotation,
};

use crate::store::Kept;

macro_rules! kept {
    ($($name:ty: $object:ident => $uid:expr,)*) => {
        $(impl Kept for $name {
            fn uid(&self) -> &str {
                let $object = self;
                $uid
            }
        })*
    };
}

kept! {
    Pod: pod => &pod.uid,
    Workload: workload => &workload.uid,
    ReplicaSet: set => &set.metadata.uid,
    Namespace: namespace => &namespace.metadata.metadata.uid,
    Arc<Instrumentation>: instrumentation => &instrumentation.metadata.metadata.uid,
    Collector: collector => &collector.metadata.uid,
    Service: service => &service.metadata.uid,
    ConfigMap: map => &map.metadata.uid,
    Secret: secret => &secret.metadata.uid,
    NetworkPolicy: policy => &policy.metadata.uid,
    Node: node => &node.metadata.uid,
    MutatingWebhookConfiguration: webhook => &webhook.metadata.uid,
    CustomResourceDefinition: crd => &crd.metadata.uid,
}

/// Which labels of an object are kept.
#[derive(Clone, Copy)]
pub(super) enum Labels {
    /// Selectors may ask for any.
    All,
    /// Nobody asks for them.
    None,
}

/// Takes out of an object's metadata what changes without a meaning or is never read.
pub(super) fn trim(metadata: &mut Metadata, labels: Labels, interner: &mut Interner) {
    metadata.resource_version = Arc::default();
    metadata.namespace = interner.string(&metadata.namespace);
    metadata.annotations = share(std::mem::take(&mut metadata.annotations), is_relevant_annotation, interner);
    metadata.labels = match labels {
        Labels::All => share(std::mem::take(&mut metadata.labels), |_| true, interner),
        Labels::None => StringMap::default(),
    };
}

/// The entries of a map that `keep` chooses, with shared strings.
pub(super) fn share(map: StringMap, keep: impl Fn(&str) -> bool, interner: &mut Interner) -> StringMap {
    map.filter_map(keep, |text| interner.string(text))
}
