//! Which workloads does a change touch, and which not?

mod stage;

use facts::{ClusterView as _, InputKind};
use serde_json::{Value, json};
use stage::*;
use world::World;

/// `web` asks for Java with `true`, `named` for one of another namespace, `plain` for nothing; all three in `shop`. `far`
/// asks with `true` in namespace `far`.
fn cluster() -> World {
    world_with([
        with(deployment("web"), template(&java("true"))),
        replica_set("web-1", "web"),
        with(pod_of_set("web-1-a", "web-1"), java("true")),
        with(deployment("named"), template(&java("o11y/central"))),
        deployment("plain"),
        replica_set("plain-1", "plain"),
        pod_of_set("plain-1-a", "plain-1"),
        in_namespace("far", with(deployment("far"), template(&java("true")))),
        in_namespace("far", instrumentation("only", "http://collector.o11y:4317")),
    ])
}

const NOTHING: [&str; 0] = [];

#[test]
fn what_changes_nothing_that_is_kept_marks_nothing() {
    let mut world = cluster();
    let ready_again = json!({"metadata": {"resourceVersion": "2", "managedFields": [{"manager": "kubelet"}]},
        "status": {"podIP": "10.1.2.3", "conditions": [
            {"type": "Ready", "status": "True", "lastTransitionTime": "2026-11-22T11:00:00Z"},
            {"type": "PodReadyToStartContainers", "status": "True"}]}});
    for (case, value) in [
        ("the same Pod", with(pod_of_set("web-1-a", "web-1"), java("true"))),
        ("a settled Pod's times", with(with(pod_of_set("web-1-a", "web-1"), java("true")), ready_again)),
        ("a Deployment's version", with(deployment("plain"), json!({"metadata": {"resourceVersion": "7"}}))),
        (
            "a ReplicaSet's noise",
            with(replica_set("web-1", "web"), annotated("deployment.kubernetes.io/desired-replicas", "3")),
        ),
        ("an Event that nobody reads", event("e", &pod_of_set("web-1-a", "web-1"), "BackOff", "x")),
    ] {
        assert_eq!(after(&mut world, value), NOTHING, "{case}");
    }
}

#[test]
fn a_pod_touches_its_workload_old_and_new() {
    let mut world = cluster();
    let crashed = json!({"status": {"containerStatuses": [{"name": "app", "restartCount": 1}]}});
    assert_eq!(
        after(&mut world, with(pod_of_set("plain-1-a", "plain-1"), crashed)),
        ["shop/deployment/plain"]
    );
    let adopted = with(pod("plain-1-a"), owner("apps/v1", "StatefulSet", "db"));
    assert_eq!(after(&mut world, adopted.clone()), ["shop/deployment/plain", "shop/statefulset/db"]);
    assert_eq!(after_delete(&mut world, adopted), ["shop/statefulset/db"]);
}

#[test]
fn another_object_of_the_same_name_takes_the_place() {
    let mut world = cluster();
    let anew = with(pod("web-1-a"), json!({"metadata": {"uid": "anew"}}));
    assert_eq!(after(&mut world, anew), ["shop/deployment/web", "shop/pod/web-1-a"]);
    assert_eq!(after_delete(&mut world, pod("web-1-a")), NOTHING, "the old one is gone already");
    assert_eq!(pods(&world, "v1", "Pod", "web-1-a"), ["web-1-a"]);
}

#[test]
fn a_namespace_touches_everything_inside() {
    let mut world = cluster();
    let inside = ["shop/deployment/named", "shop/deployment/plain", "shop/deployment/web"];
    assert_eq!(after(&mut world, namespace("shop")), inside);
    assert_eq!(
        after(&mut world, with(namespace("shop"), json!({"metadata": {"labels": {"team": "a"}}}))),
        inside
    );
    let fields = |key: &str| json!({"f:metadata": {"f:annotations": {format!("f:{key}"): {}}}});
    let asked_at = |hour: &str, key: &str| {
        let entry = json!({"manager": "kubectl", "time": format!("2026-11-22T{hour}:00:00Z"), "fieldsV1": fields(key)});
        with(with(namespace("shop"), java("true")), json!({"metadata": {"managedFields": [entry]}}))
    };
    let key = "instrumentation.opentelemetry.io/inject-java";
    assert_eq!(after(&mut world, asked_at("10", key)), inside);
    assert_eq!(after(&mut world, asked_at("11", key)), inside, "the annotation was set anew");
    let held = world.namespace("shop").found().unwrap().metadata.annotation_set_by(key);
    assert_eq!(held.map(|time| time.to_string()).as_deref(), Some("2026-11-22T11:00:00Z"));
    assert_eq!(
        after(&mut world, asked_at("11", "team/contact")),
        inside,
        "nobody tells any more when it was set"
    );
    assert_eq!(after(&mut world, asked_at("12", "team/contact")), NOTHING, "somebody else's annotation");
}

