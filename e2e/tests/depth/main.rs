//! Do the checks that are off by default work with the rights of their overlay, and say so where they lack them?

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../controller/running.rs"]
#[allow(dead_code, reason = "shared with the tests of the controller")]
mod running;

use std::path::Path;
use std::time::Duration;

use api::{InstrumentationHealth, InstrumentationHealthStatus};
use e2e::operator::{DEPLOYMENT, NAMESPACE as OPERATOR, StandIn};
use e2e::product::kubectl;
use e2e::{Bed, Options};
use kube::Api;
use running::{Running, until, until_says};

const SHOP: &str = include_str!("../controller/shop.yaml");

/// Asks for TLS material that the namespace lacks.
const TLS: &str = r#"
apiVersion: opentelemetry.io/v1alpha1
kind: Instrumentation
metadata: {name: tls, namespace: shop}
spec:
  exporter: {endpoint: "https://otel-collector.observability:4318", tls: {secretName: otel-tls, ca_file: ca.crt}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  template:
    metadata:
      labels: {app: cart}
      annotations: {instrumentation.opentelemetry.io/inject-nodejs: tls}
    spec:
      containers: [{name: app, image: "registry.example.com/shop/cart:1.0.0"}]
"#;

/// Would be injected, as far as can be seen.
const CHECKOUT: &str = r#"
apiVersion: opentelemetry.io/v1alpha1
kind: Instrumentation
metadata: {name: default, namespace: shop}
spec:
  exporter: {endpoint: "http://otel-collector.observability:4318"}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: checkout, namespace: shop}
spec:
  selector: {matchLabels: {app: checkout}}
  template:
    metadata:
      labels: {app: checkout}
      annotations: {instrumentation.opentelemetry.io/inject-java: default}
    spec:
      containers: [{name: app, image: "registry.example.com/shop/checkout:1.0.0"}]
"#;

async fn install(bed: &Bed, folder: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../config").join(folder);
    kubectl(bed, &["apply", "--server-side", "-k", folder.to_str().unwrap()]).await.unwrap();
}

/// Applies Instrumentations first, and workloads later than the seconds in which the operator came up: so that no time explains
/// what is missing.
async fn apply_in_peace(bed: &Bed, manifests: &[&str]) {
    let documents = || manifests.iter().flat_map(|manifests| manifests.split("---"));
    let is_instrumentation = |document: &&str| document.contains("kind: Instrumentation");
    for document in documents().filter(is_instrumentation) {
        bed.apply_yaml(document).await.unwrap();
    }
    tokio::time::sleep(Duration::from_secs(12)).await;
    for document in documents().filter(|document| !is_instrumentation(document)) {
        bed.apply_yaml(document).await.unwrap();
    }
}

async fn status(bed: &Bed, name: &str) -> InstrumentationHealthStatus {
    let objects: Api<InstrumentationHealth> = Api::namespaced(bed.client(), "shop");
    objects.get_opt(name).await.unwrap().and_then(|object| object.status).unwrap_or_default()
}

