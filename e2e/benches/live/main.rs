//! How does the program behave on a real control plane with 10,000 Pods in 500 workloads?
//!
//! The installed program, with its own account's token, beside a plain kube-runtime reflector of whole Pods. The Pods are
//! created as the operator injects them; the bed's own controllers and kubelets are stopped before and this program plays
//! them, so that nothing but what is measured changes anything.

mod churn;
mod cluster;
mod faults;
#[path = "../measure/mod.rs"]
mod measure;
mod played;
#[path = "../recorded/mod.rs"]
mod recorded;
mod reflector;
mod requests;
mod seen;
mod start;
mod stored;

use std::time::Duration;

use cluster::Cluster;
use e2e::operator::StandIn;
use e2e::product::Product;
use e2e::{Bed, Options};
use measure::{MIB, Memory};
use seen::Seen;

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// Nodes of the bed.
const NODES: u8 = 20;
/// So long nothing happens, to see that nothing is written.
const QUIET: Duration = Duration::from_secs(30);

#[tokio::main]
async fn main() -> Result<()> {
    if std::env::args().nth(1).as_deref() == Some(reflector::ARGUMENT) {
        return reflector::hold().await;
    }
    // With 10,000 Pods in it, the API server would collect garbage most of the time.
    let go_limits = vec![("GOGC".to_owned(), "400".to_owned())];
    let bed = Bed::start(Options { nodes: NODES, go_limits, ..Options::named("bench") }).await?;
    let _operator = StandIn::install(&bed, &[]).await?;
    let product = Product::install(&bed).await?;
    let cluster = Cluster::create(&bed).await?;
    measure_all(&bed, &product, &cluster).await
}

async fn measure_all(bed: &Bed, product: &Product, cluster: &Cluster) -> Result<()> {
    let pods = cluster.pods().len();
    let pod_bytes = stored::pod_bytes(&bed.client()).await?;
    progress("a plain reflector of whole Pods");
    let plain = reflector::run(&bed.kubeconfig())?;
    progress("start of the controller");
    let seen = Seen::follow(bed.client());
    let started = start::run(bed, product, &seen, cluster).await?;
    progress("half a minute at rest");
    let rest = churn::nothing(&started.running, QUIET).await?;
    let memory = Memory::of(started.running.process);
    let healthy = stored::own_objects(&bed.client(), "True").await?;
    progress("churn that changes no verdict");
    let churn = churn::without_meaning(&started.running, cluster).await?;
    progress("crash loops");
    let loops = churn::crash_loops(&started.running, cluster, &seen).await?;
    let sick = stored::own_objects(&bed.client(), "False").await?;
    progress("faults among 200 Pod events a second");
    churn::mend(cluster, &seen).await?;
    let faults = faults::run(cluster, &seen).await?;
    let after = Memory::of(started.running.process);

    println!("{pods} Pods of {pod_bytes} bytes JSON as stored, in {} workloads\n", cluster.workloads().len());
    println!("| what | measured | target |");
    println!("|---|---|---|");
    row("start to all verdicts computed", seconds(started.computed), "≤ 10 s");
    row("start to all verdicts written (2 requests each, 100 a second)", seconds(started.written), "");
    row("a plain reflector: start to all Pods in its store", seconds(plain.ready), "");
    row("RSS at rest", mib(memory.resident), "≤ 60 MiB");
    row("RSS peak since the start", mib(memory.peak), "");
    row("RSS of the plain reflector", mib(plain.memory.resident), "");
    row("share of that", format!("{} %", 100 * memory.resident / plain.memory.resident.max(1)), "≤ 20 %");
    row("RSS after all of this", mib(after.resident), "");
    row("fault to status, p50", format!("{} ms", faults.percentile(50).as_millis()), "≤ 500 ms");
    row("fault to status, p99", format!("{} ms", faults.percentile(99).as_millis()), "≤ 2000 ms");
    row(
        "faults and recoveries measured, Pod events a second",
        format!("{}, {:.0}", faults.count(), faults.rate),
        "200",
    );
    row("writes a minute at rest", per_minute(&rest), "0");
    row("writes a minute, crash loops", per_minute(&loops), "0");
    row("writes, churn that changes no verdict", churn.to_string(), "0");
    row("bytes of a healthy object: without managedFields, as stored", healthy.to_string(), "≤ 3 KiB, 6 KiB");
    row("bytes of a sick object: without managedFields, as stored", sick.to_string(), "≤ 8 KiB, 12 KiB");
    Ok(())
}

fn row(what: &str, measured: impl std::fmt::Display, target: &str) {
    println!("| {what} | {measured} | {target} |");
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

fn mib(bytes: u64) -> String {
    format!("{} MiB", bytes / MIB)
}

fn per_minute(writes: &churn::Writes) -> String {
    format!("{:.0} ({writes})", writes.per_minute())
}

/// Says what is being measured; to stderr, so that stdout is the table.
fn progress(what: &str) {
    eprintln!("measuring: {what}");
}
