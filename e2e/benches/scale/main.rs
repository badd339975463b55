//! How much memory and time do 150,000 Pods take, from the bytes of a watch to verdicts?
//!
//! The path of the controller without a network: JSON as the API server would send it is decoded into slim views, interned,
//! joined into workloads and judged, and the statuses are kept as the controller keeps them. Every run is a process of its own.

mod memory;
mod stream;

use std::process::Command;
use std::time::{Duration, Instant};

use api::InstrumentationHealthStatus;
use diagnosis::{Diagnosis, OperatorState, Options, diagnose};
use facts::WorkloadRef;
use memory::Memory;
use stream::{Shapes, Stream};
use world::World;

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

const PODS: usize = 150_000;
const WORKLOADS: usize = 7_500;
const OLD_SETS: usize = 10;

fn main() {
    let argument = std::env::args().nth(1).unwrap_or_default();
    match argument.as_str() {
        "shared" => run(Shapes::Shared),
        "distinct" => run(Shapes::Distinct),
        _ => compare(),
    }
}

fn compare() {
    println!(
        "{PODS} Pods in {WORKLOADS} workloads with {OLD_SETS} old ReplicaSets each; Pods of {} bytes JSON",
        stream::pod_bytes()
    );
    println!(
        "| Pod specs | decode + intern + join | per Pod | verdicts | per workload | RSS | peak while relisting | shapes |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    let own = std::env::current_exe().expect("a running program has a path");
    for shapes in ["shared", "distinct"] {
        let status = Command::new(&own).arg(shapes).status().expect("the bench starts itself again");
        assert!(status.success(), "the run {shapes} failed");
    }
}

fn run(shapes: Shapes) {
    let stream = Stream { pods: PODS, workloads: WORKLOADS, old_sets: OLD_SETS, shapes };
    let mut world = World::new();
    let start = Instant::now();
    stream.feed_everything_else(&mut world);
    let rest = start.elapsed();
    stream.feed_pods(&mut world);
    let fed = start.elapsed() - rest;

    let start = Instant::now();
    let kept = judge_all(&mut world);
    let judged = start.elapsed();
    let settled = Memory::now();

    memory::reset_peak();
    stream.feed_pods(&mut world);
    let again = world.take_dirty().len();
    assert_eq!(again, 0, "a relist that changes nothing marks nothing");
    let peak = Memory::now().peak;

    let sizes = world.sizes();
    let name = if shapes == Shapes::Shared { "one a workload" } else { "all different" };
    println!(
        "| {name} | {:.1} s | {:.1} µs | {:.2} s | {:.0} µs | {} MiB | {} MiB | {} |",
        fed.as_secs_f64(),
        per(fed, PODS),
        judged.as_secs_f64(),
        per(judged, kept.len()),
        settled.resident / MIB,
        peak / MIB,
        sizes.shapes,
    );
}

const MIB: u64 = 1024 * 1024;

#[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
fn per(time: Duration, count: usize) -> f64 {
    time.as_secs_f64() * 1e6 / count as f64
}

/// Judges every workload once and keeps what the controller keeps to compare with.
fn judge_all(world: &mut World) -> Vec<(WorkloadRef, Box<[u8]>)> {
    let now = stream::now();
    let operator = OperatorState::discover(&*world);
    let options = Options::default();
    let mut kept = Vec::with_capacity(WORKLOADS);
    for id in world.take_dirty() {
        let Some(subject) = world.subject(&id) else { continue };
        let Some(diagnosis) = diagnose(&subject, &*world, &operator, None, now, &options) else { continue };
        assert_eq!(diagnosis.healthy().0, "True", "{id}: {:?}", diagnosis.status.findings);
        kept.push((id, bytes(&diagnosis)));
    }
    assert_eq!(kept.len(), WORKLOADS, "every workload asks for injection");
    kept
}

fn bytes(diagnosis: &Diagnosis) -> Box<[u8]> {
    let status: &InstrumentationHealthStatus = &diagnosis.status;
    serde_json::to_vec(status).expect("a status has string keys").into_boxed_slice()
}
