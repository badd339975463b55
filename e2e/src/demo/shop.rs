//! Who lives in the shop, and what is wrong with each?

use std::time::Duration;

use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use kube::api::ListParams;
use tokio::time::Instant;

use crate::verdicts::Verdict;
use crate::{Bed, Error};

/// Namespaces, collector, Instrumentations.
pub(super) const BASE: &str = include_str!("../../demo/10-shop.yaml");
/// Workloads whose fate is sealed when they are applied.
pub(super) const WORKLOADS: &str = include_str!("../../demo/20-workloads.yaml");
/// Applied while the operator is down.
pub(super) const SEARCH: &str = include_str!("../../demo/30-search.yaml");
/// Applied before its Instrumentation.
pub(super) const LEDGER: &str = include_str!("../../demo/40-ledger.yaml");
/// The Instrumentation that comes too late.
pub(super) const BILLING_INSTRUMENTATION: &str = include_str!("../../demo/41-billing-instrumentation.yaml");
/// What mends recommendation.
pub(super) const SHOP_EU_INSTRUMENTATION: &str = include_str!("../../demo/50-shop-eu-instrumentation.yaml");

/// Namespace, name and number of Pods of [`WORKLOADS`]: all of them are to be there before the operator goes down.
pub(super) const PODS: [(&str, &str, usize); 9] = [
    ("shop", "checkout", 2),
    ("shop", "frontend", 2),
    ("shop-eu", "recommendation", 2),
    ("shop", "payment", 1),
    ("shop", "invoices", 1),
    ("shop", "ads", 1),
    ("shop", "reviews", 1),
    ("shop", "shipping", 1),
    ("shop", "legacy", 1),
];

/// The verdict of every workload, before anything is mended.
pub(super) fn expected() -> Vec<Verdict> {
    let broken = |namespace, name, reason| Verdict::new(namespace, name, "False", reason);
    vec![
        Verdict::new("shop", "deployment-checkout", "True", "Instrumented"),
        Verdict::new("shop", "deployment-frontend", "True", "Instrumented"),
        broken("shop-eu", "deployment-recommendation", "NoInstrumentationInNamespace"),
        broken("shop", "deployment-payment", "InstrumentationNotFound"),
        broken("shop", "deployment-invoices", "AnnotationNotOnPodTemplate"),
        broken("billing", "deployment-ledger", "InstrumentationCreatedAfterPod"),
        broken("shop", "deployment-search", "PodCreatedWhileWebhookUnavailable"),
        broken("shop", "deployment-ads", "AgentImagePullFailed"),
        broken("shop", "deployment-reviews", "InitContainerOOMKilled"),
        broken("shop", "deployment-shipping", "EndpointServiceNotFound"),
        broken("shop", "deployment-legacy", "EnvValueFromBlocksInjection"),
    ]
}

/// Waits until a Deployment has so many Pods.
pub(super) async fn until_pods(bed: &Bed, namespace: &str, app: &str, count: usize) -> Result<(), Error> {
    let api: Api<Pod> = Api::namespaced(bed.client(), namespace);
    let deadline = Instant::now() + Duration::from_secs(60);
    let selector = ListParams::default().labels(&format!("app={app}"));
    loop {
        let pods = api.list(&selector).await.map_err(Error::api("list Pods"))?;
        if pods.items.len() >= count {
            return Ok(());
        }
        if Instant::now() > deadline {
            return Err(Error::NotReady {
                what: format!("Pods of {namespace}/{app}"),
                seconds: 60,
                logs: bed.logs(),
            });
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
