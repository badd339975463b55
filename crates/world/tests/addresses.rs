//! Whom does a Service touch, and whom not?

mod stage;

use facts::{ClusterView as _, Endpoints, Lookup};
use serde_json::{Value, json};
use stage::*;
use world::World;

const NOTHING: [&str; 0] = [];

fn sends_to(endpoint: &str) -> Value {
    template(&json!({"spec": {"containers": [{"name": "app", "image": "app:1", "env": [
        {"name": "OTEL_EXPORTER_OTLP_ENDPOINT", "value": endpoint}]}]}}))
}

/// `by-env` sends to `collector.o11y` by its own environment, `by-cr` through the Instrumentation `shop/default` to `collector`,
/// `elsewhere` to another one; `plain` asks for nothing.
fn cluster() -> World {
    world_with([
        with(deployment("by-env"), sends_to("http://collector.o11y.svc:4317")),
        with(deployment("elsewhere"), sends_to("http://jaeger.tracing:4317")),
        with(deployment("by-cr"), template(&java("true"))),
        instrumentation("default", "http://collector:4317"),
        deployment("plain"),
        service("collector"),
        in_namespace("o11y", service("collector")),
        in_namespace("tracing", service("jaeger")),
        slice("collector-a", "collector", &[true]),
    ])
}

#[test]
fn churn_behind_a_service_has_no_meaning_until_nobody_or_somebody_answers() {
    let mut world = cluster();
    for (ready, want) in [
        (vec![true, true, true], vec![]),
        (vec![true, false], vec![]),
        (vec![false], vec!["shop/deployment/by-cr"]),
        (vec![false, false], vec![]),
        (vec![], vec![]),
        (vec![true], vec!["shop/deployment/by-cr"]),
    ] {
        assert_eq!(after(&mut world, slice("collector-a", "collector", &ready)), want, "{ready:?}");
        let found = world.endpoints("shop", "collector");
        assert_eq!(found, Lookup::Found(Endpoints { slices: true, ready: ready.contains(&true) }));
    }
    assert_eq!(after(&mut world, slice("collector-b", "collector", &[true])), NOTHING, "a second slice");
    assert_eq!(
        after_delete(&mut world, slice("collector-a", "collector", &[])),
        NOTHING,
        "the other one answers"
    );
    assert_eq!(after_delete(&mut world, slice("collector-b", "collector", &[])), ["shop/deployment/by-cr"]);
    assert!(world.endpoints("shop", "collector").is_absent());
}

#[test]
fn a_slice_may_move_to_another_service() {
    let mut world = cluster();
    world.apply(object(slice("collector-a", "other", &[true])));
    assert!(world.endpoints("shop", "collector").is_absent());
    assert!(matches!(world.endpoints("shop", "other"), Lookup::Found(_)));
}

#[test]
fn a_service_touches_those_that_send_to_it() {
    let mut world = cluster();
    let other_port = json!({"spec": {"ports": [{"port": 4318}]}});
    assert_eq!(after(&mut world, with(service("collector"), other_port.clone())), ["shop/deployment/by-cr"]);
    let theirs = in_namespace("o11y", with(service("collector"), other_port.clone()));
    assert_eq!(after(&mut world, theirs), ["shop/deployment/by-env"]);
    let unheard_of = with(in_namespace("tracing", service("web")), other_port);
    assert_eq!(after(&mut world, unheard_of), NOTHING);
}

#[test]
fn a_service_that_comes_or_goes_touches_those_that_find_nothing_in_its_namespace() {
    let mut world = cluster();
    world.apply(object(with(deployment("typo"), sends_to("http://colector.tracing:4317"))));
    world.take_dirty();
    let jaeger = in_namespace("tracing", service("jaeger"));
    assert_eq!(after(&mut world, in_namespace("tracing", service("collectors"))), ["shop/deployment/typo"]);
    assert_eq!(after_delete(&mut world, jaeger), ["shop/deployment/elsewhere", "shop/deployment/typo"]);
}

#[test]
fn an_external_name_hands_on_what_happens_behind_it() {
    let mut world = cluster();
    let alias = with(
        service("jaeger"),
        json!({"spec": {"type": "ExternalName", "externalName": "backend.apm.svc.cluster.local"}}),
    );
    assert_eq!(after(&mut world, in_namespace("tracing", alias)), ["shop/deployment/elsewhere"]);
    let answers = |ready| in_namespace("apm", slice("backend-a", "backend", &[ready]));
    assert_eq!(after(&mut world, answers(true)), ["shop/deployment/elsewhere"]);
    assert_eq!(after(&mut world, answers(false)), ["shop/deployment/elsewhere"]);
    assert_eq!(after(&mut world, in_namespace("tracing", service("jaeger"))), ["shop/deployment/elsewhere"]);
    assert_eq!(after(&mut world, answers(true)), NOTHING, "it is no alias any more");
}

#[test]
fn a_collector_touches_those_that_send_to_its_service() {
    let mut world = world_with([
        with(deployment("by-env"), sends_to("http://otel-collector.o11y:4317")),
        with(deployment("sidecar"), template(&annotated("sidecar.opentelemetry.io/inject", "o11y/otel"))),
        with(deployment("other"), template(&java("true"))),
    ]);
    let collector = json!({"apiVersion": "opentelemetry.io/v1beta1", "kind": "OpenTelemetryCollector",
        "metadata": {"namespace": "o11y", "name": "otel"}, "spec": {"config": {"receivers": {}}}});
    assert_eq!(after(&mut world, collector), ["shop/deployment/by-env", "shop/deployment/sidecar"]);
}
