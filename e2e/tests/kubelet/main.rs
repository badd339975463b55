//! Do Pods on the bed start and fail as a real kubelet reports it? Reasons and messages are those of recorded clusters.

#![allow(clippy::unwrap_used)] // a test may stop at the first thing that does not work

mod cases;

use std::time::{Duration, Instant};

use cases::{AGENT, Case, IMAGE, cases};
use e2e::play::{self, Play};
use e2e::{Bed, Options};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{ContainerStatus, Event, Node, Pod};
use kube::api::{DeleteParams, ListParams, Patch, PatchParams};
use kube::{Api, ResourceExt as _};
use serde_json::{Value, json};

fn manifest(case: &Case) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": case.name, "annotations": {play::ANNOTATION: case.play.annotation()}},
        "spec": {
            "restartPolicy": case.restarts,
            "initContainers": [{"name": AGENT, "image": IMAGE}],
            "containers": [{"name": "app", "image": "registry.example.com/shop/checkout:1.4.2"}],
        },
    })
}

/// The state of the first container in a list of statuses, and its message.
fn state(statuses: Option<&Vec<ContainerStatus>>) -> (String, String) {
    let state = statuses.and_then(|all| all.first()?.state.clone()).unwrap_or_default();
    if let Some(waiting) = state.waiting {
        return (waiting.reason.unwrap_or_default(), waiting.message.unwrap_or_default());
    }
    match state.terminated {
        Some(terminated) => (terminated.reason.unwrap_or_default(), terminated.message.unwrap_or_default()),
        None if state.running.is_some() => ("running".into(), String::new()),
        None => (String::new(), String::new()),
    }
}

/// What is wrong with this Pod and its Events, if anything.
fn problem(case: &Case, pod: &Pod, events: &[Event]) -> Option<String> {
    let full_name = format!("{}_default({})", case.name, pod.uid().unwrap_or_default());
    let expected = |text: &str| text.replace("{pod}", &full_name);
    let status = pod.status.clone().unwrap_or_default();
    let ((agent, message), (app, _)) =
        (state(status.init_container_statuses.as_ref()), state(status.container_statuses.as_ref()));
    let phase = status.phase.unwrap_or_default();
    if (phase.as_str(), agent.as_str(), app.as_str()) != (case.phase, case.agent, case.app) {
        return Some(format!(
            "{phase}, agent {agent}, app {app}; want {}, {}, {}",
            case.phase, case.agent, case.app
        ));
    }
    if !case.message.is_empty() && message != expected(case.message) {
        return Some(format!("message: {message}"));
    }
    let told = |reason: &str, message: &str| {
        events.iter().any(|event| {
            event.involved_object.name.as_deref() == Some(case.name)
                && event.reason.as_deref() == Some(reason)
                && event.message.as_deref() == Some(message)
        })
    };
    let missing = case.events.iter().find(|(reason, message)| !told(reason, &expected(message)));
    missing.map(|(reason, message)| format!("no Event {reason}: {message}"))
}

