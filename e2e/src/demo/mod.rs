//! What does the product do, shown on a real control plane in two minutes?
//!
//! A small shop: two workloads are fine, nine are broken, each by another cause; two of those are mended live.

mod script;
mod shop;

use std::time::Duration;

use crate::operator::StandIn;
use crate::product::{Product, kubectl};
use crate::verdicts::{Verdict, until_verdicts};
use crate::{Bed, Error, Options};
use script::Script;

/// How long verdicts may take; they take seconds.
const PATIENCE: Duration = Duration::from_secs(90);
/// Our Events, in the words of a field selector.
const OUR_EVENTS: &str = "reportingComponent=instrumentation-health.dev/controller";

/// Runs the demo. The bed is given back running, so that the caller can keep it.
pub async fn run() -> Result<(Bed, StandIn), Error> {
    let mut script = Script::new();
    script.step("Starting a real Kubernetes control plane: etcd, API server, controllers, scheduler; KWOK plays the kubelets.");
    let bed = Bed::start(Options { name: "demo".to_owned(), ..Options::named("demo") }).await?;
    script.step("Installing a stand-in for the OpenTelemetry Operator 0.158.0: its CRDs, webhooks, Service and certificate.");
    let mut operator = StandIn::install(&bed, &[]).await?;
    script.step("Installing instrumentation-health as on any cluster: kubectl apply -k config/default.");
    let product = Product::install(&bed).await?;
    product.start(&bed)?;

    build_shop(&bed, &mut operator, &mut script).await?;
    script.step(
        "Waiting until the controller has found two healthy workloads and the causes of nine broken ones.",
    );
    until_verdicts(&bed.client(), &shop::expected(), PATIENCE).await?;

    show_all(&bed, &mut script).await?;
    mend(&bed, &mut script).await?;
    Ok((bed, operator))
}

async fn build_shop(bed: &Bed, operator: &mut StandIn, script: &mut Script) -> Result<(), Error> {
    script.step("A shop moves in: a collector, four Instrumentations (three flawed), nine workloads.");
    bed.apply_yaml(shop::BASE).await?;
    bed.apply_yaml(shop::WORKLOADS).await?;
    for (namespace, app, count) in shop::PODS {
        shop::until_pods(bed, namespace, app, count).await?;
    }
    script.step("The operator goes down for a moment. Deployment search is created meanwhile: nobody is asked, nobody is told.");
    operator.go_down().await?;
    bed.apply_yaml(shop::SEARCH).await?;
    shop::until_pods(bed, "shop", "search", 2).await?;
    // Times in the API have whole seconds; only a later second proves the order.
    tokio::time::sleep(Duration::from_millis(1100)).await;
    operator.come_back().await?;
    script.step("Deployment ledger is created before the Instrumentation that it asks for.");
    bed.apply_yaml(shop::LEDGER).await?;
    shop::until_pods(bed, "billing", "ledger", 1).await?;
    tokio::time::sleep(Duration::from_millis(1100)).await;
    bed.apply_yaml(shop::BILLING_INSTRUMENTATION).await?;
    Ok(())
}

async fn show_all(bed: &Bed, script: &mut Script) -> Result<(), Error> {
    script.command(bed, "What is wrong, in one table:", &["get", "instrumentationhealth", "-A"]).await?;
    script
        .command(
            bed,
            "The same as Events, which any alerting can read:",
            &[
                "get", "events", "-A", "--field-selector", OUR_EVENTS, "-o",
                "custom-columns=NAMESPACE:.metadata.namespace,TYPE:.type,REASON:.reason,OBJECT:.involvedObject.kind,NAME:.involvedObject.name",
            ],
        )
        .await?;
    script
        .command(
            bed,
            "One of them in full:",
            &["-n", "shop", "describe", "instrumentationhealth", "deployment-search"],
        )
        .await?;
    script
        .command(
            bed,
            "And what an application developer sees:",
            &["-n", "shop", "describe", "deployment", "search"],
        )
        .await
}

async fn mend(bed: &Bed, script: &mut Script) -> Result<(), Error> {
    script.step("Mending search, by the command that its status gives.");
    script.command(bed, "", &["-n", "shop", "rollout", "restart", "deployment/search"]).await?;
    let search = Verdict::new("shop", "deployment-search", "True", "Instrumented");
    until_verdicts(&bed.client(), &[search], PATIENCE).await?;

    script.step("Mending recommendation: an Instrumentation for its namespace, then a restart.");
    bed.apply_yaml(shop::SHOP_EU_INSTRUMENTATION).await?;
    script.command(bed, "", &["-n", "shop-eu", "rollout", "restart", "deployment/recommendation"]).await?;
    let recommendation = Verdict::new("shop-eu", "deployment-recommendation", "True", "Instrumented");
    until_verdicts(&bed.client(), &[recommendation], PATIENCE).await?;

    script.command(bed, "Both verdicts have turned:", &["get", "instrumentationhealth", "-A"]).await?;
    let recovered = format!("{OUR_EVENTS},reason=InstrumentationRecovered");
    let printed = kubectl(bed, &["get", "events", "-A", "--field-selector", &recovered]).await?;
    script.print("Recovery is announced too:", &printed);
    Ok(())
}
