//! Whose Pods are these, and what does their template say?

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::annotation::is_relevant_annotation;
use crate::condition::Condition;
use crate::intern::Interner;
use crate::metadata::{Metadata, OwnerReference, null_as_default, null_as_empty};
use crate::object::Kind;
use crate::replica_set::DEFAULT_REPLICAS;
use crate::shape::{PodShape, PodSpec};
use crate::string_map::StringMap;
use crate::workload_ref::WorkloadRef;

/// A Deployment, `StatefulSet`, `DaemonSet`, Job or `CronJob` as it comes from the API.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct WorkloadView {
    /// Metadata.
    pub metadata: Metadata,
    /// Spec.
    #[serde(deserialize_with = "null_as_default")]
    pub spec: WorkloadSpec,
    /// Status.
    #[serde(deserialize_with = "null_as_default")]
    pub status: WorkloadStatus,
}

/// The part of a workload's spec that is read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct WorkloadSpec {
    /// Wanted Pods of a Deployment or `StatefulSet`.
    pub replicas: Option<i32>,
    /// Template of the Pods.
    #[serde(deserialize_with = "null_as_default")]
    pub template: Template,
    /// `CronJob`: template of its Jobs.
    #[serde(deserialize_with = "null_as_default")]
    pub job_template: JobTemplate,
    /// `CronJob` and Job: whether it is suspended.
    #[serde(deserialize_with = "null_as_default")]
    pub suspend: bool,
    /// Deployment: whether its rollout is paused.
    #[serde(deserialize_with = "null_as_default")]
    pub paused: bool,
    /// `StatefulSet` and `DaemonSet`: how Pods are replaced.
    #[serde(deserialize_with = "null_as_default")]
    pub update_strategy: UpdateStrategy,
}

/// How a `StatefulSet` or `DaemonSet` replaces its Pods when the template changes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct UpdateStrategy {
    /// `RollingUpdate` or `OnDelete`.
    #[serde(rename = "type", deserialize_with = "null_as_default")]
    pub kind: Arc<str>,
    /// What belongs to `RollingUpdate`.
    #[serde(rename = "rollingUpdate", deserialize_with = "null_as_default")]
    pub rolling_update: RollingUpdate,
}

/// How far a rolling update of a `StatefulSet` goes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RollingUpdate {
    /// Pods below this number keep the old template.
    #[serde(deserialize_with = "null_as_default")]
    pub partition: i32,
}

/// A Pod template.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Template {
    /// Metadata of the Pods to be.
    #[serde(deserialize_with = "null_as_default")]
    pub metadata: Metadata,
    /// Their spec.
    #[serde(deserialize_with = "null_as_default")]
    pub spec: PodSpec,
}

/// `spec.jobTemplate` of a `CronJob`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct JobTemplate {
    /// Metadata of the Jobs to be.
    #[serde(deserialize_with = "null_as_default")]
    pub metadata: Metadata,
    /// Spec of the Jobs to be.
    #[serde(deserialize_with = "null_as_default")]
    pub spec: JobTemplateSpec,
}

/// `spec.jobTemplate.spec` of a `CronJob`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct JobTemplateSpec {
    /// Template of the Pods.
    #[serde(deserialize_with = "null_as_default")]
    pub template: Template,
}

/// The part of a workload's status that is read; each kind fills its own fields.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct WorkloadStatus {
    /// Generation that its controller has seen.
    pub observed_generation: i64,
    /// Pods there are (Deployment, `StatefulSet`).
    pub replicas: i32,
    /// Pods of the current template.
    pub updated_replicas: i32,
    /// Pods that are ready.
    pub ready_replicas: i32,
    /// Pods that are available.
    pub available_replicas: i32,
    /// `DaemonSet`: Pods that there should be.
    pub desired_number_scheduled: i32,
    /// `DaemonSet`: Pods of the current template.
    pub updated_number_scheduled: i32,
    /// `StatefulSet`: revision that is being rolled out.
    #[serde(deserialize_with = "null_as_default")]
    pub update_revision: Arc<str>,
    /// Job: Pods that run.
    #[serde(deserialize_with = "null_as_default")]
    pub active: Active,
    /// Job: Pods that ended well.
    pub succeeded: i32,
    /// Conditions, `ReplicaFailure`, `Complete` and `Failed` among them.
    #[serde(deserialize_with = "null_as_empty")]
    pub conditions: Box<[Condition]>,
}

/// `status.active`: a number on Jobs, a list of references on `CronJob`s.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Active(pub i32);

impl Serialize for Active {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i32(self.0)
    }
}

impl<'de> Deserialize<'de> for Active {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Form {
            Number(i32),
            List(Vec<serde::de::IgnoredAny>),
        }
        Ok(match Form::deserialize(deserializer)? {
            Form::Number(number) => Self(number),
            Form::List(list) => Self(i32::try_from(list.len()).unwrap_or(i32::MAX)),
        })
    }
}

