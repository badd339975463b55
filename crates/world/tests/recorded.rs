//! Does a recorded cluster make the same workloads, in whatever order its objects come?

mod stage;

use std::collections::BTreeMap;
use std::io::Read as _;

use facts::{ClusterView as _, InputKind, Object};
use flate2::read::GzDecoder;
use proptest::prelude::*;
use serde_json::Value;
use stage::*;
use world::World;

/// Clusters of a real API server with a real operator: Kubernetes 1.36.3, operator 0.158.0.
const RECORDED: [(&str, &[u8]); 4] = [
    ("messy-cluster-one", include_bytes!("recorded/messy-cluster-one.json.gz")),
    ("healthy-completed-job", include_bytes!("recorded/healthy-completed-job.json.gz")),
    ("healthy-statefulset-daemonset", include_bytes!("recorded/healthy-statefulset-daemonset.json.gz")),
    (
        "healthy-operator-managed-collector",
        include_bytes!("recorded/healthy-operator-managed-collector.json.gz"),
    ),
];

fn recorded(compressed: &[u8]) -> Vec<Object> {
    let mut text = String::new();
    GzDecoder::new(compressed).read_to_string(&mut text).expect("a whole archive");
    let list: Value = serde_json::from_str(&text).expect("a whole list");
    let items = list["items"].as_array().expect("a List has items").clone();
    items.into_iter().filter_map(|item| Object::from_value(item).expect("a recorded object reads")).collect()
}

fn listed(objects: impl IntoIterator<Item = Object>) -> World {
    let mut world = World::new();
    for object in objects {
        world.apply(object);
    }
    for kind in InputKind::ALL {
        world.complete(*kind);
    }
    world
}

/// Everything that a diagnosis may see, as text.
fn seen(world: &World) -> Vec<String> {
    let mut text = Vec::new();
    for id in world.workloads() {
        let subject = world.subject(&id).expect("a workload that is listed exists");
        text.push(format!("{id} {} {subject:?}", world.is_concerned(&subject)));
        text.extend(subject.pods.iter().map(|pod| format!("{:?}", world.events_about(&pod.uid))));
    }
    text.push(format!("{:?} {:?}", world.operator_deployments(), world.instrumentations()));
    for service in world.services_in("opentelemetry-operator-system") {
        let endpoints = world.endpoints("opentelemetry-operator-system", &service.metadata.name);
        text.push(format!("{service:?} {endpoints:?}"));
    }
    text
}

#[test]
fn every_pod_finds_its_workload() {
    for (name, compressed) in RECORDED {
        let objects = recorded(compressed);
        let pods = objects.iter().filter(|object| object.input() == InputKind::Pods);
        let living = pods.filter(|pod| pod.metadata().deletion_timestamp.is_none()).count();
        let world = listed(objects);
        let subjects = world.workloads().into_iter().map(|id| world.subject(&id).unwrap().pods.len());
        assert_eq!(subjects.sum::<usize>(), living, "{name}");
        assert_eq!(world.operator_deployments().len(), 1, "{name}");
    }
}

#[test]
fn workloads_of_the_messy_cluster() {
    let world = listed(recorded(RECORDED[0].1));
    let found = world.workloads();
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for id in &found {
        *kinds.entry(&id.kind).or_default() += 1;
    }
    assert_eq!(kinds, BTreeMap::from([("Deployment", 18), ("Job", 1), ("StatefulSet", 1)]));
    let concerned = found.iter().filter(|id| world.is_concerned(&world.subject(id).unwrap())).count();
    assert!(concerned < found.len(), "the operator and the collector ask for nothing");
}

#[test]
fn a_relist_of_the_same_cluster_marks_nothing() {
    for (name, compressed) in RECORDED {
        let objects = recorded(compressed);
        let mut world = listed(objects.clone());
        world.take_dirty();
        let before = (seen(&world), world.operator_epoch());
        for kind in InputKind::ALL {
            world.begin(*kind);
            objects
                .iter()
                .filter(|object| object.input() == *kind)
                .for_each(|object| world.apply(object.clone()));
            world.complete(*kind);
        }
        assert_eq!(dirty(&mut world), [""; 0], "{name}");
        assert_eq!((seen(&world), world.operator_epoch()), before, "{name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn order_does_not_matter(
        which in 0..RECORDED.len(),
        keys in proptest::collection::vec(any::<u32>(), 512),
        lost in proptest::collection::vec(any::<bool>(), 512),
    ) {
        let objects = recorded(RECORDED[which].1);
        let straight = listed(objects.clone());
        let mut shuffled: Vec<_> = objects.iter().cloned().zip(keys.iter().cycle()).collect();
        shuffled.sort_by_key(|(_, key)| **key);
        let mut world = listed(shuffled.iter().map(|(object, _)| object.clone()));
        prop_assert_eq!(seen(&world), seen(&straight));

        // Some go and come back, in another order: nothing of it may stay behind.
        let gone: Vec<_> = shuffled.iter().zip(lost.iter().cycle()).filter(|(_, lost)| **lost).map(|((object, _), _)| object).collect();
        for object in &gone {
            world.delete((*object).clone());
        }
        let left = objects.iter().filter(|object| !gone.contains(object)).cloned();
        prop_assert_eq!(seen(&world), seen(&listed(left)));
        gone.iter().rev().for_each(|object| world.apply((*object).clone()));
        prop_assert_eq!(seen(&world), seen(&straight));
    }

    #[test]
    fn what_looks_different_afterwards_was_marked(
        which in 0..RECORDED.len(),
        at in proptest::collection::vec(any::<proptest::sample::Index>(), 1..4),
    ) {
        let objects = recorded(RECORDED[which].1);
        let mut world = listed(objects.clone());
        world.take_dirty();
        let before = listed(objects.clone());
        for at in at {
            world.delete(at.get(&objects).clone());
        }
        let marked = world.take_dirty();
        for id in before.workloads().into_iter().chain(world.workloads()) {
            let differs = before.subject(&id) != world.subject(&id);
            prop_assert!(!differs || marked.contains(&id), "{} changed and is not marked", id);
        }
    }
}
