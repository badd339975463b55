//! Which metrics are there, what do they mean, and how many series can each have?
//!
//! The one list from which the registry, `docs/metrics.md` and the tests are made. No label ever holds the name of an object,
//! Namespaces and the few worst workloads excepted.

use facts::{InputKind, Language};
use prometheus_client::registry::Unit;

use super::labels;
use super::tally::WORST;

/// Before the name of every metric.
pub const PREFIX: &str = "instrumentation_health";

/// One metric.
#[derive(Debug)]
pub struct Description {
    /// Name without prefix, unit and suffix.
    pub name: &'static str,
    /// What can be done with it.
    pub kind: Kind,
    /// Its unit.
    pub measures: Measures,
    /// One sentence, without its full stop.
    pub help: &'static str,
    /// Its labels.
    pub labels: &'static [Label],
    /// Who exports it.
    pub scope: Scope,
}

/// What can be done with a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Only grows, and starts again at 0 with the process: for `rate()`.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Counts of observations by size: for `histogram_quantile()`.
    Histogram {
        /// Buckets, the last one (`+Inf`) not counted.
        buckets: u16,
    },
    /// Always 1; what it has to say are its labels.
    Info,
}

/// Unit of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measures {
    /// A number of things, or yes (1) and no (0).
    Count,
    /// Seconds; a point in time as seconds since 1970.
    Seconds,
}

/// Who exports a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// About the cluster: only the replica that leads, so that a sum over replicas counts nothing twice.
    Cluster,
    /// About the replica itself.
    Replica,
}

/// A label of a metric.
#[derive(Debug)]
pub struct Label {
    /// Name.
    pub name: &'static str,
    /// What it says.
    pub meaning: &'static str,
    /// The values it can have.
    pub values: Values,
}

/// The values of a label.
#[derive(Clone, Copy, Debug)]
pub enum Values {
    /// Namespaces with a workload that asks for injection.
    Namespaces,
    /// The workloads with most Pods that lose telemetry, at most [`WORST`](super::tally::WORST).
    WorstWorkloads,
    /// These and no others.
    Of(fn() -> Vec<&'static str>),
    /// One at a time.
    One,
}

impl Description {
    /// The name in queries; of a histogram, what `_bucket`, `_sum` and `_count` are appended to.
    pub fn full_name(&self) -> String {
        let unit = if self.measures == Measures::Seconds { "_seconds" } else { "" };
        let suffix = match self.kind {
            Kind::Counter => "_total",
            Kind::Info => "_info",
            Kind::Gauge | Kind::Histogram { .. } => "",
        };
        format!("{PREFIX}_{}{unit}{suffix}", self.name)
    }

    /// Most series that one replica can export of it: a number, and whether that is for each Namespace.
    pub fn series(&self) -> (usize, bool) {
        if self.labels.iter().any(|label| matches!(label.values, Values::WorstWorkloads)) {
            return (WORST, false);
        }
        let of_labels: usize = self
            .labels
            .iter()
            .map(|label| match label.values {
                Values::Of(values) => values().len(),
                Values::Namespaces | Values::WorstWorkloads | Values::One => 1,
            })
            .product();
        let of_each = match self.kind {
            // `+Inf`, `_sum` and `_count` beside the buckets.
            Kind::Histogram { buckets } => usize::from(buckets) + 3,
            Kind::Counter | Kind::Gauge | Kind::Info => 1,
        };
        let by_namespace = self.labels.iter().any(|label| matches!(label.values, Values::Namespaces));
        (of_labels * of_each, by_namespace)
    }

