//! Which kinds do we read, and how does JSON of any kind become a view?

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::cluster::InputKind;
use crate::collector::Collector;
use crate::data::{ConfigMap, Secret};
use crate::event::Event;
use crate::instrumentation::Instrumentation;
use crate::metadata::Metadata;
use crate::namespace::Namespace;
use crate::network_policy::NetworkPolicy;
use crate::node::Node;
use crate::pod::PodView;
use crate::replica_set::ReplicaSet;
use crate::service::{EndpointSlice, Service};
use crate::webhook::{CustomResourceDefinition, MutatingWebhookConfiguration};
use crate::workload::WorkloadView;

/// A view type of one kind of the API.
pub trait Kind: DeserializeOwned {
    /// Group and version.
    const API_VERSION: &'static str;
    /// Kind.
    const KIND: &'static str;
    /// Name of the resource in URLs and RBAC rules.
    const PLURAL: &'static str;
    /// The object's metadata.
    fn metadata(&self) -> &Metadata;

    /// API group; empty for the core group.
    fn group() -> &'static str {
        Self::API_VERSION.split_once('/').map_or("", |(group, _)| group)
    }
}

macro_rules! workload_kinds {
    ($($(#[$doc:meta])* $name:ident, $api:literal, $kind:literal, $plural:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub WorkloadView);

        impl Kind for $name {
            const API_VERSION: &'static str = $api;
            const KIND: &'static str = $kind;
            const PLURAL: &'static str = $plural;
            fn metadata(&self) -> &Metadata {
                &self.0.metadata
            }
        }
    )*};
}

workload_kinds! {
    /// A Deployment.
    Deployment, "apps/v1", "Deployment", "deployments";
    /// A `StatefulSet`.
    StatefulSet, "apps/v1", "StatefulSet", "statefulsets";
    /// A `DaemonSet`.
    DaemonSet, "apps/v1", "DaemonSet", "daemonsets";
    /// A Job.
    Job, "batch/v1", "Job", "jobs";
    /// A `CronJob`.
    CronJob, "batch/v1", "CronJob", "cronjobs";
}

macro_rules! objects {
    ($($name:ident($view:ty) => $input:ident,)*) => {
        /// An object of any kind that is read.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Object {
            $(#[doc = concat!("A `", stringify!($name), "`.")] $name(Box<$view>),)*
        }

        $(impl From<$view> for Object {
            fn from(view: $view) -> Self {
                Self::$name(Box::new(view))
            }
        })*

        impl Object {
            /// Reads an object of a dump or manifest. `None`: not a kind that is read.
            ///
            /// # Errors
            /// [`DecodeError`] when a field has another type than the API gives it.
            pub fn from_value(value: Value) -> Result<Option<Self>, DecodeError> {
                let kind = value.get("kind").and_then(Value::as_str).unwrap_or_default().to_owned();
                let group = value.get("apiVersion").and_then(Value::as_str).unwrap_or_default();
                let group = group.split_once('/').map_or("", |(group, _)| group);
                $(if kind == <$view as Kind>::KIND && group == <$view as Kind>::group() {
                    let name = value.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default().to_owned();
                    let view = serde_json::from_value::<$view>(value).map_err(|source| DecodeError { kind, name, source })?;
                    return Ok(Some(view.into()));
                })*
                Ok(None)
            }

            /// The object as JSON, with group, version and kind: what [`Object::from_value`] reads.
            ///
            /// # Errors
            /// Where it holds JSON that cannot be written, which none that was read does.
            pub fn to_value(&self) -> Result<Value, serde_json::Error> {
                let (api_version, kind, mut value) = match self { $(Self::$name(view) => {
                    (<$view as Kind>::API_VERSION, <$view as Kind>::KIND, serde_json::to_value(view)?)
                })* };
                value["apiVersion"] = api_version.into();
                value["kind"] = kind.into();
                Ok(value)
            }

            /// The object's metadata.
            pub fn metadata(&self) -> &Metadata {
                match self { $(Self::$name(view) => view.metadata(),)* }
            }

            /// The object's kind.
            pub fn kind(&self) -> &'static str {
                match self { $(Self::$name(_) => <$view as Kind>::KIND,)* }
            }

            /// The input that it belongs to.
            pub fn input(&self) -> InputKind {
                match self { $(Self::$name(_) => InputKind::$input,)* }
            }
        }
    };
}

objects! {
    Pod(PodView) => Pods,
    Namespace(Namespace) => Namespaces,
    Deployment(Deployment) => Deployments,
    ReplicaSet(ReplicaSet) => ReplicaSets,
    StatefulSet(StatefulSet) => StatefulSets,
    DaemonSet(DaemonSet) => DaemonSets,
    Job(Job) => Jobs,
    CronJob(CronJob) => CronJobs,
    Instrumentation(Instrumentation) => Instrumentations,
    Collector(Collector) => Collectors,
    MutatingWebhookConfiguration(MutatingWebhookConfiguration) => MutatingWebhookConfigurations,
    Service(Service) => Services,
    EndpointSlice(EndpointSlice) => EndpointSlices,
    CustomResourceDefinition(CustomResourceDefinition) => CustomResourceDefinitions,
    Event(Event) => Events,
    Node(Node) => Nodes,
    ConfigMap(ConfigMap) => ConfigMaps,
    Secret(Secret) => Secrets,
    NetworkPolicy(NetworkPolicy) => NetworkPolicies,
}

/// An object that does not fit its view.
#[derive(Debug, thiserror::Error)]
#[error("{kind} {name:?} does not read as the API describes it: {source}")]
pub struct DecodeError {
    /// Its kind.
    pub kind: String,
    /// Its name; may be empty.
    pub name: String,
    /// What does not fit.
    pub source: serde_json::Error,
}
