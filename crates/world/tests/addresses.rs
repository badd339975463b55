//! Whom does a Service touch, and whom not?

mod stage;

use facts::{ClusterView as _, Endpoints, Lookup};
use serde_json::{Value, json};
use stage::*;
use world::World;

const NOTHING: [&str; 0] = [];

/// A Deployment that asks for Java and has an endpoint of its own.
fn sender(namespace: &str, name: &str, endpoint: &str) -> Value {
    let env = json!([{"name": "OTEL_EXPORTER_OTLP_ENDPOINT", "value": endpoint}]);
    let pod =
        with(java("true"), json!({"spec": {"containers": [{"name": "app", "image": "app:1", "env": env}]}}));
    in_namespace(namespace, with(deployment(name), template(&pod)))
}

/// `a/by-env` sends to `collector.o11y` by its own environment, `b/elsewhere` to another one, `shop/by-cr` through the
/// Instrumentation to `collector`; `shop/plain` asks for nothing.
fn cluster() -> World {
    world_with([
        sender("a", "by-env", "http://collector.o11y.svc:4317"),
        sender("b", "elsewhere", "http://jaeger.tracing:4317"),
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
fn a_service_touches_those_that_send_to_it_and_those_beside_it() {
    let mut world = cluster();
    let other_port = json!({"spec": {"ports": [{"port": 4318}]}});
    assert_eq!(after(&mut world, with(service("collector"), other_port.clone())), ["shop/deployment/by-cr"]);
    let theirs = in_namespace("o11y", with(service("collector"), other_port.clone()));
    assert_eq!(after(&mut world, theirs), ["a/deployment/by-env"]);
    let unheard_of = in_namespace("tracing", with(service("jaeger"), other_port));
    assert_eq!(after(&mut world, unheard_of), ["b/deployment/elsewhere"]);
}

#[test]
fn what_comes_or_goes_touches_those_that_find_nothing_like_it() {
    let mut world = cluster();
    world.apply(object(sender("c", "typo", "http://colector.tracing:4317")));
    world.apply(object(sender("d", "suffix", "http://otel.nowhere:4317")));
    world.take_dirty();
    let found_nothing = ["c/deployment/typo"];
    assert_eq!(
        after(&mut world, in_namespace("tracing", service("collectors"))),
        found_nothing,
        "the same namespace"
    );
    assert_eq!(after(&mut world, in_namespace("x", service("colector"))), found_nothing, "the same name");
    assert_eq!(
        after(&mut world, in_namespace("x", service("otel-collector"))),
        ["d/deployment/suffix"],
        "the suffix"
    );
    assert_eq!(after(&mut world, namespace("nowhere")), ["d/deployment/suffix"], "the namespace itself");
    assert_eq!(
        after_delete(&mut world, in_namespace("tracing", service("jaeger"))),
        ["b/deployment/elsewhere", "c/deployment/typo"]
    );
}

#[test]
fn an_external_name_hands_on_what_happens_behind_it() {
    let mut world = cluster();
    let target = json!({"spec": {"type": "ExternalName", "externalName": "backend.apm.svc.cluster.local"}});
    let alias = in_namespace("tracing", with(service("jaeger"), target));
    assert_eq!(after(&mut world, alias), ["b/deployment/elsewhere"]);
    let answers = |ready| in_namespace("apm", slice("backend-a", "backend", &[ready]));
    assert_eq!(after(&mut world, answers(true)), ["b/deployment/elsewhere"]);
    assert_eq!(after(&mut world, answers(false)), ["b/deployment/elsewhere"]);
    assert_eq!(after(&mut world, in_namespace("tracing", service("jaeger"))), ["b/deployment/elsewhere"]);
    assert_eq!(after(&mut world, answers(true)), NOTHING, "it is no alias any more");
}

#[test]
fn who_answers_is_touched_when_nobody_does() {
    let mut world = cluster();
    let labelled = |value: Value, app: &str| with(value, json!({"metadata": {"labels": {"app": app}}}));
    for app in ["one", "other"] {
        world.apply(object(with(labelled(pod(app), app), java("true"))));
    }
    world.apply(object(labelled(pod("unconcerned"), "one")));
    world.apply(object(with(service("front"), json!({"spec": {"selector": {"app": "one"}}}))));
    world.take_dirty();
    assert_eq!(after(&mut world, slice("front-a", "front", &[true])), ["shop/pod/one"]);
    assert_eq!(after(&mut world, slice("front-a", "front", &[true, true])), NOTHING);
    assert_eq!(after(&mut world, slice("front-a", "front", &[false])), ["shop/pod/one"]);
}

#[test]
fn a_collector_touches_those_that_send_to_its_service() {
    let mut world = world_with([
        sender("a", "by-env", "http://otel-collector.o11y:4317"),
        with(deployment("sidecar"), template(&annotated("sidecar.opentelemetry.io/inject", "o11y/otel"))),
        with(deployment("other"), template(&java("true"))),
    ]);
    let collector = json!({"apiVersion": "opentelemetry.io/v1beta1", "kind": "OpenTelemetryCollector",
        "metadata": {"namespace": "o11y", "name": "otel"}, "spec": {"config": {"receivers": {}}}});
    assert_eq!(after(&mut world, collector), ["a/deployment/by-env", "shop/deployment/sidecar"]);
}

#[test]
fn addresses_of_those_who_ask_for_nothing_do_not_count() {
    let silent = with(
        sender("a", "silent", "http://collector.o11y:4317"),
        json!({"spec": {"template": {"metadata": null}}}),
    );
    let mut world = world_with([silent]);
    assert_eq!(after(&mut world, in_namespace("o11y", service("collector"))), NOTHING);
}

#[test]
fn what_stands_on_a_service_in_vain_concerns_the_workloads_behind_it() {
    let mut world = cluster();
    let labelled = with(deployment("behind"), template(&json!({"metadata": {"labels": {"app": "behind"}}})));
    world.apply(object(labelled));
    world.take_dirty();
    let behind = json!({"spec": {"selector": {"app": "behind"}}});
    let asking = || with(with(service("front"), behind.clone()), java("true"));
    let is_concerned = |world: &World, name: &str| {
        let subject = world.subject(&id("apps/v1", "Deployment", name)).unwrap();
        world.is_concerned(&subject)
    };
    assert!(!is_concerned(&world, "behind"));
    let everything = ["shop/deployment/behind", "shop/deployment/by-cr", "shop/deployment/plain"];
    assert_eq!(after(&mut world, asking()), everything);
    assert!(is_concerned(&world, "behind") && !is_concerned(&world, "plain"));
    assert_eq!(after(&mut world, with(service("front"), behind.clone())), everything, "it is taken away");
    assert!(!is_concerned(&world, "behind"));
    world.apply(object(asking()));
    world.take_dirty();
    assert_eq!(after_delete(&mut world, asking()), everything);
    assert!(!is_concerned(&world, "behind"));
}
