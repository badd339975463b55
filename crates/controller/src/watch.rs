//! How does a watch go on, whatever happens to it?
//!
//! One [`follow`] per kind, until the end of the process. Trouble is passed on as far as it says something about the kind (no
//! right to read it, not served); everything else is waited out. Nothing here blocks the stream for long: a page of a list
//! must be asked for before its token expires.

use std::fmt::Debug;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use facts::Readability;
use futures::StreamExt;
use kube::runtime::watcher::{self, Event, watcher};
use kube::{Api, Client, Resource};
use serde::de::DeserializeOwned;
use tokio::sync::{Notify, mpsc};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use crate::backoff::Backoff;
use crate::message::{Change, Delivery, Message};
use crate::metrics::Metrics;
use crate::sources::Source;
use crate::trouble::Trouble;
use crate::watched::{View, Watched};

/// Between attempts.
const FIRST_DELAY: Duration = Duration::from_millis(400);
const MOST_DELAY: Duration = Duration::from_secs(15);
/// A kind whose first list has failed for so long is treated as one that cannot be read, so that the rest can be judged.
const PATIENCE: Duration = Duration::from_secs(60);

/// So long a kind that was read has to be refused before it is called unreadable.
const LASTS: Duration = Duration::from_secs(10);
/// The same for one that never was.
const LASTS_AT_FIRST: Duration = Duration::from_secs(1);

/// What every watch needs.
#[derive(Clone, Debug)]
pub struct Surroundings {
    /// Where the messages go.
    pub deliveries: mpsc::Sender<Delivery>,
    /// Ends the watch.
    pub shutdown: CancellationToken,
    /// Counts restarts and errors.
    pub metrics: Arc<Metrics>,
    /// Whether the API server is asked to stream first lists.
    pub streaming_lists: bool,
}

/// Watches one source until shutdown. `wake` ends a wait between two attempts.
pub async fn follow_source<V: View>(
    client: Client,
    source: Source,
    wake: Arc<Notify>,
    surroundings: Surroundings,
) {
    let mut tolerant = source.tolerant;
    let mut streaming = surroundings.streaming_lists;
    loop {
        let watch = Watch {
            label: source.label(),
            rule: source.input.needed_rule(),
            field_selector: source.field_selector,
            streaming,
            tolerant,
            wake: &wake,
            surroundings: &surroundings,
        };
        let ended = if tolerant {
            watch.follow(Api::all(client.clone()), |change| input_message::<V, true>(source, change)).await
        } else {
            watch.follow(Api::all(client.clone()), |change| input_message::<V, false>(source, change)).await
        };
        match ended {
            Ended::Shutdown => return,
            Ended::NoStreamingLists => streaming = false,
            Ended::DoesNotParse => tolerant = true,
        }
    }
}

fn input_message<V: View, const TOLERANT: bool>(
    source: Source,
    change: Change<Watched<V, TOLERANT>>,
) -> Option<Message> {
    let change = match change {
        Change::Begin => Change::Begin,
        Change::Complete => Change::Complete,
        Change::Absent(known) => Change::Absent(known),
        Change::Apply(watched) => match watched.into_object(source.input) {
            Ok(object) => Change::Apply(object?),
            Err(odd) => {
                let stub = odd.stub::<V>()?;
                Change::Unparsable(odd, stub)
            }
        },
        Change::Delete(watched) => match watched.into_object(source.input) {
            Ok(object) => Change::Delete(object?),
            Err(odd) => Change::Delete(odd.stub::<V>()?),
        },
        Change::Unparsable(..) => return None,
    };
    Some(Message::Input(source, change))
}

/// One kind being watched in one way.
pub struct Watch<'a> {
    /// For logs and metrics.
    pub label: &'static str,
    /// The rule that allows it.
    pub rule: String,
    /// Which objects the API server sends.
    pub field_selector: Option<&'static str>,
    /// Whether the first list is asked for as a stream.
    pub streaming: bool,
    /// Whether objects that do not fit are delivered as such.
    pub tolerant: bool,
    /// Ends a wait between two attempts.
    pub wake: &'a Notify,
    /// The rest.
    pub surroundings: &'a Surroundings,
}