/// Waits until every case is as expected; panics with all that are not.
async fn all_as_expected(bed: &Bed, cases: Vec<Case>) {
    let pods: Api<Pod> = Api::default_namespaced(bed.client());
    let events: Api<Event> = Api::default_namespaced(bed.client());
    let deadline = Instant::now() + Duration::from_secs(30);
    let mut open = cases;
    while !open.is_empty() {
        let events = events.list(&ListParams::default()).await.unwrap().items;
        let mut problems = Vec::new();
        let mut still_open = Vec::new();
        for case in open {
            let pod = pods.get(case.name).await.unwrap();
            if let Some(problem) = problem(&case, &pod, &events) {
                problems.push(format!("{}: {problem}", case.name));
                still_open.push(case);
            }
        }
        assert!(Instant::now() < deadline, "not as a kubelet does it:\n{}", problems.join("\n"));
        open = still_open;
        tokio::time::sleep(Duration::from_millis(150)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pods_start_and_fail_as_on_a_real_kubelet() {
    let bed = Bed::start(Options::named("kubelet")).await.unwrap();
    let manifests: Vec<Value> = cases().iter().map(manifest).collect();
    bed.apply_yaml(&json!({"kind": "List", "items": manifests}).to_string()).await.unwrap();
    all_as_expected(&bed, cases()).await;

    init_containers_run_in_order(&bed).await;
    a_pod_no_node_fits_is_never_scheduled(&bed).await;
    failures_that_heal_are_mended_by_removing_the_annotation(&bed).await;
    bed.stop();
}

/// A Deployment with a native sidecar among its init containers; becomes ready, and each began after the one before had ended.
async fn init_containers_run_in_order(bed: &Bed) {
    bed.apply_yaml(include_str!("ordered.yaml")).await.unwrap();
    let deployments: Api<Deployment> = Api::default_namespaced(bed.client());
    let deadline = Instant::now() + Duration::from_secs(30);
    while deployments.get("ordered").await.unwrap().status.unwrap_or_default().ready_replicas != Some(2) {
        assert!(Instant::now() < deadline, "the Deployment does not become ready");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let pods: Api<Pod> = Api::default_namespaced(bed.client());
    for pod in pods.list(&ListParams::default().labels("app=ordered")).await.unwrap() {
        let statuses = pod.status.unwrap().init_container_statuses.unwrap();
        let ended = |index: usize| {
            let state: &ContainerStatus = &statuses[index];
            state.state.clone().unwrap().terminated.expect("init containers end").finished_at.unwrap()
        };
        let started = |index: usize| match statuses[index].state.clone().unwrap() {
            state if state.running.is_some() => state.running.unwrap().started_at.unwrap(),
            state => state.terminated.unwrap().started_at.unwrap(),
        };
        assert!(statuses[1].started == Some(true) && statuses[1].ready, "a native sidecar stays up");
        // The first takes a second, so that times of a second's resolution can tell.
        assert!(started(0) < started(1) && ended(0) <= started(1) && started(1) <= started(2));
    }
}

/// The real scheduler says why.
async fn a_pod_no_node_fits_is_never_scheduled(bed: &Bed) {
    let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "homeless"},
        "spec": {"nodeSelector": {"kubernetes.io/arch": "s390x"}, "containers": [{"name": "app", "image": "a"}]}});
    bed.apply_yaml(&pod.to_string()).await.unwrap();
    let pods: Api<Pod> = Api::default_namespaced(bed.client());
    let deadline = Instant::now() + Duration::from_secs(15);
    loop {
        let status = pods.get("homeless").await.unwrap().status.unwrap_or_default();
        let scheduled =
            status.conditions.iter().flatten().find(|condition| condition.type_ == "PodScheduled").cloned();
        if let Some(condition) = scheduled {
            assert_eq!(condition.reason.as_deref(), Some("Unschedulable"));
            let message = condition.message.unwrap_or_default();
            assert!(
                message.starts_with(
                    "0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector."
                ),
                "{message}"
            );
            return;
        }
        assert!(Instant::now() < deadline, "the scheduler says nothing");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// A Secret appears, a volume mounts: the Pod goes on by itself. A deleted Pod goes.
async fn failures_that_heal_are_mended_by_removing_the_annotation(bed: &Bed) {
    let pods: Api<Pod> = Api::default_namespaced(bed.client());
    let names = ["runs-as-root", "mount-fails"];
    for name in names {
        let patch = json!({"metadata": {"annotations": {play::ANNOTATION: null}}});
        pods.patch(name, &PatchParams::default(), &Patch::Merge(patch)).await.unwrap();
    }
    let mended = names.map(|name| Case {
        phase: "Running",
        agent: "Completed",
        app: "running",
        ..Case::new(name, Play::default())
    });
    all_as_expected(bed, mended.into()).await;

    pods.delete("hangs", &DeleteParams::default()).await.unwrap();
    let deadline = Instant::now() + Duration::from_secs(10);
    while pods.get_opt("hangs").await.unwrap().is_some() {
        assert!(Instant::now() < deadline, "a deleted Pod stays");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let nodes: Api<Node> = Api::all(bed.client());
    assert_eq!(nodes.list(&ListParams::default()).await.unwrap().items.len(), 2);
}
