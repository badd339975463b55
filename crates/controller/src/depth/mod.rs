//! Which looks are made only where somebody asks for them, and how often?
//!
//! Each is one request about one thing, asked for by verdicts that were made without it ([`diagnosis::Wants`]). They are made
//! one after the other with a pause between, and again from time to time: nothing is watched, so that a right to `get` or
//! `create` is enough. The answers go to the engine like any other message.

mod keys;
mod rounds;
mod trial;

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::sync::CancellationToken;

use crate::message::{Delivery, Message};
use rounds::Rounds;

pub use keys::{Keys, Named, read_named};
pub use trial::{Answer, TrialTarget, Trials, try_creation};

/// A kind of look.
pub trait Look: Send + 'static {
    /// What is looked at.
    type Target: Ord + Clone + Send + Sync + 'static;
    /// Between two looks.
    const PAUSE: Duration;
    /// Looks once; answers what to tell, if anything, and how long that may be relied upon.
    fn look(&mut self, target: &Self::Target) -> impl Future<Output = (Option<Message>, Duration)> + Send;
}

/// Looks at what is wanted, until shutdown.
pub async fn make_rounds<L: Look>(
    mut look: L,
    mut wanted: watch::Receiver<BTreeSet<L::Target>>,
    deliveries: mpsc::Sender<Delivery>,
    shutdown: CancellationToken,
) {
    let mut rounds = Rounds::default();
    loop {
        rounds.want(&wanted.borrow_and_update(), Instant::now());
        let next = rounds.next();
        let pause = match &next {
            Some((target, due)) if *due <= Instant::now() => {
                let (message, good_for) = look.look(target).await;
                rounds.looked(target, Instant::now() + good_for);
                if let Some(message) = message
                    && deliveries.send(Delivery { received: Instant::now(), message }).await.is_err()
                {
                    return;
                }
                Some(Instant::now() + L::PAUSE)
            }
            Some((_, due)) => Some(*due),
            None => None,
        };
        let is_pause = next.is_some_and(|(_, due)| due <= Instant::now());
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = sleep(L::PAUSE), if is_pause => {}
            () = sleep_until(pause.unwrap_or_else(Instant::now)), if !is_pause && pause.is_some() => {}
            changed = wanted.changed(), if !is_pause => if changed.is_err() { return },
        }
    }
}
