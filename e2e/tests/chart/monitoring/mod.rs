//! Does what the book has people install tell them of a broken workload: by an alert that fires, on a dashboard whose every
//! panel shows something, and on the page that shows the cause?
//!
//! With real programs that read what is shipped: Prometheus, an OpenTelemetry Collector, kube-state-metrics, kubectl, and what Argo CD
//! and Flux judge by. Prometheus with the shipped rules scrapes the controller beside the bed, which runs as the Deployment of the rendered
//! chart says. Failures are played until each alert fires that a cluster can be made to fire within minutes. What the
//! dashboard asks is then asked over the whole time.

mod collector;
mod dashboard;
mod events;
mod gitops;
mod prometheus;
mod rules;
mod state_metrics;

use std::process::Command;
use std::time::Duration;

use e2e::operator::StandIn;
use e2e::page::page;
use e2e::product::{free_port, kubectl};
use e2e::{Bed, Options};
use serde_json::{Value, json};

use crate::helm::{RELEASE, file, helm};
use crate::install::{of_pod, until_ready};
use collector::Collector;
use prometheus::Prometheus;

/// As docs/install.md says it.
const INSTALL: &str = "helm install instrumentation-health deploy/chart --namespace instrumentation-health --create-namespace --wait";
const PATIENCE: Duration = Duration::from_secs(60);
/// Namespaces, a collector, Instrumentations; workloads of which two are fine.
const SHOP: [&str; 2] =
    [include_str!("../../../demo/10-shop.yaml"), include_str!("../../../demo/20-workloads.yaml")];
