//! What does a Lease say, when may it be taken, and what is then written?
//!
//! Its times are for people. Its age is measured from when this process saw it change: the clocks of two nodes may differ by
//! more than its duration.

use std::time::Duration;

use jiff::Timestamp;
use k8s_openapi::api::coordination::v1::{Lease, LeaseSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{MicroTime, ObjectMeta};
use tokio::time::Instant;

use super::{LABEL, LeaseSettings, NAME};

/// What this process has seen of a Lease.
#[derive(Debug, Default)]
pub struct Observed {
    /// The Lease in its newest state; none where it is not there.
    pub lease: Option<Lease>,
    /// When that state was first seen.
    since: Option<Instant>,
}

impl Observed {
    /// The Lease is so at `now`; `None`: it is not there.
    pub fn note(&mut self, lease: Option<Lease>, now: Instant) {
        let version =
            |lease: &Option<Lease>| lease.as_ref().and_then(|it| it.metadata.resource_version.clone());
        if self.since.is_none() || version(&self.lease) != version(&lease) {
            self.since = Some(now);
        }
        self.lease = lease;
    }

    /// From when on the Lease may be taken by anybody, if it stays as it is. `None`: nothing has been seen yet.
    pub fn free_at(&self) -> Option<Instant> {
        let since = self.since?;
        let held = self.lease.as_ref().filter(|lease| holder(lease).is_some());
        Some(held.map_or(since, |lease| since + duration(lease)))
    }

    /// Whether it may be taken.
    pub fn is_free(&self, now: Instant) -> bool {
        self.free_at().is_some_and(|at| at <= now)
    }
}

/// Who holds a Lease; none where it was released.
pub fn holder(lease: &Lease) -> Option<&str> {
    lease.spec.as_ref()?.holder_identity.as_deref().filter(|holder| !holder.is_empty())
}

fn duration(lease: &Lease) -> Duration {
    let seconds = lease.spec.as_ref().and_then(|spec| spec.lease_duration_seconds).unwrap_or_default();
    Duration::from_secs(u64::try_from(seconds).unwrap_or_default())
}

/// The Lease, taken or renewed by `identity`. `before`: as it was read; none where it is not there.
pub fn held_by(
    identity: &str,
    before: Option<&Lease>,
    settings: &LeaseSettings,
    valid: Duration,
    now: Timestamp,
) -> Lease {
    let mut lease = before.cloned().unwrap_or_else(|| Lease {
        metadata: ObjectMeta {
            name: Some(settings.name.clone()),
            namespace: Some(settings.namespace.clone()),
            labels: Some([(LABEL.to_owned(), NAME.to_owned())].into()),
            ..ObjectMeta::default()
        },
        spec: None,
    });
    let is_renewal = holder(&lease) == Some(identity);
    let spec = lease.spec.get_or_insert_default();
    if !is_renewal {
        spec.holder_identity = Some(identity.to_owned());
        spec.acquire_time = Some(MicroTime(now));
        spec.lease_transitions = before.map(|_| spec.lease_transitions.unwrap_or_default() + 1);
    }
    spec.renew_time = Some(MicroTime(now));
    spec.lease_duration_seconds = Some(i32::try_from(valid.as_secs()).unwrap_or(i32::MAX).max(1));
    lease
}

/// The Lease, released, so that another may take it at once.
pub fn released(lease: &Lease, now: Timestamp) -> Lease {
    let mut lease = lease.clone();
    let before = lease.spec.take().unwrap_or_default();
    lease.spec = Some(LeaseSpec {
        holder_identity: Some(String::new()),
        renew_time: Some(MicroTime(now)),
        lease_duration_seconds: Some(1),
        ..before
    });
    lease
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> LeaseSettings {
        let (namespace, name) = ("ns".to_owned(), NAME.to_owned());
        LeaseSettings { namespace, name, elect: true, duration: Duration::from_secs(10) }
    }

    fn lease(version: &str, by: Option<&Lease>, identity: &str) -> Lease {
        let mut lease = held_by(identity, by, &settings(), Duration::from_secs(10), Timestamp::UNIX_EPOCH);
        lease.metadata.resource_version = Some(version.to_owned());
        lease
    }

    #[test]
    fn a_lease_is_free_when_it_has_not_changed_for_its_duration_by_our_own_clock() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut seen = Observed::default();
        assert_eq!(seen.free_at(), None, "nothing is known before the first look");
        let first = lease("1", None, "a");
        // Its time of renewal lies decades back: a clock that goes wrong takes nobody's Lease.
        seen.note(Some(first.clone()), start);
        assert!(!seen.is_free(at(9)) && seen.is_free(at(10)));
        seen.note(Some(first.clone()), at(5));
        assert!(seen.is_free(at(10)), "seen again is not renewed");
        seen.note(Some(lease("2", Some(&first), "a")), at(8));
        assert!(!seen.is_free(at(17)) && seen.is_free(at(18)));
        seen.note(Some(released(&first, Timestamp::UNIX_EPOCH)), at(9));
        assert!(seen.is_free(at(9)), "released");
        seen.note(None, at(9));
        assert!(seen.is_free(at(9)), "deleted");
    }

    #[test]
    fn changes_of_holder_are_counted_and_renewals_are_not() {
        let transitions = |lease: &Lease| lease.spec.as_ref().unwrap().lease_transitions;
        let acquired = |lease: &Lease| lease.spec.as_ref().unwrap().acquire_time.clone();
        let first = lease("1", None, "a");
        assert_eq!((holder(&first), transitions(&first)), (Some("a"), None));
        let later = Timestamp::UNIX_EPOCH + Duration::from_secs(60);
        let renewed = held_by("a", Some(&first), &settings(), Duration::from_secs(10), later);
        assert_eq!((transitions(&renewed), acquired(&renewed)), (None, acquired(&first)));
        assert_eq!(
            renewed.metadata.resource_version.as_deref(),
            Some("1"),
            "so that a change in between is noticed"
        );
        let free = released(&renewed, later);
        assert_eq!(holder(&free), None);
        let taken = held_by("b", Some(&free), &settings(), Duration::from_secs(10), later);
        assert_eq!((holder(&taken), transitions(&taken)), (Some("b"), Some(1)));
        assert_ne!(acquired(&taken), acquired(&first));
    }
}
