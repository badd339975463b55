//! What was told by Events, and how often?

use std::collections::BTreeMap;

use e2e::Bed;
use k8s_openapi::api::events::v1::Event;
use kube::Api;
use kube::api::ListParams;

/// Holds that each of these workloads was told of each reason exactly once, and no other object of anything twice.
pub async fn exactly(bed: &Bed, workloads: &[String], reasons: &[&str]) {
    let told = told(bed).await;
    for workload in workloads {
        for reason in reasons {
            let key = ("Deployment".to_owned(), workload.clone(), (*reason).to_owned());
            assert_eq!(told.get(&key).map(Vec::len), Some(1), "{key:?}: {:?}", told.get(&key));
        }
    }
    for (key, events) in &told {
        assert_eq!(events.len(), 1, "{key:?}: {events:?}");
        assert!(reasons.contains(&key.2.as_str()), "{key:?}");
    }
}

/// Our Events by kind and name of their object, and reason: who sent each, and how often the API server counts it. Names are
/// used once in a test, so that they stand for the object.
async fn told(bed: &Bed) -> BTreeMap<(String, String, String), Vec<String>> {
    let api: Api<Event> = Api::all(bed.client());
    let mut told: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for event in api.list(&ListParams::default()).await.unwrap().items {
        if event.reporting_controller.as_deref() != Some(api::REPORTING_CONTROLLER) {
            continue;
        }
        let about = event.regarding.unwrap_or_default();
        let key = (
            about.kind.unwrap_or_default(),
            about.name.unwrap_or_default(),
            event.reason.unwrap_or_default(),
        );
        let by = event.reporting_instance.unwrap_or_default();
        assert!(event.series.is_none(), "{key:?} is counted up");
        told.entry(key).or_default().push(by);
    }
    told
}
