//! What is on the bed while it is measured?

use std::time::Duration;

use e2e::Bed;
use e2e::operator::CONFIGURATION;
use e2e::play::{ANNOTATION, Play};
use k8s_openapi::api::core::v1::ServiceAccount;
use kube::{Api, Client};
use serde_json::{Value, json};

use crate::recorded::{self, COLLECTOR_NAMESPACE};
use crate::{Result, played, requests};

const NAMESPACES: usize = 25;
const WORKLOADS: usize = 500;
const PODS_EACH: usize = 20;
const HASH: &str = "6476884b54";
const WEBHOOKS: &str = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations";
/// Programs of the bed that would change what this program plays.
const IDLE: [&str; 3] = ["kube-controller-manager", "kube-scheduler", "kwok"];

fn webhook_path() -> String {
    format!("{WEBHOOKS}/{CONFIGURATION}")
}

/// The workloads and Pods on the bed.
pub struct Cluster {
    /// With all rights.
    pub client: Client,
    workloads: Vec<Workload>,
    pods: Vec<Pod>,
}

/// A Deployment.
#[derive(Clone, Debug)]
pub struct Workload {
    pub namespace: String,
    pub app: String,
}

/// One Pod.
#[derive(Clone, Debug)]
pub struct Pod {
    pub namespace: String,
    pub app: String,
    pub name: String,
}

impl Pod {
    /// Path of its status.
    pub fn status_path(&self) -> String {
        format!("/api/v1/namespaces/{}/pods/{}/status", self.namespace, self.name)
    }
}

impl Cluster {
    /// Creates everything.
    pub async fn create(bed: &Bed) -> Result<Self> {
        let client = bed.client();
        let workloads: Vec<Workload> = (0..WORKLOADS)
            .map(|at| Workload { namespace: format!("team-{}", at % NAMESPACES), app: format!("app-{at}") })
            .collect();
        let mut cluster = Self { client, workloads, pods: Vec::new() };
        cluster.create_namespaces().await?;
        for program in IDLE {
            bed.stop_program(program, Duration::from_secs(5));
        }
        let sets =
            requests::all(cluster.workloads.iter().map(|workload| cluster.create_owners(workload))).await?;
        let webhook = requests::get(&cluster.client, &webhook_path()).await?;
        requests::delete(&cluster.client, &webhook_path()).await?;
        eprintln!("creating {} Pods; one or two minutes", WORKLOADS * PODS_EACH);
        let numbered = (0..WORKLOADS * PODS_EACH).map(|number| (number, number % WORKLOADS));
        let made = numbered.map(|(number, at)| cluster.create_pod(&cluster.workloads[at], &sets[at], number));
        cluster.pods = requests::all(made).await?;
        cluster.register_again(webhook).await?;
        Ok(cluster)
    }

    /// Puts the operator's webhook back.
    async fn register_again(&self, mut webhook: Value) -> Result<()> {
        let name = webhook["metadata"]["name"].take();
        webhook["metadata"] = json!({"name": name, "labels": webhook["metadata"]["labels"]});
        requests::create(&self.client, WEBHOOKS, &webhook).await?;
        Ok(())
    }

    /// All workloads.
    pub fn workloads(&self) -> &[Workload] {
        &self.workloads
    }

    /// All Pods; one of each workload, then the next of each.
    pub fn pods(&self) -> &[Pod] {
        &self.pods
    }

    /// The first Pod of a workload.
    pub fn first_pod(&self, workload: usize) -> &Pod {
        &self.pods[workload % WORKLOADS]
    }

