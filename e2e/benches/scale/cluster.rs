//! What is in the cluster that is measured?
//!
//! As many Pods as Kubernetes allows, as an API server would store them: a recorded, injected Pod with two containers,
//! probes and `managedFields`. All made one by one, so that nothing of it is held.

use std::sync::LazyLock;

use serde_json::{Value, json};

use crate::recorded::{COLLECTOR_NAMESPACE, POD, instrumentation_spec, template};
use crate::template::{Field, Template};

const FIELDS: [Field; 11] =
    ["name", "uid", "set-uid", "set", "namespace", "hash", "node", "token", "version", "app", "shard"];
/// Workloads of one namespace.
const PER_NAMESPACE: usize = 15;
const NODES: usize = 5_000;
const CREATED: &str = "2026-11-22T23:15:54Z";

static SHARED: LazyLock<Template> = LazyLock::new(|| Template::new(POD.trim_end(), &FIELDS));
static DISTINCT: LazyLock<Template> = LazyLock::new(|| {
    Template::new(&POD.trim_end().replace("--level=info", "--level=info --shard={shard}"), &FIELDS)
});

/// Whether the Pods of a workload share their spec.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shapes {
    /// As Pods of one template do.
    Shared,
    /// Every Pod of the cluster differs from every other.
    Distinct,
}

/// A cluster, by its sizes.
#[derive(Clone, Copy, Debug)]
pub struct Cluster {
    pub pods: usize,
    pub workloads: usize,
    /// `ReplicaSet`s of earlier revisions, for each workload.
    pub old_sets: usize,
    pub shapes: Shapes,
}

impl Cluster {
    /// Every object of a resource, as JSON.
    pub fn objects(self, resource: &str) -> Box<dyn Iterator<Item = String> + Send> {
        let namespaces = 0..self.workloads.div_ceil(PER_NAMESPACE);
        let workloads = 0..self.workloads;
        match resource {
            "pods" => Box::new((0..self.pods).map(move |number| self.pod(number))),
            "namespaces" => Box::new(texts(
                namespaces.map(|number| named(&team(number))).chain([named(COLLECTOR_NAMESPACE)]),
            )),
            "nodes" => Box::new(texts((0..NODES).map(node))),
            "instrumentations" => Box::new(texts(namespaces.map(|number| instrumentation(&team(number))))),
            "deployments" => Box::new(texts(workloads.map(move |workload| self.deployment(workload)))),
            "replicasets" => Box::new(texts(workloads.flat_map(move |workload| {
                (0..=self.old_sets).map(move |revision| self.replica_set(workload, revision))
            }))),
            _ => Box::new(texts(few(resource).into_iter())),
        }
    }

    /// A Pod of the middle of the cluster, in bytes.
    pub fn pod_bytes(self) -> usize {
        self.pod(self.pods / 2).len()
    }

    fn pod(self, number: usize) -> String {
        let workload = number % self.workloads;
        let hash = template_hash(self.old_sets);
        let set = format!("app-{workload}-{hash}");
        let template = if self.shapes == Shapes::Shared { &SHARED } else { &DISTINCT };
        template.fill(&[
            ("name", format!("{set}-{number:05x}")),
            ("uid", format!("{number:08x}-bf51-4716-8f27-16d3f873b53a")),
            ("set-uid", set_uid(workload, self.old_sets)),
            ("set", set),
            ("namespace", team(workload / PER_NAMESPACE)),
            ("hash", hash),
            ("node", format!("node-{}", number % NODES)),
            ("token", format!("{number:05x}")),
            ("version", format!("{}", 1_000_000 + number)),
            ("app", format!("app-{workload}")),
            ("shard", format!("{number}")),
        ])
    }

    fn deployment(self, workload: usize) -> Value {
        let (app, replicas) = (format!("app-{workload}"), self.pods / self.workloads);
        json!({
            "metadata": {"name": app, "namespace": team(workload / PER_NAMESPACE), "uid": deployment_uid(workload), "resourceVersion": "7", "generation": 11, "creationTimestamp": "2026-11-22T23:00:00Z"},
            "spec": {"replicas": replicas, "selector": {"matchLabels": {"app": app}}, "template": template(&app)},
            "status": {"replicas": replicas, "readyReplicas": replicas, "updatedReplicas": replicas},
        })
    }

