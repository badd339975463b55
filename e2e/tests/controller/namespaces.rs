//! Does it work with rights in some Namespaces and nowhere else, and is it silent about what it cannot see?

use std::path::Path;

use controller::{Extent, Settings};
use e2e::bed::audit::Request;
use e2e::operator::StandIn;
use e2e::product::{NAMESPACE, SERVICE_ACCOUNT, kubectl};
use e2e::{Bed, Options};
use serde_json::json;

use crate::running::{Running, until, until_says, versions};
use crate::{CHECKOUT, INSTRUMENTATION, SHOP, install, not_checked, objects};

/// What is not read with rights in single Namespaces.
const NEEDS: [&str; 3] = [
    "list, watch mutatingwebhookconfigurations.admissionregistration.k8s.io",
    "list, watch customresourcedefinitions.apiextensions.k8s.io",
    "list, watch nodes",
];

#[tokio::test(flavor = "multi_thread")]
async fn with_rights_in_some_namespaces_only_it_says_what_it_sees_and_names_the_rest() {
    let bed = Bed::start(Options { audit: true, ..Options::named("namespaces") }).await.unwrap();
    let _operator = StandIn::install(&bed, &[]).await.unwrap();
    bed.apply_yaml(SHOP).await.unwrap();
    bed.apply_yaml(INSTRUMENTATION).await.unwrap();
    bed.apply_yaml(CHECKOUT).await.unwrap();
    bed.apply_yaml(&CHECKOUT.replace("checkout", "late").replace(r#""true""#, "of-nobody")).await.unwrap();
    bed.apply_yaml(&CHECKOUT.replace("checkout", "foreign").replace(r#""true""#, "elsewhere/default"))
        .await
        .unwrap();
    // What an administrator does, and what the owner of a Namespace does.
    install(&bed, "crd").await;
    kubectl(&bed, &["create", "namespace", NAMESPACE]).await.unwrap();
    install(&bed, "namespaces-only").await;
    grant(&bed, "shop").await;

    let controller = start(&bed, &["shop"]).await;
    until_says(&bed, "deployment-late", "False", "InstrumentationNotFound").await;
    // Injected and wired; but whether the collector is there is to be seen in another Namespace.
    until_says(&bed, "deployment-checkout", "Unknown", "NotChecked").await;
    // The Instrumentation of another Namespace may well be there.
    until_says(&bed, "deployment-foreign", "Unknown", "NotChecked").await;
    let lacking = not_checked(&bed, "deployment-checkout").await;
    for needs in NEEDS {
        assert!(lacking.contains(&needs.to_owned()), "{needs}: {lacking:?}");
    }
    controller.until_ready().await;
    controller.stop().await;

    // With the collector's Namespace everything is proven, although the operator itself is not seen.
    grant(&bed, "observability").await;
    let controller = start(&bed, &["observability", "shop"]).await;
    until_says(&bed, "deployment-checkout", "True", "Instrumented").await;
    until_says(&bed, "deployment-late", "False", "InstrumentationNotFound").await;
    until_says(&bed, "deployment-foreign", "Unknown", "NotChecked").await;
    controller.until_ready().await;
    // Figures are renewed once a second.
    until("the figures are there", async || controller.page("/metrics").await.1.contains("input_readable"))
        .await;
    let metrics = controller.page("/metrics").await.1;
    assert!(!metrics.contains("input_readable{kind=\"nodes\"}"), "what is not read is not missed");
    for line in
        ["watch_up{kind=\"pods\"} 1", "input_readable{kind=\"pods\"} 1", "watch_up{kind=\"namespaces\"} 1"]
    {
        assert!(metrics.contains(&format!("\ninstrumentation_health_{line}\n")), "{line}: {metrics}");
    }
    // What the Namespace asks for is noticed, and that it asks no more.
    let ask = |value| {
        json!({"metadata": {"annotations": {"instrumentation.opentelemetry.io/inject-java": value}}})
            .to_string()
    };
    kubectl(&bed, &["patch", "namespace", "shop", "--type=merge", "-p", &ask(json!("true"))]).await.unwrap();
    until("what the Namespace asks for is noticed", async || {
        objects(&bed).get_opt("deployment-quiet").await.unwrap().is_some()
    })
    .await;
    kubectl(&bed, &["patch", "namespace", "shop", "--type=merge", "-p", &ask(json!(null))]).await.unwrap();
    until("that it asks no more as well", async || {
        objects(&bed).get_opt("deployment-quiet").await.unwrap().is_none()
    })
    .await;
    let refused = refused(&bed);
    assert!(refused.is_empty(), "{refused:?}");
    controller.stop().await;

    // A restart writes nothing. A Namespace whose rights are gone takes nothing from the others, and raises no alarm.
    let before = versions(&bed.client()).await;
    kubectl(&bed, &["-n", "observability", "delete", "rolebinding", "instrumentation-health-reads"])
        .await
        .unwrap();
    let controller = start(&bed, &["observability", "shop"]).await;
    controller.until_ready().await;
    until_says(&bed, "deployment-checkout", "Unknown", "NotChecked").await;
    until_says(&bed, "deployment-late", "False", "InstrumentationNotFound").await;
    let now = versions(&bed.client()).await;
    let of = |versions: &[(String, Option<String>)], name: &str| {
        versions.iter().find(|(object, _)| object == name).cloned()
    };
    assert_eq!(of(&now, "deployment-late"), of(&before, "deployment-late"));
    assert!(refused_in(&bed).contains(&"observability".to_owned()));
    controller.stop().await;
    bed.stop();
}

async fn start(bed: &Bed, namespaces: &[&str]) -> Running {
    let extent = Extent::Namespaces(namespaces.iter().map(|name| (*name).into()).collect());
    Running::start_with(bed, |settings| Settings { extent, ..settings }).await
}

/// Gives the rights in a Namespace.
async fn grant(bed: &Bed, namespace: &str) {
    let rights = Path::new(env!("CARGO_MANIFEST_DIR")).join("../config/namespaces-only/rights");
    let rights = rights.to_str().unwrap();
    kubectl(bed, &["apply", "--server-side", "-n", namespace, "-k", rights]).await.unwrap();
}

fn refused(bed: &Bed) -> Vec<Request> {
    let requests = bed.audit(NAMESPACE, SERVICE_ACCOUNT).unwrap();
    requests.into_iter().filter(Request::is_refused).collect()
}

fn refused_in(bed: &Bed) -> Vec<String> {
    refused(bed).into_iter().map(|request| request.namespace).collect()
}