    pub(super) fn unit(&self) -> Option<Unit> {
        match self.measures {
            Measures::Count => None,
            Measures::Seconds => Some(Unit::Seconds),
        }
    }
}

const NAMESPACE: Label =
    Label { name: "namespace", meaning: "Namespace of the workloads", values: Values::Namespaces };
const WORKLOAD: Label = Label {
    name: "workload",
    meaning: "kind and name, as `kubectl` takes them",
    values: Values::WorstWorkloads,
};
const HEALTHY: Label = Label {
    name: "healthy",
    meaning: "status of the `Healthy` condition",
    values: Values::Of(|| vec!["True", "False", "Unknown"]),
};
const REASON: Label = Label {
    name: "reason",
    meaning: "a reason of [the catalogue](causes/README.md)",
    values: Values::Of(labels::reasons),
};
const VERDICT: Label = Label {
    name: "reason",
    meaning: "reason of the `Healthy` condition: one of [the catalogue](causes/README.md), `Instrumented`, `Progressing` or `NotChecked`",
    values: Values::Of(labels::verdicts),
};
const EVENT: Label = Label {
    name: "reason",
    meaning: "reason of the Event: one of [the catalogue](causes/README.md), or `InstrumentationRecovered`",
    values: Values::Of(labels::event_reasons),
};
const FAULT: Label = Label {
    name: "reason",
    meaning: "what is wrong; see [the catalogue](causes/README.md)",
    values: Values::Of(labels::operator_faults),
};
const SEVERITY: Label = Label {
    name: "severity",
    meaning: "`Error`: telemetry is lost, `Warning`: may be lost, `Info`: no loss now",
    values: Values::Of(|| vec!["Error", "Warning", "Info"]),
};
const LANGUAGE: Label = Label {
    name: "language",
    meaning: "the word of the annotation: `java` stands for `inject-java`",
    values: Values::Of(|| Language::ALL.iter().map(|language| language.annotation_word()).collect()),
};
const KIND: Label = Label {
    name: "kind",
    meaning: "the resource",
    values: Values::Of(|| InputKind::ALL.iter().map(|kind| kind.plural()).collect()),
};
const WATCH: Label = Label {
    name: "kind",
    meaning: "the resource, or the name of the only object that is watched",
    values: Values::Of(labels::watches),
};
const WATCH_ERROR: Label = Label {
    name: "error",
    meaning: "category; `other` is no connection, no answer, too many requests or an internal error",
    values: Values::Of(|| labels::WATCH_ERRORS.to_vec()),
};
const WRITE: Label =
    Label { name: "result", meaning: "what it did", values: Values::Of(|| labels::WRITES.to_vec()) };
const WRITE_ERROR: Label =
    Label { name: "error", meaning: "category", values: Values::Of(|| labels::WRITE_ERRORS.to_vec()) };
const SENT: Label = Label {
    name: "result",
    meaning: "`already_sent`: it was there, sent before a crash or a change of leaders",
    values: Values::Of(|| labels::SENT.to_vec()),
};
const HELD: Label = Label {
    name: "what",
    meaning: "what is shared by many objects",
    values: Values::Of(|| labels::HELD.to_vec()),
};
const VERSION: Label = Label { name: "version", meaning: "version; empty: unknown", values: Values::One };

macro_rules! metrics {
    ($($id:ident = $kind:expr, $measures:ident, $scope:ident, $name:literal [$($label:ident),*] $help:literal;)*) => {
        $(#[doc = $help] pub static $id: Description = Description {
            name: $name,
            kind: $kind,
            measures: Measures::$measures,
            help: $help,
            labels: &[$($label),*],
            scope: Scope::$scope,
        };)*

        /// All of them, in the order of the reference page.
        pub static ALL: &[&Description] = &[$(&$id),*];
    };
}

