//! Does anybody answer behind a Service?
//!
//! Of each slice only that is kept: a Service that scales from 3 to 40 changes nothing.

use std::sync::Arc;

use ahash::AHashMap;
use facts::{EndpointSlice, Endpoints};

use crate::store::{Change, Kept, Store};

/// What is kept of one `EndpointSlice`.
#[derive(Debug, PartialEq)]
pub(crate) struct Slice {
    uid: Arc<str>,
    service: Arc<str>,
    ready: bool,
}

impl Kept for Slice {
    fn uid(&self) -> &str {
        &self.uid
    }
}

/// The slices of one namespace.
#[derive(Debug, Default)]
pub(crate) struct Slices {
    slices: Store<Slice>,
    by_service: AHashMap<Arc<str>, Count>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Count {
    slices: usize,
    ready: usize,
}

impl Slices {
    pub(crate) fn store(&self) -> &Store<Slice> {
        &self.slices
    }

    /// What is known behind a Service; none where it has no slice.
    pub(crate) fn behind(&self, service: &str) -> Option<Endpoints> {
        self.by_service.get(service).map(|count| Endpoints { slices: true, ready: count.ready > 0 })
    }

    /// Takes a slice in. Returns the Services for which that changes whether anybody answers.
    pub(crate) fn put(&mut self, slice: &EndpointSlice, list: u32) -> Vec<Arc<str>> {
        let service: Arc<str> = slice.service().unwrap_or_default().into();
        let kept =
            Slice { uid: slice.metadata.uid.clone(), ready: slice.ready() > 0, service: service.clone() };
        let ready = kept.ready;
        let previous = match self.slices.put(&slice.metadata.name, kept, list) {
            Change::None => return Vec::new(),
            Change::Added => None,
            Change::Replaced(previous) => Some(previous),
        };
        let mut touched = vec![service.clone()];
        touched
            .extend(previous.as_ref().map(|previous| previous.service.clone()).filter(|old| *old != service));
        self.changed(touched, |slices| {
            if let Some(previous) = &previous {
                slices.subtract(previous);
            }
            let count = slices.by_service.entry(service).or_default();
            count.slices += 1;
            count.ready += usize::from(ready);
        })
    }

    /// Takes a slice out. Returns the Services for which that changes whether anybody answers.
    pub(crate) fn remove(&mut self, name: &str, uid: &str) -> Vec<Arc<str>> {
        let Some(gone) = self.slices.remove(name, uid) else { return Vec::new() };
        self.changed(vec![gone.service.clone()], |slices| slices.subtract(&gone))
    }

    fn changed(&mut self, services: Vec<Arc<str>>, change: impl FnOnce(&mut Self)) -> Vec<Arc<str>> {
        let before: Vec<_> = services.iter().map(|service| self.behind(service)).collect();
        change(self);
        let pairs = services.into_iter().zip(before);
        pairs
            .filter(|(service, before)| self.behind(service) != *before)
            .map(|(service, _)| service)
            .collect()
    }

    fn subtract(&mut self, slice: &Slice) {
        if let Some(count) = self.by_service.get_mut(&slice.service) {
            count.slices -= 1;
            count.ready -= usize::from(slice.ready);
            if count.slices == 0 {
                self.by_service.remove(&slice.service);
            }
        }
    }
}
