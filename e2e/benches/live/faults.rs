//! How long does it take from a fault to the status that tells of it?
//!
//! From the moment in which the kubelet's write of a Pod's status is sent to the moment in which a watch brings the new
//! verdict, while 200 other statuses of Pods change every second.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};

use crate::cluster::Cluster;
use crate::seen::Seen;
use crate::{Result, played, requests};

const PERIOD: Duration = Duration::from_millis(5);
const EVENTS: usize = 8_000;
/// One event in so many is a fault or a recovery.
const ONE_IN: usize = 20;
/// A Pod recovers after so many other faults and recoveries.
const RECOVERS_AFTER: usize = 50;
/// More at a time would not make the API server faster on two cores: it would leave its watches behind, and that is what would be
/// measured.
const AT_ONCE: usize = 8;
const PATIENCE: Duration = Duration::from_secs(20);

/// Times from fault or recovery to status.
#[derive(Debug)]
pub struct Faults {
    times: Vec<Duration>,
    /// Pod events a second that were really made.
    pub rate: f64,
}

impl Faults {
    /// So many percent took no longer.
    pub fn percentile(&self, percent: usize) -> Duration {
        let last = self.times.len().saturating_sub(1);
        self.times.get(last * percent / 100).copied().unwrap_or_default()
    }

    /// How many were measured.
    pub fn count(&self) -> usize {
        self.times.len()
    }
}

/// Plays them.
pub async fn run(cluster: &Cluster, seen: &Seen) -> Result<Faults> {
    let mut clock = interval(PERIOD);
    clock.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let (slots, start) = (Arc::new(Semaphore::new(AT_ONCE)), Instant::now());
    let (mut sent, mut writes) = (Vec::new(), JoinSet::new());
    for turn in 0..EVENTS {
        clock.tick().await;
        let slot = slots.clone().acquire_owned().await?;
        let (pod, patch) = if turn.is_multiple_of(ONE_IN) {
            let (pod, healthy) = next_fault(cluster, turn / ONE_IN);
            sent.push((pod.app.clone(), healthy, Instant::now()));
            let patch = if healthy { played::healthy(&pod.app) } else { played::image_pull_fails(&pod.app) };
            (pod, patch)
        } else {
            // Pods of the second half of the workloads, in which nothing fails.
            let half = cluster.workloads().len() / 2;
            let pod = &cluster.pods()[half + turn % half];
            (pod, played::touched(&pod.app, turn / half))
        };
        let (client, path) = (cluster.client.clone(), pod.status_path());
        writes.spawn(async move {
            let _slot = slot;
            requests::merge(&client, &path, &patch).await
        });
    }
    let rate = rate(EVENTS, start.elapsed());
    while let Some(written) = writes.join_next().await {
        written??;
    }
    let mut times = Vec::new();
    for (app, healthy, at) in sent {
        times.push(time_to_verdict(seen, &app, healthy, at).await?);
    }
    times.sort_unstable();
    Ok(Faults { times, rate })
}

/// Which Pod fails or, some time later, recovers. Never one of a workload that still waits for its verdict.
fn next_fault(cluster: &Cluster, number: usize) -> (&crate::cluster::Pod, bool) {
    let (round, place) = (number / RECOVERS_AFTER, number % RECOVERS_AFTER);
    (cluster.first_pod(round / 2 * RECOVERS_AFTER + place), round % 2 == 1)
}

async fn time_to_verdict(seen: &Seen, app: &str, healthy: bool, at: Instant) -> Result<Duration> {
    let verdict = if healthy { "True" } else { "False" };
    while at.elapsed() < PATIENCE {
        if let Some(when) = seen.when(app, verdict, at) {
            return Ok(when - at);
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    seen.when(app, verdict, at)
        .map(|when| when - at)
        .ok_or_else(|| format!("{app} did not become Healthy={verdict}").into())
}

fn rate(count: usize, time: Duration) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX)) / time.as_secs_f64()
}
