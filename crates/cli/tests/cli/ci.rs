//! Do the examples for CI in `deploy/ci` stop a merge whose annotation cannot work, and no other?

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::program::{files, is_installed};

const WORKFLOW: &str = include_str!("../../../../deploy/ci/github-actions.yaml");
const HOOKS: &str = include_str!("../../../../deploy/ci/pre-commit-config.yaml");

const RIGHT: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: checkout}
spec:
  selector: {matchLabels: {app: checkout}}
  template:
    metadata: {labels: {app: checkout}, annotations: {instrumentation.opentelemetry.io/inject-java: \"true\"}}
    spec: {containers: [{name: app, image: shop/checkout:1}]}
";

/// The annotation stands on the Deployment itself.
fn wrong() -> String {
    let annotation = ", annotations: {instrumentation.opentelemetry.io/inject-java: \"true\"}";
    RIGHT.replace(annotation, "").replace("{name: checkout}", &format!("{{name: checkout{annotation}}}"))
}

/// `PATH` with the program under test first.
fn path() -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_instrumentation-health"));
    format!("{}:{}", program.parent().unwrap().display(), std::env::var("PATH").unwrap())
}

fn repository(manifest: &str) -> (tempfile::TempDir, PathBuf) {
    files(&[("deploy/app.yaml", manifest.as_bytes())])
}

#[test]
fn the_workflow_step_fails_and_leaves_its_findings() {
    let workflow: Value = serde_saphyr::from_str(WORKFLOW).unwrap();
    let steps = workflow["jobs"]["check"]["steps"].as_array().unwrap();
    let step = steps.iter().find(|step| step["name"] == "Check the manifests").unwrap();
    for (manifest, code, results) in [(RIGHT.to_owned(), 0, 0), (wrong(), 1, 1)] {
        let (_folder, root) = repository(&manifest);
        let script = step["run"].as_str().unwrap();
        let mut shell = Command::new("bash");
        // As GitHub's runners call it.
        shell.args(["--noprofile", "--norc", "-eo", "pipefail", "-c", script]);
        shell.current_dir(&root).env("PATH", path()).env("MANIFESTS", "deploy/");
        let ran = shell.output().unwrap();
        assert_eq!(ran.status.code(), Some(code), "{}", String::from_utf8_lossy(&ran.stderr));
        let log = std::fs::read_to_string(root.join("instrumentation.sarif")).unwrap();
        let log: Value = serde_json::from_str(&log).unwrap();
        let found = log["runs"][0]["results"].as_array().unwrap();
        assert_eq!(found.iter().filter(|result| result["level"] == "error").count(), results, "{log}");
        let place = &found.first().map(|result| &result["locations"][0]["physicalLocation"]);
        assert!(place.is_none_or(|place| place["artifactLocation"]["uri"] == "deploy/app.yaml"), "{log}");
    }
}

#[test]
fn the_hook_fails_on_the_file_that_is_wrong() {
    let hooks: Value = serde_saphyr::from_str(HOOKS).unwrap();
    let entry = hooks["repos"][0]["hooks"][0]["entry"].as_str().unwrap();
    for (manifest, code) in [(RIGHT.to_owned(), 0), (wrong(), 1)] {
        let (_folder, root) = repository(&manifest);
        let mut words = entry.split(' ').chain(["deploy/app.yaml"]);
        let mut hook = Command::new(words.next().unwrap());
        let ran = hook.args(words).current_dir(&root).env("PATH", path()).output().unwrap();
        assert_eq!(ran.status.code(), Some(code), "{}", String::from_utf8_lossy(&ran.stdout));
    }
}

#[test]
fn pre_commit_itself_runs_the_hook() {
    if !is_installed("pre-commit", "the hook in pre-commit itself", "PyPI's pre-commit") {
        return;
    }
    for (manifest, passes) in [(RIGHT.to_owned(), true), (wrong(), false)] {
        let (_folder, root) = repository(&manifest);
        std::fs::write(root.join(".pre-commit-config.yaml"), HOOKS).unwrap();
        let run = |program: &str, arguments: &[&str]| {
            let mut command = Command::new(program);
            command
                .args(arguments)
                .current_dir(&root)
                .env("PATH", path())
                .env("PRE_COMMIT_HOME", root.join(".home"));
            command.output().unwrap()
        };
        assert!(run("git", &["init", "--quiet"]).status.success());
        assert!(run("git", &["add", "deploy"]).status.success());
        let ran = run("pre-commit", &["run", "--all-files"]);
        assert_eq!(ran.status.success(), passes, "{}", String::from_utf8_lossy(&ran.stdout));
    }
}