/// What keeps a changed template from replacing the Pods that run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeldBack {
    /// The rollout of a Deployment is paused.
    Paused,
    /// A `StatefulSet` or `DaemonSet` waits until somebody deletes its Pods.
    OnDelete,
    /// The Pods of a `StatefulSet` below this number keep the old template.
    Partition(i32),
}

/// What is kept of a workload.
#[derive(Clone, Debug, PartialEq)]
pub struct Workload {
    /// Which one.
    pub id: WorkloadRef,
    /// Unique id; empty in manifests.
    pub uid: Arc<str>,
    /// Counts changes of its spec; 0 in manifests.
    pub generation: i64,
    /// When it was created; none in manifests.
    pub created: Option<Timestamp>,
    /// Whether it is being deleted.
    pub deleted: bool,
    /// The owner that controls it, a `CronJob` for a Job.
    pub controller: Option<OwnerReference>,
    /// Its own annotations that are kept; injection is never read from here.
    pub annotations: StringMap,
    /// Its own labels.
    pub labels: StringMap,
    /// `CronJob`: annotations of the Jobs to be that are kept; injection is never read from here either.
    pub job_annotations: StringMap,
    /// Template of its Pods.
    pub template: Arc<PodShape>,
    /// Wanted Pods; none for kinds that do not say.
    pub replicas: Option<i32>,
    /// Whether it is suspended.
    pub suspended: bool,
    /// What keeps a changed template from replacing the Pods that run; none where it replaces them.
    pub held_back: Option<HeldBack>,
    /// The label, and its value, by which Pods of the present revision are known; none where they cannot be told, or where
    /// every Pod is of it.
    pub pod_revision: Option<(&'static str, Arc<str>)>,
    /// Its status.
    pub status: WorkloadStatus,
}

impl Workload {
    /// Takes a decoded workload of kind `K` apart.
    pub fn new<K: Kind>(view: WorkloadView, interner: &mut Interner) -> Self {
        let id = WorkloadRef::of::<K>(&view.metadata);
        let pod_revision = pod_revision(K::KIND, &view);
        let controller = view.metadata.controller().cloned();
        let job_annotations = view.spec.job_template.metadata.annotations;
        let template =
            if K::KIND == "CronJob" { view.spec.job_template.spec.template } else { view.spec.template };
        let replicas = match K::KIND {
            "Deployment" | "StatefulSet" => Some(view.spec.replicas.unwrap_or(DEFAULT_REPLICAS)),
            "DaemonSet" => Some(view.status.desired_number_scheduled),
            _ => None,
        };
        let held_back = match K::KIND {
            "Deployment" if view.spec.paused => Some(HeldBack::Paused),
            "StatefulSet" | "DaemonSet" if &*view.spec.update_strategy.kind == "OnDelete" => {
                Some(HeldBack::OnDelete)
            }
            "StatefulSet" => {
                let partition = view.spec.update_strategy.rolling_update.partition;
                (partition > 0).then_some(HeldBack::Partition(partition))
            }
            _ => None,
        };
        let Metadata { uid, generation, creation_timestamp, deletion_timestamp, labels, annotations, .. } =
            view.metadata;
        Self {
            id,
            uid,
            generation,
            created: creation_timestamp,
            deleted: deletion_timestamp.is_some(),
            controller,
            annotations: annotations.filter_map(is_relevant_annotation, |text| interner.string(text)),
            labels: labels.filter_map(|_| true, |text| interner.string(text)),
            job_annotations: job_annotations.filter_map(is_relevant_annotation, |text| interner.string(text)),
            template: interner.shape(
                "",
                template.metadata.annotations,
                template.metadata.labels,
                template.spec,
            ),
            replicas,
            suspended: view.spec.suspend,
            held_back,
            pod_revision,
            status: view.status,
        }
    }
}

/// See [`Workload::pod_revision`]. A `DaemonSet` numbers its templates (`pkg/controller/daemon/util`, Kubernetes 1.36); its Pods
/// are of the present one also where only the hash is the same, after a rollback, which the count of updated Pods tells.
fn pod_revision(kind: &str, view: &WorkloadView) -> Option<(&'static str, Arc<str>)> {
    let status = &view.status;
    match kind {
        "StatefulSet" if !status.update_revision.is_empty() => {
            Some(("controller-revision-hash", status.update_revision.clone()))
        }
        "DaemonSet" if status.updated_number_scheduled < status.desired_number_scheduled => {
            let generation = view.metadata.annotations.get(TEMPLATE_GENERATION)?;
            Some(("pod-template-generation", generation.into()))
        }
        _ => None,
    }
}

/// Annotation in which the API server counts the changes of a `DaemonSet`'s template.
const TEMPLATE_GENERATION: &str = "deprecated.daemonset.template.generation";
