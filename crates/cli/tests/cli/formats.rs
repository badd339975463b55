//! Do the tools that read our output accept it, and does it say the same as the table?

use std::io::Write as _;
use std::process::{Command, Stdio};

use cli::Exit;
use serde_json::Value;

use crate::program::{Ran, files, is_installed, run, snapshot};

/// A healthy cluster, one with twelve causes, one that may be failing, one that is starting.
const SCENARIOS: [&str; 5] = [
    "healthy-java",
    "messy-cluster-one",
    "application-has-own-sdk",
    "healthy-rollout-in-progress",
    "crd-missing",
];

/// A Deployment that asks for Java in the wrong place, on the second document of its file.
const DEPLOYMENT: &str = "\
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
# the shop's checkout
apiVersion: apps/v1
kind: Deployment
metadata: {name: checkout, namespace: shop, annotations: {instrumentation.opentelemetry.io/inject-java: \"true\"}}
spec:
  selector: {matchLabels: {app: checkout}}
  template:
    metadata: {labels: {app: checkout}}
    spec: {containers: [{name: app, image: shop/checkout:1}]}
";

fn check(scenario: &str, arguments: &[&str]) -> Ran {
    let snapshot = snapshot(scenario);
    run(&[&["check", "-f", &snapshot], arguments].concat())
}

#[test]
fn sarif_points_at_the_document_of_the_workload() {
    let (_folder, path) = files(&[("deploy/shop.yaml", DEPLOYMENT.as_bytes())]);
    let ran = run(&["check", "-f", path.to_str().unwrap(), "-o", "sarif"]);
    assert_eq!(ran.exit, Exit::Failing, "{}", ran.err);
    let log: Value = serde_json::from_str(&ran.out).unwrap();
    let result = &log["runs"][0]["results"][0];
    let rule = result["ruleIndex"].as_u64().unwrap();
    assert_eq!(
        log["runs"][0]["tool"]["driver"]["rules"][usize::try_from(rule).unwrap()]["name"],
        "AnnotationNotOnPodTemplate"
    );
    assert_eq!(result["ruleId"], "IH-C001");
    assert_eq!(result["level"], "error");
    let place = &result["locations"][0];
    assert_eq!(place["logicalLocations"][0]["fullyQualifiedName"], "shop/deployment/checkout");
    let uri = place["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap();
    assert!(uri.ends_with("/deploy/shop.yaml"), "{uri}");
    assert_eq!(place["physicalLocation"]["region"]["startLine"], 4);
}

#[test]
fn sarif_tells_what_could_not_be_read() {
    let odd = "apiVersion: v1\nkind: Pod\nmetadata: {name: [1]}\n";
    let (_folder, path) = files(&[("odd.yaml", odd.as_bytes()), ("shop.yaml", DEPLOYMENT.as_bytes())]);
    let ran = run(&["check", "-f", path.to_str().unwrap(), "-o", "sarif"]);
    let log: Value = serde_json::from_str(&ran.out).unwrap();
    let invocation = &log["runs"][0]["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    let told = invocation["toolExecutionNotifications"][0]["message"]["text"].as_str().unwrap();
    assert!(told.contains("odd.yaml, document 1, line 1: Pod"), "{told}");
}

#[test]
fn junit_fits_its_schema() {
    if !is_installed("xmllint", "JUnit output against its schema", "Debian's libxml2-utils") {
        return;
    }
    let schema = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/schemas/jenkins-junit.xsd");
    for scenario in SCENARIOS {
        let report = check(scenario, &["-o", "junit"]).out;
        let mut lint = Command::new("xmllint")
            .args(["--noout", "--schema", schema, "-"])
            .stdin(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        lint.stdin.take().unwrap().write_all(report.as_bytes()).unwrap();
        let ended = lint.wait_with_output().unwrap();
        assert!(ended.status.success(), "{scenario}: {}\n{report}", String::from_utf8_lossy(&ended.stderr));
    }
}

#[test]
fn junit_counts_as_the_table_does() {
    for (scenario, arguments, counts) in [
        ("healthy-java", &[][..], r#"tests="1" skipped="0" errors="0" failures="0""#),
        ("application-has-own-sdk", &[], r#"tests="1" skipped="1" errors="0" failures="0""#),
        (
            "application-has-own-sdk",
            &["--fail-on", "unknown"],
            r#"tests="1" skipped="0" errors="0" failures="1""#,
        ),
        (
            "instrumentation-missing",
            &["--fail-on", "nothing"],
            r#"tests="1" skipped="0" errors="0" failures="1""#,
        ),
    ] {
        let report = check(scenario, &[&["-o", "junit"], arguments].concat()).out;
        assert!(report.lines().nth(2).unwrap().contains(counts), "{scenario}: {report}");
    }
    let report = check("messy-cluster-one", &["-o", "junit"]).out;
    assert!(report.lines().nth(1).unwrap().ends_with(r#"tests="17" failures="12" errors="0">"#), "{report}");
    let report = check("instrumentation-missing", &["-o", "junit"]).out;
    assert!(report.contains(r#"<failure message="NoInstrumentationInNamespace: "#), "{report}");
    assert!(report.contains("Fix: "), "{report}");
}

#[test]
fn filters_leave_what_is_meant() {
    for (arguments, summary) in [
        (&["--reason", "AgentImagePullFailed"][..], "0 healthy, 1 failing."),
        (&["--reason", "F4"], "0 healthy, 1 failing."),
        (&["--reason", "F4,InitContainerOOMKilled"], "0 healthy, 2 failing."),
        (&["--severity", "error"], "0 healthy, 12 failing."),
        (
            &["--instrumentation", "payments-d1vf5/my-instrumentation", "--severity", "error"],
            "0 healthy, 3 failing.",
        ),
        (&["--kind", "deploy"], "3 healthy, 12 failing."),
        (&["--kind", "rollout"], "None of 17 workloads asking for injection is meant by the filters."),
        (&["-n", "data-d1vf5", "--severity", "error"], "0 healthy, 3 failing."),
    ] {
        let ran = check("messy-cluster-one", &[&["-q"], arguments].concat());
        let first = ran.out.split(" One cause").next().unwrap().trim();
        assert_eq!(first, summary, "{arguments:?} {}", ran.err);
    }
}

#[test]
fn a_filter_that_means_nothing_is_wrong_usage() {
    for (arguments, hint) in [
        (&["--reason", "AgentImagePulFailed"][..], "did you mean AgentImagePullFailed?"),
        (&["--instrumentation", "default"], "expected NAMESPACE/NAME"),
        (&["--severity", "grave"], "possible values: error, warning, info"),
        (&["--watch"], "cannot be used with"),
    ] {
        let ran = check("healthy-java", arguments);
        assert_eq!(ran.exit, Exit::WrongUsage, "{arguments:?}");
        assert!(ran.err.contains(hint), "{arguments:?}: {}", ran.err);
    }
}
