//! In which order are messages taken in, workloads judged and statuses written?
//!
//! One task owns the world, the ledger and the deadlines, so nothing is locked. It takes messages in first, judges in short
//! slices, and starts writes that run beside it. Verdicts come from `diagnosis`; nothing is decided here.

mod depth;
mod duty;
mod end;
mod figures;
mod judge;
mod operator;
mod outages;
mod queue;
mod snapshot;
mod start;
mod write;

use std::sync::Arc;
use std::time::Duration;

use ahash::AHashSet;
use facts::{InputKind, Object, WorkloadRef};
use jiff::Timestamp;
use tokio::sync::{Notify, mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;
use world::World;

use crate::certificate::Target;
use crate::deadlines::Deadlines;
use crate::http::Missing;
use crate::intake::Intake;
use crate::lease::{Leadership, Predecessor};
use crate::ledger::{Finished, Job, Ledger, ObjectKey};
use crate::message::{Change, Delivery, Message};
use crate::metrics::Metrics;
use crate::settings::Settings;
use crate::writer::Writer;
use depth::Depth;
pub use depth::Looks;
use duty::Duty;
use operator::OperatorSide;
use outages::Outages;
use queue::Queue;

/// Messages taken in at once.
const BATCH: usize = 512;
/// How long judging may keep messages waiting.
const SLICE: Duration = Duration::from_millis(10);
/// How long writes under way may keep a replica from taking over.
const HANDOVER: Duration = Duration::from_secs(1);
/// Figures about what is held are renewed no more often than this.
const FIGURES: Duration = Duration::from_secs(1);

/// The connections of the engine to the tasks around it.
#[derive(Debug)]
pub struct Channels {
    /// Messages of watches and probes.
    pub deliveries: mpsc::Receiver<Delivery>,
    /// Ends the waits of watches of kinds that were not served.
    pub wakes: Vec<(InputKind, Arc<Notify>)>,
    /// What is still missing before we are ready.
    pub missing: watch::Sender<Missing>,
    /// The webhooks whose certificates are to be looked at.
    pub targets: watch::Sender<Vec<Target>>,
    /// Whether this replica may write.
    pub leadership: watch::Receiver<Leadership>,
    /// Who wrote before this replica did.
    pub predecessor: Predecessor,
    /// Asks for a new list of our own objects.
    pub own_again: Arc<Notify>,
}

/// The task that owns everything.
pub struct Engine {
    settings: Settings,
    metrics: Arc<Metrics>,
    channels: Channels,
    world: World,
    intake: Intake,
    ledger: Ledger,
    deadlines: Deadlines,
    queue: Queue,
    operator: OperatorSide,
    outages: Outages,
    depth: Depth,
    writer: Writer,
    duty: Duty,
    flights: JoinSet<(Job, Finished)>,
    /// Workloads whose judgement has panicked, so that it is said once.
    defective: AHashSet<WorkloadRef>,
    /// Whether our own objects have been asked for with an answer.
    own_settled: bool,
    /// Whether judging has begun.
    judging: bool,
    figures_due: Option<Instant>,
    /// When the engine was made.
    since: Timestamp,
}

impl Engine {
    /// An engine that has seen nothing.
    pub fn new(settings: Settings, metrics: Arc<Metrics>, channels: Channels, looks: Looks) -> Self {
        let mut world = World::new();
        let intake = Intake::new(&mut world, &settings.extent);
        let depth = Depth::new(looks);
        world.set_switched_off(depth.off());
        let writer = Writer {
            client: settings.client.clone(),
            timeout: settings.write_timeout,
            metrics: metrics.clone(),
            leadership: channels.leadership.clone(),
        };
        // Who need not be elected has nobody before it whose last writes could be missed.
        let leads = channels.leadership.borrow().leads();
        let duty = if leads { Duty::Writing } else { Duty::Standby };
        Self {
            ledger: Ledger::new(settings.writes_per_second, settings.write_concurrency, Instant::now()),
            settings,
            metrics,
            channels,
            world,
            intake,
            deadlines: Deadlines::default(),
            queue: Queue::default(),
            operator: OperatorSide::default(),
            outages: Outages::default(),
            depth,
            writer,
            duty,
            flights: JoinSet::new(),
            defective: AHashSet::new(),
            own_settled: false,
            judging: false,
            figures_due: None,
            since: Timestamp::now(),
        }
    }

    /// Works until shutdown, then lets writes that are owed go out for a while.
    pub async fn run(mut self, shutdown: CancellationToken) {
        let mut batch = Vec::with_capacity(BATCH);
        while !shutdown.is_cancelled() {
            let timer = self.next_timer();
            tokio::select! {
                biased;
                () = shutdown.cancelled() => break,
                received = self.channels.deliveries.recv_many(&mut batch, BATCH) => {
                    if received == 0 {
                        break;
                    }
                    batch.drain(..).for_each(|delivery| self.take(delivery));
                }
                Some(done) = self.flights.join_next() => self.landed(done),
                Some(done) = self.outages.landing() => self.outages.landed(done),
                Ok(()) = self.channels.leadership.changed() => self.leadership_changed(),
                () = sleep_until(timer) => {}
            }
            self.work();
        }
        if self.elects() {
            self.finish_flights().await;
        } else {
            self.flush().await;
        }
    }

    /// Everything that can be done now without waiting.
    fn work(&mut self) {
        let now = Instant::now();
        // A flood of messages must not keep writes from being counted as done.
        while let Some(done) = self.flights.try_join_next() {
            self.landed(done);
        }
        self.begin_judging_when_settled();
        if self.judging {
            for workload in self.deadlines.due(Timestamp::now()) {
                self.queue.push(workload, now);
            }
            if self.queue.collected(now) {
                let since = self.queue.since(now);
                self.world.take_dirty().into_iter().for_each(|workload| self.queue.push(workload, since));
            }
            self.judge_slice(SLICE);
        }
        self.tell_of_operator(now);
        self.start_writes(now);
        self.renew_figures(now);
    }

    /// When there will be something to do although nothing arrives.
    fn next_timer(&mut self) -> Instant {
        let now = Instant::now();
        if self.judging && !self.queue.is_empty() {
            return now;
        }
        let deadline = self.deadlines.next().map(|at| {
            let wait = at.duration_since(Timestamp::now());
            now + Duration::try_from(wait).unwrap_or_default()
        });
        let times = [
            deadline.filter(|_| self.judging),
            self.queue.collected_at().filter(|_| self.judging),
            Some(()).filter(|()| self.writes()).and_then(|()| self.ledger.wake_at(now)),
            Some(()).filter(|()| self.may_tell_of_operator()).and_then(|()| self.outages.wake_at(now)),
            self.figures_due,
        ];
        // Half an hour stands for never.
        times.into_iter().flatten().min().unwrap_or(now + Duration::from_secs(1800))
    }

    fn take(&mut self, delivery: Delivery) {
        self.figures_changed();
        match delivery.message {
            Message::Input(source, change) => {
                let about_object = matches!(change, Change::Apply(_) | Change::Delete(_));
                if about_object {
                    self.metrics.watch_event(source.input);
                }
                if let Change::Apply(Object::Pod(view)) = &change {
                    self.note_installs(view);
                }
                let definitions = about_object && source.input == InputKind::CustomResourceDefinitions;
                if let Some(odd) = self.intake.take(&mut self.world, &source, change) {
                    self.metrics.unparsable(odd.input);
                    self.say_odd_once(&odd);
                }
                if definitions {
                    self.channels.wakes.iter().for_each(|(_, wake)| wake.notify_one());
                }
            }
            Message::Own(change) => self.take_own(change),
            Message::Snapshot(asker) => {
                // Who asked may have gone away.
                let _ = asker.send(self.snapshot());
            }
            Message::Named { name, found } => self.take_named(&name, found),
            Message::Trial { target, answer } => self.take_trial(&target, answer),
            Message::OwnAgain => self.own_list_begins_again(),
            Message::Certificate { namespace, service, certificate } => {
                self.world.set_serving_certificate(&namespace, &service, certificate);
            }
        }
        if self.world.is_dirty() {
            self.queue.collect(delivery.received, self.settings.debounce);
        }
    }
}

/// The key of a workload's object.
fn key_of(workload: &WorkloadRef) -> ObjectKey {
    ObjectKey::of(workload)
}
