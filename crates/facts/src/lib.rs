//! What do we read of the watched objects, and what do we keep of each?
//!
//! Slim view types: every field is optional, unknown fields are skipped, so that one odd object never stops a watch. A
//! [`Pod`] shares its spec, labels and annotations with its siblings as a [`PodShape`]. The same types are filled from a
//! watch and from files; nothing here knows which. No I/O, no clock.

mod annotation;
mod cluster;
mod collector;
mod condition;
mod container;
mod credentials;
mod data;
mod environment;
mod event;
mod instrumentation;
mod intern;
mod ip_block;
mod language;
mod managed_fields;
mod metadata;
mod namespace;
mod network_policy;
mod node;
mod noise;
mod object;
mod opt_in;
mod pod;
mod replica_set;
mod selector;
mod service;
mod shape;
mod status;
mod string_map;
mod subject;
mod text;
mod volume;
mod webhook;
mod workload;
mod workload_ref;

pub use annotation::{
    INJECT_KEYS, INSTRUMENTATION_PREFIX, LAST_APPLIED, RESOURCE_PREFIX, SIDECAR_INJECT,
    is_relevant_annotation,
};
pub use cluster::{ClusterView, InputKind, Lookup, Readability, unreadable};
pub use collector::{Collector, CollectorSpec};
pub use condition::Condition;
pub use container::{Container, ContainerPort, ResourceRequirements, SecurityContext, VolumeMount};
pub use credentials::Credentials;
pub use data::{ConfigMap, PublicData, Secret};
pub use environment::{EnvFrom, EnvVar, FieldRef, KeyRef, NameRef, ResourceFieldRef, ValueFrom};
pub use event::{Event, ObjectReference};
pub use instrumentation::{
    Defaults, EnvSource, Exporter, ExporterTls, Instrumentation, InstrumentationSpec, InstrumentationStatus,
    JavaExtension, LanguageSpec, ResourceSpec, SamplerSpec,
};
pub use intern::Interner;
pub use ip_block::IpBlock;
pub use language::Language;
pub use managed_fields::{ManagedFields, ManagedMetadata};
pub use metadata::{Metadata, OwnerReference};
pub use namespace::Namespace;
pub use network_policy::{NetworkPolicy, NetworkPolicySpec, PolicyPeer, PolicyPort, PolicyRule};
pub use node::{Node, NodeSpec, NodeStatus};
pub use noise::{is_read_variable, names_in_endpoints};
pub use object::{CronJob, DaemonSet, DecodeError, Deployment, Job, Kind, Object, StatefulSet};
pub use opt_in::{DataRef, OptIn, Trial};
pub use pod::{Pod, PodView};
pub use replica_set::{REVISIONS, ReplicaSet, ReplicaSetSpec, ReplicaSetStatus};
pub use selector::{LabelSelector, LabelSelectorRequirement};
pub use service::{
    Endpoint, EndpointConditions, EndpointSlice, Endpoints, Service, ServicePort, ServiceSpec,
};
pub use shape::{PodOs, PodShape, PodSpec, names_operator};
pub use status::{ContainerState, ContainerStatus, PodPhase, PodStatus, Running, Terminated, Waiting};
pub use string_map::StringMap;
pub use subject::Subject;
pub use volume::{EmptyDir, HostPath, SecretVolume, Volume};
pub use webhook::{
    CustomResourceDefinition, CustomResourceDefinitionStatus, MatchCondition, MutatingWebhookConfiguration,
    ServingCertificate, Webhook, WebhookClientConfig, WebhookRule, WebhookService,
};
pub use workload::{
    Active, HeldBack, JobTemplate, JobTemplateSpec, RollingUpdate, Template, UpdateStrategy, Workload,
    WorkloadSpec, WorkloadStatus, WorkloadView,
};
pub use workload_ref::WorkloadRef;
