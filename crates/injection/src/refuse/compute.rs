//! How much of a resource does a Pod ask for?
//!
//! `k8s.io/component-helpers/resource/helpers.go`, v0.36.3: the sum of containers and native sidecars, or the largest init
//! container with the sidecars before it, whichever is more.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::quantity::Quantity;

/// Requests and limits by resource.
#[derive(Clone, Debug, Default)]
pub(super) struct Amounts {
    pub(super) requests: BTreeMap<String, Quantity>,
    pub(super) limits: BTreeMap<String, Quantity>,
}

impl Amounts {
    /// Those of a container.
    pub(super) fn of(container: &Value) -> Self {
        let read = |part: &str| {
            let amounts = container["resources"][part].as_object().into_iter().flatten();
            amounts.filter_map(|(name, amount)| Some((name.clone(), Quantity::from_json(amount)?))).collect()
        };
        Self { requests: read("requests"), limits: read("limits") }
    }

    fn add(&mut self, other: &Self) {
        self.combine(other, Quantity::plus);
    }

    fn raise(&mut self, other: &Self) {
        self.combine(other, Quantity::max);
    }

    fn combine(&mut self, other: &Self, combine: fn(Quantity, Quantity) -> Quantity) {
        for (own, other) in [(&mut self.requests, &other.requests), (&mut self.limits, &other.limits)] {
            for (name, amount) in other {
                own.entry(name.clone()).and_modify(|own| *own = combine(*own, *amount)).or_insert(*amount);
            }
        }
    }
}

/// Containers of a list of a Pod.
pub(super) fn containers<'a>(pod: &'a Value, list: &str) -> impl Iterator<Item = &'a Value> {
    pod["spec"][list].as_array().into_iter().flatten()
}

/// What the whole Pod asks for.
pub(super) fn pod_total(pod: &Value) -> Amounts {
    let (mut total, mut sidecars, mut largest_init) =
        (Amounts::default(), Amounts::default(), Amounts::default());
    for container in containers(pod, "containers") {
        total.add(&Amounts::of(container));
    }
    for container in containers(pod, "initContainers") {
        let mut amounts = Amounts::of(container);
        if container["restartPolicy"] == "Always" {
            total.add(&amounts);
            sidecars.add(&amounts);
            largest_init.raise(&sidecars);
        } else {
            amounts.add(&sidecars);
            largest_init.raise(&amounts);
        }
    }
    total.raise(&largest_init);
    total
}
