//! How much of a resource does a Pod ask for?
//!
//! The largest init container or the sum of the containers, whichever is more; native sidecars count with the containers
//! (`k8s.io/component-helpers/resource`, `PodRequests`, 1.36).

use facts::{Container, PodShape};
use injection::quantity::Quantity;

/// An amount, and whether every container of the application says its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PodAmount {
    /// The amount.
    pub amount: Quantity,
    /// Whether it is exact: no container leaves it to a default.
    pub is_exact: bool,
}

/// The amount of a resource as a quota names it: `limits.cpu`, `requests.memory`, `memory` (a request).
pub fn of_pod(shape: &PodShape, resource: &str) -> Option<PodAmount> {
    let (is_limit, name) = split(resource)?;
    let mut is_exact = true;
    let mut of = |container: &Container| {
        let known = of_container(container, is_limit, name);
        is_exact &= known.is_some();
        known.unwrap_or(Quantity::ZERO)
    };
    let is_native = |container: &&Container| container.restart_policy.as_deref() == Some("Always");
    let spec = &shape.spec;
    let mut running = spec.containers.iter().fold(Quantity::ZERO, |sum, container| sum.plus(of(container)));
    let mut sidecars = Quantity::ZERO;
    let mut largest = Quantity::ZERO;
    for container in &spec.init_containers {
        if is_native(&container) {
            sidecars = sidecars.plus(of(container));
        } else {
            largest = largest.max(sidecars.plus(of(container)));
        }
    }
    running = running.plus(sidecars);
    Some(PodAmount { amount: running.max(largest), is_exact })
}

/// The request or limit of a container; a limit without request is its request too.
pub fn of_container(container: &Container, is_limit: bool, name: &str) -> Option<Quantity> {
    let limits = || container.resources.limits.get(name);
    let text = if is_limit { limits() } else { container.resources.requests.get(name).or_else(limits) };
    Quantity::parse(text?)
}

/// Whether a quota's resource is a limit, and of what; none for counts of objects.
pub fn split(resource: &str) -> Option<(bool, &str)> {
    if let Some(name) = resource.strip_prefix("limits.") {
        return Some((true, name));
    }
    let name = resource.strip_prefix("requests.").unwrap_or(resource);
    ["cpu", "memory", "ephemeral-storage"].contains(&name).then_some((false, name))
}
