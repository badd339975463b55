//! How does the only replica show that it lives?

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use k8s_openapi::api::coordination::v1::Lease;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use super::record::holder;
use super::store::{Store, StoreError};
use crate::metrics::Metrics;

/// Between two renewals; as often as a kubelet renews that of its node.
const PERIOD: Duration = Duration::from_secs(10);
/// For so long a renewal says that the controller lives.
const VALID: Duration = Duration::from_secs(40);
/// How long one request may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Renews the Lease until `stop`, then gives it up. Takes it whoever holds it: without election nobody waits for anybody.
pub async fn heartbeat(store: Store, metrics: Arc<Metrics>, stop: CancellationToken) {
    let mut last = None;
    let mut said = false;
    loop {
        // A stop does not wait for an answer that may not come.
        let beat = tokio::select! {
            () = stop.cancelled() => break,
            beat = beat(&store, last.clone()) => beat,
        };
        match beat {
            Ok(lease) => {
                metrics.lease_renewed(Timestamp::now());
                (last, said) = (Some(lease), false);
            }
            Err(StoreError::Conflict) => debug!("the Lease has changed; reading it again"),
            Err(error) if said => debug!(%error, "the Lease is still not renewed"),
            Err(error) => {
                warn!(%error, needed = store.rule(), "the Lease is not renewed: from outside, this controller looks dead");
                said = true;
            }
        }
        tokio::select! {
            () = stop.cancelled() => break,
            () = sleep(PERIOD) => {}
        }
    }
    if let Some(lease) = last
        && let Err(error) = store.release(&lease, PATIENCE).await
    {
        info!(%error, "the Lease is not released");
    }
}

/// Renews the Lease as it was left, or as it is found.
async fn beat(store: &Store, last: Option<Lease>) -> Result<Lease, StoreError> {
    let is_first = last.is_none();
    if let Some(last) = last {
        match store.hold(Some(&last), VALID, PATIENCE).await {
            Ok(held) => return Ok(held.lease),
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(error),
        }
    }
    let found = store.get(PATIENCE).await?;
    let other = found.as_ref().and_then(holder).filter(|other| *other != store.identity());
    if let Some(other) = other.filter(|_| !is_first) {
        warn!(
            other,
            "another controller renews the same Lease, and both write the same. Run one replica, or all with --leader-elect"
        );
    }
    if is_first {
        store.predecessor().leaves(found.as_ref());
    }
    Ok(store.hold(found.as_ref(), VALID, PATIENCE).await?.lease)
}
