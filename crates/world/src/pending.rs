//! Which workloads does a change of something shared touch?
//!
//! Changes are only noted as they come, and turned into workloads when somebody asks: a list of ten thousand
//! Instrumentations is one walk over the Pods, not ten thousand.

use std::sync::Arc;

use ahash::{AHashMap, AHashSet};
use facts::{Metadata, Service, WorkloadRef};

use crate::climb::workload_of;
use crate::host::Host;
use crate::mention::{Mention, asks, requests};
use crate::space::Space;
use crate::store::Store;
use crate::world::World;

/// Changes of shared objects that are not turned into workloads yet.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    /// Every workload.
    pub(crate) all: bool,
    /// Every workload that asks for injection or carries it.
    pub(crate) concerned: bool,
    /// The same, of these namespaces only.
    pub(crate) concerned_in: AHashSet<Arc<str>>,
    /// Every workload of these namespaces.
    pub(crate) namespaces: AHashSet<Arc<str>>,
    /// Instrumentations and collectors that changed.
    pub(crate) requested: Names,
    /// Whether one of these came or went, so that what is said of a request that finds nothing may change.
    pub(crate) requests_anew: bool,
    /// Services that changed, or behind which somebody began or ceased to answer.
    pub(crate) services: Names,
    /// Those of them that came or went.
    pub(crate) services_anew: Names,
    /// Nodes whose labels changed.
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

    pub(crate) fn any_in(&self, namespace: &str) -> bool {
        self.0.contains_key(namespace)
    }

    fn any_named(&self, name: &str) -> bool {
        self.0.values().any(|names| names.contains(name))
    }

    fn namespaces_with(&self, name: &str) -> Vec<Arc<str>> {
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
        !self.all && self.namespaces.is_empty() && !self.needs_walk()
    }

    fn needs_walk(&self) -> bool {
        self.concerned
            || self.requests_anew
            || !self.concerned_in.is_empty()
            || !self.requested.is_empty()
            || !self.services.is_empty()
            || !self.nodes.is_empty()
    }
}

/// A namespace as the walk sees it.
struct Place<'a> {
    name: &'a str,
    space: &'a Space,
    asks: bool,
    requests: Box<[Box<str>]>,
}

impl World {
    /// Turns what is pending into workloads.
    pub(crate) fn resolve_pending(&mut self) {
        let mut pending = std::mem::take(&mut self.pending);
        if pending.all {
            let everything = self.workloads();
            self.dirty.extend(everything);
            return;
        }
        self.widen(&mut pending);
        let mut found = AHashSet::new();
        for (name, space) in &self.spaces {
            if pending.namespaces.contains(name) {
                self.workloads_in(space, &mut found);
            } else if pending.needs_walk() {
                let annotations =
                    self.namespaces.get(name).map(|object| &object.metadata.metadata.annotations);
                let place = Place {
                    name,
                    space,
                    asks: annotations.is_some_and(asks),
                    requests: annotations.map(requests).unwrap_or_default(),
                };
                self.walk(&pending, &place, &mut found);
            }
        }
        self.dirty.extend(found);
    }

    /// Follows a change one step: from Services to `ExternalName`s for them and to Instrumentations that send there.
    fn widen(&self, pending: &mut Pending) {
        if pending.services.is_empty() {
            return;
        }
        for (namespace, name) in self.external_names.iter() {
            let target =
                self.spaces.get(namespace).and_then(|space| space.services.get(name)).and_then(external);
            if target.is_some_and(|host| pending.services.contains(host.namespace(namespace), &host.service))
            {
                pending.services.insert(namespace, name);
            }
        }
        for instrumentation in self.spaces.values().flat_map(|space| space.instrumentations.values()) {
            for host in Host::of_instrumentation(instrumentation) {
                self.widen_by(pending, &instrumentation.metadata.metadata, &host);
            }
        }
    }

    /// The same for one address of one Instrumentation. A bare name means a Service in the namespace of each Pod.
    fn widen_by(&self, pending: &mut Pending, instrumentation: &Metadata, host: &Host) {
        let touched = match &host.namespace {
            Some(namespace) => self.host_touched(pending, namespace, host),
            None => pending.services_anew.any_named(&host.service),
        };
        if touched {
            pending.requested.insert(&instrumentation.namespace, &instrumentation.name);
        } else if host.namespace.is_none() {
            let namespaces = pending.services.namespaces_with(&host.service);
            pending.concerned_in.extend(namespaces);
        }
    }

    fn walk(&self, pending: &Pending, place: &Place<'_>, found: &mut AHashSet<WorkloadRef>) {
        let guess = self.inputs.guess();
        // Siblings share controller and shape: one of them answers for all.
        let mut seen = AHashSet::new();
        for pod in place.space.pods.values() {
            let controller = pod
                .controller
                .as_ref()
                .map_or(Arc::as_ptr(&pod.name).addr(), |owner| Arc::as_ptr(owner).addr());
            let on_changed_node = pod.node.as_ref().is_some_and(|node| pending.nodes.contains(node));
            if !seen.insert((controller, Arc::as_ptr(&pod.shape).addr(), on_changed_node)) {
                continue;
            }
            let Some(mention) = self.mentions.of(&pod.shape) else { continue };
            let concerned = mention.concerned || place.asks;
            if (on_changed_node && concerned) || self.touches(pending, place, mention, concerned) {
                found.extend(place.space.workload_of_pod(pod, guess));
            }
        }
        for workload in place.space.workloads.iter().flat_map(Store::values) {
            let Some(mention) = self.mentions.of(&workload.template) else { continue };
            let concerned = mention.concerned || place.asks || asks(&workload.annotations);
            if self.touches(pending, place, mention, concerned) {
                found.insert(workload_of(workload));
            }
        }
    }

    fn touches(&self, pending: &Pending, place: &Place<'_>, mention: &Mention, concerned: bool) -> bool {
        let near = pending.concerned
            || pending.concerned_in.contains(place.name)
            || pending.requested.any_in(place.name);
        let mut requests = mention.requests.iter().chain(&place.requests);
        (near && concerned)
            || requests.any(|request| {
                let named = request.split_once('/');
                named.is_some_and(|(namespace, name)| pending.requested.contains(namespace, name))
                    || (pending.requests_anew && !self.resolves(place, request))
            })
            || mention.hosts.iter().any(|host| self.host_touched(pending, place.name, host))
    }

    /// Whether a request finds exactly one Instrumentation.
    fn resolves(&self, place: &Place<'_>, request: &str) -> bool {
        let exists = |space: &Space, name: &str| space.instrumentations.get(name).is_some();
        match request.split_once('/') {
            Some((namespace, name)) => self.spaces.get(namespace).is_some_and(|space| exists(space, name)),
            None if request.eq_ignore_ascii_case("true") => place.space.instrumentations.len() == 1,
            None => exists(place.space, request),
        }
    }

    /// Whether what is said of an address, seen from a namespace, may change.
    fn host_touched(&self, pending: &Pending, from: &str, host: &Host) -> bool {
        let namespace = host.namespace(from);
        let exists =
            || self.spaces.get(namespace).is_some_and(|space| space.services.get(&host.service).is_some());
        pending.services.contains(namespace, &host.service)
            || (!pending.services_anew.is_empty()
                && (pending.services_anew.any_named(&host.service)
                    || (pending.services_anew.any_in(namespace) && !exists())))
    }
}

/// Where an `ExternalName` Service points.
pub(crate) fn external(service: &Service) -> Option<Host> {
    Host::parse(&service.spec.external_name)
}
