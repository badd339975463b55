//! How long does the controller take from its start to all verdicts?

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use e2e::Bed;
use e2e::product::Product;

use crate::Result;
use crate::cluster::Cluster;
use crate::measure::Metrics;
use crate::seen::Seen;

const PAUSE: Duration = Duration::from_millis(20);
const PATIENCE: Duration = Duration::from_secs(120);

/// The controller's process.
#[derive(Clone, Copy, Debug)]
pub struct Running {
    pub process: u32,
    address: SocketAddr,
}

/// The controller, and how long it took.
pub struct Started {
    pub running: Running,
    pub computed: Duration,
    pub written: Duration,
}

impl Running {
    /// Its metrics.
    pub fn metrics(&self) -> Result<Metrics> {
        Metrics::read(self.address).ok_or_else(|| "the controller does not answer".into())
    }
}

/// Starts the installed program and waits for all verdicts.
pub async fn run(bed: &Bed, product: &Product, seen: &Seen, cluster: &Cluster) -> Result<Started> {
    let before = bed.process_ids();
    let begun = Instant::now();
    product.start(bed)?;
    let process =
        bed.process_ids().into_iter().find(|id| !before.contains(id)).ok_or("the program has no id")?;
    let running = Running { process, address: product.address().parse()? };
    let all = cluster.workloads().len();
    let wanted = f64::from(u32::try_from(all)?);
    let judged = || running.metrics().is_ok_and(|metrics| metrics.sum("evaluations_total", "") >= wanted);
    while !judged() {
        bed.check()?;
        if begun.elapsed() > PATIENCE {
            return Err("the controller has not judged everything".into());
        }
        tokio::time::sleep(PAUSE).await;
    }
    let computed = begun.elapsed();
    seen.until("True", all, PATIENCE).await?;
    Ok(Started { running, computed, written: begun.elapsed() })
}
