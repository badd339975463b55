//! What does the controller measure about itself and the cluster?
//!
//! Labels take few values: kinds, results, and the reasons of the catalogue. Names of workloads are never labels.

use std::sync::atomic::AtomicU64;
use std::time::Duration;

use ahash::AHashMap;
use facts::InputKind;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Kind {
    kind: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct KindError {
    kind: &'static str,
    error: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct WriteResult {
    result: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct EventResult {
    reason: String,
    result: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Verdict {
    healthy: String,
    reason: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Held {
    what: &'static str,
}

/// All metrics, and the registry that prints them.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    workloads: Family<Verdict, Gauge>,
    watch_starts: Family<Kind, Counter>,
    watch_errors: Family<KindError, Counter>,
    watch_events: Family<Kind, Counter>,
    unparsable: Family<Kind, Counter>,
    evaluations: Counter,
    evaluation_seconds: Histogram,
    panics: Counter,
    writes: Family<WriteResult, Counter>,
    backlog: Gauge,
    events: Family<EventResult, Counter>,
    lag: Histogram,
    objects: Family<Kind, Gauge>,
    held: Family<Held, Gauge>,
    ready: Gauge<f64, AtomicU64>,
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// All at zero.
    pub fn new() -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("instrumentation_health"),
            workloads: Family::default(),
            watch_starts: Family::default(),
            watch_errors: Family::default(),
            watch_events: Family::default(),
            unparsable: Family::default(),
            evaluations: Counter::default(),
            // 5 µs to 80 ms.
            evaluation_seconds: Histogram::new(exponential_buckets(0.000_005, 4.0, 8)),
            panics: Counter::default(),
            writes: Family::default(),
            backlog: Gauge::default(),
            events: Family::default(),
            // 50 ms to 100 s.
            lag: Histogram::new(exponential_buckets(0.05, 2.0, 12)),
            objects: Family::default(),
            held: Family::default(),
            ready: Gauge::default(),
        };
        metrics.register();
        metrics
    }

    fn register(&mut self) {
        let r = &mut self.registry;
        r.register("workloads", "Workloads judged, by verdict", self.workloads.clone());
        r.register("watch_starts", "First lists and relists, by kind", self.watch_starts.clone());
        r.register("watch_errors", "Errors of watches, by kind", self.watch_errors.clone());
        r.register("watch_events", "Objects received from watches, by kind", self.watch_events.clone());
        r.register(
            "unparsable_objects",
            "Objects received that do not parse, by kind",
            self.unparsable.clone(),
        );
        r.register("evaluations", "Workloads judged, repetitions included", self.evaluations.clone());
        let help = "Time taken to judge one workload";
        r.register_with_unit("evaluation_duration", help, Unit::Seconds, self.evaluation_seconds.clone());
        r.register(
            "evaluation_panics",
            "Judgements that ended in a defect of the program",
            self.panics.clone(),
        );
        r.register("writes", "Write requests for statuses, by result", self.writes.clone());
        r.register("write_backlog", "Objects that wait to be written", self.backlog.clone());
        r.register("sent_events", "Events sent, by reason and result", self.events.clone());
        let help = "Time from a watch event to the status it led to, written";
        r.register_with_unit("status_lag", help, Unit::Seconds, self.lag.clone());
        r.register("objects", "Objects held in memory, by kind", self.objects.clone());
        r.register("held", "Other things held in memory", self.held.clone());
        r.register(
            "ready",
            "Whether the cluster has been read and statuses can be written",
            self.ready.clone(),
        );
    }

    /// A list of a kind has begun.
    pub fn watch_started(&self, kind: &'static str) {
        self.watch_starts.get_or_create(&Kind { kind }).inc();
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

    /// A workload was judged.
    pub fn evaluated(&self, took: Duration) {
        self.evaluations.inc();
        self.evaluation_seconds.observe(took.as_secs_f64());
    }

    /// Judging a workload panicked.
    pub fn panicked(&self) {
        self.panics.inc();
    }

    /// A write request ended.
    pub fn write(&self, result: &'static str) {
        self.writes.get_or_create(&WriteResult { result }).inc();
    }

    /// An Event was sent, or not.
    pub fn event(&self, reason: &str, result: &'static str) {
        self.events.get_or_create(&EventResult { reason: reason.to_owned(), result }).inc();
    }

    /// A status was written.
    pub fn lag(&self, since: Duration) {
        self.lag.observe(since.as_secs_f64());
    }

    /// Whether everything has been read.
    pub fn ready(&self, ready: bool) {
        self.ready.set(f64::from(u8::from(ready)));
    }

    /// Notes what is held.
    pub fn sizes(&self, sizes: &world::Sizes, backlog: usize) {
        for (kind, count) in &sizes.objects {
            self.objects.get_or_create(&Kind { kind: kind.plural() }).set(gauge(*count));
        }
        let held = [("shapes", sizes.shapes), ("statuses", sizes.statuses), ("strings", sizes.strings)];
        for (what, count) in held {
            self.held.get_or_create(&Held { what }).set(gauge(count));
        }
        self.backlog.set(gauge(backlog));
    }

    /// Notes how many workloads have which verdict.
    pub fn verdicts<'a>(&self, verdicts: impl Iterator<Item = (&'a str, &'a str)>) {
        let mut counts: AHashMap<(&str, &str), i64> = AHashMap::new();
        verdicts.for_each(|verdict| *counts.entry(verdict).or_default() += 1);
        self.workloads.clear();
        for ((healthy, reason), count) in counts {
            let verdict = Verdict { healthy: healthy.to_owned(), reason: reason.to_owned() };
            self.workloads.get_or_create(&verdict).set(count);
        }
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
mod tests {
    use super::*;

    #[test]
    fn verdicts_are_counted_and_forgotten() {
        let metrics = Metrics::new();
        metrics.verdicts([("True", "Instrumented"), ("True", "Instrumented")].into_iter());
        let line = r#"instrumentation_health_workloads{healthy="True",reason="Instrumented"} 2"#;
        assert!(metrics.encode().contains(line), "{}", metrics.encode());
        metrics.verdicts(std::iter::empty());
        assert!(!metrics.encode().contains("Instrumented"));
    }
}
