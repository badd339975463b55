//! What does the controller measure about itself and the cluster?
//!
//! What there is stands in [`reference`]; the state of the cluster is in [`cluster`], because only the leader exports it.

mod cluster;
pub(crate) mod labels;
pub mod reference;
mod registration;
mod tally;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use diagnosis::{Figures, OperatorState};
use facts::{InputKind, Language, WorkloadRef};
use jiff::Timestamp;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use world::World;

use cluster::Cluster;
use labels::{Failure, Held, InLanguage, Kind, KindError, Outcome, Sent};

type Seconds = Gauge<f64, AtomicU64>;

/// All metrics, and the registry that prints them.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    cluster: Arc<Cluster>,
    installs: Family<InLanguage, Histogram, fn() -> Histogram>,
    leader: Gauge,
    renewed: Family<[(&'static str, &'static str); 0], Seconds>,
    ready: Gauge,
    watch_up: Family<Kind, Gauge>,
    parts_up: Mutex<BTreeMap<&'static str, BTreeMap<Arc<str>, bool>>>,
    watch_starts: Family<Kind, Counter>,
    watch_errors: Family<KindError, Counter>,
    watch_events: Family<Kind, Counter>,
    unparsable: Family<Kind, Counter>,
    readable: Family<Kind, Gauge>,
    evaluations: Counter,
    evaluation_seconds: Histogram,
    panics: Counter,
    evaluation_backlog: Gauge,
    writes: Family<Outcome, Counter>,
    write_errors: Family<Failure, Counter>,
    write_seconds: Histogram,
    write_backlog: Gauge,
    budget_waits: Counter,
    budget_wait: Counter<f64, AtomicU64>,
    lag: Histogram,
    events: Family<Sent, Counter>,
    objects: Family<Kind, Gauge>,
    held: Family<Held, Gauge>,
}

/// What is held and what waits, at one moment.
#[derive(Debug)]
pub struct Load<'a> {
    /// What is known of the cluster.
    pub world: &'a World,
    /// Kinds that are read at all.
    pub kinds: BTreeSet<InputKind>,
    /// Workloads that wait to be judged.
    pub evaluations: usize,
    /// Objects that wait to be written.
    pub writes: usize,
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// Whether this replica leads.
    pub fn leads(&self, leads: bool) {
        self.leader.set(leads.into());
        self.cluster.leads(leads);
    }

    /// The Lease was renewed.
    pub fn lease_renewed(&self, at: Timestamp) {
        self.renewed.get_or_create(&[]).set(at.as_duration().as_secs_f64());
    }

    /// Whether this replica leads.
    pub fn is_leading(&self) -> bool {
        self.cluster.is_leading()
    }

    /// Whether everything has been read.
    pub fn ready(&self, ready: bool) {
        self.ready.set(ready.into());
    }

    /// A list of a kind has begun.
    pub fn watch_started(&self, kind: &'static str) {
        self.watch_starts.get_or_create(&Kind { kind }).inc();
    }

    /// Whether a watch is followed; of a namespace, where those are watched one by one.
    pub fn watch_up(&self, kind: &'static str, namespace: Option<&Arc<str>>, up: bool) {
        let up = match namespace {
            None => up,
            // One figure for all namespaces that are watched by themselves.
            Some(namespace) => {
                let mut parts = self.parts_up.lock().unwrap_or_else(PoisonError::into_inner);
                let parts = parts.entry(kind).or_default();
                parts.insert(namespace.clone(), up);
                parts.values().all(|up| *up)
            }
        };
        self.watch_up.get_or_create(&Kind { kind }).set(up.into());
    }

    /// A watch failed.
    pub fn watch_error(&self, kind: &'static str, error: &'static str) {
        self.watch_errors.get_or_create(&KindError { kind, error }).inc();
    }

    /// An object has arrived.
    pub fn watch_event(&self, kind: InputKind) {
        self.watch_events.get_or_create(&Kind { kind: kind.plural() }).inc();
    }

    /// An object does not parse.
    pub fn unparsable(&self, kind: InputKind) {
        self.unparsable.get_or_create(&Kind { kind: kind.plural() }).inc();
    }

    /// The agent of a Pod was installed so long after the Pod was created.
    pub fn installed(&self, language: Language, after: Duration) {
        let language = language.annotation_word();
        if self.cluster.is_leading() {
            self.installs.get_or_create(&InLanguage { language }).observe(after.as_secs_f64());
        }
    }

    /// The operator is so now.
    pub fn operator(&self, operator: Arc<OperatorState>) {
        self.cluster.operator(operator);
    }

    /// A workload was looked at.
    pub fn evaluated(&self, took: Duration) {
        self.evaluations.inc();
        self.evaluation_seconds.observe(took.as_secs_f64());
    }

    /// What there is to be said of a workload now; `None`: nothing any more.
    pub fn judged(&self, workload: &WorkloadRef, figures: Option<Figures>) {
        self.cluster.judged(workload, figures);
    }

    /// Judging a workload panicked.
    pub fn panicked(&self) {
        self.panics.inc();
    }

    /// A write request was done.
    pub fn write(&self, result: &'static str) {
        self.writes.get_or_create(&Outcome { result }).inc();
    }

    /// A write was not done.
    pub fn write_error(&self, error: &'static str) {
        self.write_errors.get_or_create(&Failure { error }).inc();
    }

    /// A write request was answered, or given up.
    pub fn write_took(&self, took: Duration) {
        self.write_seconds.observe(took.as_secs_f64());
    }

    /// Writes have waited, or will have to, for the budget.
    pub fn budget_waits(&self, times: u64, wait: Duration) {
        self.budget_waits.inc_by(times);
        self.budget_wait.inc_by(wait.as_secs_f64());
    }

    /// An Event was sent, or not.
    pub fn event(&self, reason: &str, result: &'static str) {
        self.events.get_or_create(&Sent { reason: reason.to_owned(), result }).inc();
    }

    /// A status was written.
    pub fn lag(&self, since: Duration) {
        self.lag.observe(since.as_secs_f64());
    }

    /// Notes what is held and what waits.
    pub fn load(&self, load: &Load<'_>) {
        let sizes = load.world.sizes();
        for (kind, count) in &sizes.objects {
            self.objects.get_or_create(&Kind { kind: kind.plural() }).set(gauge(*count));
        }
        for kind in load.kinds.iter().copied() {
            let readable = load.world.is_read(kind);
            self.readable.get_or_create(&Kind { kind: kind.plural() }).set(readable.into());
        }
        let held = [sizes.shapes, sizes.statuses, sizes.strings];
        for (what, count) in labels::HELD.into_iter().zip(held) {
            self.held.get_or_create(&Held { what }).set(gauge(count));
        }
        self.evaluation_backlog.set(gauge(load.evaluations));
        self.write_backlog.set(gauge(load.writes));
    }

    /// As text, in the `OpenMetrics` format.
    pub fn encode(&self) -> String {
        let mut text = String::new();
        encode(&mut text, &self.registry).expect("writing to a String does not fail");
        text
    }
}

fn gauge(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
