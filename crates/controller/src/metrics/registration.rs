//! Under which names, and with which buckets, is everything exported?

use std::sync::{Arc, Mutex};

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Metric, Registry};

use super::Metrics;
use super::labels::Version;
use super::reference::{self as metric, Description, PREFIX};

/// 1 s to 10 min: the API tells times of containers in whole seconds.
const INSTALL_BUCKETS: [f64; 12] = [1.0, 2.0, 3.0, 5.0, 8.0, 13.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0];

impl Metrics {
    /// All at zero.
    pub fn new() -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix(PREFIX),
            cluster: Arc::default(),
            installs: Family::new_with_constructor(|| Histogram::new(INSTALL_BUCKETS)),
            leader: Gauge::default(),
            renewed: Family::default(),
            ready: Gauge::default(),
            watch_up: Family::default(),
            parts_up: Mutex::default(),
            watch_starts: Family::default(),
            watch_errors: Family::default(),
            watch_events: Family::default(),
            unparsable: Family::default(),
            readable: Family::default(),
            evaluations: Counter::default(),
            // 5 µs to 80 ms.
            evaluation_seconds: Histogram::new(exponential_buckets(0.000_005, 4.0, 8)),
            panics: Counter::default(),
            evaluation_backlog: Gauge::default(),
            writes: Family::default(),
            write_errors: Family::default(),
            // 2 ms to 10 s.
            write_seconds: Histogram::new(exponential_buckets(0.002, 2.6, 10)),
            write_backlog: Gauge::default(),
            budget_waits: Counter::default(),
            budget_wait: Counter::default(),
            // 50 ms to 100 s.
            lag: Histogram::new(exponential_buckets(0.05, 2.0, 12)),
            events: Family::default(),
            objects: Family::default(),
            held: Family::default(),
        };
        metrics.register_all();
        metrics
    }

    fn register_all(&mut self) {
        let r = &mut self.registry;
        r.register_collector(Box::new(self.cluster.clone()));
        register(r, &metric::AGENT_INSTALL_DURATION, self.installs.clone());
        register(r, &metric::LEADER, self.leader.clone());
        register(r, &metric::LEASE_RENEWED, self.renewed.clone());
        register(r, &metric::READY, self.ready.clone());
        register(r, &metric::WATCH_UP, self.watch_up.clone());
        register(r, &metric::WATCH_STARTS, self.watch_starts.clone());
        register(r, &metric::WATCH_ERRORS, self.watch_errors.clone());
        register(r, &metric::WATCH_EVENTS, self.watch_events.clone());
        register(r, &metric::UNPARSABLE_OBJECTS, self.unparsable.clone());
        register(r, &metric::INPUT_READABLE, self.readable.clone());
        register(r, &metric::EVALUATIONS, self.evaluations.clone());
        register(r, &metric::EVALUATION_DURATION, self.evaluation_seconds.clone());
        register(r, &metric::EVALUATION_PANICS, self.panics.clone());
        register(r, &metric::EVALUATION_BACKLOG, self.evaluation_backlog.clone());
        register(r, &metric::WRITES, self.writes.clone());
        register(r, &metric::WRITE_ERRORS, self.write_errors.clone());
        register(r, &metric::WRITE_DURATION, self.write_seconds.clone());
        register(r, &metric::WRITE_BACKLOG, self.write_backlog.clone());
        register(r, &metric::WRITE_BUDGET_WAITS, self.budget_waits.clone());
        register(r, &metric::WRITE_BUDGET_WAIT, self.budget_wait.clone());
        register(r, &metric::STATUS_LAG, self.lag.clone());
        register(r, &metric::EVENTS_SENT, self.events.clone());
        register(r, &metric::OBJECTS, self.objects.clone());
        register(r, &metric::HELD_THINGS, self.held.clone());
        let version = env!("CARGO_PKG_VERSION").to_owned();
        register(r, &metric::BUILD, Info::new(Version { version }));
    }
}

fn register(registry: &mut Registry, description: &Description, metric: impl Metric) {
    match description.unit() {
        Some(unit) => registry.register_with_unit(description.name, description.help, unit, metric),
        None => registry.register(description.name, description.help, metric),
    }
}
