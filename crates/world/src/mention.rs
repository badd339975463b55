//! Does a Pod ask for injection or carry it, and which objects does it name?
//!
//! Answered once per shape. Deliberately wide: it decides what is looked at again after a change, never a verdict.

use std::sync::Arc;

use ahash::AHashMap;
use facts::{INSTRUMENTATION_PREFIX, Instrumentation, PodShape, SIDECAR_INJECT, StringMap};

use crate::host::Host;

/// What a shape says about injection.
#[derive(Debug)]
pub(crate) struct Mention {
    shape: Arc<PodShape>,
    /// Whether it asks for injection, tries to, or carries it.
    pub(crate) concerned: bool,
    /// Names of Instrumentations and collectors that it asks for.
    pub(crate) requests: Box<[Box<str>]>,
    /// Where its own environment sends telemetry.
    pub(crate) hosts: Box<[Host]>,
}

/// What all shapes and Instrumentations mention.
#[derive(Debug, Default)]
pub(crate) struct Mentions {
    /// By address of the shape, which each entry keeps alive.
    by_shape: AHashMap<usize, Mention>,
    /// How often a Service name is mentioned, whatever the namespace.
    services: AHashMap<Box<str>, usize>,
}

impl Mentions {
    /// Takes note of a shape in use.
    pub(crate) fn note(&mut self, shape: &Arc<PodShape>) {
        let Self { by_shape, services } = self;
        by_shape.entry(address(shape)).or_insert_with(|| {
            let mention = Mention::new(shape.clone());
            count(services, &mention.hosts);
            mention
        });
    }

    /// What a noted shape says.
    pub(crate) fn of(&self, shape: &Arc<PodShape>) -> Option<&Mention> {
        self.by_shape.get(&address(shape))
    }

    /// Whether any shape, Instrumentation or `ExternalName` names a Service like that.
    pub(crate) fn names_service(&self, service: &str) -> bool {
        self.services.contains_key(service)
    }

    /// Counts the hosts of something else than a shape.
    pub(crate) fn add(&mut self, hosts: &[Host]) {
        count(&mut self.services, hosts);
    }

    /// Takes [`Self::add`] back.
    pub(crate) fn subtract(&mut self, hosts: &[Host]) {
        discount(&mut self.services, hosts);
    }

    /// Forgets the shapes that only this and the interner hold.
    pub(crate) fn sweep(&mut self) {
        const HERE_AND_INTERNER: usize = 2;
        let Self { by_shape, services } = self;
        by_shape.retain(|_, mention| {
            let used = Arc::strong_count(&mention.shape) > HERE_AND_INTERNER;
            if !used {
                discount(services, &mention.hosts);
            }
            used
        });
        by_shape.shrink_to_fit();
    }
}

fn address(shape: &Arc<PodShape>) -> usize {
    Arc::as_ptr(shape) as usize
}

fn count(services: &mut AHashMap<Box<str>, usize>, hosts: &[Host]) {
    for host in hosts {
        *services.entry(host.service.clone()).or_default() += 1;
    }
}

fn discount(services: &mut AHashMap<Box<str>, usize>, hosts: &[Host]) {
    for host in hosts {
        if let Some(times) = services.get_mut(&host.service) {
            *times -= 1;
            if *times == 0 {
                services.remove(&host.service);
            }
        }
    }
}

impl Mention {
    fn new(shape: Arc<PodShape>) -> Self {
        // As a label it has no effect, which is worth saying.
        let concerned = asks(&shape.annotations) || asks(&shape.labels) || carries(&shape);
        let requests = requests(&shape.annotations);
        let hosts = Host::of_shape(&shape).into();
        Self { shape, concerned, requests, hosts }
    }
}

/// Whether an annotation is meant for the operator, spelled right or wrong.
pub(crate) fn asks(annotations: &StringMap) -> bool {
    annotations.iter().any(|(key, _)| {
        let key = key.to_ascii_lowercase();
        key.starts_with(INSTRUMENTATION_PREFIX)
            || key == SIDECAR_INJECT
            || key.contains("opentelem")
            || key.contains("otel")
            || (key.contains("instrumentation") && !key.starts_with("instrumentation-health.dev/"))
    })
}

/// What annotations ask for by name; `true` included, `false` not.
pub(crate) fn requests(annotations: &StringMap) -> Box<[Box<str>]> {
    let inject = annotations.iter().filter(|(key, _)| key.to_ascii_lowercase().contains("inject"));
    let values = inject
        .map(|(_, value)| value)
        .filter(|value| !value.is_empty() && !value.eq_ignore_ascii_case("false"));
    values.map(Box::from).collect()
}

/// Whether the operator's webhook has left its marks (`internal/instrumentation`, operator v0.158.0).
fn carries(shape: &PodShape) -> bool {
    let mut containers = shape.spec.init_containers.iter().chain(&shape.spec.containers);
    containers.any(|container| {
        container.name.starts_with("opentelemetry-auto-instrumentation")
            || container.name.starts_with("otel-agent-")
            || container.env.iter().any(|var| MARKS.contains(&&*var.name))
    })
}

/// Variables that the webhook adds to every container it instruments.
const MARKS: [&str; 2] = ["OTEL_RESOURCE_ATTRIBUTES_POD_NAME", "OTEL_RESOURCE_ATTRIBUTES_NODE_NAME"];

/// Hosts of an Instrumentation, for [`Mentions::add`].
pub(crate) fn hosts_of(instrumentation: Option<&Arc<Instrumentation>>) -> Vec<Host> {
    instrumentation.map(|instrumentation| Host::of_instrumentation(instrumentation)).unwrap_or_default()
}
