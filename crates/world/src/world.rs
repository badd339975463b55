//! How does the stream of objects become a world?

use std::sync::Arc;

use ahash::{AHashMap, AHashSet};
use facts::{
    CronJob, CustomResourceDefinition, DaemonSet, Deployment, InputKind, Interner, Job,
    MutatingWebhookConfiguration, Namespace, Node, Object, Pod, Readability, StatefulSet, WorkloadRef,
};

use jiff::Timestamp;

use crate::certificates::Certificates;
use crate::climb::WorkloadKind;
use crate::depth::Depth;
use crate::events::Events;
use crate::inputs::Inputs;
use crate::mention::Mentions;
use crate::operator_side::OperatorSide;
use crate::pending::{Names, Pending};
use crate::space::Space;
use crate::store::Store;

/// The cluster in memory. Answers the questions of [`facts::ClusterView`].
#[derive(Debug)]
pub struct World {
    pub(crate) inputs: Inputs,
    pub(crate) interner: Interner,
    pub(crate) mentions: Mentions,
    pub(crate) spaces: AHashMap<Arc<str>, Space>,
    pub(crate) namespaces: Store<Namespace>,
    pub(crate) nodes: Store<Node>,
    pub(crate) webhooks: Store<MutatingWebhookConfiguration>,
    pub(crate) crds: Store<CustomResourceDefinition>,
    pub(crate) events: Events,
    pub(crate) operator: OperatorSide,
    pub(crate) certificates: Certificates,
    pub(crate) depth: Depth,
    /// Services of type `ExternalName`.
    pub(crate) external_names: Names,
    /// Services that ask for injection in vain.
    pub(crate) services_asking: Names,
    pub(crate) dirty: AHashSet<WorkloadRef>,
    pub(crate) pending: Pending,
    /// See [`facts::ClusterView::newest_injected`].
    pub(crate) newest_injected: Option<Timestamp>,
    /// Changes that may have left strings, shapes and statuses behind that nobody uses.
    pub(crate) garbage: usize,
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

impl World {
    /// An empty world: every kind is [`Readability::Pending`].
    pub fn new() -> Self {
        Self {
            inputs: Inputs::new(),
            interner: Interner::default(),
            mentions: Mentions::default(),
            spaces: AHashMap::new(),
            namespaces: Store::default(),
            nodes: Store::default(),
            webhooks: Store::default(),
            crds: Store::default(),
            events: Events::default(),
            operator: OperatorSide::default(),
            certificates: Certificates::default(),
            depth: Depth::default(),
            external_names: Names::default(),
            services_asking: Names::default(),
            dirty: AHashSet::new(),
            pending: Pending::default(),
            newest_injected: None,
            garbage: 0,
        }
    }

    /// Says how well a kind is known, and marks what depends on it. Objects of a kind that is not served or may not be
    /// read are forgotten: what was once seen of them may be wrong by now.
    pub fn set_readability(&mut self, kind: InputKind, readability: Readability) {
        let forget = matches!(readability, Readability::NotServed | Readability::Unreadable { .. });
        if self.inputs.set(kind, readability) {
            self.readability_changed(kind);
        }
        if forget {
            self.remove_all(kind, None, None);
        }
    }

    /// The same of a single namespace, where namespaces are read by themselves; of Namespaces, about the one of that name.
    /// What [`World::set_readability`] says of the kind then holds for all others.
    pub fn set_readability_in(&mut self, kind: InputKind, namespace: &Arc<str>, readability: Readability) {
        let forget = matches!(readability, Readability::NotServed | Readability::Unreadable { .. });
        if self.inputs.set_in(kind, namespace, readability) {
            self.readability_changed(kind);
        }
        if forget {
            self.remove_all(kind, None, Some(namespace));
        }
    }

    /// Whether everything of a kind that is read is known: in the namespaces that are read by themselves, else everywhere.
    pub fn is_read(&self, kind: InputKind) -> bool {
        self.inputs.is_read(kind)
    }

    /// A list or relist of a kind starts. Until [`World::complete`], what is not there may still come. Answers the number of
    /// the list.
    pub fn begin(&mut self, kind: InputKind) -> u32 {
        self.inputs.next_list(kind);
        self.inputs.list(kind)
    }

    /// List number `list`, of one namespace, is complete: what neither it nor a later one contained is gone from there.
    pub fn complete_in(&mut self, kind: InputKind, namespace: &Arc<str>, list: u32) {
        self.remove_all(kind, Some(list), Some(namespace));
        self.set_readability_in(kind, namespace, Readability::Complete);
    }