    async fn create_namespaces(&self) -> Result<()> {
        let teams: Vec<String> = (0..NAMESPACES).map(|number| format!("team-{number}")).collect();
        for name in teams.iter().map(String::as_str).chain([COLLECTOR_NAMESPACE]) {
            let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}});
            requests::create(&self.client, "/api/v1/namespaces", &namespace).await?;
        }
        self.create_collector().await?;
        for team in &teams {
            let collection = format!("/apis/opentelemetry.io/v1alpha1/namespaces/{team}/instrumentations");
            let instrumentation = json!({
                "apiVersion": "opentelemetry.io/v1alpha1", "kind": "Instrumentation", "metadata": {"name": "default"},
                "spec": recorded::instrumentation_spec(),
            });
            requests::create(&self.client, &collection, &instrumentation).await?;
            let accounts: Api<ServiceAccount> = Api::namespaced(self.client.clone(), team);
            while accounts.get_opt("default").await?.is_none() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
        Ok(())
    }

    async fn create_collector(&self) -> Result<()> {
        let service = json!({
            "apiVersion": "v1", "kind": "Service", "metadata": {"name": "otel-collector"},
            "spec": {"ports": [{"name": "otlp-grpc", "port": 4317}, {"name": "otlp-http", "port": 4318}]},
        });
        requests::create(
            &self.client,
            &format!("/api/v1/namespaces/{COLLECTOR_NAMESPACE}/services"),
            &service,
        )
        .await?;
        let slices = format!("/apis/discovery.k8s.io/v1/namespaces/{COLLECTOR_NAMESPACE}/endpointslices");
        requests::create(&self.client, &slices, &played::slice(0)).await?;
        Ok(())
    }

    /// A Deployment and its `ReplicaSet`; returns the uid of the latter.
    async fn create_owners(&self, workload: &Workload) -> Result<String> {
        let Workload { namespace, app } = workload;
        let collection = |kind: &str| format!("/apis/apps/v1/namespaces/{namespace}/{kind}");
        let mut template = recorded::template(app);
        let deployment = json!({
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": app},
            "spec": {"replicas": PODS_EACH, "selector": {"matchLabels": {"app": app}}, "template": template},
        });
        let uid = requests::create(&self.client, &collection("deployments"), &deployment).await?;
        template["metadata"]["labels"]["pod-template-hash"] = json!(HASH);
        let labels = json!({"app": app, "pod-template-hash": HASH});
        let set = json!({
            "apiVersion": "apps/v1", "kind": "ReplicaSet",
            "metadata": {
                "name": format!("{app}-{HASH}"), "labels": labels, "annotations": {"deployment.kubernetes.io/revision": "1"},
                "ownerReferences": [{"apiVersion": "apps/v1", "kind": "Deployment", "name": app, "uid": uid, "controller": true}],
            },
            "spec": {"replicas": PODS_EACH, "selector": {"matchLabels": labels}, "template": template},
        });
        requests::create(&self.client, &collection("replicasets"), &set).await
    }

    /// A Pod as the `ReplicaSet` controller makes it and the operator injects it, and running. The stand-in operator reads the
    /// whole cluster at each request; it is not asked.
    async fn create_pod(&self, workload: &Workload, set_uid: &str, number: usize) -> Result<Pod> {
        let Workload { namespace, app } = workload.clone();
        let name = format!("{app}-{HASH}-{number:05x}");
        let set = format!("{app}-{HASH}");
        let mut pod = recorded::created(&app, &namespace, &set);
        let metadata = &mut pod["metadata"];
        metadata["name"] = json!(name);
        metadata["labels"]["pod-template-hash"] = json!(HASH);
        metadata["annotations"][ANNOTATION] = json!(Play { hands_off: true, ..Play::default() }.annotation());
        metadata["ownerReferences"] = json!([{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": set, "uid": set_uid, "controller": true}]);
        pod["spec"]["nodeName"] = json!(format!("worker-{}", number % usize::from(crate::NODES) + 1));
        requests::create(&self.client, &format!("/api/v1/namespaces/{namespace}/pods"), &pod).await?;
        let pod = Pod { namespace, app, name };
        requests::merge(&self.client, &pod.status_path(), &played::healthy(&pod.app)).await?;
        Ok(pod)
    }
}
