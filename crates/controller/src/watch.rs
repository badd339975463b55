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
        let kind = self.label;
        let Surroundings { deliveries, shutdown, metrics, .. } = self.surroundings;
        let mut stream = pin!(watcher(api, self.config()));
        let mut backoff = Backoff::new(FIRST_DELAY, MOST_DELAY);
        let started = Instant::now();
        let mut listed = false;
        loop {
            let next = tokio::select! {
                () = shutdown.cancelled() => return Ended::Shutdown,
                next = stream.next() => next,
            };
            let (change, trouble) = match next {
                None => return Ended::Shutdown,
                Some(Ok(event)) => (Some(change(event)), None),
                Some(Err(error)) => {
                    let trouble = Trouble::of(&self.rule, &error, self.streaming);
                    metrics.watch_error(kind, trouble.as_str());
                    match &trouble {
                        Trouble::NoStreamingLists => {
                            info!(kind, "the API server does not stream lists; listing in pages instead");
                            return Ended::NoStreamingLists;
                        }
                        Trouble::DoesNotParse => {
                            warn!(kind, error = %brief(&error), "an object does not parse; looking for it");
                            return Ended::DoesNotParse;
                        }
                        _ => {}
                    }
                    (self.says_of_kind(&trouble, listed, started), Some((trouble, error)))
                }
            };
            listed |= matches!(change, Some(Change::Complete));
            match &change {
                Some(Change::Begin) => metrics.watch_started(kind),
                Some(Change::Absent(_)) | None => {}
                Some(_) => backoff.reset(),
            }
            if let Some(message) = change.and_then(&message) {
                let delivery = Delivery { received: Instant::now(), message };
                if deliveries.send(delivery).await.is_err() {
                    return Ended::Shutdown;
                }
            }
            if let Some((trouble, error)) = trouble {
                report(kind, &trouble, &error, backoff.attempts());
                self.wait(&mut backoff, &trouble).await;
            }
        }
    }

    fn config(&self) -> watcher::Config {
        let config =
            watcher::Config { field_selector: self.field_selector.map(str::to_owned), ..Default::default() };
        if self.streaming { config.streaming_lists() } else { config }
    }

    /// What an error says of the kind.
    fn says_of_kind<K>(&self, trouble: &Trouble, listed: bool, started: Instant) -> Option<Change<K>> {
        match trouble {
            Trouble::Absent(known) => Some(Change::Absent(known.clone())),
            Trouble::Other if !listed && started.elapsed() > PATIENCE => {
                let needs = format!("an answer of the API server to: {}", self.rule);
                Some(Change::Absent(Readability::Unreadable { needs: needs.into() }))
            }
            _ => None,
        }
    }

    async fn wait(&self, backoff: &mut Backoff, trouble: &Trouble) {
        if matches!(trouble, Trouble::Expired) {
            return;
        }
        tokio::select! {
            () = tokio::time::sleep(backoff.next()) => {}
            () = self.wake.notified() => backoff.reset(),
            () = self.surroundings.shutdown.cancelled() => {}
        }
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
        Trouble::Absent(Readability::Unreadable { needs }) if attempts == 0 => {
            warn!(kind, %needs, "not allowed to read; what depends on it is not checked");
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