const MORE: &str = include_str!("shop.yaml");

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_workload_leads_to_an_alert_and_to_a_dashboard_that_shows_it() {
    let _one = crate::BED.lock().await;
    let bed = Bed::start(Options::named("monitoring")).await.unwrap();
    let collector = Collector::start(&bed).await;
    let mut operator = StandIn::install_model(&bed, &[]).await.unwrap();
    operator.let_certificate_end_soon().await.unwrap();

    let controller = install_by_the_book(&bed).await;
    controller.start(&bed).await;
    let prometheus = Prometheus::start(&bed, &controller.address, &rules::at_once()).await;
    for manifests in SHOP.into_iter().chain([MORE]) {
        bed.apply_yaml(manifests).await.unwrap();
    }
    ten_workloads_with_one_cause(&bed).await;

    // One broken Deployment, from the alert to the object that says why, by the command that the alert names.
    let lost = prometheus
        .until_fires("InstrumentationLost", &[("namespace", "shop"), ("reason", "AgentImagePullFailed")])
        .await;
    let which = run_command_of(&bed, lost["annotations"]["description"].as_str().unwrap()).await;
    assert!(which.contains("deployment/ads") && which.lines().count() == 2, "{which}");
    let (code, shown) = page(&controller.status_page, "/shop/deployment/ads").await.unwrap();
    assert!(code == 200 && shown.contains("AgentImagePullFailed"), "{shown}");
    prometheus.until_fires("InstrumentationLostByOneCause", &[("reason", "InstrumentationNotFound")]).await;
    prometheus.until_fires("OpenTelemetryOperatorCertificateEndsSoon", &[]).await;

    gitops::see(&bed).await;

    // New Pods: agents are installed once more, while Prometheus looks.
    kubectl(&bed, &["-n", "shop", "rollout", "restart", "deployment/checkout", "deployment/frontend"])
        .await
        .unwrap();
    prometheus
        .until_some("sum(rate(instrumentation_health_agent_install_duration_seconds_count[1m])) > 0")
        .await;
    operator.go_down().await.unwrap();
    prometheus.until_fires("OpenTelemetryOperatorWebhookDown", &[("reason", "OperatorNotReady")]).await;

    bed.stop_program(RELEASE, PATIENCE);
    prometheus.until_fires("InstrumentationHealthDead", &[]).await;
    // Started again with fewer rights, and with something to write.
    take_away_rights(&bed, &["nodes", "instrumentationhealths/status"]).await;
    kubectl(&bed, &["-n", "shop", "delete", "deployment", "ads"]).await.unwrap();
    operator.come_back().await.unwrap();
    controller.start(&bed).await;
    prometheus.until_fires("InstrumentationHealthBlind", &[("kind", "nodes")]).await;
    prometheus.until_some("sum(rate(instrumentation_health_write_errors_total[1m]))").await;

    events::get_out(&bed, &collector).await;
    let shown = state_metrics::shown(&bed).await;
    let of_payment = [r#"workload="payment""#, r#"type="Healthy""#, r#"status="False""#];
    let says = |line: &str| of_payment.iter().all(|label| line.contains(label)) && line.ends_with("} 0");
    assert!(shown.lines().any(says), "kube-state-metrics does not say that payment is not healthy");

    let mut silent = Vec::new();
    for (asked_by, query) in dashboard::queries().into_iter().chain(rules::metrics()) {
        if prometheus.history(&query).await.is_empty() {
            silent.push(format!("{asked_by}: {query}"));
        }
    }
    assert!(silent.is_empty(), "queries without an answer:\n{}", silent.join("\n"));
    bed.stop();
}

/// The controller beside the bed.
struct Controller {
    address: String,
    status_page: String,
}

/// Installs the chart with its default values, but for the image, which no played node pulls.
async fn install_by_the_book(bed: &Bed) -> Controller {
    let page = std::fs::read_to_string(file("docs/install.md")).unwrap();
    assert!(page.contains(INSTALL), "docs/install.md installs otherwise than: {INSTALL}");
    let chart = file("deploy/chart");
    let words = INSTALL.split(' ').skip(1);
    let words: Vec<&str> =
        words.map(|word| if word == "deploy/chart" { chart.to_str().unwrap() } else { word }).collect();
    helm(Some(bed), &words).await.unwrap();
    let [address, status_page] = [(), ()].map(|()| format!("127.0.0.1:{}", free_port().unwrap()));
    Controller { address, status_page }
}

impl Controller {
    /// Starts it with arguments, environment and account of the Deployment. Only the port is another, because there is one
    /// loopback for all tests of a machine, and the status page is on, as by `statusPage.enabled`.
    async fn start(&self, bed: &Bed) {
        let deployment =
            kubectl(bed, &["-n", RELEASE, "get", "deployment", RELEASE, "-o", "json"]).await.unwrap();
        let mut deployment: Value = serde_json::from_str(&deployment).unwrap();
        let pod = &mut deployment["spec"]["template"]["spec"];
        let arguments = pod["containers"][0]["args"].as_array_mut().unwrap();
        let listen =
            arguments.iter_mut().find(|argument| **argument == json!("--listen=0.0.0.0:8080")).unwrap();
        *listen = json!(format!("--listen={}", self.address));
        arguments.push(json!(format!("--status-page={}", self.status_page)));
        let command: Command = of_pod(bed, pod).await;
        bed.run(RELEASE, command).unwrap();
        until_ready(&self.address).await;
    }
}

async fn ten_workloads_with_one_cause(bed: &Bed) {
    let deployment = |number: u32| {
        let labels = json!({"app": format!("batch-{number}")});
        let annotations = json!({"instrumentation.opentelemetry.io/inject-java": "missing"});
        json!({
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": format!("batch-{number}"), "namespace": "shop"},
            "spec": {
                "selector": {"matchLabels": labels},
                "template": {
                    "metadata": {"labels": labels, "annotations": annotations},
                    "spec": {"containers": [{"name": "app", "image": "registry.example.com/shop/batch:1.0.0"}]},
                },
            },
        })
    };
    let manifests: Vec<String> = (0..10).map(|number| deployment(number).to_string()).collect();
    bed.apply_yaml(&manifests.join("\n---\n")).await.unwrap();
}

/// Runs what stands behind `Which ones:` in a description.
async fn run_command_of(bed: &Bed, description: &str) -> String {
    let command =
        description.strip_prefix("Which ones: kubectl ").and_then(|rest| rest.split_once(". What it means"));
    let words: Vec<&str> = command.unwrap().0.split(' ').collect();
    kubectl(bed, &words).await.unwrap()
}

/// Takes the rules about these resources out of the controller's role.
async fn take_away_rights(bed: &Bed, resources: &[&str]) {
    let role = kubectl(bed, &["get", "clusterrole", RELEASE, "-o", "json"]).await.unwrap();
    let mut role: Value = serde_json::from_str(&role).unwrap();
    let rules = role["rules"].as_array_mut().unwrap();
    let before = rules.len();
    rules.retain(|rule| !resources.iter().any(|resource| rule["resources"] == json!([resource])));
    assert_eq!(rules.len(), before - resources.len());
    let patch = json!({"rules": role["rules"]}).to_string();
    kubectl(bed, &["patch", "clusterrole", RELEASE, "--type=merge", "-p", &patch]).await.unwrap();
}
