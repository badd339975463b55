//! What does one Pod event cost, from the JSON of the watch to the marked workload?
//!
//! The Pod is a recorded one (operator 0.158.0, Kubernetes 1.36.3) with a sidecar, probes and managedFields added: 14 KB.

use std::hint::black_box;

use divan::Bencher;
use facts::{InputKind, Interner, Object, Pod, PodView, ReplicaSet};
use world::World;

const POD: &str = include_str!("injected_pod.json");
/// Other Pods in the world; the caches of the processor do not hold them.
const SIBLINGS: usize = 20_000;

/// The program's own.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() {
    divan::main();
}

fn decode(json: &str) -> PodView {
    serde_json::from_str(json).expect("a recorded Pod")
}

/// The same Pod in another state than the last: each event changes something.
fn states() -> [String; 2] {
    [POD.to_owned(), POD.replace(r#""restartCount":0"#, r#""restartCount":1"#)]
}

fn world_with_siblings() -> World {
    let mut world = World::new();
    for kind in InputKind::ALL {
        world.complete(*kind);
    }
    let view = decode(POD);
    let owner = view.metadata.controller().expect("a ReplicaSet").clone();
    let mut set = ReplicaSet::default();
    set.metadata.name = owner.name.clone();
    set.metadata.namespace = view.metadata.namespace.clone();
    set.metadata.uid = owner.uid;
    world.apply(set.into());
    for at in 0..SIBLINGS {
        let mut sibling = view.clone();
        sibling.metadata.name = format!("sibling-{at}").into();
        sibling.metadata.uid = format!("uid-{at}").into();
        world.apply(Object::from(sibling));
    }
    world.take_dirty();
    world
}

/// Decode, intern, apply, mark; half of it is walking over JSON that is not kept.
#[divan::bench]
fn decode_intern_apply_mark(bencher: Bencher<'_, '_>) {
    let (mut world, states, mut turn) = (world_with_siblings(), states(), 0);
    bencher.bench_local(|| {
        turn += 1;
        world.apply(Object::from(decode(black_box(&states[turn % 2]))));
    });
    assert_eq!(world.take_dirty().len(), 1);
}

/// The floor: walking over the JSON without keeping anything.
#[divan::bench]
fn scan_only(bencher: Bencher<'_, '_>) {
    bencher.bench_local(|| serde_json::from_str::<serde::de::IgnoredAny>(black_box(POD)).is_ok());
}

#[divan::bench]
fn decode_only(bencher: Bencher<'_, '_>) {
    bencher.bench_local(|| decode(black_box(POD)));
}

#[divan::bench]
fn intern_only(bencher: Bencher<'_, '_>) {
    let mut interner = Interner::default();
    let view = decode(POD);
    let _kept = Pod::new(view.clone(), &mut interner);
    bencher.with_inputs(|| view.clone()).bench_local_values(|view| Pod::new(view, &mut interner));
}

/// The workload with all its Pods, as a diagnosis takes it.
#[divan::bench]
fn subject_of_20_000_pods(bencher: Bencher<'_, '_>) {
    let world = world_with_siblings();
    let id = world.workloads().pop().expect("one workload");
    bencher.bench_local(|| world.subject(black_box(&id)));
}
