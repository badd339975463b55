//! Does anything get written when nothing that matters changes?

use std::fmt;
use std::time::{Duration, Instant};

use tokio::time::{MissedTickBehavior, interval};

use crate::cluster::Cluster;
use crate::recorded::COLLECTOR_NAMESPACE;
use crate::seen::Seen;
use crate::start::Running;
use crate::{Result, played, requests};

/// How long each kind of churn goes on.
const DURATION: Duration = Duration::from_secs(30);
/// Workloads in a crash loop.
const LOOPING: usize = 40;
/// For changes made to be written, and for changes that should not be to be seen.
const PATIENCE: Duration = Duration::from_secs(20);
const SETTLE: Duration = Duration::from_secs(3);

/// Requests that the controller made during a time.
#[derive(Clone, Copy, Debug)]
pub struct Writes {
    statuses: f64,
    events: f64,
    received: f64,
    time: Duration,
}

impl Writes {
    /// Statuses and Events in a minute.
    pub fn per_minute(&self) -> f64 {
        (self.statuses + self.events) * 60.0 / self.time.as_secs_f64()
    }
}

impl fmt::Display for Writes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { statuses, events, received, time } = self;
        write!(
            f,
            "{statuses:.0} statuses and {events:.0} Events in {:.0} s, {received:.0} changes received",
            time.as_secs_f64()
        )
    }
}

async fn during(running: &Running, work: impl Future<Output = Result<()>>) -> Result<Writes> {
    let (before, start) = (running.metrics()?, Instant::now());
    work.await?;
    let (after, time) = (running.metrics()?, start.elapsed());
    let grown = |name| after.sum(name, "") - before.sum(name, "");
    Ok(Writes {
        statuses: grown("writes_total"),
        events: grown("events_sent_total"),
        received: grown("watch_events_total"),
        time,
    })
}

/// Nothing happens.
pub async fn nothing(running: &Running, time: Duration) -> Result<Writes> {
    during(running, async {
        tokio::time::sleep(time).await;
        Ok(())
    })
    .await
}

/// Statuses of Pods change in what no verdict depends on, and addresses behind the collector's Service.
pub async fn without_meaning(running: &Running, cluster: &Cluster) -> Result<Writes> {
    let slice =
        format!("/apis/discovery.k8s.io/v1/namespaces/{COLLECTOR_NAMESPACE}/endpointslices/otel-collector-x");
    let writes = during(running, async {
        let (mut tick, start, mut turn) = (every(Duration::from_millis(20)), Instant::now(), 0);
        while start.elapsed() < DURATION {
            tick.tick().await;
            turn += 1;
            // Few enough Pods that each changes often.
            let pod = &cluster.pods()[turn % 500];
            let touch = played::touched(&pod.app, turn / 500);
            requests::merge(&cluster.client, &pod.status_path(), &touch).await?;
            if turn.is_multiple_of(5) {
                requests::merge(&cluster.client, &slice, &played::slice(turn)).await?;
            }
        }
        tokio::time::sleep(SETTLE).await;
        Ok(())
    })
    .await?;
    Ok(writes)
}

/// Agents of some workloads are killed again and again. Counted from when their verdicts stand.
pub async fn crash_loops(running: &Running, cluster: &Cluster, seen: &Seen) -> Result<Writes> {
    for workload in 0..LOOPING {
        loop_once(cluster, workload, 0).await?;
    }
    seen.until("False", LOOPING, PATIENCE).await?;
    tokio::time::sleep(SETTLE).await;
    during(running, async {
        let (mut tick, start, mut turn) = (every(Duration::from_millis(20)), Instant::now(), LOOPING);
        while start.elapsed() < DURATION {
            tick.tick().await;
            turn += 1;
            loop_once(cluster, turn % LOOPING, turn / LOOPING).await?;
        }
        tokio::time::sleep(SETTLE).await;
        Ok(())
    })
    .await
}

/// Ends the crash loops.
pub async fn mend(cluster: &Cluster, seen: &Seen) -> Result<()> {
    for workload in 0..LOOPING {
        let pod = cluster.first_pod(workload);
        requests::merge(&cluster.client, &pod.status_path(), &played::healthy(&pod.app)).await?;
    }
    seen.until("True", cluster.workloads().len(), PATIENCE).await
}

async fn loop_once(cluster: &Cluster, workload: usize, turn: usize) -> Result<()> {
    let pod = cluster.first_pod(workload);
    requests::merge(&cluster.client, &pod.status_path(), &played::out_of_memory(&pod.app, turn)).await
}

/// A clock that does not hurry after a delay.
pub fn every(period: Duration) -> tokio::time::Interval {
    let mut interval = interval(period);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    interval
}
