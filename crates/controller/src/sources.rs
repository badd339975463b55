//! Which kinds are read from a cluster, and in which order?
//!
//! Small kinds first: when the Pods arrive, everything that a verdict about them needs is already there. `ConfigMap`s and
//! `Secret`s are not read: nothing about a verdict needs the right to read them.

use std::sync::Arc;

use facts::{
    Collector, CronJob, CustomResourceDefinition, DaemonSet, Deployment, EndpointSlice, Event, InputKind,
    Instrumentation, Job, MutatingWebhookConfiguration, Namespace, NetworkPolicy, Node, PodView, ReplicaSet,
    Service, StatefulSet,
};

use crate::watched::View;

/// How much of the cluster is read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Extent {
    /// All of it.
    #[default]
    Cluster,
    /// Only what is in these namespaces, with rights in them and nowhere else: of kinds without namespace only the Namespaces
    /// themselves, each by its name.
    Namespaces(Vec<Arc<str>>),
}

impl Extent {
    /// The lists or watches that a source takes; none where it cannot be read with rights in single namespaces.
    pub fn parts(&self, source: &Source) -> Vec<Source> {
        let Self::Namespaces(namespaces) = self else { return vec![source.clone()] };
        if !source.namespaced && source.input != InputKind::Namespaces {
            return Vec::new();
        }
        let part = |namespace: &Arc<str>| Source { namespace: Some(namespace.clone()), ..source.clone() };
        namespaces.iter().map(part).collect()
    }
}

/// One list or watch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// What it feeds.
    pub input: InputKind,
    /// The only object that it is about; `None`: all objects of the kind.
    pub name: Option<&'static str>,
    /// The only namespace that is read; `None`: all of them. Of Namespaces the one that is asked for by its name.
    pub namespace: Option<Arc<str>>,
    /// Which objects the API server sends.
    pub field_selector: Option<&'static str>,
    /// Whether the kind is namespaced.
    pub namespaced: bool,
}

impl Source {
    const fn cluster(input: InputKind) -> Self {
        Self { input, name: None, namespace: None, field_selector: None, namespaced: false }
    }

    fn namespaced(input: InputKind) -> Self {
        Self { namespaced: true, ..Self::cluster(input) }
    }

    fn crd(name: &'static str, selector: &'static str) -> Self {
        let all = Self::cluster(InputKind::CustomResourceDefinitions);
        Self { name: Some(name), field_selector: Some(selector), ..all }
    }
}

impl Source {
    /// The rule that allows it.
    pub fn rule(&self) -> String {
        match (self.input, &self.namespace) {
            (InputKind::Namespaces, Some(name)) => format!("get namespaces, of {name}"),
            (input, _) => input.needed_rule(),
        }
    }

    /// For logs and metrics: the resource, or the name of the only object.
    pub const fn label(&self) -> &'static str {
        match self.name {
            Some(name) => name,
            None => self.input.plural(),
        }
    }
}

/// Name of the `CustomResourceDefinition` of `Instrumentation`s.
pub const INSTRUMENTATION_CRD: &str = "instrumentations.opentelemetry.io";
/// Name of the `CustomResourceDefinition` of collectors.
pub const COLLECTOR_CRD: &str = "opentelemetrycollectors.opentelemetry.io";

/// Does something with every source, whose view type is only known inside.
pub trait Visit {
    /// What comes out of it.
    type Out;
    /// Does it with one.
    fn visit<V: View>(&self, source: &Source) -> Self::Out;
    /// Does it with one of a kind of which a cluster has few, or which somebody else defines, so that objects may be stored that do not
    /// fit: it need not be fast.
    fn visit_few<V: View>(&self, source: &Source) -> Self::Out {
        self.visit::<V>(source)
    }
}

/// Visits every source, in the order in which they are to be read.
pub fn visit_all<T: Visit>(visit: &T) -> Vec<T::Out> {
    use InputKind as Kind;
    let crd = |name, selector| visit.visit::<CustomResourceDefinition>(&Source::crd(name, selector));
    vec![
        visit.visit_few::<Namespace>(&Source::cluster(Kind::Namespaces)),
        visit.visit::<Node>(&Source::cluster(Kind::Nodes)),
        visit.visit_few::<NetworkPolicy>(&Source::namespaced(Kind::NetworkPolicies)),
        crd(INSTRUMENTATION_CRD, "metadata.name=instrumentations.opentelemetry.io"),
        crd(COLLECTOR_CRD, "metadata.name=opentelemetrycollectors.opentelemetry.io"),
        visit
            .visit_few::<MutatingWebhookConfiguration>(&Source::cluster(Kind::MutatingWebhookConfigurations)),
        visit.visit_few::<Instrumentation>(&Source::namespaced(Kind::Instrumentations)),
        visit.visit_few::<Collector>(&Source::namespaced(Kind::Collectors)),
        visit.visit_few::<Service>(&Source::namespaced(Kind::Services)),
        visit.visit::<EndpointSlice>(&Source::namespaced(Kind::EndpointSlices)),
        visit.visit::<Deployment>(&Source::namespaced(Kind::Deployments)),
        visit.visit_few::<StatefulSet>(&Source::namespaced(Kind::StatefulSets)),
        visit.visit_few::<DaemonSet>(&Source::namespaced(Kind::DaemonSets)),
        visit.visit_few::<CronJob>(&Source::namespaced(Kind::CronJobs)),
        visit.visit::<Job>(&Source::namespaced(Kind::Jobs)),
        visit.visit::<ReplicaSet>(&Source::namespaced(Kind::ReplicaSets)),
        visit.visit::<Event>(&Source {
            field_selector: Some("type=Warning"),
            ..Source::namespaced(Kind::Events)
        }),
        visit.visit::<PodView>(&Source::namespaced(Kind::Pods)),
    ]
}

/// Kinds that are not read from a cluster.
pub fn not_read() -> impl Iterator<Item = InputKind> {
    struct Inputs;
    impl Visit for Inputs {
        type Out = InputKind;
        fn visit<V: View>(&self, source: &Source) -> InputKind {
            source.input
        }
    }
    let read = visit_all(&Inputs);
    InputKind::ALL.iter().copied().filter(move |kind| !read.contains(kind))
}
