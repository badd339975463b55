//! What would the API server of such a cluster send?

use facts::{
    CustomResourceDefinition, Deployment, EndpointSlice, InputKind, Instrumentation,
    MutatingWebhookConfiguration, Namespace, Object, PodView, ReplicaSet, Service,
};
use jiff::Timestamp;
use serde_json::{Value, json};
use world::World;

/// A recorded, injected Pod with what differs from Pod to Pod cut out.
const POD: &str = include_str!("../pod.json");
/// Workloads of one namespace.
const PER_NAMESPACE: usize = 15;
const CREATED: &str = "2026-11-22T23:15:54Z";

/// Whether the Pods of a workload share their spec.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shapes {
    /// As Pods of one template do.
    Shared,
    /// Every Pod of the cluster differs from every other.
    Distinct,
}

/// A cluster's worth of objects, made one by one.
#[derive(Clone, Copy, Debug)]
pub struct Stream {
    pub pods: usize,
    pub workloads: usize,
    pub old_sets: usize,
    pub shapes: Shapes,
}

/// Bytes of one Pod.
pub fn pod_bytes() -> usize {
    POD.len()
}

/// A time after everything in the stream.
pub fn now() -> Timestamp {
    "2026-11-22T23:59:00Z".parse().expect("a literal time")
}

impl Stream {
    /// Everything but Pods.
    pub fn feed_everything_else(&self, world: &mut World) {
        for kind in InputKind::ALL.iter().filter(|kind| **kind != InputKind::Pods) {
            world.begin(*kind);
        }
        for namespace in 0..self.workloads.div_ceil(PER_NAMESPACE) {
            self.feed_namespace(world, namespace);
        }
        apply::<Namespace>(world, json!({"metadata": {"name": "observability-ylqpz", "uid": "ns-o"}}));
        apply::<Service>(
            world,
            json!({"metadata": {"name": "otel-collector", "namespace": "observability-ylqpz", "uid": "svc"}, "spec": {"type": "ClusterIP", "selector": {"app": "otel-collector"}, "ports": [{"port": 4317}, {"port": 4318}]}}),
        );
        apply::<EndpointSlice>(
            world,
            json!({"metadata": {"name": "otel-collector-x", "namespace": "observability-ylqpz", "uid": "slice", "labels": {"kubernetes.io/service-name": "otel-collector"}}, "endpoints": [{"addresses": ["10.0.0.1"], "conditions": {"ready": true}}]}),
        );
        apply::<CustomResourceDefinition>(
            world,
            json!({"metadata": {"name": "instrumentations.opentelemetry.io", "uid": "crd"}, "status": {"conditions": [{"type": "Established", "status": "True"}]}}),
        );
        apply::<MutatingWebhookConfiguration>(
            world,
            json!({"metadata": {"name": "opentelemetry-operator-mutation", "uid": "hook"}, "webhooks": []}),
        );
        for kind in InputKind::ALL.iter().filter(|kind| **kind != InputKind::Pods) {
            world.complete(*kind);
        }
    }

    fn feed_namespace(&self, world: &mut World, number: usize) {
        let namespace = format!("team-{number}");
        apply::<Namespace>(
            world,
            json!({"metadata": {"name": namespace, "uid": format!("ns-{number}"), "creationTimestamp": "2026-11-22T22:00:00Z"}}),
        );
        apply::<Instrumentation>(world, instrumentation(&namespace));
        let first = number * PER_NAMESPACE;
        for workload in first..(first + PER_NAMESPACE).min(self.workloads) {
            apply::<Deployment>(world, deployment(&namespace, workload, self.pods / self.workloads));
            for revision in 0..=self.old_sets {
                apply::<ReplicaSet>(
                    world,
                    replica_set(&namespace, workload, revision, revision == self.old_sets),
                );
            }
        }
    }

    /// One list of all Pods, as bytes.
    pub fn feed_pods(&self, world: &mut World) {
        world.begin(InputKind::Pods);
        for number in 0..self.pods {
            let json = self.pod(number);
            let view: PodView = serde_json::from_str(&json).expect("the recorded Pod decodes");
            world.apply(Object::from(view));
        }
        world.complete(InputKind::Pods);
    }

