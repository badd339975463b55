//! Does the controller do its work on a real API server, with the rights it ships with, and whatever happens?

#![allow(clippy::unwrap_used)] // a test may stop at the first thing that does not work

mod namespaces;
mod proxy;
mod rights;
mod running;
mod trouble;

use std::path::Path;
use std::time::Duration;

use api::InstrumentationHealth;
use e2e::operator::{DEPLOYMENT, StandIn};
use e2e::product::kubectl;
use e2e::verdicts::verdicts;
use e2e::{Bed, Options};
use facts::Language;
use kube::Api;
use kube::api::DeleteParams;
use running::{Running, our_events, until, until_says, versions};

const SHOP: &str = include_str!("shop.yaml");
const CHECKOUT: &str = include_str!("checkout.yaml");
const FRONT: &str = include_str!("front.yaml");
const INSTRUMENTATION: &str = include_str!("instrumentation.yaml");
const RULE: &str = "list, watch instrumentations.opentelemetry.io";

/// Applies a folder of `config/`.
async fn install(bed: &Bed, folder: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../config").join(folder);
    kubectl(bed, &["apply", "--server-side", "-k", folder.to_str().unwrap()]).await.unwrap();
}

fn objects(bed: &Bed) -> Api<InstrumentationHealth> {
    Api::namespaced(bed.client(), "shop")
}

