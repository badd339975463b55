//! How much memory and time do 150,000 Pods take?
//!
//! Twice: each step of the path from the bytes of a watch to verdicts by itself, and the whole controller as a process on a
//! synthetic API server. Needs no control plane. Times are those of the machine; targets are printed beside them.

mod api_server;
mod cluster;
#[path = "../measure/mod.rs"]
mod measure;
#[path = "../recorded/mod.rs"]
mod recorded;
mod running;
mod steps;
mod template;

use std::time::Duration;

use cluster::{Cluster, Shapes};
use measure::MIB;

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

const SHARED: &str = "one a workload";
const DISTINCT: &str = "all different";

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["api-server", name] => wait_for(api_server::serve(cluster(name))),
        ["controller", server, listen] => {
            wait_for(running::control(server, listen.parse().expect("the parent gives an address")));
        }
        _ => tables(),
    }
}

/// Kubernetes' own limit: 150,000 Pods on 5,000 Nodes.
fn cluster(name: &str) -> Cluster {
    let shapes = if name == DISTINCT { Shapes::Distinct } else { Shapes::Shared };
    let size = |variable: &str, default| {
        std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
    };
    Cluster {
        pods: size("SCALE_PODS", 150_000),
        workloads: size("SCALE_WORKLOADS", 7_500),
        old_sets: 10,
        shapes,
    }
}

fn wait_for(work: impl Future<Output = ()>) {
    tokio::runtime::Runtime::new().expect("threads can be started").block_on(work);
}

fn tables() {
    let Cluster { pods, workloads, old_sets, .. } = cluster(SHARED);
    println!(
        "{pods} Pods of {} bytes JSON in {workloads} workloads with {old_sets} old ReplicaSets each\n",
        cluster(SHARED).pod_bytes()
    );
    println!(
        "| Pod specs | different | a Pod: decode, intern, join, mark (≤ 20 µs) | all Pods | everything else | a verdict | all verdicts |"
    );
    println!("|---|---|---|---|---|---|---|");
    for name in [SHARED, DISTINCT] {
        let steps = steps::run(cluster(name));
        println!(
            "| {name} | {} | {:.1} µs | {:.2} s | {:.2} s | {:.0} µs | {:.2} s |",
            steps.shapes,
            each(steps.pods, pods),
            steps.pods.as_secs_f64(),
            steps.rest.as_secs_f64(),
            each(steps.verdicts, workloads),
            steps.verdicts.as_secs_f64(),
        );
    }
    println!(
        "\n| the controller, Pod specs | start to all verdicts (≤ 45 s) | to all statuses written, 1,000 a second | peak until then | RSS at rest (≤ 200 MiB; all different ≤ 1024 MiB) | peak in a relist (≤ 1.5 ×) | writes by a relist (0) |"
    );
    println!("|---|---|---|---|---|---|---|");
    for name in [SHARED, DISTINCT] {
        let run = running::run(cluster(name), name);
        println!(
            "| {name} | {:.1} s | {:.1} s | {} MiB | {} MiB | {} MiB ({:.2} ×) | {:.0} |",
            run.verdicts.as_secs_f64(),
            run.written.as_secs_f64(),
            run.memory.peak / MIB,
            run.memory.resident / MIB,
            run.relist_peak / MIB,
            ratio(run.relist_peak, run.memory.resident),
            run.relist_writes,
        );
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
fn each(time: Duration, count: usize) -> f64 {
    time.as_secs_f64() * 1e6 / count as f64
}

#[expect(clippy::cast_precision_loss, reason = "bytes far below 2^52")]
fn ratio(a: u64, b: u64) -> f64 {
    a as f64 / b as f64
}
