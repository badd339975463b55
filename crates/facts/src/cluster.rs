//! What may a decision ask of the cluster, and what does "not there" mean?
//!
//! [`ClusterView`] is the only way in which the operator's model and the causes see other objects. Absence is never
//! guessed: a look-up answers found, absent or unknown, and unknown carries what would be needed to know.

use std::sync::Arc;

use jiff::Timestamp;

use crate::collector::Collector;
use crate::data::{ConfigMap, Secret};
use crate::event::Event;
use crate::instrumentation::Instrumentation;
use crate::metadata::OwnerReference;
use crate::namespace::Namespace;
use crate::network_policy::NetworkPolicy;
use crate::node::Node;
use crate::opt_in::{OptIn, Trial};
use crate::pod::Pod;
use crate::replica_set::ReplicaSet;
use crate::service::{Endpoints, Service};
use crate::string_map::StringMap;
use crate::webhook::{CustomResourceDefinition, MutatingWebhookConfiguration, ServingCertificate};
use crate::workload::Workload;
use crate::workload_ref::WorkloadRef;

macro_rules! inputs {
    ($($name:ident = $group:literal $plural:literal,)*) => {
        /// The kinds of objects that a diagnosis may read.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum InputKind {
            $(#[doc = concat!("`", $plural, "`")] $name,)*
        }

        impl InputKind {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The API group; empty for the core group.
            pub const fn group(self) -> &'static str {
                match self { $(Self::$name => $group,)* }
            }

            /// The resource, in plural.
            pub const fn plural(self) -> &'static str {
                match self { $(Self::$name => $plural,)* }
            }

            /// The name of the check that fails without it, for `status.notChecked`.
            pub const fn check(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)* }
            }
        }
    };
}

inputs! {
    Pods = "" "pods",
    Namespaces = "" "namespaces",
    Deployments = "apps" "deployments",
    ReplicaSets = "apps" "replicasets",
    StatefulSets = "apps" "statefulsets",
    DaemonSets = "apps" "daemonsets",
    Jobs = "batch" "jobs",
    CronJobs = "batch" "cronjobs",
    Instrumentations = "opentelemetry.io" "instrumentations",
    Collectors = "opentelemetry.io" "opentelemetrycollectors",
    MutatingWebhookConfigurations = "admissionregistration.k8s.io" "mutatingwebhookconfigurations",
    Services = "" "services",
    EndpointSlices = "discovery.k8s.io" "endpointslices",
    CustomResourceDefinitions = "apiextensions.k8s.io" "customresourcedefinitions",
    Events = "" "events",
    Nodes = "" "nodes",
    ConfigMaps = "" "configmaps",
    Secrets = "" "secrets",
    NetworkPolicies = "networking.k8s.io" "networkpolicies",
}

impl InputKind {
    /// Whether its objects are in namespaces.
    pub const fn is_namespaced(self) -> bool {
        !matches!(
            self,
            Self::Namespaces
                | Self::Nodes
                | Self::MutatingWebhookConfigurations
                | Self::CustomResourceDefinitions
        )
    }

    /// The rule that reading it needs: `list, watch services` or `… instrumentations.opentelemetry.io`.
    pub fn needed_rule(self) -> String {
        let group = self.group();
        let dot = if group.is_empty() { "" } else { "." };
        format!("list, watch {}{dot}{group}", self.plural())
    }
}

/// What is known of one kind of objects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Readability {
    /// Every object of the kind is known: what is not there is absent.
    Complete,
    /// Only what was supplied is known: what is not there is unknown.
    Partial,
    /// The API server does not serve the kind: nothing of it exists.
    NotServed,
    /// The first list has not arrived.
    Pending,
    /// It may not be read, or is not read unless asked for; says what is needed.
    Unreadable {
        /// The rule or flag that is needed.
        needs: Arc<str>,
    },
}

impl Readability {
    /// Whether absence may be concluded.
    pub fn is_exhaustive(&self) -> bool {
        matches!(self, Self::Complete | Self::NotServed)
    }
}

/// Answer to a look-up by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lookup<T> {
    /// It is there.
    Found(T),
    /// It is certainly not there.
    Absent,
    /// Cannot be told.
    Unknown,
}

impl<T> Lookup<T> {
    /// The object, if found.
    pub fn found(self) -> Option<T> {
        match self {
            Self::Found(value) => Some(value),
            Self::Absent | Self::Unknown => None,
        }
    }

    /// Whether it is certainly not there.
    pub const fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// Whether it cannot be told.
    pub const fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown)
    }

    /// From an optional object of a kind that is read so well.
    pub fn from_option(value: Option<T>, readability: &Readability) -> Self {
        match value {
            Some(value) => Self::Found(value),
            None if readability.is_exhaustive() => Self::Absent,
            None => Self::Unknown,
        }
    }

    /// The same answer about a part of the object.
    pub fn map<U>(self, part: impl FnOnce(T) -> U) -> Lookup<U> {
        match self {
            Self::Found(value) => Lookup::Found(part(value)),
            Self::Absent => Lookup::Absent,
            Self::Unknown => Lookup::Unknown,
        }
    }
}

/// Read-only questions about the cluster. Pure: two calls with nothing changed between give the same answer.
pub trait ClusterView {
    /// How well a kind is known.
    fn readability(&self, kind: InputKind) -> &Readability;

    /// How well a kind is known in one namespace; of Namespaces, how well the one of that name is known. Where only some
    /// namespaces are read it may be known completely in them, and the kind as a whole only in part.
    fn readability_in(&self, kind: InputKind, _namespace: &str) -> &Readability {
        self.readability(kind)
    }

