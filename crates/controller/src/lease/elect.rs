//! How does a replica become the leader, stay it, and cease to be it?

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use jiff::Timestamp;
use k8s_openapi::api::coordination::v1::Lease;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use super::leadership::Leadership;
use super::record::{Observed, holder};
use super::store::{Held, Store, StoreError};
use crate::metrics::Metrics;

/// The Lease is renewed so often within its duration.
const RENEWALS: u32 = 5;
/// Before it runs out for others, the leader ceases to write: a request that was given up may still be under way.
const MARGIN: Duration = Duration::from_secs(1);
/// Between two attempts after an error.
const RETRY: Duration = Duration::from_secs(1);
/// How long one request of a standby may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long giving the Lease up may take.
const FAREWELL: Duration = Duration::from_secs(2);

/// Takes part in the election until `stop`, then gives the Lease up.
pub async fn elect(
    store: Store,
    leadership: watch::Sender<Leadership>,
    metrics: Arc<Metrics>,
    stop: CancellationToken,
) {
    let replica = Replica { store, leadership, metrics, stop };
    while let Some(held) = replica.until_elected().await {
        let last = replica.lead(held).await;
        if replica.stop.is_cancelled() {
            replica.resign(&last).await;
            return;
        }
    }
}

struct Replica {
    store: Store,
    leadership: watch::Sender<Leadership>,
    metrics: Arc<Metrics>,
    stop: CancellationToken,
}

impl Replica {
    /// Waits until the Lease is free and takes it. `None`: no more is wanted.
    async fn until_elected(&self) -> Option<Held> {
        let mut seen = Observed::default();
        let mut changes = pin!(self.store.changes());
        loop {
            let mut attempt = Instant::now() + RETRY;
            match self.try_to_take(&mut seen).await {
                Ok(Some(held)) => return Some(held),
                Ok(None) => attempt = seen.free_at().unwrap_or(attempt),
                Err(StoreError::Conflict) => debug!("another replica was faster"),
                Err(error) => self.stand_by(Some(&error)),
            }
            // The watch makes it quick, the attempts make it sure.
            loop {
                tokio::select! {
                    () = self.stop.cancelled() => return None,
                    () = sleep_until(attempt) => break,
                    change = changes.next() => match change {
                        Some(Ok(lease)) => {
                            seen.note(lease, Instant::now());
                            attempt = seen.free_at().unwrap_or(attempt);
                        }
                        Some(Err(error)) => {
                            debug!(%error, "the Lease cannot be watched; looking at it now and then instead");
                            attempt = attempt.min(Instant::now() + RETRY);
                            sleep(RETRY).await;
                        }
                        None => changes.set(self.store.changes()),
                    },
                }
            }
        }
    }

    /// Looks at the Lease anew, and takes it if it is free.
    async fn try_to_take(&self, seen: &mut Observed) -> Result<Option<Held>, StoreError> {
        let lease = self.store.get(PATIENCE).await?;
        let now = Instant::now();
        seen.note(lease, now);
        let before = seen.lease.as_ref().and_then(holder);
        // Ours may be taken up again at once: nobody else has had it since.
        if !seen.is_free(now) && before != Some(self.store.identity()) {
            self.stand_by(None);
            return Ok(None);
        }
        debug!(?before, identity = self.store.identity(), "the Lease is free; taking it");
        let duration = self.store.settings().duration;
        let held = self.store.hold(seen.lease.as_ref(), duration, PATIENCE.min(duration / 2)).await?;
        self.store.predecessor().leaves(seen.lease.as_ref());
        Ok(Some(held))
    }

    /// Leads for as long as the Lease can be renewed. Answers the Lease as it was last seen to be ours.
    async fn lead(&self, held: Held) -> Lease {
        info!(identity = self.store.identity(), "this replica leads");
        let Held { mut lease, sent } = held;
        let mut until = self.leads_since(sent);
        let period = self.store.settings().duration / RENEWALS;
        let mut next = sent + period;
        loop {
            tokio::select! {
                () = self.stop.cancelled() => return lease,
                () = sleep_until(next) => {}
            }
            let now = Instant::now();
            let left = until.saturating_duration_since(now);
            if left.is_zero() {
                warn!("the Lease could not be renewed in time; this replica no longer leads");
                break;
            }
            match self.renew(&lease, left.min(period)).await {
                Ok(Renewal::Done(held)) => {
                    lease = held.lease;
                    until = self.leads_since(held.sent);
                    next = held.sent + period;
                }
                Ok(Renewal::Changed(newer)) => (lease, next) = (newer, Instant::now()),
                Ok(Renewal::Lost(leader)) => {
                    warn!(?leader, "another replica holds the Lease; this one no longer leads");
                    break;
                }
                Err(error) => {
                    warn!(%error, "the Lease was not renewed; trying again");
                    next = (Instant::now() + RETRY).min(until);
                }
            }
        }
        self.stand_by(None);
        lease
    }

    async fn renew(&self, lease: &Lease, patience: Duration) -> Result<Renewal, StoreError> {
        let duration = self.store.settings().duration;
        match self.store.hold(Some(lease), duration, patience).await {
            Ok(held) => return Ok(Renewal::Done(held)),
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(error),
        }
        // Somebody wrote it: our own request of which the answer was lost, another replica, or a person.
        match self.store.get(patience).await? {
            Some(newer) if holder(&newer) == Some(self.store.identity()) => Ok(Renewal::Changed(newer)),
            Some(newer) => Ok(Renewal::Lost(holder(&newer).map(str::to_owned))),
            None => Ok(Renewal::Lost(None)),
        }
    }

    async fn resign(&self, lease: &Lease) {
        self.stand_by(None);
        if holder(lease) != Some(self.store.identity()) {
            return;
        }
        match self.store.release(lease, FAREWELL).await {
            Ok(()) => info!("the Lease is released"),
            Err(error) => info!(%error, "the Lease is not released; it runs out by itself"),
        }
    }

    /// Publishes that this replica may write, and until when.
    fn leads_since(&self, sent: Instant) -> Instant {
        let until = sent + self.store.settings().duration.saturating_sub(MARGIN);
        self.metrics.lease_renewed(Timestamp::now());
        self.publish(Leadership::Leads { until: Some(until) });
        until
    }

    fn stand_by(&self, error: Option<&StoreError>) {
        let problem = error.map(|error| match error {
            StoreError::Forbidden => format!("the Lease: not allowed; needs: {}", self.store.rule()),
            other => format!("the Lease: {other}"),
        });
        if let (Some(problem), Leadership::Standby { problem: None }) = (&problem, &*self.leadership.borrow())
        {
            warn!(%problem, "no leader can be elected");
        }
        self.publish(Leadership::Standby { problem: problem.map(Into::into) });
    }

    /// Renewals are no news; they only move the time.
    fn publish(&self, new: Leadership) {
        self.metrics.leads(new.leads());
        self.leadership.send_if_modified(|known| {
            let news = match (&*known, &new) {
                (Leadership::Leads { .. }, Leadership::Leads { .. }) => false,
                (known, new) => known != new,
            };
            *known = new;
            news
        });
    }
}

/// How a renewal ended.
enum Renewal {
    /// The Lease is ours for another while.
    Done(Held),
    /// It is ours, but not as we knew it.
    Changed(Lease),
    /// It is not ours any more.
    Lost(Option<String>),
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
