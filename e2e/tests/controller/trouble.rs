//! Does the controller get over a bad way to the API server, and over clusters that are not as one expects them?

use std::time::Duration;

use api::InstrumentationHealth;
use e2e::operator::StandIn;
use e2e::product::{NAMESPACE, Product, SERVICE_ACCOUNT, kubectl};
use e2e::verdicts::verdicts;
use e2e::{Bed, Options};
use kube::{Api, ResourceExt as _};
use serde_json::json;
use tokio::time::sleep;

use crate::proxy::{Fault, Proxy};
use crate::running::{Running, our_events, until, until_says, versions};
use crate::{CHECKOUT, INSTRUMENTATION, SHOP, install, objects};

/// So long each fault lasts.
const A_WHILE: Duration = Duration::from_secs(3);

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_way_to_the_api_server_loses_no_verdict_and_tells_nothing_twice() {
    let bed = Bed::start(Options::named("way")).await.unwrap();
    let _operator = StandIn::install(&bed, &[]).await.unwrap();
    install(&bed, "default").await;
    bed.apply_yaml(SHOP).await.unwrap();
    bed.apply_yaml(CHECKOUT).await.unwrap();
    let proxy = Proxy::start(bed.client_for(NAMESPACE, SERVICE_ACCOUNT).await.unwrap()).await;
    let controller = Running::with(proxy.client()).await;
    until_says(&bed, "deployment-checkout", "False", "NoInstrumentationInNamespace").await;
    controller.until_ready().await;
    // Until its Pods have come to rest.
    sleep(A_WHILE).await;
    let (before, told) = (versions(&bed.client()).await, our_events(&bed.client()).await);

    // Connections that are merely cut change nothing.
    proxy.becomes(Fault::None);
    sleep(A_WHILE).await;
    assert_eq!(versions(&bed.client()).await, before);

    // What happens while nothing gets through is seen afterwards.
    for fault in [Fault::Refused(429), Fault::Refused(500), Fault::Expired] {
        proxy.becomes(fault);
        until("the fault is met", async || proxy.faults() > 3).await;
        let name = format!("{fault:?}").to_lowercase().replace(['(', ')'], "-");
        let name = format!("during-{}", name.trim_end_matches('-'));
        bed.apply_yaml(&CHECKOUT.replace("checkout", &name)).await.unwrap();
        sleep(A_WHILE).await;
        assert_eq!(controller.page("/healthz").await.0, 200);
        proxy.becomes(Fault::None);
        until_says(&bed, &format!("deployment-{name}"), "False", "NoInstrumentationInNamespace").await;
        kubectl(&bed, &["-n", "shop", "delete", "deployment", &name]).await.unwrap();
        until("its object is gone", async || {
            objects(&bed).get_opt(&format!("deployment-{name}")).await.unwrap().is_none()
        })
        .await;
    }
    let now = versions(&bed.client()).await;
    assert_eq!(now, before, "what did not change was not written");
    let of_checkout = |events: &[String]| -> Vec<String> {
        events.iter().filter(|event| event.contains("/checkout")).cloned().collect()
    };
    assert_eq!(of_checkout(&our_events(&bed.client()).await), of_checkout(&told));

    // Slow is not wrong.
    proxy.becomes(Fault::Slow(Duration::from_millis(700)));
    bed.apply_yaml(INSTRUMENTATION).await.unwrap();
    until_says(&bed, "deployment-checkout", "False", "InstrumentationCreatedAfterPod").await;
    kubectl(&bed, &["-n", "shop", "rollout", "restart", "deployment/checkout"]).await.unwrap();
    until_says(&bed, "deployment-checkout", "True", "Instrumented").await;
    assert!(proxy.faults() > 0);
    controller.stop().await;
    bed.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_cluster_a_long_name_and_a_namespace_that_will_not_go_are_taken_as_they_are() {
    let bed = Bed::start(Options::named("odd")).await.unwrap();
    let product = Product::install(&bed).await.unwrap();
    let controller = Running::start(&bed).await;

    // Nothing there: no operator, no definition of its kinds, nobody who asks.
    controller.until_ready().await;
    assert_eq!(verdicts(&bed.client()).await.unwrap(), []);
    let (code, printed, errors) = product.command(&bed, &["check", "-A"]).await.unwrap();
    assert_eq!(code, 0, "{printed}{errors}");
    assert!(printed.contains("asks for injection"), "{printed}");

    // Somebody asks, and there is no operator.
    bed.apply_yaml(SHOP).await.unwrap();
    bed.apply_yaml(CHECKOUT).await.unwrap();
    until("the missing operator is named", async || {
        let said = verdicts(&bed.client()).await.unwrap();
        said.iter()
            .any(|v| v.name == "deployment-checkout" && v.healthy == "False" && says_no_operator(&v.reason))
    })
    .await;
    let _operator = StandIn::install(&bed, &[]).await.unwrap();
    until_says(&bed, "deployment-checkout", "False", "NoInstrumentationInNamespace").await;

    // The longest name that an object can have. A DaemonSet of that name is stored, but gets no Pods.
    let name = "long-".to_owned() + &"n".repeat(248);
    let asks = json!({"instrumentation.opentelemetry.io/inject-java": "true"});
    let spec = json!({"containers": [{"name": "app", "image": "registry.example.com/shop/long:1"}]});
    let daemon_set = json!({"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": {"name": name, "namespace": "shop"},
        "spec": {"selector": {"matchLabels": {"app": "long"}}, "template": {
            "metadata": {"labels": {"app": "long"}, "annotations": asks}, "spec": spec}}});
    let pod = json!({"apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": name, "namespace": "shop", "annotations": asks}, "spec": spec});
    for workload in [daemon_set, pod] {
        bed.apply_yaml(&workload.to_string()).await.unwrap();
        let about = |object: &InstrumentationHealth| {
            let reference = &object.spec.workload_ref;
            reference.name == name && workload["kind"] == *reference.kind && object.status.is_some()
        };
        until("the long name is judged", async || {
            objects(&bed).list(&kube::api::ListParams::default()).await.unwrap().iter().any(about)
        })
        .await;
    }
    until("and told", async || {
        our_events(&bed.client()).await.contains(&format!("Pod/{name} NoInstrumentationInNamespace"))
    })
    .await;

    // A Pod that somebody holds back keeps its Namespace from going.
    let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "stuck"}});
    let pod = json!({"apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": "held", "namespace": "stuck", "annotations": asks, "finalizers": ["example.com/hold"]},
        "spec": {"containers": [{"name": "app", "image": "registry.example.com/shop/held:1"}]}});
    bed.apply_yaml(&namespace.to_string()).await.unwrap();
    until("Pods may be created", async || bed.apply_yaml(&pod.to_string()).await.is_ok()).await;
    let stuck: Api<InstrumentationHealth> = Api::namespaced(bed.client(), "stuck");
    until("the held Pod is judged", async || stuck.get_opt("pod-held").await.unwrap().is_some()).await;
    kubectl(&bed, &["delete", "namespace", "stuck", "--wait=false"]).await.unwrap();
    sleep(A_WHILE).await;
    let writes = async || sum_of(&controller.page("/metrics").await.1, "writes_total");
    let before = writes().await;
    sleep(A_WHILE).await;
    assert!(writes().await - before <= 2.0, "it does not write again and again into a Namespace that goes");
    kubectl(
        &bed,
        &["-n", "stuck", "patch", "pod", "held", "--type=merge", "-p", r#"{"metadata":{"finalizers":null}}"#],
    )
    .await
    .unwrap();
    until("nothing is left of the Namespace", async || {
        !verdicts(&bed.client()).await.unwrap().iter().any(|verdict| verdict.namespace == "stuck")
    })
    .await;

    // The Instrumentation goes while Pods run that were made from it.
    bed.apply_yaml(INSTRUMENTATION).await.unwrap();
    kubectl(&bed, &["-n", "shop", "rollout", "restart", "deployment/checkout"]).await.unwrap();
    until_says(&bed, "deployment-checkout", "True", "Instrumented").await;
    kubectl(&bed, &["-n", "shop", "delete", "instrumentation", "default"]).await.unwrap();
    until_says(&bed, "deployment-checkout", "Unknown", "InjectionLingersAfterOptOut").await;
    assert!(!controller.page("/metrics").await.1.contains("result=\"invalid\""));
    assert!(
        objects(&bed)
            .list(&kube::api::ListParams::default())
            .await
            .unwrap()
            .iter()
            .all(|o| o.name_any().len() <= 253)
    );
    controller.stop().await;
    bed.stop();
}

fn says_no_operator(reason: &str) -> bool {
    ["OperatorCrdMissingOrOutdated", "PodWebhookNotRegistered"].contains(&reason)
}

/// The sum over all labels of a metric.
fn sum_of(page: &str, metric: &str) -> f64 {
    let lines = page.lines().filter(|line| !line.starts_with('#') && line.contains(metric));
    lines.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum()
}
