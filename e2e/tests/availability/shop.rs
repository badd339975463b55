//! Workloads that break and heal together.

use e2e::Bed;
use e2e::product::kubectl;

/// Where they are.
pub const NAMESPACE: &str = "shop";
/// More than the leader can write about before it is ended.
const WORKLOADS: u32 = 24;

const BASE: &str = r#"
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: v1
kind: Service
metadata: {name: otel-collector, namespace: shop}
spec:
  selector: {app: otel-collector}
  ports: [{name: otlp-http, port: 4318}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: otel-collector, namespace: shop}
spec:
  selector: {matchLabels: {app: otel-collector}}
  template:
    metadata: {labels: {app: otel-collector}}
    spec:
      containers:
      - {name: collector, image: "otel/opentelemetry-collector:0.158.0", ports: [{containerPort: 4318}]}
---
apiVersion: opentelemetry.io/v1alpha1
kind: Instrumentation
metadata: {name: default, namespace: shop}
spec:
  exporter: {endpoint: "http://otel-collector.shop:4318"}
"#;

/// The Namespace with everything that a workload needs.
pub struct Shop<'b> {
    bed: &'b Bed,
}

impl<'b> Shop<'b> {
    /// Makes it.
    pub async fn open(bed: &'b Bed) -> Self {
        bed.apply_yaml(BASE).await.unwrap();
        Self { bed }
    }

    /// Names of the workloads of a round.
    pub fn workloads(round: u32) -> Vec<String> {
        (1..=WORKLOADS).map(|number| format!("round-{round}-{number}")).collect()
    }

    /// Makes workloads that ask for an Instrumentation that is not there.
    pub async fn open_broken(&self, names: &[String]) {
        self.apply(names, "missing").await;
    }

    /// Lets them ask for the one that is there, which makes their Pods anew.
    pub async fn mend(&self, names: &[String]) {
        self.apply(names, "default").await;
    }

    async fn apply(&self, names: &[String], instrumentation: &str) {
        let manifests: Vec<String> = names.iter().map(|name| deployment(name, instrumentation)).collect();
        let file = self.bed.logs().join(format!("{}-{instrumentation}.yaml", names[0]));
        std::fs::write(&file, manifests.join("---\n")).unwrap();
        // At once, so that there is much to be written.
        kubectl(self.bed, &["apply", "--server-side", "-f", file.to_str().unwrap()]).await.unwrap();
    }
}

fn deployment(name: &str, instrumentation: &str) -> String {
    format!(
        r#"
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}, namespace: {NAMESPACE}}}
spec:
  selector: {{matchLabels: {{app: {name}}}}}
  strategy: {{type: Recreate}}
  template:
    metadata:
      labels: {{app: {name}}}
      annotations: {{instrumentation.opentelemetry.io/inject-java: {instrumentation}}}
    spec:
      terminationGracePeriodSeconds: 0
      containers:
      - {{name: app, image: "registry.example.com/shop/app:1.4.2"}}
"#
    )
}
