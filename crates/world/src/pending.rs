//! Which changes of shared objects are not turned into workloads yet?
//!
//! They are only noted as they come, and turned into workloads when somebody asks: a list of ten thousand Instrumentations is
//! one walk over the Pods, not ten thousand.

use std::sync::Arc;

use ahash::{AHashMap, AHashSet};

/// Changes of shared objects, by how far they reach.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    /// Every workload.
    pub(crate) all: bool,
    /// Every workload that asks for injection or carries it.
    pub(crate) concerned: bool,
    /// The same, of these namespaces only.
    pub(crate) concerned_in: AHashSet<Arc<str>>,
    /// Every workload of these namespaces, and those that send there.
    pub(crate) namespaces: AHashSet<Arc<str>>,
    /// Instrumentations and collectors that changed.
    pub(crate) requested: Names,
    /// Whether one of these came or went, so that what is said of a request that finds nothing may change.
    pub(crate) requests_anew: bool,
    /// Services that changed, or behind which somebody began or ceased to answer: those that send there.
    pub(crate) services: Names,
    /// Those of them that came or went, so that what is said of an address that finds nothing may change.
    pub(crate) services_anew: Names,
    /// Services behind which somebody began or ceased to answer: those that answer there.
    pub(crate) behind: Names,
    /// Nodes that changed.
    pub(crate) nodes: AHashSet<Arc<str>>,
}

/// Names by namespace.
#[derive(Debug, Default)]
pub(crate) struct Names(AHashMap<Arc<str>, AHashSet<Arc<str>>>);

impl Names {
    /// Returns whether it is new.
    pub(crate) fn insert(&mut self, namespace: &Arc<str>, name: &Arc<str>) -> bool {
        self.0.entry(namespace.clone()).or_default().insert(name.clone())
    }

    pub(crate) fn contains(&self, namespace: &str, name: &str) -> bool {
        self.0.get(namespace).is_some_and(|names| names.contains(name))
    }

    pub(crate) fn of(&self, namespace: &str) -> impl Iterator<Item = &Arc<str>> {
        self.0.get(namespace).into_iter().flatten()
    }

    pub(crate) fn any_in(&self, namespace: &str) -> bool {
        self.0.contains_key(namespace)
    }

    pub(crate) fn any_named(&self, name: &str) -> bool {
        self.0.values().any(|names| names.contains(name))
    }

    pub(crate) fn namespaces_with(&self, name: &str) -> Vec<Arc<str>> {
        let with = self.0.iter().filter(|(_, names)| names.contains(name));
        with.map(|(namespace, _)| namespace.clone()).collect()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn remove(&mut self, namespace: &str, name: &str) {
        if let Some(names) = self.0.get_mut(namespace) {
            names.remove(name);
            if names.is_empty() {
                self.0.remove(namespace);
            }
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Arc<str>, &Arc<str>)> {
        self.0.iter().flat_map(|(namespace, names)| names.iter().map(move |name| (namespace, name)))
    }
}

impl Pending {
    pub(crate) fn is_empty(&self) -> bool {
        let here = [&self.concerned_in, &self.namespaces].iter().all(|names| names.is_empty());
        !self.all && here && self.behind.is_empty() && !self.reaches_everywhere()
    }

    /// Whether workloads of a namespace may be among those that are touched.
    pub(crate) fn reaches(&self, namespace: &str) -> bool {
        self.concerned_in.contains(namespace) || self.behind.any_in(namespace) || self.reaches_everywhere()
    }

    /// Whether addresses may be.
    pub(crate) fn reaches_addresses(&self) -> bool {
        !self.services.is_empty() || !self.services_anew.is_empty() || !self.namespaces.is_empty()
    }

    fn reaches_everywhere(&self) -> bool {
        let named = !self.requested.is_empty() || self.requests_anew;
        self.concerned || named || self.reaches_addresses() || !self.nodes.is_empty()
    }
}
