//! What can a user read about every metric?

use std::fmt::Write as _;

use controller::metrics_reference::{ALL, Description, Kind, Label, Measures, Scope, Values};

use crate::generated::Generated;

const HEAD: &str = "\
<!-- Generated from crates/controller by `make gen`. -->
# Metrics

The controller serves them at `/metrics`, in the OpenMetrics text format. Names, labels and meanings are part of what a version promises.

No label holds the name of a Pod or any other object but Namespaces, and one metric names the 20 worst workloads. So the number of series does not grow with the number of workloads: *at
most* says how many one replica can export of a metric, and most clusters have far fewer, because what does not occur is not exported. A workload that
fails is named by its `InstrumentationHealth` and its Events.
";

const CLUSTER: &str = "
## The cluster

Exported only by the replica that leads: without `--leader-elect` the only one, with it never a standby. So a sum over all replicas counts nothing twice.
";

const REPLICA: &str = "
## The controller itself

Exported by every replica.
";

/// `docs/metrics.md`.
pub fn file() -> Generated {
    let mut content = HEAD.to_owned();
    for (scope, head) in [(Scope::Cluster, CLUSTER), (Scope::Replica, REPLICA)] {
        content.push_str(head);
        content.push_str("\n| Metric | Type | Labels | What it says | At most |\n|---|---|---|---|---|\n");
        let all = ALL.iter().filter(|metric| metric.scope == scope);
        all.for_each(|metric| row(&mut content, metric));
    }
    content.push_str("\n## Labels\n\n| Label | Of | What it says | Values |\n|---|---|---|---|\n");
    for label in labels() {
        label_row(&mut content, label);
    }
    Generated { path: "docs/metrics.md".into(), content }
}

fn row(table: &mut String, metric: &Description) {
    let labels: Vec<String> = metric.labels.iter().map(|label| format!("`{}`", label.name)).collect();
    let yes_or_time = match (metric.measures, metric.name.ends_with("_timestamp")) {
        (Measures::Seconds, true) => " (seconds since 1970)",
        _ => "",
    };
    let _ = writeln!(
        table,
        "| `{}` | {} | {} | {}{yes_or_time} | {} |",
        metric.full_name(),
        kind(metric.kind),
        labels.join(", "),
        metric.help.replace("--writes-per-second", "`--writes-per-second`"),
        series(metric),
    );
}

const fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Counter => "counter",
        Kind::Gauge => "gauge",
        Kind::Histogram { .. } => "histogram",
        Kind::Info => "info",
    }
}

fn series(metric: &Description) -> String {
    match metric.series() {
        (1, true) => "1 a Namespace".to_owned(),
        (count, true) => format!("{count} a Namespace"),
        (count, false) => count.to_string(),
    }
}

/// Every label once, in the order in which they appear.
fn labels() -> Vec<&'static Label> {
    let mut known: Vec<&'static Label> = Vec::new();
    for label in ALL.iter().flat_map(|metric| metric.labels) {
        if !known.iter().any(|other| is_same(other, label)) {
            known.push(label);
        }
    }
    known
}

fn is_same(a: &Label, b: &Label) -> bool {
    a.name == b.name && a.meaning == b.meaning
}

fn label_row(table: &mut String, label: &Label) {
    let of: Vec<String> = ALL
        .iter()
        .filter(|metric| metric.labels.iter().any(|own| is_same(own, label)))
        .map(|metric| format!("`{}`", metric.name))
        .collect();
    let values = match label.values {
        Values::Namespaces => "Namespaces with a workload that asks for injection".to_owned(),
        Values::WorstWorkloads => "at most 20 at a time".to_owned(),
        Values::One => "one at a time".to_owned(),
        Values::Of(values) => listed(&values()),
    };
    let _ = writeln!(table, "| `{}` | {} | {} | {values} |", label.name, of.join(", "), label.meaning);
}

/// The values themselves where they are few, else how many there are.
fn listed(values: &[&str]) -> String {
    const FEW: usize = 24;
    if values.len() > FEW {
        return format!("{} of them", values.len());
    }
    values.iter().map(|value| format!("`{value}`")).collect::<Vec<_>>().join(", ")
}
