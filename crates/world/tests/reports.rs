//! When is a Warning Event news, and how many are held?

mod stage;

use facts::ClusterView as _;
use serde_json::{Value, json};
use stage::*;
use world::World;

const NOTHING: [&str; 0] = [];

fn seen_at(minute: u32, event: Value) -> Value {
    with(event, json!({"lastTimestamp": format!("2026-11-22T10:{minute:02}:00Z")}))
}

fn cluster() -> (World, Value) {
    let asking = with(pod_of_set("p", "web-1"), java("true"));
    (
        world_with([
            with(deployment("web"), template(&java("true"))),
            replica_set("web-1", "web"),
            asking.clone(),
        ]),
        asking,
    )
}

#[test]
fn a_warning_touches_the_workload_of_its_object_once() {
    let (mut world, pod) = cluster();
    let failed = |name, minute| seen_at(minute, event(name, &pod, "FailedMount", "no such secret"));
    assert_eq!(after(&mut world, failed("e1", 0)), ["shop/deployment/web"]);
    assert_eq!(after(&mut world, failed("e1", 1)), NOTHING, "seen again");
    assert_eq!(after(&mut world, failed("e2", 2)), NOTHING, "reported again");
    assert_eq!(after(&mut world, event("e3", &pod, "FailedMount", "no such claim")), ["shop/deployment/web"]);
    let names: Vec<_> =
        world.events_about("p-uid").iter().map(|event| event.metadata.name.to_string()).collect();
    assert_eq!(names, ["e2", "e1", "e3"], "newest first, those without a time last");
    assert_eq!(after_delete(&mut world, failed("e1", 1)), NOTHING, "another one says the same");
    assert_eq!(after_delete(&mut world, failed("e2", 2)), ["shop/deployment/web"], "nobody says it any more");
}

#[test]
fn each_kind_of_object_leads_to_its_workload() {
    let (mut world, _) = cluster();
    let other = with(pod_of_set("p", "web-1"), json!({"metadata": {"uid": "an earlier one"}}));
    for (case, about, want) in [
        ("ReplicaSet", replica_set("web-1", "web"), vec!["shop/deployment/web"]),
        ("Deployment", deployment("web"), vec!["shop/deployment/web"]),
        ("an earlier Pod of the same name", other, vec![]),
        ("an unknown Pod", pod("q"), vec![]),
        (
            "no name: the webhook itself",
            json!({"kind": "Pod", "metadata": {"namespace": "shop"}}),
            vec!["shop/deployment/web"],
        ),
        ("Instrumentation", instrumentation("x", ""), vec!["shop/deployment/web"]),
    ] {
        assert_eq!(after(&mut world, event(case, &about, "FailedCreate", case)), want, "{case}");
    }
    assert_eq!(world.events_with_reason("shop", "FailedCreate").len(), 6);
    assert!(world.events_about("").is_empty());
}

#[test]
fn of_one_object_a_few_are_held_and_repeats_go_first() {
    let (mut world, pod) = cluster();
    world.apply(object(seen_at(0, event("first", &pod, "FailedMount", "said once"))));
    for at in 1..30 {
        world.apply(object(seen_at(at, event(&format!("e{at}"), &pod, "FailedMount", "said often"))));
    }
    let held = world.events_about("p-uid");
    assert_eq!(held.len(), 8);
    assert_eq!(&*held[0].metadata.name, "e29");
    assert_eq!(&*held[7].metadata.name, "first");
    assert_eq!(world.events_with_reason("shop", "FailedMount").len(), 8);
}

#[test]
fn in_all_so_many_are_held_and_the_oldest_go_first() {
    let mut world = empty_world();
    for at in 0..9000 {
        world.apply(object(event(&format!("e{at}"), &pod(&format!("p{at}")), "FailedMount", "x")));
    }
    assert!(world.events_about("p0-uid").is_empty());
    assert_eq!(world.events_about("p8999-uid").len(), 1);
    assert_eq!(world.events_with_reason("shop", "FailedMount").len(), 8192);
}