    /// A Namespace.
    fn namespace(&self, name: &str) -> Lookup<&Namespace>;

    /// An Instrumentation.
    fn instrumentation(&self, namespace: &str, name: &str) -> Lookup<&Arc<Instrumentation>>;
    /// All Instrumentations of a namespace, by name. Whether these are all tells [`ClusterView::readability`].
    fn instrumentations_in(&self, namespace: &str) -> Vec<&Arc<Instrumentation>>;
    /// All Instrumentations, by namespace and name.
    fn instrumentations(&self) -> Vec<&Arc<Instrumentation>>;

    /// A collector.
    fn collector(&self, namespace: &str, name: &str) -> Lookup<&Collector>;
    /// All collectors of a namespace, by name.
    fn collectors_in(&self, namespace: &str) -> Vec<&Collector>;

    /// All mutating webhook configurations, by name: the order in which the API server calls them.
    fn mutating_webhooks(&self) -> Vec<&MutatingWebhookConfiguration>;
    /// A `CustomResourceDefinition`.
    fn crd(&self, name: &str) -> Lookup<&CustomResourceDefinition>;

    /// A Service.
    fn service(&self, namespace: &str, name: &str) -> Lookup<&Service>;
    /// Services of a namespace, by name.
    fn services_in(&self, namespace: &str) -> Vec<&Service>;
    /// Services of that name in any namespace, by namespace: to suggest what may be meant, never to conclude anything.
    fn services_named(&self, _name: &str) -> Vec<&Service> {
        Vec::new()
    }
    /// Services of a namespace that [ask in vain](Service::asks_in_vain), by name.
    fn services_asking_in_vain(&self, namespace: &str) -> Vec<&Service> {
        self.services_in(namespace).into_iter().filter(|service| service.asks_in_vain()).collect()
    }
    /// What answers behind a Service; `Absent` where it has no slice at all.
    fn endpoints(&self, namespace: &str, service: &str) -> Lookup<Endpoints>;

    /// A workload of a watched kind.
    fn workload(&self, workload: &WorkloadRef) -> Lookup<&Workload>;
    /// All Deployments whose template could be the operator's: an image or label of theirs contains `opentelemetry-operator`.
    fn operator_deployments(&self) -> Vec<&Workload>;
    /// A `ReplicaSet`.
    fn replica_set(&self, namespace: &str, name: &str) -> Lookup<&ReplicaSet>;
    /// `ReplicaSet`s that a Deployment controls, newest revision first.
    fn replica_sets_of(&self, deployment: &WorkloadRef) -> Vec<&ReplicaSet>;
    /// Owners of a `ReplicaSet`, Job or any other object named in an ownerReference.
    fn owners_of(&self, kind: &str, namespace: &str, name: &str) -> Lookup<&[OwnerReference]>;

    /// Pods of a namespace whose labels have all of these values.
    fn pods_with_labels(&self, namespace: &str, labels: &StringMap) -> Vec<&Pod>;
    /// Pods of a namespace of which a container failed and was started again. Few, and so quickly looked through.
    fn restarted_pods(&self, namespace: &str) -> Vec<&Pod>;
    /// A Node.
    fn node(&self, name: &str) -> Lookup<&Node>;
    /// All Nodes, in no order. Whether these are all tells [`ClusterView::readability`].
    fn nodes(&self) -> Vec<&Node> {
        Vec::new()
    }
    /// When the newest Pod was created that was seen with an agent of the operator, in whatever namespace: a proof that the API
    /// server reached the operator then.
    fn newest_injected(&self) -> Option<Timestamp> {
        None
    }

    /// A Secret: that it exists, and its public certificates.
    fn secret(&self, namespace: &str, name: &str) -> Lookup<&Secret>;
    /// A `ConfigMap`.
    fn config_map(&self, namespace: &str, name: &str) -> Lookup<&ConfigMap>;

    /// `NetworkPolicies` of a namespace, by name. Whether these are all tells [`ClusterView::readability`].
    fn network_policies_in(&self, _namespace: &str) -> Vec<&NetworkPolicy> {
        Vec::new()
    }

    /// The certificate that a webhook's Service answered with in a TLS handshake. `Unknown` where none was tried.
    fn serving_certificate(&self, _namespace: &str, _service: &str) -> Lookup<&ServingCertificate> {
        Lookup::Unknown
    }

    /// Checks that are not made because nobody asked for them, and what they need.
    fn switched_off(&self) -> &[(OptIn, Arc<str>)] {
        &[]
    }

    /// What became of the creation of a Pod of a workload, tried as a dry run. None where none was tried.
    fn trial(&self, _workload: &WorkloadRef) -> Option<&Trial> {
        None
    }

    /// Warning Events about an object, newest first.
    fn events_about(&self, uid: &str) -> Vec<&Event>;
    /// Warning Events of a reason in a namespace, newest first; also those that name no object.
    fn events_with_reason(&self, namespace: &str, reason: &str) -> Vec<&Event>;
}

/// Kinds that may not be read, or are not read unless asked for, and the rule or flag that each needs.
pub fn unreadable(cluster: &dyn ClusterView) -> Vec<(InputKind, &str)> {
    let needs = |kind: InputKind| match cluster.readability(kind) {
        Readability::Unreadable { needs } => Some((kind, &**needs)),
        _ => None,
    };
    InputKind::ALL.iter().copied().filter_map(needs).collect()
}
