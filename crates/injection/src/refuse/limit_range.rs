//! Do the `LimitRange`s of a namespace let the Pod in?
//!
//! `plugin/pkg/admission/limitranger/admission.go`, kube-apiserver v1.36.3. An agent's init container counts like any other.
//! Where a `LimitRange` bounds several resources, the API server names them in random order; here they are sorted.

use serde_json::{Map, Value};

use super::compute::{Amounts, containers, pod_total};
use crate::quantity::Quantity;

/// The Pod with the defaults that the API server and then the `LimitRange`s put into containers without requests or limits.
pub(super) fn with_defaults(pod: &Value, limit_ranges: &[Value]) -> Value {
    let mut pod = pod.clone();
    let on_host_network = pod["spec"]["hostNetwork"] == true;
    for list in ["initContainers", "containers"] {
        let containers =
            pod.get_mut("spec").and_then(|spec| spec.get_mut(list)).and_then(Value::as_array_mut);
        for container in containers.into_iter().flatten() {
            let Some(container) = container.as_object_mut() else { continue };
            if on_host_network {
                bind_ports(container);
            }
            let resources = container.entry("resources").or_insert_with(|| Value::Object(Map::new()));
            if !resources.is_object() {
                *resources = Value::Object(Map::new());
            }
            let limits = resources["limits"].clone();
            fill(resources, "requests", &limits);
            for limit in limit_ranges.iter().flat_map(limits_of).filter(is_about("Container")) {
                let (limits, requests) = defaults(limit);
                fill(resources, "limits", &limits);
                fill(resources, "requests", &requests);
            }
        }
    }
    pod
}

/// On the node's network, every port is one of the node (`pkg/apis/core/v1/defaults.go` `defaultHostNetworkPorts`).
fn bind_ports(container: &mut Map<String, Value>) {
    let ports = container.get_mut("ports").and_then(Value::as_array_mut);
    for port in ports.into_iter().flatten() {
        if port["hostPort"].as_i64().unwrap_or_default() == 0 && port["containerPort"].is_i64() {
            port["hostPort"] = port["containerPort"].clone();
        }
    }
}

fn limits_of(range: &Value) -> impl Iterator<Item = &Value> {
    range["spec"]["limits"].as_array().into_iter().flatten()
}

fn is_about(kind: &str) -> impl Fn(&&Value) -> bool {
    move |limit| limit["type"] == kind
}

/// Default limits and requests, as the API server completes them (`pkg/apis/core/v1/defaults.go` `SetDefaults_LimitRangeItem`):
/// a maximum is a default limit, and that or a minimum is a default request.
fn defaults(limit: &Value) -> (Value, Value) {
    let mut limits = limit["default"].as_object().cloned().unwrap_or_default();
    let mut requests = limit["defaultRequest"].as_object().cloned().unwrap_or_default();
    let complete = |amounts: &mut Map<String, Value>, more: &Value| {
        for (name, amount) in more.as_object().into_iter().flatten() {
            amounts.entry(name.as_str()).or_insert_with(|| amount.clone());
        }
    };
    complete(&mut limits, &limit["max"]);
    let limits = Value::Object(limits);
    complete(&mut requests, &limits);
    complete(&mut requests, &limit["min"]);
    (limits, Value::Object(requests))
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

/// What the first `LimitRange` that forbids something forbids, in the API server's words.
pub(super) fn errors(pod: &Value, limit_ranges: &[Value]) -> Vec<String> {
    limit_ranges
        .iter()
        .map(|range| errors_of(pod, range))
        .find(|errors| !errors.is_empty())
        .unwrap_or_default()
}

fn errors_of(pod: &Value, range: &Value) -> Vec<String> {
    let mut errors = Vec::new();
    for limit in limits_of(range) {
        match limit["type"].as_str() {
            Some("Container") => {
                for list in ["containers", "initContainers"] {
                    for container in containers(pod, list) {
                        judge(limit, &Amounts::of(container), &mut errors);
                    }
                }
            }
            Some("Pod") => judge(limit, &pod_total(pod), &mut errors),
            _ => {}
        }
    }
    errors
}

fn judge(limit: &Value, amounts: &Amounts, errors: &mut Vec<String>) {
    let kind = limit["type"].as_str().unwrap_or_default();
    for part in ["min", "max", "maxLimitRequestRatio"] {
        for (resource, bound) in limit[part].as_object().into_iter().flatten() {
            let Some(bound) = Quantity::from_json(bound) else { continue };
            let request = amounts.requests.get(resource).copied();
            let limit = amounts.limits.get(resource).copied();
            let bound = Bound { resource, kind, bound, request, limit };
            errors.extend(match part {
                "min" => bound.below(),
                "max" => bound.above(),
                _ => bound.beyond_ratio(),
            });
        }
    }
}

/// A bound, and what it is held against.
struct Bound<'a> {
    resource: &'a str,
    kind: &'a str,
    bound: Quantity,
    request: Option<Quantity>,
    limit: Option<Quantity>,
}

impl Bound<'_> {
    fn below(&self) -> Option<String> {
        let Self { resource, kind, bound, request, limit } = self;
        let start = format!("minimum {resource} usage per {kind} is {bound}");
        let is_less = |amount: &Quantity| amount.milli() < bound.milli();
        match (request, limit) {
            (None, _) => Some(format!("{start}.  No request is specified")),
            (Some(request), _) if is_less(request) => Some(format!("{start}, but request is {request}")),
            (_, Some(limit)) if is_less(limit) => Some(format!("{start}, but limit is {limit}")),
            _ => None,
        }
    }

    fn above(&self) -> Option<String> {
        let Self { resource, kind, bound, request, limit } = self;
        let start = format!("maximum {resource} usage per {kind} is {bound}");
        let is_more = |amount: &Quantity| amount.milli() > bound.milli();
        match (request, limit) {
            (_, None) => Some(format!("{start}.  No limit is specified")),
            (_, Some(limit)) if is_more(limit) => Some(format!("{start}, but limit is {limit}")),
            (Some(request), _) if is_more(request) => Some(format!("{start}, but request is {request}")),
            _ => None,
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "so does the API server")]
    fn beyond_ratio(&self) -> Option<String> {
        let Self { resource, kind, bound, request, limit } = self;
        let start = format!("{resource} max limit to request ratio per {kind} is {bound}");
        let given = |amount: &Option<Quantity>| amount.map(Quantity::milli).filter(|amount| *amount != 0);
        let Some(request) = given(request) else {
            return Some(format!("{start}, but no request is specified or request is 0"));
        };
        let Some(limit) = given(limit) else {
            return Some(format!("{start}, but no limit is specified or limit is 0"));
        };
        let ratio = limit as f64 / request as f64;
        (ratio * 1000.0 > bound.milli() as f64).then(|| format!("{start}, but provided ratio is {ratio:.6}"))
    }
}