    /// Takes an object in: an item of a list, an event of a watch, or an object of a file.
    pub fn apply(&mut self, object: Object) {
        match object {
            Object::Pod(view) => self.apply_pod(*view),
            Object::Namespace(namespace) => self.apply_namespace(*namespace),
            Object::Deployment(view) => self.apply_workload::<Deployment>(WorkloadKind::Deployment, view.0),
            Object::ReplicaSet(set) => self.apply_replica_set(*set),
            Object::StatefulSet(view) => {
                self.apply_workload::<StatefulSet>(WorkloadKind::StatefulSet, view.0);
            }
            Object::DaemonSet(view) => self.apply_workload::<DaemonSet>(WorkloadKind::DaemonSet, view.0),
            Object::Job(view) => self.apply_workload::<Job>(WorkloadKind::Job, view.0),
            Object::CronJob(view) => self.apply_workload::<CronJob>(WorkloadKind::CronJob, view.0),
            Object::Instrumentation(instrumentation) => self.apply_instrumentation(*instrumentation),
            Object::Collector(collector) => self.apply_collector(*collector),
            Object::MutatingWebhookConfiguration(webhook) => self.apply_webhook(*webhook),
            Object::Service(service) => self.apply_service(*service),
            Object::EndpointSlice(slice) => self.apply_slice(&slice),
            Object::CustomResourceDefinition(crd) => self.apply_crd(*crd),
            Object::Event(event) => self.apply_event(*event),
            Object::Node(node) => self.apply_node(*node),
            Object::ConfigMap(map) => self.apply_config_map(*map),
            Object::Secret(secret) => self.apply_secret(*secret),
            Object::NetworkPolicy(policy) => self.apply_network_policy(*policy),
        }
    }

    /// Takes an object out. One that has been replaced by another of the same name in the meantime changes nothing.
    #[expect(clippy::needless_pass_by_value, reason = "the mirror of `apply`")]
    pub fn delete(&mut self, object: Object) {
        let metadata = object.metadata();
        self.remove(object.input(), &metadata.namespace, &metadata.name, &metadata.uid);
    }

    /// A list or relist is complete: what it did not contain is gone.
    pub fn complete(&mut self, kind: InputKind) {
        self.remove_all(kind, Some(self.inputs.list(kind)), None);
        self.set_readability(kind, Readability::Complete);
        if kind == InputKind::Pods || self.garbage > 0 {
            self.sweep();
        }
    }

    /// A Pod as it was last seen.
    pub fn pod(&self, namespace: &str, name: &str) -> Option<&Pod> {
        self.spaces.get(namespace)?.pods.get(name)
    }

    /// Marks every workload.
    pub fn mark_all_dirty(&mut self) {
        self.pending.all = true;
    }

    /// Whether [`World::take_dirty`] may have something to give.
    pub fn is_dirty(&self) -> bool {
        !self.dirty.is_empty() || !self.pending.is_empty()
    }

    /// The workloads that changes since the last call can affect, each once, in order. Some of them may be gone.
    pub fn take_dirty(&mut self) -> Vec<WorkloadRef> {
        self.resolve_pending();
        let mut dirty: Vec<_> = std::mem::take(&mut self.dirty).into_iter().collect();
        dirty.sort_unstable();
        dirty
    }

    /// Changes whenever something that the operator's side consists of changes: what is derived from it may be kept as
    /// long as this number stays.
    pub fn operator_epoch(&self) -> u64 {
        self.operator.epoch
    }

    /// Marks the workload of which a part changed.
    pub(crate) fn touch(&mut self, id: WorkloadRef) {
        if self.operator.deployments.contains(&id) {
            self.operator_changed();
        }
        self.dirty.insert(id);
    }

    pub(crate) fn operator_changed(&mut self) {
        self.operator.epoch += 1;
        self.pending.concerned = true;
    }

    pub(crate) fn space_mut(&mut self, namespace: &Arc<str>) -> &mut Space {
        // A look-up before the entry: it needs no new reference to the name.
        if !self.spaces.contains_key(namespace) {
            self.spaces.insert(namespace.clone(), Space::default());
        }
        self.spaces.entry(namespace.clone()).or_default()
    }

    fn readability_changed(&mut self, kind: InputKind) {
        match kind {
            InputKind::Pods
            | InputKind::Namespaces
            | InputKind::Deployments
            | InputKind::ReplicaSets
            | InputKind::StatefulSets
            | InputKind::DaemonSets
            | InputKind::Jobs
            | InputKind::CronJobs => self.pending.all = true,
            _ => self.pending.concerned = true,
        }
        self.operator.epoch += 1;
    }
}
