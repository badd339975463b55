//! Which workloads does a change of something shared touch?
//!
//! Wider than need be, never narrower: a workload that a change can affect and that is not among these keeps a verdict that
//! a restart would not give.

use std::sync::Arc;

use ahash::AHashSet;
use facts::{Metadata, StringMap, WorkloadRef};

use crate::climb::{workload_of, workload_of_replica_set};
use crate::host::Host;
use crate::intake::external;
use crate::mention::{Mention, asks, requests};
use crate::pending::Pending;
use crate::space::Space;
use crate::store::Store;
use crate::world::World;

/// A namespace as the walk sees it.
struct Place<'a> {
    name: &'a str,
    space: &'a Space,
    /// Whether its Namespace asks for injection, and for what by name; or a Service there does, in vain.
    asks: bool,
    requests: Box<[Box<str>]>,
    /// Selectors of Services behind which somebody began or ceased to answer.
    selectors: Vec<&'a StringMap>,
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
            } else if pending.reaches(name) {
                self.walk(&pending, &self.place(&pending, name, space), &mut found);
            }
        }
        self.dirty.extend(found);
    }

    fn place<'a>(&'a self, pending: &Pending, name: &'a str, space: &'a Space) -> Place<'a> {
        let annotations = self.namespaces.get(name).map(|object| &object.metadata.metadata.annotations);
        let services = pending.behind.of(name).filter_map(|service| space.services.get(service));
        Place {
            name,
            space,
            asks: annotations.is_some_and(asks) || self.services_asking.any_in(name),
            requests: annotations.map(requests).unwrap_or_default(),
            selectors: services
                .map(|service| &service.spec.selector)
                .filter(|labels| !labels.is_empty())
                .collect(),
        }
    }

    /// Follows a change one step: from Services to `ExternalName`s for them and to Instrumentations that send there.
    fn widen(&self, pending: &mut Pending) {
        if !pending.reaches_addresses() {
            return;
        }
        for (namespace, name) in self.external_names.iter() {
            let service = self.spaces.get(namespace).and_then(|space| space.services.get(name));
            let target = service.and_then(external);
            if target.is_some_and(|host| self.host_touched(pending, namespace, &host)) {
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
            None => is_alike_anew(pending, host),
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
            let own = || Arc::as_ptr(&pod.name).addr();
            let controller = pod.controller.as_ref().map_or_else(own, |owner| Arc::as_ptr(owner).addr());
            let on_changed_node = pod.node.as_ref().is_some_and(|node| pending.nodes.contains(node));
            if !seen.insert((controller, Arc::as_ptr(&pod.shape).addr(), on_changed_node)) {
                continue;
            }
            let Some(mention) = self.mentions.of(&pod.shape) else { continue };
            let concerned = mention.concerned || place.asks;
            let selected = || place.selectors.iter().any(|selector| pod.shape.labels.has_all(selector));
            if concerned && (on_changed_node || selected() || self.touches(pending, place, mention)) {
                found.extend(place.space.workload_of_pod(pod, guess));
            }
        }
        for set in place.space.replica_sets.values() {
            let Some(mention) = set.template.as_ref().and_then(|shape| self.mentions.of(shape)) else {
                continue;
            };
            if (mention.concerned || place.asks) && self.touches(pending, place, mention) {
                found.insert(workload_of_replica_set(set));
            }
        }
        for workload in place.space.workloads.iter().flat_map(Store::values) {
            let Some(mention) = self.mentions.of(&workload.template) else { continue };
            let concerned = mention.concerned || place.asks || asks(&workload.annotations);
            if concerned && self.touches(pending, place, mention) {
                found.insert(workload_of(workload));
            }
        }
    }

    fn touches(&self, pending: &Pending, place: &Place<'_>, mention: &Mention) -> bool {
        let mut requests = mention.requests.iter().chain(&place.requests);
        pending.concerned
            || pending.concerned_in.contains(place.name)
            || pending.requested.any_in(place.name)
            || requests.any(|request| self.request_touched(pending, place, request))
            || mention.hosts.iter().any(|host| self.host_touched(pending, place.name, host))
    }

    /// Whether what is said of a request may change.
    fn request_touched(&self, pending: &Pending, place: &Place<'_>, request: &str) -> bool {
        let named = request.split_once('/');
        named.is_some_and(|(namespace, name)| pending.requested.contains(namespace, name))
            || (pending.requests_anew && !self.resolves(place, request))
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

    /// Whether what is said of an address, seen from a namespace, may change: its Service or the Namespace of that did, or it
    /// finds nothing and something like it came or went.
    fn host_touched(&self, pending: &Pending, from: &str, host: &Host) -> bool {
        let namespace = host.namespace(from);
        let space = self.spaces.get(namespace);
        let exists = || space.is_some_and(|space| space.services.get(&host.service).is_some());
        pending.services.contains(namespace, &host.service)
            || pending.namespaces.contains(namespace)
            || is_alike_anew(pending, host)
            || (pending.services_anew.any_in(namespace) && !exists())
    }
}

/// Whether a Service of that name, or the one that the operator would make for a collector of that name, came or went anywhere.
fn is_alike_anew(pending: &Pending, host: &Host) -> bool {
    !pending.services_anew.is_empty()
        && (pending.services_anew.any_named(&host.service)
            || pending.services_anew.any_named(&format!("{}-collector", host.service)))
}
