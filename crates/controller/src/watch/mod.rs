//! How does a watch go on, whatever happens to it?
//!
//! One [`follow`] per kind, until the end of the process. Trouble is passed on as far as it says something about the kind (no
//! right to read it, not served); everything else is waited out. Nothing here blocks the stream for long: a page of a list
//! must be asked for before its token expires.

mod health;
mod poll;
mod trouble;

use std::fmt::Debug;
use std::pin::pin;
use std::sync::Arc;

use facts::Readability;
use futures::StreamExt;
use kube::runtime::watcher::{self, Event, watcher};
use kube::{Api, Client, Resource};
use serde::de::DeserializeOwned;
use tokio::sync::{Notify, mpsc};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use crate::message::{Change, Delivery, Message};
use crate::metrics::Metrics;
use crate::sources::Source;
use crate::watched::{Unread, View, Watched};
use health::Health;
pub use poll::poll_namespace;
use trouble::Trouble;

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

/// Watches one source until shutdown. `wake` ends a wait between two attempts. Where an object does not fit its view, it goes on as
/// [`follow_unread`].
pub async fn follow_source<V: View>(
    client: Client,
    source: Source,
    wake: Arc<Notify>,
    mut surroundings: Surroundings,
) {
    loop {
        let watch = Watch::of(&source, &wake, &surroundings, false);
        match watch.follow(api::<V>(&client, &source), &|change| message::<V>(&source, change)).await {
            Ended::Shutdown => return,
            Ended::NoStreamingLists => surroundings.streaming_lists = false,
            Ended::DoesNotParse => return follow_unread::<V>(client, source, wake, surroundings).await,
        }
    }
}

/// The same for a kind of which there are few, or may be some that do not fit their view: those are told of, and stop nothing.
pub async fn follow_unread<V: View>(
    client: Client,
    source: Source,
    wake: Arc<Notify>,
    mut surroundings: Surroundings,
) {
    loop {
        let watch = Watch::of(&source, &wake, &surroundings, true);
        let api = unread::<V>(&client, &source);
        match watch.follow(api, &|change| message_of_unread::<V>(&source, change)).await {
            Ended::Shutdown => return,
            Ended::NoStreamingLists => surroundings.streaming_lists = false,
            Ended::DoesNotParse => {}
        }
    }
}

fn api<V: View>(client: &Client, source: &Source) -> Api<Watched<V>> {
    match &source.namespace {
        Some(namespace) => Api::namespaced(client.clone(), namespace),
        None => Api::all(client.clone()),
    }
}

fn unread<V: View>(client: &Client, source: &Source) -> Api<Unread> {
    match &source.namespace {
        Some(namespace) => Api::namespaced_with(client.clone(), namespace, &Unread::kind::<V>()),
        None => Api::all_with(client.clone(), &Unread::kind::<V>()),
    }
}

fn message<V: View>(source: &Source, change: Change<Watched<V>>) -> Option<Message> {
    let change = match change {
        Change::Begin => Change::Begin,
        Change::Complete => Change::Complete,
        Change::Absent(known) => Change::Absent(known),
        Change::Apply(watched) => Change::Apply(watched.into_object()?),
        Change::Delete(watched) => Change::Delete(watched.into_object()?),
        Change::Unparsable(..) => return None,
    };
    Some(Message::Input(source.clone(), change))
}

fn message_of_unread<V: View>(source: &Source, change: Change<Unread>) -> Option<Message> {
    let change = match change {
        Change::Begin => Change::Begin,
        Change::Complete => Change::Complete,
        Change::Absent(known) => Change::Absent(known),
        Change::Apply(unread) => match unread.into_object::<V>(source.input) {
            Ok(object) => Change::Apply(object?),
            Err(odd) => {
                let stub = odd.stub::<V>()?;
                Change::Unparsable(odd, stub)
            }
        },
        Change::Delete(unread) => match unread.into_object::<V>(source.input) {
            Ok(object) => Change::Delete(object?),
            Err(odd) => Change::Delete(odd.stub::<V>()?),
        },
        Change::Unparsable(..) => return None,
    };
    Some(Message::Input(source.clone(), change))
}

/// One kind being watched in one way.
pub struct Watch<'a> {
    /// For logs and metrics.
    pub label: &'static str,
    /// The only namespace that is watched.
    pub namespace: Option<Arc<str>>,
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

impl<'a> Watch<'a> {
    fn of(source: &Source, wake: &'a Notify, surroundings: &'a Surroundings, tolerant: bool) -> Self {
        Self {
            label: source.label(),
            namespace: source.namespace.clone(),
            rule: source.rule(),
            field_selector: source.field_selector,
            streaming: surroundings.streaming_lists,
            tolerant,
            wake,
            surroundings,
        }
    }

    /// Passes on what happens, until something has to be done differently.
    pub async fn follow<K>(
        &self,
        api: Api<K>,
        message: &(dyn Fn(Change<K>) -> Option<Message> + Sync),
    ) -> Ended
    where
        K: Resource + Clone + DeserializeOwned + Debug + Send + 'static,
    {
        let Surroundings { deliveries, shutdown, metrics, .. } = self.surroundings;
        let mut stream = pin!(watcher(api.clone(), self.config()));
        let mut health = Health::new();
        loop {
            metrics.watch_up(self.label, self.namespace.as_ref(), health.is_up(Instant::now()));
            let quiet = health.quiet_at();
            let next = tokio::select! {
                () = shutdown.cancelled() => return Ended::Shutdown,
                next = stream.next() => next,
                () = sleep_until(quiet.unwrap_or_else(Instant::now)), if quiet.is_some_and(|at| at > Instant::now()) => continue,
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
            if let Some(message) = change.and_then(message) {
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
mod tests;
