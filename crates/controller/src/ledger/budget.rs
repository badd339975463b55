//! May another request be made now?

use std::time::Duration;

use tokio::time::Instant;

/// A bucket of tokens that fills with time. What is taken may exceed what is there: the debt is waited for afterwards.
#[derive(Debug)]
pub struct Budget {
    per_second: f64,
    tokens: f64,
    filled: Instant,
    /// Until when the wait that was counted last goes on.
    waits_until: Instant,
    waits: (u64, Duration),
}

impl Budget {
    /// So many requests a second, and at most a second's worth at once.
    pub fn new(per_second: u32, now: Instant) -> Self {
        let per_second = f64::from(per_second.max(1));
        Self { per_second, tokens: per_second, filled: now, waits_until: now, waits: Default::default() }
    }

    /// When something may be taken: now, or later.
    pub fn ready_at(&mut self, now: Instant) -> Instant {
        self.fill(now);
        if self.tokens >= 1.0 {
            return now;
        }
        let wait = Duration::from_secs_f64((1.0 - self.tokens) / self.per_second);
        if self.waits_until <= now {
            self.waits = (self.waits.0 + 1, self.waits.1 + wait);
            self.waits_until = now + wait;
        }
        now + wait
    }

    /// Waits since this was last asked: how many, and how long altogether.
    pub fn take_waits(&mut self) -> (u64, Duration) {
        std::mem::take(&mut self.waits)
    }

    /// Takes tokens.
    pub fn spend(&mut self, requests: usize) {
        self.tokens -= f64::from(u32::try_from(requests).unwrap_or(u32::MAX));
    }

    fn fill(&mut self, now: Instant) {
        let passed = now.saturating_duration_since(self.filled).as_secs_f64();
        self.tokens = (self.tokens + passed * self.per_second).min(self.per_second);
        self.filled = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_s_worth_at_once_then_by_time() {
        let start = Instant::now();
        let mut budget = Budget::new(10, start);
        for _ in 0..5 {
            assert_eq!(budget.ready_at(start), start);
            budget.spend(2);
        }
        let next = budget.ready_at(start);
        assert!(next > start + Duration::from_millis(90) && next < start + Duration::from_millis(110));
        assert!(budget.ready_at(start + Duration::from_millis(101)) == start + Duration::from_millis(101));
        let (waits, waited) = budget.take_waits();
        assert_eq!((waits, waited.as_millis()), (1, 100), "asked twice, waited once");
        assert_eq!(budget.take_waits().0, 0);
        let minute = start + Duration::from_secs(60);
        budget.ready_at(minute);
        budget.spend(10);
        assert!(budget.ready_at(minute) > minute, "an idle minute saves up no more than a second's worth");
    }
}
