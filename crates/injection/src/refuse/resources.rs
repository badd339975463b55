//! Do limits and quotas leave room for the agents?
//!
//! `plugin/pkg/admission/limitranger/admission.go` and `pkg/quota/v1/evaluator/core/pods.go`, kube-apiserver v1.36.3. An agent's
//! init container counts like any other: for a quota, the largest init container or the sum of the containers, whichever
//! is more.

use serde_json::{Map, Value};

use super::visit;
use crate::quantity::Quantity;

/// The Pod with the defaults that `LimitRange`s and the API server put into containers without requests or limits.
pub(super) fn with_defaults(pod: &Value, limit_ranges: &[Value]) -> Value {
    let mut pod = pod.clone();
    for list in ["initContainers", "containers"] {
        let containers =
            pod.get_mut("spec").and_then(|spec| spec.get_mut(list)).and_then(Value::as_array_mut);
        for container in containers.into_iter().flatten() {
            let Some(container) = container.as_object_mut() else { continue };
            let resources = container.entry("resources").or_insert_with(|| Value::Object(Map::new()));
            if !resources.is_object() {
                *resources = Value::Object(Map::new());
            }
            for limit in container_limits(limit_ranges) {
                fill(resources, "limits", &limit["default"]);
                fill(resources, "requests", &limit["defaultRequest"]);
            }
            let limits = resources["limits"].clone();
            fill(resources, "requests", &limits);
        }
    }
    pod
}

fn fill(resources: &mut Value, part: &str, defaults: &Value) {
    let Some(resources) = resources.as_object_mut() else { return };
    for (name, amount) in defaults.as_object().into_iter().flatten() {
        let amounts = resources.entry(part).or_insert_with(|| Value::Object(Map::new()));
        if let Some(amounts) = amounts.as_object_mut() {
            amounts.entry(name.as_str()).or_insert_with(|| amount.clone());
        }
    }
}

/// The entries of `LimitRange`s about containers.
fn container_limits(limit_ranges: &[Value]) -> impl Iterator<Item = &Value> {
    let limits =
        limit_ranges.iter().flat_map(|range| range["spec"]["limits"].as_array().into_iter().flatten());
    limits.filter(|limit| limit["type"] == "Container")
}

fn amount(container: &Value, part: &str, resource: &str) -> Option<Quantity> {
    Quantity::from_json(&container["resources"][part][resource])
}

/// What `LimitRange`s forbid, in the API server's words.
pub(super) fn limit_range_errors(pod: &Value, limit_ranges: &[Value]) -> Vec<String> {
    let mut errors = Vec::new();
    for limit in container_limits(limit_ranges) {
        for list in ["containers", "initContainers"] {
            for container in pod["spec"][list].as_array().into_iter().flatten() {
                errors.extend(
                    bounds(limit, "min").filter_map(|(resource, bound)| below(container, resource, bound)),
                );
                errors.extend(
                    bounds(limit, "max").filter_map(|(resource, bound)| above(container, resource, bound)),
                );
            }
        }
    }
    errors
}

fn bounds<'a>(limit: &'a Value, which: &str) -> impl Iterator<Item = (&'a str, Quantity)> {
    let bounds = limit[which].as_object().into_iter().flatten();
    bounds.filter_map(|(resource, bound)| Some((resource.as_str(), Quantity::from_json(bound)?)))
}

fn below(container: &Value, resource: &str, bound: Quantity) -> Option<String> {
    let start = format!("minimum {resource} usage per Container is {bound}");
    match (amount(container, "requests", resource), amount(container, "limits", resource)) {
        (None, _) => Some(format!("{start}.  No request is specified")),
        (Some(request), _) if bound.exceeds(request) => Some(format!("{start}, but request is {request}")),
        (_, Some(limit)) if bound.exceeds(limit) => Some(format!("{start}, but limit is {limit}")),
        _ => None,
    }
}

fn above(container: &Value, resource: &str, bound: Quantity) -> Option<String> {
    let start = format!("maximum {resource} usage per Container is {bound}");
    match (amount(container, "requests", resource), amount(container, "limits", resource)) {
        (_, None) => Some(format!("{start}.  No limit is specified")),
        (_, Some(limit)) if limit.exceeds(bound) => Some(format!("{start}, but limit is {limit}")),
        (Some(request), _) if request.exceeds(bound) => Some(format!("{start}, but request is {request}")),
        _ => None,
    }
}

/// The first quota that the Pod would exceed: its name, and the API server's words.
pub(super) fn exceeded_quota(pod: &Value, quotas: &[Value]) -> Option<(String, String)> {
    for quota in quotas {
        let name = quota["name"].as_str().or_else(|| quota["metadata"]["name"].as_str()).unwrap_or_default();
        let (mut requested, mut used, mut limited) = (Vec::new(), Vec::new(), Vec::new());
        for (resource, hard) in quota["spec"]["hard"].as_object().into_iter().flatten() {
            let Some(hard) = Quantity::from_json(hard) else { continue };
            let Some(wanted) = usage(pod, resource) else { continue };
            let already = Quantity::from_json(&quota["status"]["used"][resource]).unwrap_or(Quantity::ZERO);
            if already.plus(wanted).exceeds(hard) {
                requested.push(format!("{resource}={wanted}"));
                used.push(format!("{resource}={already}"));
                limited.push(format!("{resource}={hard}"));
            }
        }
        if !requested.is_empty() {
            let (requested, used, limited) = (requested.join(","), used.join(","), limited.join(","));
            let text =
                format!("exceeded quota: {name}, requested: {requested}, used: {used}, limited: {limited}");
            return Some((name.to_owned(), text));
        }
    }
    None
}

/// What a Pod takes from a quota's resource; none where the resource is not about Pods' compute.
fn usage(pod: &Value, resource: &str) -> Option<Quantity> {
    match resource {
        "pods" | "count/pods" => Quantity::parse("1"),
        "cpu" | "memory" | "ephemeral-storage" => Some(total(pod, "requests", resource)),
        _ => {
            let (part, resource) = resource.split_once('.')?;
            matches!(part, "requests" | "limits").then(|| total(pod, part, resource))
        }
    }
}

/// The sum of containers and native sidecars, or the largest init container with the sidecars before it.
fn total(pod: &Value, part: &str, resource: &str) -> Quantity {
    let of = |container: &Value| amount(container, part, resource).unwrap_or(Quantity::ZERO);
    let (mut running, mut sidecars, mut largest_init) = (Quantity::ZERO, Quantity::ZERO, Quantity::ZERO);
    for (path, container) in visit(pod) {
        if !path.starts_with("spec.initContainers") {
            running = running.plus(of(container));
        } else if container["restartPolicy"] == "Always" {
            sidecars = sidecars.plus(of(container));
            largest_init = largest_init.max(sidecars);
        } else {
            largest_init = largest_init.max(sidecars.plus(of(container)));
        }
    }
    running.plus(sidecars).max(largest_init)
}