/// Why a watch has to be set up anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// No more is wanted.
    Shutdown,
    /// The API server does not stream lists.
    NoStreamingLists,
    /// An object does not fit its view; the next watch has to tolerate that.
    DoesNotParse,
}

impl Watch<'_> {
    /// Passes on what happens, until something has to be done differently.
    pub async fn follow<K, F>(&self, api: Api<K>, message: F) -> Ended
    where
        K: Resource + Clone + DeserializeOwned + Debug + Send + 'static,
        F: Fn(Change<K>) -> Option<Message>,
    {
        let Surroundings { deliveries, shutdown, metrics, .. } = self.surroundings;
        let mut stream = pin!(watcher(api.clone(), self.config()));
        let mut health = Health::new();
        loop {
            let next = tokio::select! {
                () = shutdown.cancelled() => return Ended::Shutdown,
                next = stream.next() => next,
            };
            let change = match next {
                None => return Ended::Shutdown,
                Some(Ok(event)) => {
                    let change = change(event);
                    match change {
                        Change::Begin => metrics.watch_started(self.label),
                        _ => health.works(matches!(change, Change::Complete)),
                    }
                    Some(change)
                }
                Some(Err(error)) => {
                    let trouble = Trouble::of(&self.rule, &error, self.streaming);
                    metrics.watch_error(self.label, trouble.as_str());
                    report(self.label, &trouble, &error, health.backoff.attempts());
                    match trouble {
                        Trouble::NoStreamingLists => return Ended::NoStreamingLists,
                        Trouble::DoesNotParse if !self.tolerant => return Ended::DoesNotParse,
                        _ => {}
                    }
                    let known = health.fails(&trouble, &self.rule, Instant::now());
                    if known.is_some() {
                        // What is not known any more has to be listed anew; the stream would go on where it was.
                        stream.set(watcher(api.clone(), self.config()));
                    }
                    known.map(Change::Absent)
                }
            };
            if let Some(message) = change.and_then(&message) {
                let delivery = Delivery { received: Instant::now(), message };
                if deliveries.send(delivery).await.is_err() {
                    return Ended::Shutdown;
                }
            }
            self.pause(&mut health).await;
        }
    }

    fn config(&self) -> watcher::Config {
        let config =
            watcher::Config { field_selector: self.field_selector.map(str::to_owned), ..Default::default() };
        if self.streaming { config.streaming_lists() } else { config }
    }

    /// Waits before the next attempt, where the last one failed.
    async fn pause(&self, health: &mut Health) {
        let Some(pause) = health.pause.take() else { return };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = self.wake.notified() => health.backoff.reset(),
            () = self.surroundings.shutdown.cancelled() => {}
        }
    }
}

/// How a watch has been doing.
struct Health {
    backoff: Backoff,
    /// Since when every attempt has failed in this way: with a refusal, or otherwise.
    failing: Option<(bool, Instant)>,
    /// Whether the kind was listed, and has not been called absent since.
    listed: bool,
    /// How long to wait before the next attempt.
    pause: Option<Duration>,
}

impl Health {
    fn new() -> Self {
        Self { backoff: Backoff::new(FIRST_DELAY, MOST_DELAY), failing: None, listed: false, pause: None }
    }

    fn works(&mut self, listed: bool) {
        self.backoff.reset();
        self.failing = None;
        self.listed |= listed;
    }

