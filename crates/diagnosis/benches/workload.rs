//! What does judging one workload cost, with 1, 10 and 100 Pods?
//!
//! The Pods are copies of a recorded one (operator 0.158.0): injected and healthy, or bare, as they are when the operator's
//! webhook was away while they were created.

use std::hint::black_box;

use diagnosis::{OperatorState, Options, diagnose};
use divan::Bencher;
use facts::{InputKind, Object, PodView, WorkloadRef};
use jiff::Timestamp;
use serde_json::{Value, json};
use world::World;

const POD: &str = include_str!("../../world/benches/injected_pod.json");
const NAMESPACE: &str = "shop-ylqpz";
const PODS: [usize; 3] = [1, 10, 100];

/// The program's own.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() {
    divan::main();
}

#[divan::bench(args = PODS)]
fn healthy(bencher: Bencher<'_, '_>, pods: usize) {
    judge(bencher, &pod(), pods, "True");
}

#[divan::bench(args = PODS)]
fn bare(bencher: Bencher<'_, '_>, pods: usize) {
    judge(bencher, &bare_pod(), pods, "False");
}

fn judge(bencher: Bencher<'_, '_>, pod: &PodView, pods: usize, expected: &str) {
    let world = cluster(pod, pods);
    let id = checkout(&world);
    let operator = OperatorState::discover(&world);
    let (options, now) = (Options::default(), now());
    let subject = world.subject(&id).expect("the workload is there");
    assert_eq!(subject.pods.len(), pods);
    let judge = || diagnose(black_box(&subject), &world, &operator, None, now, &options);
    let first = judge().expect("it asks for injection");
    assert_eq!(first.healthy().0, expected, "{:?}", first.status.findings);
    let previous = Some(&first.status);
    bencher.bench_local(|| diagnose(black_box(&subject), &world, &operator, previous, now, &options));
}

/// As the controller does it: the workload is put together from the world first.
#[divan::bench(args = PODS)]
fn healthy_with_subject(bencher: Bencher<'_, '_>, pods: usize) {
    let world = cluster(&pod(), pods);
    let id = checkout(&world);
    let operator = OperatorState::discover(&world);
    let (options, now) = (Options::default(), now());
    bencher.bench_local(|| {
        let subject = world.subject(black_box(&id)).expect("the workload is there");
        diagnose(&subject, &world, &operator, None, now, &options)
    });
}

fn checkout(world: &World) -> WorkloadRef {
    let mut workloads = world.workloads().into_iter();
    workloads.find(|id| &*id.name == "checkout").expect("the Deployment is there")
}

fn now() -> Timestamp {
    "2026-11-22T23:59:00Z".parse().expect("a literal time")
}

fn pod() -> PodView {
    serde_json::from_str(POD).expect("a recorded Pod")
}

fn bare_pod() -> PodView {
    let mut pod = pod();
    pod.spec.init_containers = Box::default();
    pod.status.init_container_statuses = Box::default();
    let app = &mut pod.spec.containers[0];
    app.env = app.env.iter().filter(|var| !is_injected(&var.name)).cloned().collect();
    let mounts = app.volume_mounts.iter().filter(|mount| !mount.name.starts_with("opentelemetry"));
    app.volume_mounts = mounts.cloned().collect();
    pod
}

fn is_injected(variable: &str) -> bool {
    variable.starts_with("OTEL_") || variable == "JAVA_TOOL_OPTIONS"
}

fn cluster(pod: &PodView, pods: usize) -> World {
    let mut world = World::new();
    for value in surroundings() {
        world.apply(Object::from_value(value).expect("fits its view").expect("a kind that is read"));
    }
    let owner = pod.metadata.controller().expect("a ReplicaSet");
    let metadata = |name: &str, uid: &str| json!({"name": name, "namespace": NAMESPACE, "uid": uid, "creationTimestamp": "2026-11-22T23:15:00Z"});
    let mut set = metadata(&owner.name, &owner.uid);
    set["labels"] = json!({"pod-template-hash": "6476884b54"});
    set["annotations"] = json!({"deployment.kubernetes.io/revision": "1"});
    set["ownerReferences"] = json!([{"apiVersion": "apps/v1", "kind": "Deployment", "name": "checkout", "uid": "d", "controller": true}]);
    let set =
        json!({"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": set, "spec": {"replicas": pods}});
    let template = json!({"metadata": {"labels": {"app": "checkout"}, "annotations": {"instrumentation.opentelemetry.io/inject-java": "true"}},
        "spec": {"containers": [{"name": "app", "image": "registry.example.com/shop/checkout:1.4.2"}, {"name": "log-shipper", "image": "registry.example.com/platform/log-shipper:3.2.1"}]}});
    let deployment = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata("checkout", "d"), "spec": {"replicas": pods, "template": template}});
    for value in [set, deployment] {
        world.apply(Object::from_value(value).expect("fits its view").expect("a kind that is read"));
    }
    for number in 0..pods {
        let mut sibling = pod.clone();
        sibling.metadata.name = format!("checkout-6476884b54-{number:05}").into();
        sibling.metadata.uid = format!("uid-{number}").into();
        world.apply(Object::from(sibling));
    }
    for kind in InputKind::ALL {
        world.complete(*kind);
    }
    world
}

/// What the recorded Pod was injected by, and where it sends to.
fn surroundings() -> [Value; 7] {
    let early = "2026-11-22T22:00:00Z";
    let other = "observability-ylqpz";
    let namespace = |name: &str| json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "uid": name, "creationTimestamp": early}});
    [
        namespace(NAMESPACE),
        namespace(other),
        json!({"apiVersion": "opentelemetry.io/v1alpha1", "kind": "Instrumentation",
            "metadata": {"name": "default", "namespace": NAMESPACE, "uid": "i", "generation": 1, "creationTimestamp": early},
            "spec": {
                "exporter": {"endpoint": "http://otel-collector.observability-ylqpz.svc.cluster.local:4318"},
                "propagators": ["tracecontext", "baggage"],
                "sampler": {"type": "parentbased_traceidratio", "argument": "1"},
                "java": {"image": "ghcr.io/open-telemetry/opentelemetry-operator/autoinstrumentation-java:2.30.0",
                    "resources": {"limits": {"cpu": "500m", "memory": "256Mi"}, "requests": {"cpu": "50m", "memory": "64Mi"}}}}}),
        json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "otel-collector", "namespace": other, "uid": "s"},
            "spec": {"type": "ClusterIP", "selector": {"app": "otel-collector"}, "ports": [{"port": 4317}, {"port": 4318}]}}),
        json!({"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice",
            "metadata": {"name": "otel-collector-x", "namespace": other, "uid": "e", "labels": {"kubernetes.io/service-name": "otel-collector"}},
            "endpoints": [{"addresses": ["10.0.0.1"], "conditions": {"ready": true}}]}),
        json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "instrumentations.opentelemetry.io", "uid": "c"},
            "status": {"conditions": [{"type": "Established", "status": "True"}]}}),
        json!({"apiVersion": "admissionregistration.k8s.io/v1", "kind": "MutatingWebhookConfiguration", "metadata": {"name": "opentelemetry-operator-mutation", "uid": "h", "creationTimestamp": early},
            "webhooks": []}),
    ]
}
