//! Until when did somebody write before this process did?

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;
use k8s_openapi::api::coordination::v1::Lease;

/// When the Lease was last renewed before this process took it; shared.
#[derive(Clone, Debug)]
pub struct Predecessor(Arc<AtomicI64>);

/// For a time that is not known.
const UNKNOWN: i64 = i64::MIN;

impl Default for Predecessor {
    fn default() -> Self {
        Self(Arc::new(AtomicI64::new(UNKNOWN)))
    }
}

impl Predecessor {
    /// This process takes the Lease that was so before.
    pub fn leaves(&self, lease: Option<&Lease>) {
        let renewed = lease.and_then(|lease| lease.spec.as_ref()?.renew_time.as_ref());
        self.0.store(renewed.map_or(UNKNOWN, |time| time.0.as_second()), Ordering::Relaxed);
    }

    /// Its last sign of life. `None`: not known.
    pub fn last_seen(&self) -> Option<Timestamp> {
        Timestamp::from_second(self.0.load(Ordering::Relaxed)).ok()
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::coordination::v1::LeaseSpec;
    use k8s_openapi::apimachinery::pkg::apis::meta::v1::MicroTime;

    use super::*;

    #[test]
    fn the_last_renewal_before_ours_is_known_where_there_was_one() {
        let (predecessor, renewed) = (Predecessor::default(), Timestamp::UNIX_EPOCH);
        assert_eq!(predecessor.last_seen(), None);
        let spec = LeaseSpec { renew_time: Some(MicroTime(renewed)), ..LeaseSpec::default() };
        predecessor.clone().leaves(Some(&Lease { spec: Some(spec), ..Lease::default() }));
        assert_eq!(predecessor.last_seen(), Some(renewed));
        predecessor.leaves(None);
        assert_eq!(predecessor.last_seen(), None);
    }
}
