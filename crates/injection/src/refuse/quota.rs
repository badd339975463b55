//! Do the quotas of a namespace leave room for the Pod?
//!
//! `pkg/quota/v1/evaluator/core/pods.go` and `k8s.io/apiserver` `pkg/admission/plugin/resourcequota/controller.go`
//! `CheckRequest`, v1.36.3. A quota for CPU or memory also demands that every container says how much it wants.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::compute::{Amounts, containers, pod_total};
use crate::quantity::Quantity;

/// Resources that every container must name where a quota counts them.
const DEMANDED: [&str; 6] =
    ["cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory"];

/// The first quota that forbids the Pod: its name, and the API server's words.
pub(super) fn forbidden(pod: &Value, quotas: &[Value]) -> Option<(String, String)> {
    let quotas: Vec<&Value> = quotas.iter().filter(|quota| counts(quota, pod)).collect();
    let unnamed = |quota: &&Value| {
        let text = unnamed_amounts(pod, quota)?;
        Some((name(quota).to_owned(), format!("failed quota: {}: must specify {text}", name(quota))))
    };
    if let Some(refused) = quotas.iter().find_map(unnamed) {
        return Some(refused);
    }
    let usage = usage(&pod_total(pod));
    quotas.iter().find_map(|quota| {
        let text = excess(&usage, quota)?;
        Some((name(quota).to_owned(), format!("exceeded quota: {}, {text}", name(quota))))
    })
}

fn name(quota: &Value) -> &str {
    quota["name"].as_str().or_else(|| quota["metadata"]["name"].as_str()).unwrap_or_default()
}

fn hard(quota: &Value) -> impl Iterator<Item = (&str, Quantity)> {
    let hard = quota["spec"]["hard"].as_object().into_iter().flatten();
    hard.filter_map(|(resource, amount)| Some((resource.as_str(), Quantity::from_json(amount)?)))
}

/// Whether a quota is about Pods at all, and its scopes about this one.
fn counts(quota: &Value, pod: &Value) -> bool {
    let scopes = quota["spec"]["scopes"].as_array().into_iter().flatten();
    let selectors = quota["spec"]["scopeSelector"]["matchExpressions"].as_array().into_iter().flatten();
    hard(quota).any(|(resource, _)| is_about_pods(resource))
        && scopes.filter_map(Value::as_str).all(|scope| is_in_scope(pod, scope, &Value::Null))
        && selectors
            .into_iter()
            .all(|selector| is_in_scope(pod, selector["scopeName"].as_str().unwrap_or_default(), selector))
}

fn is_about_pods(resource: &str) -> bool {
    let compute = |resource: &str| matches!(resource, "cpu" | "memory" | "ephemeral-storage");
    matches!(resource, "pods" | "count/pods")
        || compute(resource)
        || resource.starts_with("hugepages-")
        || resource.strip_prefix("limits.").is_some_and(compute)
        || resource
            .strip_prefix("requests.")
            .is_some_and(|name| compute(name) || name.contains('/') || name.starts_with("hugepages-"))
}

fn is_in_scope(pod: &Value, scope: &str, selector: &Value) -> bool {
    let is_terminating = || !pod["spec"]["activeDeadlineSeconds"].is_null();
    match scope {
        "Terminating" => is_terminating(),
        "NotTerminating" => !is_terminating(),
        "BestEffort" => is_best_effort(pod),
        "NotBestEffort" => !is_best_effort(pod),
        "PriorityClass" => has_priority_class(pod, selector),
        _ => false,
    }
}

/// No container says how much CPU or memory it wants.
fn is_best_effort(pod: &Value) -> bool {
    ["containers", "initContainers"].iter().flat_map(|list| containers(pod, list)).all(|container| {
        let Amounts { requests, limits } = Amounts::of(container);
        requests
            .iter()
            .chain(&limits)
            .all(|(name, amount)| !matches!(name.as_str(), "cpu" | "memory") || amount.is_zero())
    })
}

fn has_priority_class(pod: &Value, selector: &Value) -> bool {
    let class = pod["spec"]["priorityClassName"].as_str().filter(|class| !class.is_empty());
    let is_listed =
        || class.is_some_and(|class| selector["values"].as_array().into_iter().flatten().any(|v| v == class));
    match selector["operator"].as_str() {
        Some("In") => is_listed(),
        Some("NotIn") => !is_listed(),
        Some("DoesNotExist") => class.is_none(),
        _ => class.is_some(),
    }
}

/// `requests.cpu for: app,web; …` for what containers do not name.
fn unnamed_amounts(pod: &Value, quota: &Value) -> Option<String> {
    let mut unnamed: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for list in ["containers", "initContainers"] {
        for container in containers(pod, list) {
            let named = usage(&Amounts::of(container));
            for (resource, _) in hard(quota).filter(|(resource, _)| DEMANDED.contains(resource)) {
                if !named.contains_key(resource) {
                    let name = container["name"].as_str().unwrap_or_default();
                    unnamed.entry(resource).or_default().insert(name);
                }
            }
        }
    }
    let texts: Vec<String> = unnamed
        .into_iter()
        .map(|(resource, names)| {
            format!("{resource} for: {}", names.into_iter().collect::<Vec<_>>().join(","))
        })
        .collect();
    (!texts.is_empty()).then(|| texts.join("; "))
}

/// Amounts under the names that quotas use.
fn usage(amounts: &Amounts) -> BTreeMap<String, Quantity> {
    let one = Quantity::ONE;
    let mut usage = BTreeMap::from([("pods".to_owned(), one), ("count/pods".to_owned(), one)]);
    for (name, amount) in &amounts.requests {
        usage.insert(name.clone(), *amount);
        usage.insert(format!("requests.{name}"), *amount);
    }
    for (name, amount) in &amounts.limits {
        usage.insert(format!("limits.{name}"), *amount);
    }
    usage
}

/// What is beyond a quota, what was used before, and what it allows.
fn excess(usage: &BTreeMap<String, Quantity>, quota: &Value) -> Option<String> {
    let (mut requested, mut used, mut limited) = (Vec::new(), Vec::new(), Vec::new());
    let mut hard: Vec<(&str, Quantity)> =
        hard(quota).filter(|(resource, _)| is_about_pods(resource)).collect();
    hard.sort_unstable_by_key(|(resource, _)| *resource);
    for (resource, hard) in hard {
        let Some(wanted) = usage.get(resource).filter(|wanted| !wanted.is_zero()) else { continue };
        let before = Quantity::from_json(&quota["status"]["used"][resource]).unwrap_or(Quantity::ZERO);
        if before.plus(*wanted).exceeds(hard) {
            requested.push(format!("{resource}={wanted}"));
            used.push(format!("{resource}={before}"));
            limited.push(format!("{resource}={hard}"));
        }
    }
    (!requested.is_empty()).then(|| {
        let (requested, used, limited) = (requested.join(","), used.join(","), limited.join(","));
        format!("requested: {requested}, used: {used}, limited: {limited}")
    })
}
