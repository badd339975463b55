//! How long to wait before the next attempt?

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

/// Doubles from attempt to attempt, up to a bound. Half of each delay is left to chance, so that many who failed together
/// do not come back together.
#[derive(Clone, Copy, Debug)]
pub struct Backoff {
    first: Duration,
    most: Duration,
    attempts: u32,
}

impl Backoff {
    /// From `first` up to `most`.
    pub const fn new(first: Duration, most: Duration) -> Self {
        Self { first, most, attempts: 0 }
    }

    /// Delay before the next attempt.
    pub fn next(&mut self) -> Duration {
        let full = self.first.saturating_mul(1 << self.attempts.min(16)).min(self.most);
        self.attempts = self.attempts.saturating_add(1);
        full / 2 + full.mul_f64(chance() / 2.0)
    }

    /// After a success.
    pub fn reset(&mut self) {
        self.attempts = 0;
    }

    /// Attempts since the last success.
    pub const fn attempts(self) -> u32 {
        self.attempts
    }
}

/// A number from 0 to 1 from the standard library's only source of chance.
fn chance() -> f64 {
    let bits = RandomState::new().hash_one(0_u8);
    f64::from(u32::try_from(bits >> 32).unwrap_or_default()) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_up_to_the_bound() {
        let mut backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(1));
        for full in [100, 200, 400, 800, 1000, 1000] {
            let (delay, full) = (backoff.next(), Duration::from_millis(full));
            assert!(delay >= full / 2 && delay <= full, "{delay:?} of {full:?}");
        }
        backoff.reset();
        assert!(backoff.next() <= Duration::from_millis(100));
    }
}
