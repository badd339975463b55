//! What do lists tell that watches do not?

mod stage;

use facts::{ClusterView as _, InputKind, Readability};
use stage::*;
use world::World;

const NOTHING: [&str; 0] = [];

#[test]
fn absence_is_judged_only_after_the_first_list() {
    let mut world = World::new();
    assert_eq!(world.readability(InputKind::Services), &Readability::Pending);
    assert!(world.service("shop", "collector").is_unknown());
    world.begin(InputKind::Services);
    assert!(world.service("shop", "collector").is_unknown());
    world.complete(InputKind::Services);
    assert!(world.service("shop", "collector").is_absent());
    world.begin(InputKind::Services);
    assert_eq!(world.readability(InputKind::Services), &Readability::Complete, "a relist takes nothing back");
}

#[test]
fn a_relist_finds_what_was_deleted_in_the_meantime_and_nothing_else() {
    let objects = [
        deployment("web"),
        replica_set("web-1", "web"),
        pod_of_set("a", "web-1"),
        pod_of_set("b", "web-1"),
        pod("bare"),
    ];
    let mut world = world_with(objects);
    world.begin(InputKind::Pods);
    world.apply(object(pod_of_set("a", "web-1")));
    assert_eq!(
        pods(&world, "apps/v1", "Deployment", "web"),
        ["a", "b"],
        "not judged before the list is complete"
    );
    world.complete(InputKind::Pods);
    assert_eq!(dirty(&mut world), ["shop/deployment/web", "shop/pod/bare"]);
    assert_eq!(pods(&world, "apps/v1", "Deployment", "web"), ["a"]);
    assert!(world.subject(&id("v1", "Pod", "bare")).is_none());
}

#[test]
fn a_list_that_was_cut_short_is_simply_repeated() {
    let mut world = world_with([pod("a"), pod("b")]);
    world.begin(InputKind::Pods);
    world.apply(object(pod("a")));
    world.begin(InputKind::Pods);
    world.apply(object(pod("a")));
    world.apply(object(pod("b")));
    world.complete(InputKind::Pods);
    assert_eq!(dirty(&mut world), NOTHING);
    assert_eq!(workloads(&world), ["shop/pod/a", "shop/pod/b"]);
}

#[test]
fn a_relist_of_every_kind_forgets_what_is_gone() {
    let mut world = world_with([
        namespace("shop"),
        deployment("web"),
        replica_set("web-1", "web"),
        with(pod_of_set("a", "web-1"), java("true")),
        job("once"),
        instrumentation("default", "http://collector:4317"),
        service("collector"),
        slice("collector-a", "collector", &[true]),
        event("e", &pod("a"), "FailedMount", "x"),
    ]);
    for kind in InputKind::ALL {
        world.begin(*kind);
        world.complete(*kind);
    }
    assert_eq!(dirty(&mut world), ["shop/deployment/web", "shop/job/once"]);
    let sizes = world.sizes();
    assert!(sizes.objects.iter().all(|(_, count)| *count == 0), "{sizes:?}");
    assert_eq!((sizes.shapes, sizes.statuses), (0, 0));
    assert!(world.instrumentations().is_empty() && world.events_about("a-uid").is_empty());
    assert!(world.endpoints("shop", "collector").is_absent());
}

#[test]
fn a_namespace_may_vanish_half_way() {
    let mut world = world_with([
        namespace("shop"),
        deployment("web"),
        replica_set("web-1", "web"),
        pod_of_set("a", "web-1"),
    ]);
    assert_eq!(after_delete(&mut world, namespace("shop")), ["shop/deployment/web"]);
    assert!(world.namespace("shop").is_absent());
    assert_eq!(after_delete(&mut world, deployment("web")), ["shop/deployment/web"]);
    assert_eq!(workloads(&world), ["shop/deployment/web"], "its Pods are still there");
    assert_eq!(after_delete(&mut world, replica_set("web-1", "web")), ["shop/deployment/web"]);
    assert_eq!(workloads(&world), NOTHING, "nobody can tell any more whose Pod it is; it is being collected");
    assert_eq!(after_delete(&mut world, pod_of_set("a", "web-1")), NOTHING);
    assert!(world.subject(&id("apps/v1", "Deployment", "web")).is_none());
}

#[test]
fn a_kind_that_is_not_served_holds_nothing() {
    let mut world = world_with([instrumentation("default", "http://a:1")]);
    world.set_readability(InputKind::Instrumentations, Readability::NotServed);
    assert!(world.instrumentation("shop", "default").is_absent());
}

#[test]
fn the_world_forgets_shapes_that_nobody_has_any_more() {
    let mut world = empty_world();
    for generation in 0..50 {
        for at in 0..200 {
            let image = serde_json::json!({"spec": {"containers": [{"name": "app", "image": format!("app:{generation}")}]}});
            let value = with(pod(&format!("p{at}")), image);
            world.apply(object(value.clone()));
        }
    }
    assert!(world.sizes().shapes <= 50, "{:?}", world.sizes());
    world.begin(InputKind::Pods);
    world.complete(InputKind::Pods);
    assert_eq!(world.sizes().shapes, 0);
}