async fn until_gone(bed: &Bed, name: &str) {
    until("the object is gone", async || objects(bed).get_opt(name).await.unwrap().is_none()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn says_what_is_wrong_once_and_what_has_healed() {
    let bed = Bed::start(Options::named("controller")).await.unwrap();
    let mut operator = StandIn::install(&bed, &[]).await.unwrap();
    install(&bed, "default").await;
    bed.apply_yaml(SHOP).await.unwrap();
    bed.apply_yaml(CHECKOUT).await.unwrap();

    let controller = Running::start(&bed).await;
    until_says(&bed, "deployment-checkout", "False", "NoInstrumentationInNamespace").await;
    controller.until_ready().await;
    let told = our_events(&bed.client()).await;
    assert_eq!(told[0], "Deployment/checkout NoInstrumentationInNamespace");
    assert!(told.len() <= 4, "the workload and three Pods at most: {told:?}");
    let expected = [
        r#"workloads{namespace="shop",healthy="False",reason="NoInstrumentationInNamespace"} 1"#,
        r#"pods_asked{namespace="shop",language="java"} 4"#,
        r#"pods_injected{namespace="shop",language="java"} 0"#,
        r#"operator_faults{reason="OperatorNotReady"} 0"#,
        r#"watch_up{kind="pods"} 1"#,
        r#"input_readable{kind="pods"} 1"#,
        "ready 1",
    ]
    .map(|line| format!("\ninstrumentation_health_{line}\n"));
    // The Pods come one after the other.
    until("the metrics say it", async || {
        let (code, metrics) = controller.page("/metrics").await;
        code == 200 && expected.iter().all(|line| metrics.contains(line))
    })
    .await;
    controller.stop().await;

    // A restart writes nothing and tells nothing.
    let before = versions(&bed.client()).await;
    let controller = Running::start(&bed).await;
    controller.until_ready().await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(versions(&bed.client()).await, before);
    assert_eq!(our_events(&bed.client()).await, told);

    // The API server goes and comes back; the controller goes on, and does not take its first moments for the truth.
    bed.stop_apiserver();
    tokio::time::sleep(Duration::from_secs(2)).await;
    bed.start_apiserver().await.unwrap();
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(versions(&bed.client()).await, before);
    bed.apply_yaml(INSTRUMENTATION).await.unwrap();
    until_says(&bed, "deployment-checkout", "False", "InstrumentationCreatedAfterPod").await;
    kubectl(&bed, &["-n", "shop", "rollout", "restart", "deployment/checkout"]).await.unwrap();
    until_says(&bed, "deployment-checkout", "True", "Instrumented").await;
    let recovered = "Deployment/checkout InstrumentationRecovered".to_owned();
    assert!(our_events(&bed.client()).await.contains(&recovered), "sent before the status");
    let off = facts::OptIn::ALL.map(facts::OptIn::needs);
    assert_eq!(
        not_checked(&bed, "deployment-checkout").await,
        off,
        "config/rbac grants everything that is read by default"
    );

    // What sits in the operator is told once, on the operator.
    let told =
        async |line: &str| our_events(&bed.client()).await.iter().filter(|told| **told == line).count();
    let down = format!("Deployment/{DEPLOYMENT} OperatorNotReady");
    let up = format!("Deployment/{DEPLOYMENT} InstrumentationRecovered");
    operator.go_down().await.unwrap();
    bed.apply_yaml(&CHECKOUT.replace("checkout", "late")).await.unwrap();
    until("the operator's error is told", async || told(&down).await == 1).await;
    until_says(&bed, "deployment-late", "False", "OperatorNotReady").await;
    operator.come_back().await.unwrap();
    until("its end is told", async || told(&up).await == 1).await;

    // The second time within an hour is told; then nothing until it has settled, not even by who starts meanwhile.
    operator.go_down().await.unwrap();
    bed.apply_yaml(&CHECKOUT.replace("checkout", "later")).await.unwrap();
    until("that it is down again is told", async || told(&down).await == 2).await;
    // Its Pods come one after the other; one that comes after the operator is another verdict.
    until("all Pods are there, and bare", async || failed_pods(&bed, "deployment-later").await == 4).await;
    operator.come_back().await.unwrap();
    until_says(&bed, "deployment-later", "False", "PodCreatedWhileWebhookUnavailable").await;
    controller.stop().await;
    let controller = Running::start(&bed).await;
    controller.until_ready().await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!((told(&down).await, told(&up).await), (2, 1), "it comes and goes");

    // The object of a failing workload that somebody deletes comes back, and tells of the failure once more.
    let bare = "Deployment/later PodCreatedWhileWebhookUnavailable";
    assert_eq!(told(bare).await, 1);
    objects(&bed).delete("deployment-later", &DeleteParams::default()).await.unwrap();
    until("the failure is told again", async || told(bare).await == 2).await;

    // What is asked for on a Service is asked of nobody, and said of the workload behind it, which asks for nothing.
    bed.apply_yaml(FRONT).await.unwrap();
    until_says(&bed, "deployment-quiet", "False", "AnnotationNotOnPodTemplate").await;
    kubectl(
        &bed,
        &["-n", "shop", "annotate", "service", "front", &format!("{}-", Language::Java.inject_key())],
    )
    .await
    .unwrap();
    until_gone(&bed, "deployment-quiet").await;

    // An object that somebody deletes comes back; that of a deleted workload does not.
    objects(&bed).delete("deployment-checkout", &DeleteParams::default()).await.unwrap();
    until_says(&bed, "deployment-checkout", "True", "Instrumented").await;
    kubectl(&bed, &["-n", "shop", "delete", "deployment", "checkout"]).await.unwrap();
    until_gone(&bed, "deployment-checkout").await;
    kubectl(&bed, &["delete", "namespace", "shop"]).await.unwrap();
    until("all objects are gone", async || verdicts(&bed.client()).await.unwrap().is_empty()).await;
    assert!(!controller.page("/metrics").await.1.contains("error=\"invalid\""));
    controller.stop().await;
    bed.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn goes_on_without_crd_without_a_right_and_with_an_odd_object() {
    let bed = Bed::start(Options::named("trouble")).await.unwrap();
    let _operator = StandIn::install(&bed, &[]).await.unwrap();
    install(&bed, "manager").await;
    install(&bed, "rbac").await;
    bed.apply_yaml(SHOP).await.unwrap();
    bed.apply_yaml(CHECKOUT).await.unwrap();

    // Our own CRD is missing: alive, not ready, and it says why.
    let controller = Running::start(&bed).await;
    until("the missing CRD is named", async || {
        let (code, page) = controller.page("/readyz").await;
        code == 503 && page.contains("instrumentationhealths") && !page.contains("first list")
    })
    .await;
    assert_eq!(controller.page("/healthz").await.0, 200);
    install(&bed, "crd").await;
    until("our kind is served", async || verdicts(&bed.client()).await.is_ok()).await;
    until_says(&bed, "deployment-checkout", "False", "NoInstrumentationInNamespace").await;
    controller.until_ready().await;
    controller.stop().await;

    // One right is missing: that check is not made, and the status says which rule it needs.
    grant(&bed, r#"{"op": "remove", "path": "/rules/4/resources/0"}"#).await;
    let controller = Running::start(&bed).await;
    until("the missing rule is named", async || {
        not_checked(&bed, "deployment-checkout").await.contains(&RULE.to_owned())
    })
    .await;
    until_says(&bed, "deployment-checkout", "Unknown", "NotChecked").await;
    grant(&bed, r#"{"op": "add", "path": "/rules/4/resources/0", "value": "instrumentations"}"#).await;
    until_says(&bed, "deployment-checkout", "False", "NoInstrumentationInNamespace").await;

    // An Instrumentation that does not parse is there all the same: nobody is told that there is none.
    bed.apply_yaml(INSTRUMENTATION).await.unwrap();
    until_says(&bed, "deployment-checkout", "False", "InstrumentationCreatedAfterPod").await;
    let anything = r#"[{"op": "replace", "path": "/spec/versions/0/schema/openAPIV3Schema", "value": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}}]"#;
    let crd = "instrumentations.opentelemetry.io";
    kubectl(&bed, &["patch", "crd", crd, "--type=json", "-p", anything]).await.unwrap();
    until("the odd object is stored", async || {
        let odd = r#"{"status": {"upgradeBlockedVersions": "no map"}}"#;
        let patch = [
            "-n",
            "shop",
            "patch",
            "instrumentation",
            "default",
            "--subresource=status",
            "--type=merge",
            "-p",
            odd,
        ];
        kubectl(&bed, &patch).await.is_ok()
    })
    .await;
    until_says(&bed, "deployment-checkout", "Unknown", "NotChecked").await;
    assert!(
        controller.page("/metrics").await.1.contains("unparsable_objects_total{kind=\"instrumentations\"}")
    );
    controller.stop().await;
    bed.stop();
}

/// Changes the ClusterRole.
async fn grant(bed: &Bed, patch: &str) {
    let patch = format!("[{patch}]");
    kubectl(bed, &["patch", "clusterrole", "instrumentation-health", "--type=json", "-p", &patch])
        .await
        .unwrap();
}

/// The rules that an object says are needed.
/// Pods of a workload that have lost telemetry; none while it has no object.
async fn failed_pods(bed: &Bed, name: &str) -> i32 {
    let object = objects(bed).get_opt(name).await.unwrap();
    object.and_then(|object| object.status).map_or(0, |status| status.pods.failed)
}

async fn not_checked(bed: &Bed, name: &str) -> Vec<String> {
    let object = objects(bed).get(name).await.unwrap();
    object.status.into_iter().flat_map(|status| status.not_checked).map(|check| check.needs).collect()
}