#[test]
fn an_instrumentation_touches_its_namespace_and_those_that_name_it() {
    let mut world = cluster();
    let central = |endpoint| in_namespace("o11y", instrumentation("central", endpoint));
    // `web` finds nothing with `true`: what is said of that may change with any new Instrumentation.
    assert_eq!(after(&mut world, central("http://a:1")), ["shop/deployment/named", "shop/deployment/web"]);
    assert_eq!(after(&mut world, central("http://b:1")), ["shop/deployment/named"]);
    assert_eq!(
        after(&mut world, instrumentation("here", "http://a:1")),
        ["shop/deployment/named", "shop/deployment/web"]
    );
    assert_eq!(after(&mut world, in_namespace("o11y", instrumentation("other", "http://a:1"))), NOTHING);
    assert_eq!(after_delete(&mut world, central("")), ["shop/deployment/named"]);
}

#[test]
fn a_name_on_the_namespace_counts_for_all_inside() {
    let mut world = cluster();
    world.apply(object(with(namespace("far"), java("o11y/central"))));
    world.take_dirty();
    let central = in_namespace("o11y", instrumentation("central", "http://a:1"));
    assert_eq!(
        after(&mut world, central),
        ["far/deployment/far", "shop/deployment/named", "shop/deployment/web"]
    );
}

#[test]
fn an_instrumentations_status_and_noise_are_told_apart() {
    let mut world = cluster();
    let here = instrumentation("here", "http://a:1");
    world.apply(object(here.clone()));
    world.take_dirty();
    let managed = json!({"metadata": {"resourceVersion": "9", "managedFields": [
        {"manager": "kubectl", "time": "2026-11-22T10:00:00Z", "fieldsV1": {"f:metadata": {"f:labels": {"f:a": {}}}}}]}});
    assert_eq!(after(&mut world, with(here.clone(), managed)), NOTHING);
    let written = json!({"metadata": {"managedFields": [
        {"manager": "kubectl", "time": "2026-11-22T10:00:00Z", "fieldsV1": {"f:spec": {"f:java": {"f:image": {}}}}}]}});
    assert_eq!(after(&mut world, with(here, written)), ["shop/deployment/named", "shop/deployment/web"]);
    let held = world.instrumentation("shop", "here").found().unwrap().metadata.spec_changed();
    assert_eq!(held.map(|time| time.to_string()).as_deref(), Some("2026-11-22T10:00:00Z"));
}

#[test]
fn the_operators_side_touches_all_that_ask() {
    let mut world = cluster();
    let asking = ["far/deployment/far", "shop/deployment/named", "shop/deployment/web"];
    let in_operators = |value| in_namespace("otel", value);
    let operator = in_operators(with(
        deployment("op"),
        template(&json!({"metadata": {"labels": {"app.kubernetes.io/name": "opentelemetry-operator"}}})),
    ));
    let webhook = json!({"apiVersion": "admissionregistration.k8s.io/v1", "kind": "MutatingWebhookConfiguration",
        "metadata": {"name": "op"}, "webhooks": [{"name": "mpod.kb.io", "clientConfig":
            {"service": {"namespace": "otel", "name": "hook", "path": "/mutate-v1-pod"}},
            "rules": [{"apiGroups": [""], "operations": ["CREATE"], "resources": ["pods"]}]}]});
    let mesh = with(
        webhook.clone(),
        json!({"metadata": {"name": "cert"}, "webhooks": [{"name": "x", "rules": [
        {"apiGroups": ["cert-manager.io"], "operations": ["CREATE"], "resources": ["certificates"]}]}]}),
    );
    let op_pod = in_operators(pod_of_set("op-1-a", "op-1"));
    let not_ready = json!({"status": {"conditions": [{"type": "Ready", "status": "False"}]}});
    let waits = event("e", &op_pod, "FailedMount", "secret not found");
    let crd = json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": "instrumentations.opentelemetry.io"}});
    let selecting = with(service("hook"), json!({"spec": {"selector": {"serves": "hook"}}}));
    let by_selector = with(pod("other"), json!({"metadata": {"labels": {"serves": "hook"}}}));
    let steps: [(&str, Value, bool); 16] = [
        ("its Deployment", operator.clone(), true),
        ("its webhook", webhook, true),
        ("a webhook for other things", mesh, false),
        ("its ReplicaSet", in_operators(replica_set("op-1", "op")), true),
        ("its Pod", op_pod.clone(), true),
        ("its Pod's readiness", with(op_pod, not_ready), true),
        ("a Warning about its Pod", in_operators(waits), true),
        ("its Service", in_operators(service("hook")), true),
        ("somebody ready behind it", in_operators(slice("hook-a", "hook", &[true])), true),
        ("one more behind it", in_operators(slice("hook-a", "hook", &[true, true])), false),
        ("another Service beside it, perhaps called by address", in_operators(service("metrics")), true),
        ("a Service elsewhere", in_namespace("x", service("hook")), false),
        ("whom its Service selects", in_operators(selecting), true),
        ("a Pod that is selected", in_operators(by_selector), true),
        ("its CRD", crd, true),
        ("its Namespace", with(namespace("otel"), json!({"metadata": {"labels": {"a": "b"}}})), true),
    ];
    for (case, value, changes) in steps {
        let epoch = world.operator_epoch();
        let marked = after(&mut world, value);
        assert_eq!(world.operator_epoch() != epoch, changes, "{case}");
        let all = asking.iter().all(|asking| marked.iter().any(|marked| marked == asking));
        assert_eq!(all, changes, "{case}: {marked:?}");
        assert!(!marked.iter().any(|marked| marked == "shop/deployment/plain"), "{case}: {marked:?}");
    }
    assert_eq!(world.operator_deployments().len(), 1);
    let epoch = world.operator_epoch();
    world.delete(object(operator));
    assert_ne!(world.operator_epoch(), epoch);
    assert!(world.operator_deployments().is_empty());
}

