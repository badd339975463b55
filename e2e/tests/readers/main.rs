//! Do the programs that read what this repository gives people take it, and make of it what is meant?
//!
//! Those that need no control plane; what reads a cluster is tried in `e2e/tests/chart`, alert rules in `e2e/tests/alerts`.

#![allow(clippy::unwrap_used)] // a test may stop at the first thing that does not work

mod gitops;
mod judged;
mod schemas;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

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

/// What `kubectl` says that knows no cluster, with the program under test on its `PATH` as the README has it.
fn kubectl(arguments: &[&OsStr]) -> String {
    let plugins = tempfile::tempdir().unwrap();
    let plugin = plugins.path().join("kubectl-instrumentation_health");
    std::os::unix::fs::symlink(e2e::product::program().unwrap(), plugin).unwrap();
    let mut command = Command::new(e2e::bed::kubectl().unwrap());
    command.args(arguments).env("PATH", plugins.path()).env("KUBECONFIG", "/dev/null");
    let ended = command.output().unwrap();
    assert!(ended.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&ended.stderr));
    String::from_utf8(ended.stdout).unwrap()
}

#[test]
fn kubectl_finds_the_plugin() {
    let said = kubectl(&["instrumentation-health", "explain", "AgentImagePullFailed"].map(OsStr::new));
    assert!(said.contains("cannot pull the agent image"), "{said}");
}

#[test]
fn kubectl_builds_every_folder_that_can_be_applied() {
    let mut built = 0;
    for folder in ["config", "config/namespaces-only"] {
        for entry in std::fs::read_dir(file(folder)).unwrap() {
            let folder = entry.unwrap().path();
            if folder.join("kustomization.yaml").is_file() {
                let objects = kubectl(&["kustomize".as_ref(), folder.as_os_str()]);
                assert!(objects.contains("\nkind: "), "{}: {objects}", folder.display());
                built += 1;
            }
        }
    }
    assert!(built >= 10, "{built}");
}

#[test]
fn the_prometheus_operator_takes_the_rules() {
    let alerts = kubectl(&["kustomize".as_ref(), file("config/alerts").as_os_str()]);
    assert_eq!(read("prometheus-operator", &[], &alerts).unwrap(), "PrometheusRule\n");
}
