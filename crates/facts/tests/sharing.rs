//! What do siblings share, and what is kept of each?

use std::sync::Arc;

use facts::{Interner, Pod, PodView};
use serde_json::{Value, json};

/// A running Pod; `n` is all that tells it from its siblings.
fn sibling(n: u32) -> Value {
    let name = format!("checkout-6d5f-{n}");
    let time = format!("2026-11-22T10:00:0{n}Z");
    let token = format!("kube-api-access-{n}");
    json!({
        "metadata": {"name": name, "namespace": "shop", "uid": format!("uid-{n}"), "creationTimestamp": time,
            "labels": {"app": "checkout", "topology.kubernetes.io/zone": format!("zone-{n}")},
            "annotations": {"checksum/config": n.to_string(), "instrumentation.opentelemetry.io/inject-java": "true"},
            "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "checkout-6d5f", "uid": "u", "controller": true}]},
        "spec": {"nodeName": format!("worker-{n}"), "volumes": [{"name": token}],
            "containers": [{"name": "app", "image": "app:1", "volumeMounts": [{"name": token, "mountPath": "/t"}],
                "env": [{"name": "HOSTNAME_OF_OLD_OPERATORS", "value": name}]}]},
        "status": {"phase": "Running",
            "conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": time},
                {"type": "ContainersReady", "status": "True", "lastTransitionTime": time}],
            "containerStatuses": [{"name": "app", "ready": true, "state": {"running": {"startedAt": time}}}]},
    })
}

fn kept(value: Value, interner: &mut Interner) -> Pod {
    Pod::new(serde_json::from_value::<PodView>(value).expect("a Pod"), interner)
}

#[test]
fn settled_siblings_share_shape_status_and_owner() {
    let mut interner = Interner::default();
    let (one, two) = (kept(sibling(1), &mut interner), kept(sibling(2), &mut interner));
    assert!(Arc::ptr_eq(&one.shape, &two.shape), "{:#?}\n{:#?}", one.shape, two.shape);
    assert!(Arc::ptr_eq(&one.status, &two.status), "{:#?}\n{:#?}", one.status, two.status);
    assert!(Arc::ptr_eq(one.controller.as_ref().unwrap(), two.controller.as_ref().unwrap()));
    assert_eq!(one.status.conditions.len(), 1, "nobody reads ContainersReady");
    assert_ne!((one.name, one.node, one.created), (two.name, two.node, two.created));
}

#[test]
fn times_are_kept_where_something_waits_for_a_deadline() {
    let mut interner = Interner::default();
    let mut waiting = sibling(1);
    waiting["status"]["conditions"][0]["status"] = "False".into();
    let waiting = kept(waiting, &mut interner);
    assert!(waiting.status.conditions[0].last_transition_time.is_some());
    let started = |pod: &Pod| pod.status.container("app").unwrap().state.running.as_ref().unwrap().started_at;
    assert!(started(&waiting).is_some());
    let mut restarted = sibling(1);
    restarted["status"]["containerStatuses"][0]["restartCount"] = 1.into();
    assert!(started(&kept(restarted, &mut interner)).is_some());
    assert_eq!(interner.statuses(), 0);
}

#[test]
fn it_is_known_since_when_the_operator_is_ready() {
    let mut operator = sibling(1);
    operator["spec"]["containers"][0]["image"] = "ghcr.io/x/opentelemetry-operator:0.158.0".into();
    let operator = kept(operator, &mut Interner::default());
    assert_eq!(
        operator.status.ready_since().map(|time| time.to_string()).as_deref(),
        Some("2026-11-22T10:00:01Z")
    );
}

#[test]
fn only_values_that_are_read_are_kept() {
    let mut pod = sibling(1);
    pod["spec"]["containers"][0]["env"] = json!([
        {"name": "DB_PASSWORD", "value": "secret"},
        {"name": "COLLECTOR", "value": "otel.o11y"},
        {"name": "API_KEY", "value": "secret"},
        {"name": "OTEL_EXPORTER_OTLP_ENDPOINT", "value": "http://$(COLLECTOR):4317"},
        {"name": "OTEL_EXPORTER_OTLP_HEADERS", "value": "key=$(API_KEY)"},
        {"name": "OTEL_SERVICE_NAME", "value": "of checkout-6d5f-1"},
        {"name": "WATCH_NAMESPACE", "value": "shop"},
    ]);
    let pod = kept(pod, &mut Interner::default());
    let value = |name: &str| pod.shape.spec.containers[0].env_var(name).unwrap().literal().to_owned();
    for (name, want) in [
        ("DB_PASSWORD", ""),
        ("COLLECTOR", "otel.o11y"),
        ("API_KEY", ""),
        ("OTEL_SERVICE_NAME", "of $(POD_NAME)"),
        ("WATCH_NAMESPACE", "shop"),
    ] {
        assert_eq!(value(name), want, "{name}");
    }
}

#[test]
fn what_nobody_has_any_more_is_swept() {
    let mut interner = Interner::default();
    let pod = kept(sibling(1), &mut interner);
    interner.sweep();
    assert_eq!((interner.shapes(), interner.statuses()), (1, 1));
    drop(pod);
    interner.sweep();
    assert_eq!((interner.shapes(), interner.statuses()), (0, 0));
}
