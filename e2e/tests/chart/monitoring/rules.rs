//! What do the shipped alert rules ask, and how do they fire within a test?

use std::collections::BTreeSet;

use controller::metrics_reference::PREFIX;

use crate::helm::file;

fn text() -> String {
    std::fs::read_to_string(file("config/alerts/rules.yaml")).unwrap()
}

/// The rules, but that an alert fires a second after it begins. How long it really waits is in e2e/tests/alerts.
pub fn at_once() -> String {
    let wait = |line: &str| {
        if line.trim_start().starts_with("for: ") { "    for: 1s".to_owned() } else { line.to_owned() }
    };
    text().lines().map(wait).collect::<Vec<_>>().join("\n")
}

/// Alert, and each metric of ours that it asks for.
pub fn metrics() -> BTreeSet<(String, String)> {
    let (mut metrics, mut alert) = (BTreeSet::new(), String::new());
    for line in text().lines() {
        if let Some(name) = line.trim().strip_prefix("- alert: ") {
            name.clone_into(&mut alert);
        } else if let Some(expression) = line.trim().strip_prefix("expr: ") {
            let words = expression.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            let ours = words.filter(|word| word.starts_with(PREFIX));
            metrics.extend(ours.map(|metric| (alert.clone(), metric.to_owned())));
        }
    }
    metrics
}
