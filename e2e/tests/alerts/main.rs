//! Do the alert rules fire when they should, by Prometheus' own `promtool`?

#![allow(clippy::unwrap_used)] // a test may stop at the first thing that does not work

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use controller::metrics_reference::{ALL, PREFIX};

const CASES: &str = include_str!("rules_test.yaml");

fn rules() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../config/alerts/rules.yaml")
}

fn promtool(arguments: &[&str], folder: &Path) {
    let program = e2e::bed::prometheus().unwrap().join("promtool");
    let output = Command::new(program).args(arguments).current_dir(folder).output().unwrap();
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    assert!(output.status.success(), "promtool {}:\n{}", arguments.join(" "), said.join("\n"));
}

#[test]
fn each_alert_fires_when_it_should_and_not_before() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(rules(), folder.path().join("rules.yaml")).unwrap();
    std::fs::write(folder.path().join("rules_test.yaml"), CASES).unwrap();
    promtool(&["check", "rules", "--lint-fatal", "rules.yaml"], folder.path());
    promtool(&["test", "rules", "rules_test.yaml"], folder.path());
}

#[test]
fn the_scrape_configuration_of_the_docs_is_one() {
    let page = std::fs::read_to_string(rules().with_file_name("../../docs/dashboards.md")).unwrap();
    let example = page.split("```yaml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    // Neither Debian's Prometheus nor the bed's discovers targets; all else of the example counts.
    let discovery = "  kubernetes_sd_configs:\n  - role: endpointslice\n    namespaces: {names: [instrumentation-health]}\n";
    let example = example.replace(discovery, "  static_configs: [{targets: [\"127.0.0.1:8080\"]}]\n");
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("prometheus.yaml"), example).unwrap();
    promtool(&["check", "config", "prometheus.yaml"], folder.path());
}

#[test]
fn rules_ask_for_metrics_that_are_there_and_every_alert_has_a_case() {
    let text = std::fs::read_to_string(rules()).unwrap();
    let known: BTreeSet<String> = ALL.iter().map(|metric| metric.full_name()).collect();
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    for line in text.lines().filter(|line| line.trim_start().starts_with("expr:")) {
        let names = line.split(|c| !is_part(c)).filter(|word| word.starts_with(PREFIX));
        for name in names {
            assert!(known.contains(name.trim_end_matches("_bucket")), "{name}");
        }
    }
    for alert in text.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")) {
        assert!(
            CASES.contains(&format!("alertname: {alert}\n    exp_alerts:")),
            "no case in which {alert} fires"
        );
    }
}