metrics! {
    WORKLOADS = Kind::Gauge, Count, Cluster, "workloads" [NAMESPACE, HEALTHY, VERDICT]
        "Workloads that ask for injection, by verdict";
    PODS_ASKED = Kind::Gauge, Count, Cluster, "pods_asked" [NAMESPACE, LANGUAGE]
        "Pods for which injection is asked";
    PODS_INJECTED = Kind::Gauge, Count, Cluster, "pods_injected" [NAMESPACE, LANGUAGE]
        "Pods for which injection is asked and that carry it";
    PODS_HEALTHY = Kind::Gauge, Count, Cluster, "pods_healthy" [NAMESPACE, LANGUAGE]
        "Pods that carry the injection they ask for, have started, and show no finding that loses telemetry";
    WORKLOAD_PODS_FAILED = Kind::Gauge, Count, Cluster, "workload_pods_failed" [NAMESPACE, WORKLOAD, VERDICT]
        "Pods with a finding that loses telemetry, of the 20 workloads with most of them";
    FINDINGS = Kind::Gauge, Count, Cluster, "findings" [REASON, SEVERITY]
        "Workloads with a finding; a workload may have several";
    FINDINGS_IGNORED = Kind::Gauge, Count, Cluster, "findings_ignored" [REASON]
        "Workloads with a finding that the annotation instrumentation-health.dev/ignore calls intended";
    WORKLOADS_MUTED = Kind::Gauge, Count, Cluster, "workloads_muted" [NAMESPACE]
        "Workloads about which no Events are sent, by the annotation instrumentation-health.dev/mute-until";
    OPERATOR_FAULTS = Kind::Gauge, Count, Cluster, "operator_faults" [FAULT]
        "Whether this keeps the operator from injecting into new Pods now, 1 or 0; absent where the webhook configurations cannot be read";
    OPERATOR_CERTIFICATE_EXPIRY = Kind::Gauge, Seconds, Cluster, "operator_certificate_expiry_timestamp" []
        "When the serving certificate of the operator's webhook runs out, or a CA above it; absent where none is known to verify";
    OPERATOR = Kind::Info, Count, Cluster, "operator" [VERSION]
        "The operator whose Deployment was found";
    AGENT_INSTALL_DURATION = Kind::Histogram { buckets: 12 }, Seconds, Cluster, "agent_install_duration" [LANGUAGE]
        "Time from the creation of a Pod to the end of the init container that installs its agent; Go and SDK have none";

    LEADER = Kind::Gauge, Count, Replica, "leader" []
        "Whether this replica leads: it alone writes, and exports the metrics about the cluster";
    LEASE_RENEWED = Kind::Gauge, Seconds, Replica, "lease_renewed_timestamp" []
        "When this replica last renewed the Lease; absent until it has";
    READY = Kind::Gauge, Count, Replica, "ready" []
        "Whether the cluster has been read and statuses can be written";
    WATCH_UP = Kind::Gauge, Count, Replica, "watch_up" [WATCH]
        "Whether what is watched is followed, or is certain not to be served by this cluster";
    WATCH_STARTS = Kind::Counter, Count, Replica, "watch_starts" [WATCH]
        "First lists, and lists made anew";
    WATCH_ERRORS = Kind::Counter, Count, Replica, "watch_errors" [WATCH, WATCH_ERROR]
        "Errors of watches";
    WATCH_EVENTS = Kind::Counter, Count, Replica, "watch_events" [KIND]
        "Objects received from watches, first lists included";
    UNPARSABLE_OBJECTS = Kind::Counter, Count, Replica, "unparsable_objects" [KIND]
        "Objects received that do not parse";
    INPUT_READABLE = Kind::Gauge, Count, Replica, "input_readable" [KIND]
        "Whether a kind that is watched is known completely; where it is not, checks are not made (notChecked)";
    EVALUATIONS = Kind::Counter, Count, Replica, "evaluations" []
        "Workloads judged, repetitions included";
    EVALUATION_DURATION = Kind::Histogram { buckets: 8 }, Seconds, Replica, "evaluation_duration" []
        "Time taken to judge one workload";
    EVALUATION_PANICS = Kind::Counter, Count, Replica, "evaluation_panics" []
        "Judgements that ended in a defect of the program";
    EVALUATION_BACKLOG = Kind::Gauge, Count, Replica, "evaluation_backlog" []
        "Workloads that wait to be judged";
    WRITES = Kind::Counter, Count, Replica, "writes" [WRITE]
        "Write requests for our objects that were done";
    WRITE_ERRORS = Kind::Counter, Count, Replica, "write_errors" [WRITE_ERROR]
        "Writes that were not done; most are tried again";
    WRITE_DURATION = Kind::Histogram { buckets: 10 }, Seconds, Replica, "write_duration" []
        "Time taken by one write request, Events included";
    WRITE_BACKLOG = Kind::Gauge, Count, Replica, "write_backlog" []
        "Objects that wait to be written";
    WRITE_BUDGET_WAITS = Kind::Counter, Count, Replica, "write_budget_waits" []
        "Times that writes waited because the budget (--writes-per-second) was used up";
    WRITE_BUDGET_WAIT = Kind::Counter, Seconds, Replica, "write_budget_wait" []
        "Time that writes waited because the budget was used up";
    STATUS_LAG = Kind::Histogram { buckets: 12 }, Seconds, Replica, "status_lag" []
        "Time from a change in the cluster, as it arrived, to the status it led to, written";
    EVENTS_SENT = Kind::Counter, Count, Replica, "events_sent" [EVENT, SENT]
        "Kubernetes Events sent";
    OBJECTS = Kind::Gauge, Count, Replica, "objects" [KIND]
        "Objects held in memory";
    HELD_THINGS = Kind::Gauge, Count, Replica, "held" [HELD]
        "Other things held in memory";
    BUILD = Kind::Info, Count, Replica, "build" [VERSION]
        "This program";
}
