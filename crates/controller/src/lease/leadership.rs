//! May this replica write now?

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

/// The answer, as it is now. It changes without notice: `until` may pass at any time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leadership {
    /// No: another replica does, or nobody.
    Standby {
        /// Why the Lease cannot be had, where that is not for another replica.
        problem: Option<Arc<str>>,
    },
    /// Yes.
    Leads {
        /// Until then, unless the Lease is renewed; none where there is no election.
        until: Option<Instant>,
    },
}

impl Leadership {
    /// How long a request that is made now may take. `None`: it may not be made.
    pub fn time_left(&self, now: Instant) -> Option<Duration> {
        match self {
            Self::Standby { .. } => None,
            Self::Leads { until: None } => Some(Duration::MAX),
            Self::Leads { until: Some(until) } => {
                Some(until.saturating_duration_since(now)).filter(|left| !left.is_zero())
            }
        }
    }

    /// Whether this replica is the leader, as far as it has been told.
    pub const fn leads(&self) -> bool {
        matches!(self, Self::Leads { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leader_stops_when_its_time_is_over_whether_told_or_not() {
        let now = Instant::now();
        let leads = Leadership::Leads { until: Some(now + Duration::from_secs(3)) };
        assert_eq!(leads.time_left(now), Some(Duration::from_secs(3)));
        assert_eq!(leads.time_left(now + Duration::from_secs(3)), None);
        assert_eq!(leads.time_left(now + Duration::from_secs(9)), None);
        assert!(Leadership::Leads { until: None }.time_left(now).is_some());
        assert_eq!(Leadership::Standby { problem: None }.time_left(now), None);
    }
}
