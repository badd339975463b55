//! Whose Pod is this?
//!
//! Pod → `ReplicaSet` → its owner; Pod → Job → `CronJob`; any other controller as it stands in the reference; without a
//! controller the Pod itself. Never beyond. Static Pods, which the kubelet makes from files, belong to nobody.

use std::sync::{Arc, LazyLock};

use facts::{
    CronJob, DaemonSet, Deployment, InputKind, Job, Kind, OwnerReference, Pod, PodView, ReplicaSet,
    StatefulSet, Workload, WorkloadRef,
};

use crate::inputs::Guess;
use crate::space::Space;
use crate::store::same_uid;

/// The kinds of workloads that are watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WorkloadKind {
    Deployment,
    StatefulSet,
    DaemonSet,
    Job,
    CronJob,
}

struct Words {
    kind: Arc<str>,
    api_version: Arc<str>,
}

impl Words {
    fn of<K: Kind>() -> Self {
        Self { kind: K::KIND.into(), api_version: K::API_VERSION.into() }
    }
}

static WORKLOADS: LazyLock<[Words; 5]> = LazyLock::new(|| {
    [
        Words::of::<Deployment>(),
        Words::of::<StatefulSet>(),
        Words::of::<DaemonSet>(),
        Words::of::<Job>(),
        Words::of::<CronJob>(),
    ]
});
static REPLICA_SET: LazyLock<Words> = LazyLock::new(Words::of::<ReplicaSet>);
static POD: LazyLock<Words> = LazyLock::new(Words::of::<PodView>);

impl WorkloadKind {
    pub(crate) const ALL: [Self; 5] =
        [Self::Deployment, Self::StatefulSet, Self::DaemonSet, Self::Job, Self::CronJob];

    pub(crate) fn of(id: &WorkloadRef) -> Option<Self> {
        Self::named(&id.api_version, &id.kind)
    }

    /// By group, whatever the version: an old reference may carry an old one.
    fn named(api_version: &str, kind: &str) -> Option<Self> {
        let found = match kind {
            "Deployment" => Self::Deployment,
            "StatefulSet" => Self::StatefulSet,
            "DaemonSet" => Self::DaemonSet,
            "Job" => Self::Job,
            "CronJob" => Self::CronJob,
            _ => return None,
        };
        (group(api_version) == group(&found.words().api_version)).then_some(found)
    }

    pub(crate) fn from_input(kind: InputKind) -> Option<Self> {
        Self::ALL.into_iter().find(|workload| workload.input() == kind)
    }

    pub(crate) const fn input(self) -> InputKind {
        match self {
            Self::Deployment => InputKind::Deployments,
            Self::StatefulSet => InputKind::StatefulSets,
            Self::DaemonSet => InputKind::DaemonSets,
            Self::Job => InputKind::Jobs,
            Self::CronJob => InputKind::CronJobs,
        }
    }

    /// The kind as the API writes it.
    pub(crate) fn word(self) -> &'static str {
        &self.words().kind
    }

    /// The workload of this kind and name.
    pub(crate) fn id(self, namespace: &Arc<str>, name: &Arc<str>) -> WorkloadRef {
        self.words().id(namespace, name)
    }

    fn words(self) -> &'static Words {
        &WORKLOADS[self as usize]
    }
}

impl Words {
    fn id(&self, namespace: &Arc<str>, name: &Arc<str>) -> WorkloadRef {
        WorkloadRef {
            namespace: namespace.clone(),
            kind: self.kind.clone(),
            name: name.clone(),
            api_version: self.api_version.clone(),
        }
    }
}

/// A `ReplicaSet` as an owner or as a workload of its own.
pub(crate) fn replica_set_id(namespace: &Arc<str>, name: &Arc<str>) -> WorkloadRef {
    REPLICA_SET.id(namespace, name)
}

/// A Pod as a workload of its own.
pub(crate) fn pod_id(pod: &Pod) -> WorkloadRef {
    POD.id(&pod.namespace, &pod.name)
}

