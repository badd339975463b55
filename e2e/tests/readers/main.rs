//! Do the programs that read what this repository gives people take it, and make of it what is meant?
//!
//! Those that need no control plane; what reads a cluster is tried in `e2e/tests/chart`, alert rules in `e2e/tests/alerts`.

#![allow(clippy::unwrap_used)] // a test may stop at the first thing that does not work

mod gitops;
mod judged;
mod schemas;

use std::path::{Path, PathBuf};

use e2e::readers::read;

/// A file of the repository.
fn file(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

#[test]
fn actionlint_takes_the_workflow() {
    let workflow = std::fs::read_to_string(file("deploy/ci/github-actions.yaml")).unwrap();
    read("actionlint", &[Path::new("-")], &workflow).unwrap();
    let complaint =
        read("actionlint", &[Path::new("-")], &workflow.replace("runs-on", "run-on")).unwrap_err();
    assert!(complaint.contains("run-on"), "{complaint}");
}

#[test]
fn the_dashboard_is_one_as_grafana_knows_them() {
    let dashboard = file("config/dashboards/instrumentation-health.json");
    read("grafana", &[&dashboard], "").unwrap();
    let text = std::fs::read_to_string(&dashboard).unwrap();
    let folder = tempfile::tempdir().unwrap();
    for (known, unknown) in [("\"expr\"", "\"expression\""), ("\"reduceOptions\"", "\"reduceOption\"")] {
        let broken = folder.path().join("broken.json");
        std::fs::write(&broken, text.replace(known, unknown)).unwrap();
        let complaint = read("grafana", &[&broken], "").unwrap_err();
        assert!(complaint.contains(unknown.trim_matches('"')), "{complaint}");
    }
}