#[test]
fn what_the_operator_manages_is_not_the_operator() {
    let managed = json!({"metadata": {"labels": {"app.kubernetes.io/managed-by": "opentelemetry-operator"}},
        "spec": {"template": {"spec": {"initContainers": [{"name": "i",
            "image": "ghcr.io/open-telemetry/opentelemetry-operator/autoinstrumentation-java:2.30.0"}]}}}});
    let world = world_with([with(deployment("collector"), managed)]);
    assert!(world.operator_deployments().is_empty());
}

#[test]
fn a_right_that_is_lost_or_won_touches_what_depends_on_it() {
    let mut world = cluster();
    let epoch = world.operator_epoch();
    world.set_readability(InputKind::Services, unreadable(InputKind::Services));
    assert_eq!(dirty(&mut world), ["far/deployment/far", "shop/deployment/named", "shop/deployment/web"]);
    assert_ne!(world.operator_epoch(), epoch);
    world.set_readability(InputKind::Services, unreadable(InputKind::Services));
    assert_eq!(dirty(&mut world), NOTHING, "no news");
    assert!(world.service("shop", "x").is_unknown());
}

#[test]
fn data_and_nodes_touch_those_who_may_use_them() {
    let mut world = cluster();
    let on_node =
        with(with(pod_of_set("web-1-a", "web-1"), java("true")), json!({"spec": {"nodeName": "n1"}}));
    assert_eq!(after(&mut world, on_node), ["shop/deployment/web"]);
    let secret =
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "tls", "namespace": "shop"}});
    assert_eq!(after(&mut world, secret), ["shop/deployment/named", "shop/deployment/web"]);
    let node = |arch: &str| json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n1", "labels": {"kubernetes.io/arch": arch}}});
    assert_eq!(after(&mut world, node("arm64")), ["shop/deployment/web"]);
    assert_eq!(
        after(&mut world, with(node("arm64"), annotated("volumes/otel", "x"))),
        NOTHING,
        "annotations of Nodes"
    );
}

#[test]
fn everything_can_be_marked() {
    let mut world = cluster();
    assert!(!world.is_dirty());
    world.mark_all_dirty();
    assert!(world.is_dirty());
    let all = world.workloads();
    assert_eq!(world.take_dirty(), all);
    assert!(!world.is_dirty());
}

#[test]
fn concern_is_on_pods_templates_own_metadata_namespaces_and_marks() {
    let marked = json!({"spec": {"initContainers": [{"name": "opentelemetry-auto-instrumentation-java"}]}});
    let misspelt = annotated("instrumentation.opentelemtry.io/inject-java", "true");
    for (case, objects, concerned) in [
        ("nothing", vec![deployment("web")], false),
        (
            "our own annotation",
            vec![with(deployment("web"), annotated("instrumentation-health.dev/ignore", "X"))],
            false,
        ),
        ("template", vec![with(deployment("web"), template(&java("true")))], true),
        ("own metadata", vec![with(deployment("web"), java("true"))], true),
        ("misspelt", vec![with(deployment("web"), template(&misspelt))], true),
        ("Namespace", vec![deployment("web"), with(namespace("shop"), java("true"))], true),
        ("Pod", vec![with(pod_of_set("p", "web-1"), java("true")), replica_set("web-1", "web")], true),
        ("marks", vec![with(pod_of_set("p", "web-1"), marked), replica_set("web-1", "web")], true),
    ] {
        let world = world_with(objects);
        let subject = world.subject(&id("apps/v1", "Deployment", "web")).unwrap();
        assert_eq!(world.is_concerned(&subject), concerned, "{case}");
    }
}