/// Whether a reference names a Pod as a workload of its own.
pub(crate) fn is_pod(id: &WorkloadRef) -> bool {
    &*id.kind == "Pod" && group(&id.api_version).is_empty()
}

pub(crate) fn is_replica_set(owner: &OwnerReference) -> bool {
    &*owner.kind == "ReplicaSet" && group(&owner.api_version) == "apps"
}

pub(crate) fn is_replica_set_id(id: &WorkloadRef) -> bool {
    &*id.kind == "ReplicaSet" && group(&id.api_version) == "apps"
}

fn group(api_version: &str) -> &str {
    api_version.split_once('/').map_or("", |(group, _)| group)
}

/// The owner that a reference names; of kinds that are watched in the version in which they are watched.
pub(crate) fn named_by(namespace: &Arc<str>, owner: &OwnerReference) -> WorkloadRef {
    match WorkloadKind::named(&owner.api_version, &owner.kind) {
        Some(kind) => kind.id(namespace, &owner.name),
        None if is_replica_set(owner) => replica_set_id(namespace, &owner.name),
        None => WorkloadRef::owner(namespace, owner),
    }
}

/// The workload that a `ReplicaSet` belongs to.
pub(crate) fn workload_of_replica_set(set: &ReplicaSet) -> WorkloadRef {
    let metadata = &set.metadata;
    match metadata.controller() {
        Some(owner) => named_by(&metadata.namespace, owner),
        None => replica_set_id(&metadata.namespace, &metadata.name),
    }
}

/// The workload that a watched object belongs to: a Job may be one run of a `CronJob`, any other is one itself.
pub(crate) fn workload_of(workload: &Workload) -> WorkloadRef {
    cron_job_of(workload).unwrap_or_else(|| workload.id.clone())
}

/// The `CronJob` that made a Job.
pub(crate) fn cron_job_of(workload: &Workload) -> Option<WorkloadRef> {
    if WorkloadKind::of(&workload.id) != Some(WorkloadKind::Job) {
        return None;
    }
    let owner = named_by(&workload.id.namespace, workload.controller.as_ref()?);
    (WorkloadKind::of(&owner) == Some(WorkloadKind::CronJob)).then_some(owner)
}

/// The Deployment that a `ReplicaSet`'s name and its Pods' label tell: the Deployment controller names it
/// `<deployment>-<pod-template-hash>` (`pkg/controller/deployment/sync.go`, Kubernetes 1.36).
pub(crate) fn guessed_deployment(pod: &Pod, owner: &OwnerReference) -> Option<WorkloadRef> {
    let hash = pod.shape.labels.get("pod-template-hash")?;
    let name = owner.name.strip_suffix(hash)?.strip_suffix('-')?;
    Some(WorkloadKind::Deployment.id(&pod.namespace, &name.into()))
}

impl Space {
    /// The workload of a Pod. None for static Pods, and while the owner between the two is not known yet.
    pub(crate) fn workload_of_pod(&self, pod: &Pod, guess: Guess) -> Option<WorkloadRef> {
        if pod.is_static() {
            return None;
        }
        let Some(owner) = pod.controller.as_deref() else { return Some(pod_id(pod)) };
        if is_replica_set(owner) {
            let set =
                self.replica_sets.get(&owner.name).filter(|set| same_uid(&set.metadata.uid, &owner.uid));
            let guessed = || {
                guessed_deployment(pod, owner).unwrap_or_else(|| replica_set_id(&pod.namespace, &owner.name))
            };
            return set.map(workload_of_replica_set).or_else(|| guess.replica_sets.then(guessed));
        }
        let parent = named_by(&pod.namespace, owner);
        if WorkloadKind::of(&parent) == Some(WorkloadKind::Job) {
            let job = self.workload(&parent).filter(|job| same_uid(&job.uid, &owner.uid));
            return job.map(workload_of).or_else(|| guess.jobs.then_some(parent));
        }
        Some(parent)
    }
}