async fn not_checked(bed: &Bed, name: &str) -> Vec<String> {
    let list = status(bed, name).await.not_checked;
    list.into_iter().map(|check| format!("{}: {}", check.check, check.needs)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_read_where_somebody_asks_and_it_may() {
    let bed = Bed::start(Options::named("keys")).await.unwrap();
    let _operator = StandIn::install(&bed, &[]).await.unwrap();
    install(&bed, "default").await;
    bed.apply_yaml(SHOP).await.unwrap();
    apply_in_peace(&bed, &[TLS, CHECKOUT]).await;

    // Off: it is said what is not checked, and that changes nothing.
    let controller = Running::start(&bed).await;
    until_says(&bed, "deployment-cart", "False", "MutationAborted").await;
    until_says(&bed, "deployment-checkout", "True", "Instrumented").await;
    let off = [
        "ReferencedKeys: the flag --read-keys; get configmaps, secrets",
        "AdmissionProbe: the flag --probe-admission; create pods",
    ];
    assert_eq!(not_checked(&bed, "deployment-checkout").await, off);
    controller.stop().await;

    // On, without the right: the right is named instead of the flag.
    let on = |mut settings: controller::Settings| {
        settings.read_keys = true;
        settings
    };
    let controller = Running::start_with(&bed, on).await;
    let lacking = "ReferencedKeys: get configmaps, secrets".to_owned();
    until("the missing right is named", async || {
        not_checked(&bed, "deployment-cart").await.contains(&lacking)
    })
    .await;
    until_says(&bed, "deployment-cart", "False", "MutationAborted").await;

    // With the right: the Secret is known not to be there, and its coming is noticed.
    install(&bed, "full").await;
    until_says(&bed, "deployment-cart", "False", "InstrumentationTlsObjectMissing").await;
    until("nothing is lacking", async || !not_checked(&bed, "deployment-cart").await.contains(&lacking))
        .await;
    kubectl(&bed, &["-n", "shop", "create", "secret", "generic", "otel-tls", "--from-literal=ca.crt=x"])
        .await
        .unwrap();
    kubectl(&bed, &["-n", "shop", "rollout", "restart", "deployment/cart"]).await.unwrap();
    until_says(&bed, "deployment-cart", "True", "Instrumented").await;
    controller.stop().await;
    bed.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trial_creation_proves_what_a_restart_would_bring() {
    let bed = Bed::start(Options::named("probe")).await.unwrap();
    // An operator that injects no Java, in a cluster that says nothing of it.
    let mut operator = StandIn::install(&bed, &["--enable-java-instrumentation=false"]).await.unwrap();
    let no_arguments = r#"[{"op": "replace", "path": "/spec/template/spec/containers/0/args", "value": []}]"#;
    kubectl(&bed, &["-n", OPERATOR, "patch", "deployment", DEPLOYMENT, "--type=json", "-p", no_arguments])
        .await
        .unwrap();
    kubectl(
        &bed,
        &["-n", OPERATOR, "rollout", "status", &format!("deployment/{DEPLOYMENT}"), "--timeout=60s"],
    )
    .await
    .unwrap();
    install(&bed, "full").await;
    bed.apply_yaml(SHOP).await.unwrap();
    apply_in_peace(&bed, &[CHECKOUT]).await;
    let on = |mut settings: controller::Settings| {
        settings.probe_admission = true;
        settings
    };
    let controller = Running::start_with(&bed, on).await;
    until("the trial is evidence", async || {
        evidence(&bed, "deployment-checkout", "MutationAborted").await.contains(&"no agent".to_owned())
    })
    .await;
    let finding = status(&bed, "deployment-checkout").await.findings.remove(0);
    assert_eq!((finding.reason.as_str(), finding.certainty), ("MutationAborted", api::Certainty::Likely));

    // What was created while the operator was away would be injected now, and that is proven.
    operator.go_down().await.unwrap();
    bed.apply_yaml(&only_deployment().replace("inject-java", "inject-nodejs").replace("checkout", "search"))
        .await
        .unwrap();
    until_says(&bed, "deployment-search", "False", "OperatorNotReady").await;
    operator.come_back().await.unwrap();
    until("the trial is evidence", async || {
        let evidence = evidence(&bed, "deployment-search", "PodCreatedWhileWebhookUnavailable").await;
        evidence.contains(&"carries the nodejs agent".to_owned())
    })
    .await;
    let finding = status(&bed, "deployment-search").await.findings.remove(0);
    assert!(finding.remedy.starts_with("A restart now would inject: kubectl "), "{}", finding.remedy);
    let pods = kubectl(&bed, &["-n", "shop", "get", "pods", "-o", "name"]).await.unwrap();
    assert_eq!(
        pods.lines().filter(|name| name.contains("/search-")).count(),
        1,
        "a trial leaves nothing behind: {pods}"
    );
    controller.stop().await;
    bed.stop();
}

fn only_deployment() -> String {
    CHECKOUT.split("---").nth(1).unwrap().to_owned()
}

/// The values of the evidence of a finding.
async fn evidence(bed: &Bed, name: &str, reason: &str) -> Vec<String> {
    let findings = status(bed, name).await.findings;
    let finding = findings.into_iter().find(|finding| finding.reason == reason);
    finding.into_iter().flat_map(|finding| finding.evidence).map(|evidence| evidence.value).collect()
}
