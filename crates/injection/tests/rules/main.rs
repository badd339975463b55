//! Rules that no recorded case happens to show, each with where it is written.

#![allow(clippy::unwrap_used, reason = "a test: what does not fit fails it")]

#[path = "../oracle/world.rs"]
#[expect(dead_code, reason = "the oracle test uses the rest")]
mod world;

mod injected;
mod refused;

use facts::{PodShape, PodView, StringMap};
use injection::{Decision, PodRequest, Policies, decide, inject, refusal};
use serde::Deserialize;
use serde_json::{Value, json};
use world::World;

const NAMESPACE: &str = "shop";
const PREFIX: &str = "instrumentation.opentelemetry.io/";

/// A world with Instrumentations, all in one namespace.
fn world(version: &str, flags: &[&str], instrumentations: &[(&str, Value)]) -> World {
    let instrumentations: Vec<Value> = instrumentations
        .iter()
        .map(|(name, spec)| json!({ "metadata": {"namespace": NAMESPACE, "name": name}, "spec": spec }))
        .collect();
    World::read(&json!({
        "operatorVersion": version,
        "flags": flags,
        "webhook": {},
        "namespaces": [{"name": NAMESPACE}],
        "instrumentations": instrumentations,
        "collectors": [{"namespace": NAMESPACE, "name": "sidecar-with-a-name-that-is-much-longer-than-sixty-three-characters", "mode": "sidecar"}],
    })).unwrap()
}

fn pod(annotations: &[(&str, &str)], spec: &Value) -> Value {
    let annotations: serde_json::Map<String, Value> =
        annotations.iter().map(|(key, value)| (format!("{PREFIX}{key}"), (*value).into())).collect();
    json!({ "metadata": {"namespace": NAMESPACE, "name": "p", "annotations": annotations}, "spec": spec })
}

fn send(pod: &Value, world: &World) -> (Decision, Value) {
    let PodView { metadata, spec, .. } = PodView::deserialize(pod).unwrap();
    let shape = PodShape { annotations: metadata.annotations, labels: metadata.labels, spec };
    let request = PodRequest {
        namespace: NAMESPACE,
        name: &metadata.name,
        generate_name: "",
        owners: &[],
        shape: &shape,
    };
    let decision = decide(&request, world, &world.operator);
    let injected = inject(pod, NAMESPACE, &decision, world);
    (decision, injected)
}

fn init_container<'a>(pod: &'a Value, suffix: &str) -> &'a Value {
    let mut all = pod["spec"]["initContainers"].as_array().unwrap().iter();
    all.find(|container| container["name"].as_str().unwrap().ends_with(suffix)).unwrap()
}
