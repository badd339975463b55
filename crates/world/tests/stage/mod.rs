//! A stage for worlds: small objects, and words for what happens to them.
#![allow(dead_code, reason = "each test file uses its own part")]

use facts::{InputKind, Object, Readability, WorkloadRef};
use serde_json::{Value, json};
use world::World;

/// Reads an object as a dump would carry it.
pub fn object(value: Value) -> Object {
    Object::from_value(value).expect("a well-formed object").expect("a kind that is read")
}

/// A world in which every kind was listed and is empty.
pub fn empty_world() -> World {
    let mut world = World::new();
    for kind in InputKind::ALL {
        world.begin(*kind);
        world.complete(*kind);
    }
    world.take_dirty();
    world
}

/// [`empty_world`] with these objects, nothing marked.
pub fn world_with(objects: impl IntoIterator<Item = Value>) -> World {
    let mut world = empty_world();
    for value in objects {
        world.apply(object(value));
    }
    world.take_dirty();
    world
}

/// The kind cannot be read.
pub fn unreadable(kind: InputKind) -> Readability {
    Readability::Unreadable { needs: kind.needed_rule().into() }
}

/// What is marked, as `namespace/kind/name`.
pub fn dirty(world: &mut World) -> Vec<String> {
    world.take_dirty().iter().map(ToString::to_string).collect()
}

/// What is marked after one object came.
pub fn after(world: &mut World, value: Value) -> Vec<String> {
    world.apply(object(value));
    dirty(world)
}

/// What is marked after one object went.
pub fn after_delete(world: &mut World, value: Value) -> Vec<String> {
    world.delete(object(value));
    dirty(world)
}

/// All workloads, as `namespace/kind/name`.
pub fn workloads(world: &World) -> Vec<String> {
    world.workloads().iter().map(ToString::to_string).collect()
}

/// A workload in namespace `shop`.
pub fn id(api_version: &str, kind: &str, name: &str) -> WorkloadRef {
    WorkloadRef {
        namespace: "shop".into(),
        kind: kind.into(),
        name: name.into(),
        api_version: api_version.into(),
    }
}

/// Names of the Pods of a workload in namespace `shop`.
pub fn pods(world: &World, api_version: &str, kind: &str, name: &str) -> Vec<String> {
    let subject = world.subject(&id(api_version, kind, name));
    subject.map(|subject| subject.pods.iter().map(|pod| pod.name.to_string()).collect()).unwrap_or_default()
}

/// Puts `patch` over `value`, key by key; `null` removes.
pub fn with(mut value: Value, patch: Value) -> Value {
    merge(&mut value, patch);
    value
}

fn merge(value: &mut Value, patch: Value) {
    match patch {
        Value::Object(patch) if value.is_object() => {
            for (key, part) in patch {
                if part.is_null() {
                    value.as_object_mut().expect("just seen").remove(&key);
                } else {
                    merge(&mut value[key], part);
                }
            }
        }
        patch => *value = patch,
    }
}

/// A reference to a controller; its uid is its name with `-uid`.
pub fn owner(api_version: &str, kind: &str, name: &str) -> Value {
    json!({"metadata": {"ownerReferences": [
        {"apiVersion": api_version, "kind": kind, "name": name, "uid": format!("{name}-uid"), "controller": true}]}})
}

fn named(api_version: &str, kind: &str, name: &str) -> Value {
    json!({"apiVersion": api_version, "kind": kind,
        "metadata": {"namespace": "shop", "name": name, "uid": format!("{name}-uid"), "resourceVersion": "1"}})
}

/// An annotation.
pub fn annotated(key: &str, value: &str) -> Value {
    json!({"metadata": {"annotations": {key: value}}})
}

/// Asks for Java from the Instrumentation of that name.
pub fn java(value: &str) -> Value {
    annotated("instrumentation.opentelemetry.io/inject-java", value)
}

/// The same in a template.
pub fn template(pod: &Value) -> Value {
    json!({"spec": {"template": pod}})
}

/// A running Pod.
pub fn pod(name: &str) -> Value {
    with(
        named("v1", "Pod", name),
        json!({
            "spec": {"containers": [{"name": "app", "image": "app:1"}]},
            "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}], "containerStatuses": [
                {"name": "app", "ready": true, "state": {"running": {"startedAt": "2026-11-22T10:00:00Z"}}}]},
        }),
    )
}

/// A Pod of a `ReplicaSet`, with the label of its template.
pub fn pod_of_set(name: &str, set: &str) -> Value {
    let hash = set.rsplit('-').next().unwrap_or_default();
    let labelled = with(pod(name), json!({"metadata": {"labels": {"pod-template-hash": hash}}}));
    with(labelled, owner("apps/v1", "ReplicaSet", set))
}

/// A `ReplicaSet` of a Deployment.
pub fn replica_set(name: &str, deployment: &str) -> Value {
    with(bare_replica_set(name), owner("apps/v1", "Deployment", deployment))
}

/// A `ReplicaSet` without owner.
pub fn bare_replica_set(name: &str) -> Value {
    with(named("apps/v1", "ReplicaSet", name), json!({"spec": {"replicas": 1}}))
}

/// A Deployment.
pub fn deployment(name: &str) -> Value {
    with(
        named("apps/v1", "Deployment", name),
        template(&json!({"spec": {"containers": [{"name": "app", "image": "app:1"}]}})),
    )
}

/// A Job.
pub fn job(name: &str) -> Value {
    named("batch/v1", "Job", name)
}

/// An Instrumentation that sends to an endpoint.
pub fn instrumentation(name: &str, endpoint: &str) -> Value {
    with(
        named("opentelemetry.io/v1alpha1", "Instrumentation", name),
        json!({"spec": {"exporter": {"endpoint": endpoint}}}),
    )
}

/// A Namespace.
pub fn namespace(name: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "uid": format!("{name}-uid")}})
}

/// A Service.
pub fn service(name: &str) -> Value {
    with(named("v1", "Service", name), json!({"spec": {"ports": [{"port": 4317}]}}))
}

/// An `EndpointSlice` with one endpoint for each word: ready or not.
pub fn slice(name: &str, service: &str, ready: &[bool]) -> Value {
    let endpoint = |(at, ready): (usize, &bool)| json!({"addresses": [format!("10.0.0.{at}")], "conditions": {"ready": ready}});
    with(
        named("discovery.k8s.io/v1", "EndpointSlice", name),
        json!({"metadata": {"labels": {"kubernetes.io/service-name": service}},
            "endpoints": ready.iter().enumerate().map(endpoint).collect::<Vec<_>>()}),
    )
}

/// The same object in another namespace.
pub fn in_namespace(namespace: &str, value: Value) -> Value {
    with(value, json!({"metadata": {"namespace": namespace}}))
}

/// A Warning about an object.
pub fn event(name: &str, about: &Value, reason: &str, message: &str) -> Value {
    with(
        named("v1", "Event", name),
        json!({"type": "Warning", "reason": reason, "message": message, "involvedObject": {
            "kind": about["kind"], "namespace": about["metadata"]["namespace"],
            "name": about["metadata"]["name"], "uid": about["metadata"]["uid"]}}),
    )
}
