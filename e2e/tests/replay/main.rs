//! Does a live cluster get the verdicts that its recording gets?
//!
//! The manifests of recorded scenarios are applied to a real control plane with the stand-in operator; the kubelets play what they
//! played in the recording; the controller runs with its own ServiceAccount. The rules of a right verdict are those of the offline test.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod recording;
#[path = "../../../crates/input/tests/scenarios/verdict.rs"]
mod verdict;

use std::time::Duration;

use api::InstrumentationHealth;
use e2e::operator::StandIn;
use e2e::product::Product;
use e2e::{Bed, Options};
use kube::Api;
use recording::Recording;
use tokio::time::Instant;
use verdict::{Said, mistakes};

/// Scenarios of every stage, A to I, and healthy ones. None of them changes the operator's side, so they live side by side.
const SIDE_BY_SIDE: &[&str] = &[
    "instrumentation-missing",
    "instrumentation-name-misspelt",
    "instrumentation-several",
    "instrumentation-in-other-namespace",
    "one-bad-annotation-blocks-all",
    "annotation-on-deployment",
    "annotation-key-misspelt",
    "annotation-value-yes",
    "annotation-namespace-pod-conflict",
    "container-names-required",
    "container-names-unknown",
    "hook-variable-valuefrom-java",
    "hook-variable-valuefrom-in-instrumentation",
    "resource-attributes-valuefrom",
    "pod-security-restricted",
    "quota-exceeded-by-init-container",
    "agent-image-not-found",
    "init-container-oom",
    "init-container-run-as-non-root",
    "conflicting-agent",
    "endpoint-service-missing",
    "endpoint-python-4317",
    "endpoint-port-not-in-service",
    "endpoint-not-configured",
    "annotation-on-namespace-added-later",
    "instrumentation-created-after-workload",
    "stale-endpoint",
    "healthy-java",
    "healthy-all-languages",
    "healthy-opt-out",
    "healthy-scaled-to-zero",
    "healthy-statefulset-daemonset",
    "healthy-completed-job",
];
/// The last change, and the time that the slowest of the kubelets' plays needs.
const PATIENCE: Duration = Duration::from_secs(60);
/// So long a right verdict has to stand.
const STANDS: Duration = Duration::from_secs(4);

#[tokio::test(flavor = "multi_thread")]
async fn recorded_scenarios_get_the_same_verdicts_live() {
    let bed = Bed::start(Options::named("replay")).await.unwrap();
    let _operator = StandIn::install(&bed, &["--enable-go-instrumentation=true"]).await.unwrap();
    let product = Product::install(&bed).await.unwrap();
    product.start(&bed).unwrap();

    let recordings: Vec<Recording> = SIDE_BY_SIDE.iter().map(|name| Recording::load(name)).collect();
    for recording in &recordings {
        recording.replay(&bed).await;
    }
    let deadline = Instant::now() + PATIENCE;
    let mut right_since = None;
    loop {
        let wrong = wrong(&bed, &recordings).await;
        match (wrong.is_empty(), right_since) {
            (true, Some(since)) if Instant::now() - since > STANDS => return,
            (true, Some(_)) => {}
            (true, None) => right_since = Some(Instant::now()),
            (false, _) => right_since = None,
        }
        assert!(
            Instant::now() < deadline,
            "after {} s:\n{}\nlogs: {}",
            PATIENCE.as_secs(),
            wrong.join("\n"),
            bed.logs().display()
        );
        bed.check().unwrap();
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}

/// Everything that is wrong now with what the controller says.
async fn wrong(bed: &Bed, recordings: &[Recording]) -> Vec<String> {
    let mut wrong = Vec::new();
    for recording in recordings {
        for workload in &recording.scenario.workloads {
            let api: Api<InstrumentationHealth> = Api::namespaced(bed.client(), &workload.namespace);
            let name = format!("{}-{}", workload.kind.to_lowercase(), workload.name);
            let object = api.get_opt(&name).await.unwrap().filter(|object| object.status.is_some());
            let said = object.map(|object| Said::of(&serde_json::to_value(object).unwrap()));
            let mistakes = mistakes(&workload.expect, said.as_ref(), true);
            if !mistakes.is_empty() {
                let scenario = &recording.scenario;
                wrong.push(format!(
                    "{} ({}; recorded {}) {}/{name}: {}; said {said:?}",
                    recording.name,
                    scenario.title,
                    scenario.now,
                    workload.namespace,
                    mistakes.join(", ")
                ));
            }
        }
    }
    wrong
}