    fn replica_set(self, workload: usize, revision: usize) -> Value {
        let (app, hash) = (format!("app-{workload}"), template_hash(revision));
        let replicas = if revision == self.old_sets { self.pods / self.workloads } else { 0 };
        json!({
            "metadata": {
                "name": format!("{app}-{hash}"), "namespace": team(workload / PER_NAMESPACE), "uid": set_uid(workload, revision),
                "resourceVersion": "7", "generation": 2, "creationTimestamp": CREATED,
                "labels": {"app": app, "pod-template-hash": hash},
                "annotations": {"deployment.kubernetes.io/revision": (revision + 1).to_string(), "deployment.kubernetes.io/desired-replicas": "20"},
                "ownerReferences": [{"apiVersion": "apps/v1", "kind": "Deployment", "name": app, "uid": deployment_uid(workload), "controller": true, "blockOwnerDeletion": true}],
            },
            "spec": {"replicas": replicas},
            "status": {"replicas": replicas, "readyReplicas": replicas},
        })
    }
}

fn texts(values: impl Iterator<Item = Value> + Send) -> impl Iterator<Item = String> + Send {
    values.map(|value| value.to_string())
}

fn team(namespace: usize) -> String {
    format!("team-{namespace}")
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

fn named(name: &str) -> Value {
    json!({"metadata": {"name": name, "uid": format!("ns-{name}"), "resourceVersion": "7", "creationTimestamp": "2026-11-22T22:00:00Z"}})
}

/// A Node with the labels that a cloud provider puts on.
fn node(number: usize) -> Value {
    let (name, zone) = (format!("node-{number}"), format!("zone-{}", number % 3));
    json!({
        "metadata": {
            "name": name, "uid": format!("{number:08x}-2222-4000-8000-000000000000"), "resourceVersion": "7", "creationTimestamp": "2026-11-22T22:00:00Z",
            "labels": {
                "kubernetes.io/arch": "amd64", "kubernetes.io/hostname": name, "kubernetes.io/os": "linux",
                "node.kubernetes.io/instance-type": "m7.2xlarge", "topology.kubernetes.io/region": "region-1", "topology.kubernetes.io/zone": zone,
            },
            "annotations": {"node.alpha.kubernetes.io/ttl": "0", "volumes.kubernetes.io/controller-managed-attach-detach": "true"},
        },
        "spec": {"providerID": format!("cloud:///{zone}/i-{number:017x}"), "podCIDR": "10.244.0.0/24"},
        "status": {"conditions": [{"type": "Ready", "status": "True", "reason": "KubeletReady", "lastHeartbeatTime": CREATED, "lastTransitionTime": CREATED}]},
    })
}

/// Kinds of which there are only one or two.
fn few(resource: &str) -> Vec<Value> {
    let version = "7";
    match resource {
        "services" => vec![
            json!({"metadata": {"name": "otel-collector", "namespace": COLLECTOR_NAMESPACE, "uid": "svc", "resourceVersion": version}, "spec": {"type": "ClusterIP", "selector": {"app": "otel-collector"}, "ports": [{"port": 4317}, {"port": 4318}]}}),
        ],
        "endpointslices" => vec![
            json!({"metadata": {"name": "otel-collector-x", "namespace": COLLECTOR_NAMESPACE, "uid": "slice", "resourceVersion": version, "labels": {"kubernetes.io/service-name": "otel-collector"}}, "endpoints": [{"addresses": ["10.0.0.1"], "conditions": {"ready": true}}]}),
        ],
        "customresourcedefinitions" => vec![
            json!({"metadata": {"name": "instrumentations.opentelemetry.io", "uid": "crd", "resourceVersion": version}, "status": {"conditions": [{"type": "Established", "status": "True"}]}}),
        ],
        "mutatingwebhookconfigurations" => vec![
            json!({"metadata": {"name": "opentelemetry-operator-mutation", "uid": "hook", "resourceVersion": version}, "webhooks": []}),
        ],
        _ => Vec::new(),
    }
}

/// The Instrumentation by which the recorded Pod was injected.
fn instrumentation(namespace: &str) -> Value {
    json!({
        "metadata": {"name": "default", "namespace": namespace, "uid": format!("inst-{namespace}"), "resourceVersion": "7", "generation": 1, "creationTimestamp": "2026-11-22T22:00:00Z"},
        "spec": instrumentation_spec(),
    })
}
