//! How does the engine end?

use tokio::time::{Instant, sleep_until, timeout_at};
use tracing::info;

use super::{Engine, HANDOVER};

impl Engine {
    /// Whether another replica may be waiting to take over.
    pub(super) fn elects(&self) -> bool {
        self.settings.lease.as_ref().is_some_and(|lease| lease.elect)
    }

    /// Begins nothing any more: what is owed is written by the replica that takes over, the sooner the better.
    pub(super) async fn finish_flights(&mut self) {
        let until = Instant::now() + self.settings.grace.min(HANDOVER);
        while let Ok(Some(done)) = timeout_at(until, self.flights.join_next()).await {
            self.landed(done);
        }
        self.finish_news(until).await;
    }

    /// Lets writes that are owed go out for a while.
    pub(super) async fn flush(&mut self) {
        let until = Instant::now() + self.settings.grace;
        self.judge_slice(self.settings.grace / 2);
        self.tell_of_operator(Instant::now());
        while self.ledger.backlog() > 0 && Instant::now() < until {
            self.start_writes(Instant::now());
            let wake = self.ledger.wake_at(Instant::now()).unwrap_or(until).min(until);
            match timeout_at(wake, self.flights.join_next()).await {
                Ok(Some(done)) => self.landed(done),
                Ok(None) => sleep_until(wake).await,
                Err(_) => {}
            }
        }
        self.finish_news(until).await;
        if self.ledger.backlog() > 0 {
            info!(left = self.ledger.backlog(), "stopping with writes left; the next start makes them");
        }
    }
}