    fn pod(&self, number: usize) -> String {
        let workload = number % self.workloads;
        let hash = template_hash(self.old_sets);
        let set = format!("app-{workload}-{hash}");
        let mut json = POD
            .replace("{name}", &format!("{set}-{number:05x}"))
            .replace("{uid}", &format!("{number:08x}-bf51-4716-8f27-16d3f873b53a"))
            .replace("{set-uid}", &set_uid(workload, self.old_sets))
            .replace("{set}", &set)
            .replace("{namespace}", &format!("team-{}", workload / PER_NAMESPACE))
            .replace("{hash}", &hash)
            .replace("{node}", &format!("node-{}", number % 5000))
            .replace("{token}", &format!("{number:05x}"))
            .replace("{version}", &format!("{}", 1_000_000 + number))
            .replace("{app}", &format!("app-{workload}"));
        if self.shapes == Shapes::Distinct {
            json = json.replace("--level=info", &format!("--level=info --shard={number}"));
        }
        json
    }
}

fn apply<V: facts::Kind + Into<Object>>(world: &mut World, value: Value) {
    let view: V = serde_json::from_value(value).expect("the object is written for this view");
    world.apply(view.into());
}

fn template_hash(revision: usize) -> String {
    format!("6476884b{revision:02}")
}

fn set_uid(workload: usize, revision: usize) -> String {
    format!("{workload:08x}-0000-4000-8000-{revision:012x}")
}

fn deployment_uid(workload: usize) -> String {
    format!("{workload:08x}-1111-4000-8000-000000000000")
}

fn deployment(namespace: &str, workload: usize, replicas: usize) -> Value {
    let app = format!("app-{workload}");
    json!({
        "metadata": {"name": app, "namespace": namespace, "uid": deployment_uid(workload), "generation": 11, "creationTimestamp": "2026-11-22T23:00:00Z"},
        "spec": {"replicas": replicas, "selector": {"matchLabels": {"app": app}}, "template": {
            "metadata": {"labels": {"app": app}, "annotations": {"instrumentation.opentelemetry.io/inject-java": "true"}},
            "spec": {"containers": [
                {"name": "app", "image": "registry.example.com/shop/checkout:1.4.2", "resources": {"limits": {"cpu": "500m", "memory": "256Mi"}}},
                {"name": "log-shipper", "image": "registry.example.com/platform/log-shipper:3.2.1"},
            ]},
        }},
        "status": {"replicas": replicas, "readyReplicas": replicas, "updatedReplicas": replicas},
    })
}

fn replica_set(namespace: &str, workload: usize, revision: usize, current: bool) -> Value {
    let hash = template_hash(revision);
    let app = format!("app-{workload}");
    json!({
        "metadata": {
            "name": format!("{app}-{hash}"), "namespace": namespace, "uid": set_uid(workload, revision), "creationTimestamp": CREATED,
            "labels": {"app": app, "pod-template-hash": hash}, "annotations": {"deployment.kubernetes.io/revision": (revision + 1).to_string()},
            "ownerReferences": [{"apiVersion": "apps/v1", "kind": "Deployment", "name": app, "uid": deployment_uid(workload), "controller": true}],
        },
        "spec": {"replicas": if current { 20 } else { 0 }},
        "status": {"replicas": if current { 20 } else { 0 }, "readyReplicas": if current { 20 } else { 0 }},
    })
}

/// The Instrumentation by which the recorded Pod was injected.
fn instrumentation(namespace: &str) -> Value {
    json!({
        "metadata": {"name": "default", "namespace": namespace, "uid": format!("inst-{namespace}"), "generation": 1, "creationTimestamp": "2026-11-22T22:00:00Z"},
        "spec": {
            "exporter": {"endpoint": "http://otel-collector.observability-ylqpz.svc.cluster.local:4318"},
            "propagators": ["tracecontext", "baggage"],
            "sampler": {"type": "parentbased_traceidratio", "argument": "1"},
            "java": {"image": "ghcr.io/open-telemetry/opentelemetry-operator/autoinstrumentation-java:2.30.0",
                     "resources": {"limits": {"cpu": "500m", "memory": "256Mi"}, "requests": {"cpu": "50m", "memory": "64Mi"}}},
        },
    })
}