    /// Takes trouble in; answers what it says of the kind, once it has lasted. An API server that has just started says for a
    /// moment that nothing is allowed and nothing served.
    fn fails(&mut self, trouble: &Trouble, rule: &str, now: Instant) -> Option<Readability> {
        let refused = matches!(trouble, Trouble::Absent(_));
        let since = self.failing.filter(|(before, _)| *before == refused).map_or(now, |(_, since)| since);
        self.failing = Some((refused, since));
        let lasted = now - since;
        self.pause = (!matches!(trouble, Trouble::Expired)).then(|| self.backoff.next());
        let known = match trouble {
            Trouble::Absent(known) if lasted >= if self.listed { LASTS } else { LASTS_AT_FIRST } => {
                known.clone()
            }
            Trouble::Other | Trouble::DoesNotParse if !self.listed && lasted > PATIENCE => {
                let needs = format!("an answer of the API server to: {rule}");
                Readability::Unreadable { needs: needs.into() }
            }
            _ => return None,
        };
        self.listed = false;
        Some(known)
    }
}

fn change<K>(event: Event<K>) -> Change<K> {
    match event {
        Event::Init => Change::Begin,
        Event::InitApply(object) | Event::Apply(object) => Change::Apply(object),
        Event::Delete(object) => Change::Delete(object),
        Event::InitDone => Change::Complete,
    }
}

/// Says an error once loudly, and its repetitions quietly.
fn report(kind: &str, trouble: &Trouble, error: &watcher::Error, attempts: u32) {
    match trouble {
        Trouble::Expired => debug!(kind, "watch expired; listing again"),
        Trouble::NoStreamingLists => {
            info!(kind, "the API server does not stream lists; listing in pages instead");
        }
        Trouble::DoesNotParse => {
            warn!(kind, error = %brief(error), "an object does not parse; looking for it");
        }
        Trouble::Absent(Readability::Unreadable { needs }) if attempts == 0 => {
            warn!(kind, %needs, "not allowed to read; what depends on it is not checked while that lasts");
        }
        Trouble::Absent(_) if attempts == 0 => {
            info!(kind, "not served by the API server; looking again now and then");
        }
        Trouble::Other if attempts == 0 => warn!(kind, error = %brief(error), "watch failed; trying again"),
        _ => debug!(kind, attempts, error = %brief(error), "watch still fails"),
    }
}

/// An error in one line: those of the decoder may quote whole objects.
fn brief(error: &watcher::Error) -> String {
    let text = error.to_string();
    text.chars().take(300).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(health: &mut Health, seconds: u64, trouble: &Trouble, start: Instant) -> Option<Readability> {
        health.fails(trouble, "get, list, watch pods", start + Duration::from_secs(seconds))
    }

    #[test]
    fn a_kind_is_called_absent_once_that_has_lasted() {
        let (start, absent) = (Instant::now(), Trouble::Absent(Readability::NotServed));
        let mut health = Health::new();
        assert_eq!(after(&mut health, 0, &absent, start), None);
        assert_eq!(after(&mut health, 1, &absent, start), Some(Readability::NotServed));
        assert_eq!(after(&mut health, 9, &absent, start), Some(Readability::NotServed), "and stays so");
        health.works(true);
        assert_eq!(after(&mut health, 20, &Trouble::Other, start), None);
        assert_eq!(after(&mut health, 40, &absent, start), None, "an API server may just have started");
        assert_eq!(after(&mut health, 49, &absent, start), None);
        assert_eq!(after(&mut health, 50, &absent, start), Some(Readability::NotServed));
    }

    #[test]
    fn errors_say_nothing_of_a_kind_that_was_listed_and_something_of_one_that_never_was() {
        let start = Instant::now();
        let mut health = Health::new();
        assert_eq!(after(&mut health, 0, &Trouble::Other, start), None);
        assert_eq!(after(&mut health, 60, &Trouble::Other, start), None);
        assert!(matches!(
            after(&mut health, 61, &Trouble::Other, start),
            Some(Readability::Unreadable { .. })
        ));
        health.works(true);
        assert_eq!(after(&mut health, 100, &Trouble::Other, start), None);
        assert_eq!(after(&mut health, 300, &Trouble::Other, start), None);
    }

    #[test]
    fn an_expired_watch_is_listed_again_at_once() {
        let mut health = Health::new();
        health.fails(&Trouble::Expired, "", Instant::now());
        assert_eq!(health.pause, None);
        health.fails(&Trouble::Other, "", Instant::now());
        assert!(health.pause.is_some());
    }
}
