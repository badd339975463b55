//! What does `check` print about recorded clusters?

use std::io::Cursor;

use cli::Exit;

use crate::program::{run, run_with_input, snapshot, text};

#[test]
fn a_healthy_cluster_is_one_line_and_a_summary() {
    let dump = snapshot("healthy-java");
    let ran = run(&["check", "-f", &dump]);
    assert_eq!((ran.exit, ran.err.as_str()), (Exit::Fine, ""));
    insta::assert_snapshot!(ran.out, @"
    Checked 1 workload asking for injection in 1 namespace (2 Pods), operator 0.158.0.

    1 healthy, 0 failing.
    ");
    let ran = run(&["check", "-q", "-f", &dump]);
    assert_eq!(ran.out, "1 healthy, 0 failing.\n");
    let ran = run(&["check", "-v", "-f", &dump]);
    assert!(
        ran.out.contains("\n✓ shop-ylqpz/deployment/checkout  java  2 of 2 Pods healthy\n"),
        "{}",
        ran.out
    );
}

#[test]
fn a_failing_workload_is_told_with_proof_and_remedy() {
    let ran = run(&["check", "-f", &snapshot("instrumentation-missing")]);
    assert_eq!(ran.exit, Exit::Failing);
    let lines: Vec<&str> = ran.out.lines().collect();
    assert!(lines[0].starts_with("Checked 1 workload asking for injection"), "{}", ran.out);
    assert!(lines[2].starts_with("✗ ") && lines[2].contains("/deployment/recommendation"), "{}", ran.out);
    assert!(lines[3].starts_with("  NoInstrumentationInNamespace (certain): "), "{}", ran.out);
    assert!(ran.out.contains("\n  Fix: "), "{}", ran.out);
    assert!(
        ran.out.contains("\n  More: instrumentation-health explain NoInstrumentationInNamespace\n"),
        "{}",
        ran.out
    );
    assert!(ran.out.ends_with("0 healthy, 1 failing.\n"), "{}", ran.out);
}

#[test]
fn one_pod_of_fifty_is_told_like_this() {
    let ran = run(&["check", "-f", &snapshot("fifty-one-cannot-pull")]);
    insta::assert_snapshot!(ran.out, @r#"
    Checked 1 workload asking for injection in 1 namespace (50 Pods), operator 0.158.0.

    ✗ shop-wa84z/deployment/frontend  nodejs  49 of 50 Pods healthy
      AgentImagePullFailed (certain): Pod frontend-55f49fb54-26v65 cannot pull agent
      image
      ghcr.io/open-telemetry/opentelemetry-operator/autoinstrumentation-nodejs:0.78.0
      from Instrumentation shop-wa84z/my-instrumentation: dial tcp
      140.82.121.33:443: i/o timeout.
        Pod/frontend-55f49fb54-26v65
          status.initContainerStatuses[opentelemetry-auto-instrumentation-nodejs].state.waiting
          = dial tcp 140.82.121.33:443: i/o timeout
        Pod/frontend-55f49fb54-26v65 image of container
          opentelemetry-auto-instrumentation-nodejs =
          ghcr.io/open-telemetry/opentelemetry-operator/autoinstrumentation-nodejs:0.78.0
      Fix: The node does not reach the registry: mend that, or name a copy in
        spec.nodejs.image of Instrumentation shop-wa84z/my-instrumentation, then:
        kubectl -n shop-wa84z rollout restart deployment/frontend
      More: instrumentation-health explain AgentImagePullFailed

    0 healthy, 1 failing.
    "#);
}

/// Only commands and words without a blank may be longer than 80 columns.
#[test]
fn lines_fit_into_80_columns() {
    let ran = run(&["check", "-v", "-f", &snapshot("messy-cluster-one")]);
    assert_eq!(ran.exit, Exit::Failing);
    for line in ran.out.lines().filter(|line| !line.starts_with("    kubectl ")) {
        let is_one_word = line.split_whitespace().count() <= 1;
        let is_first = line.starts_with("Checked ");
        let fits = line.chars().count() <= 80;
        assert!(fits || is_one_word || is_first || line.starts_with("  More: "), "{line}");
    }
}

#[test]
fn failing_workloads_come_first() {
    let ran = run(&["check", "-v", "-f", &snapshot("messy-cluster-one")]);
    let signs: Vec<char> =
        ran.out.lines().filter_map(|line| line.chars().next()).filter(|c| "✗!?…✓".contains(*c)).collect();
    let mut sorted = signs.clone();
    sorted.sort_by_key(|sign| "✗!?…✓".find(*sign));
    assert_eq!(signs, sorted);
    assert!(signs.contains(&'✗') && signs.contains(&'✓'), "{signs:?}");
}

#[test]
fn names_and_namespaces_choose() {
    let dump = snapshot("messy-cluster-one");
    for (arguments, want) in [
        (&["deployment/fraud"][..], vec!["deployment-fraud"]),
        (&["deploy/fraud", "sts/reports"], vec!["statefulset-reports", "deployment-fraud"]),
        (&["data-d1vf5/statefulset/reports"], vec!["statefulset-reports"]),
        (&["pod/fraud-55f7475bcb-86p64"], vec!["deployment-fraud"]),
    ] {
        let ran = run(&[&["check", "-o", "json"], arguments, &["-f", &dump]].concat());
        assert_eq!(names(&ran.out), want, "{arguments:?}");
    }
    let ran = run(&["check", "-o", "json", "-n", "platform-d1vf5", "-f", &dump]);
    assert!(names(&ran.out).contains(&"deployment-registry".to_owned()), "{}", ran.out);
    assert!(!names(&ran.out).contains(&"deployment-fraud".to_owned()));
}

/// What an outage has left behind in several workloads takes one command for each namespace.
#[test]
fn what_an_outage_left_behind_is_restarted_together() {
    let mut objects = objects("pod-created-while-webhook-unavailable");
    let second: Vec<serde_json::Value> = objects
        .iter()
        .filter(|object| object["metadata"]["name"].as_str().is_some_and(|name| name.starts_with("checkout")))
        .map(|object| {
            let text = object.to_string().replace("checkout", "billing").replace("-4", "-5");
            serde_json::from_str(&text).unwrap()
        })
        .collect();
    let one = run_with_input(&["check", "-f", "-"], Cursor::new(list(&objects)));
    assert!(!one.out.contains("To restart them"), "one workload has its own command: {}", one.out);
    objects.extend(second);
    let both = run_with_input(&["check", "-f", "-"], Cursor::new(list(&objects)));
    let told = "2 workloads run without an agent since the operator's webhook was away. To\nrestart them:\n";
    let (_, rest) = both.out.split_once(told).unwrap_or_else(|| panic!("{}", both.out));
    let command = rest.lines().next().unwrap_or_default().trim();
    assert!(
        command.starts_with("kubectl -n shop-")
            && command.ends_with(" rollout restart deployment/billing deployment/checkout"),
        "{command}"
    );
}

fn objects(scenario: &str) -> Vec<serde_json::Value> {
    let file = std::fs::File::open(snapshot(scenario)).unwrap();
    let mut list: serde_json::Value = serde_json::from_reader(flate2::read::GzDecoder::new(file)).unwrap();
    serde_json::from_value(list["items"].take()).unwrap()
}

fn list(objects: &[serde_json::Value]) -> String {
    serde_json::json!({"apiVersion": "v1", "kind": "List", "items": objects}).to_string()
}

fn names(json: &str) -> Vec<String> {
    let list: serde_json::Value = serde_json::from_str(json).unwrap();
    let items = list["items"].as_array().unwrap();
    items.iter().map(|item| item["metadata"]["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn nothing_asked_is_said_and_fine() {
    let ran = run_with_input(&["check", "-f", "-"], text("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n"));
    assert_eq!(ran.exit, Exit::Fine);
    assert_eq!(ran.out, "Nothing asks for injection: looked at 1 workload in 1 namespace.\n");
    let ran = run_with_input(
        &["check", "-o", "json", "-f", "-"],
        text("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n"),
    );
    assert_eq!(names(&ran.out), [""; 0]);
}

#[test]
fn unknown_fails_only_where_asked() {
    let dump = snapshot("healthy-rollout-in-progress");
    let scenario = std::fs::read_to_string(dump.replace("snapshot.json.gz", "scenario.json")).unwrap();
    let scenario: serde_json::Value = serde_json::from_str(&scenario).unwrap();
    let now = scenario["now"].as_str().unwrap();
    let ran = run(&["check", "-f", &dump, "--at", now]);
    assert_eq!(ran.exit, Exit::Fine, "{}", ran.out);
    let starting = ran.out.contains("1 starting");
    let ran = run(&["check", "-f", &dump, "--at", now, "--fail-on", "unknown"]);
    assert_eq!(ran.exit == Exit::Failing, starting, "{}", ran.out);
}

#[test]
fn failing_fails_unless_asked_not_to() {
    let dump = snapshot("instrumentation-missing");
    assert_eq!(run(&["check", "-f", &dump]).exit, Exit::Failing);
    assert_eq!(run(&["check", "-f", &dump, "--fail-on", "nothing"]).exit, Exit::Fine);
}

#[test]
fn manifests_prove_no_absence() {
    let manifest = "apiVersion: apps/v1
kind: Deployment
metadata: {name: checkout}
spec:
  template:
    metadata:
      annotations: {instrumentation.opentelemetry.io/inject-java: 'true'}
    spec:
      containers: [{name: app, image: shop/checkout}]
";
    let ran = run_with_input(&["check", "-f", "-"], text(manifest));
    assert_eq!(ran.exit, Exit::Fine, "{}", ran.out);
    assert!(ran.out.contains("default/deployment/checkout"), "{}", ran.out);
    assert!(ran.err.starts_with("note: taken for manifests"), "{}", ran.err);
    let ran = run_with_input(&["check", "-n", "shop", "-f", "-", "--complete"], text(manifest));
    assert_eq!(ran.exit, Exit::Failing, "{}", ran.out);
    assert!(ran.out.contains("shop/deployment/checkout"), "{}", ran.out);
}

#[test]
fn manifests_that_show_nothing_wrong_send_nobody_for_rights() {
    let manifests = "\
apiVersion: opentelemetry.io/v1alpha1
kind: Instrumentation
metadata: {name: default, namespace: shop}
spec: {exporter: {endpoint: 'http://otel-collector:4318'}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: checkout, namespace: shop}
spec:
  selector: {matchLabels: {app: checkout}}
  template:
    metadata: {labels: {app: checkout}, annotations: {instrumentation.opentelemetry.io/inject-java: 'true'}}
    spec: {containers: [{name: app, image: 'shop/checkout:1'}]}
";
    let ran = run_with_input(&["check", "-f", "-"], text(manifests));
    assert_eq!(ran.exit, Exit::Fine);
    insta::assert_snapshot!(ran.out, @"
    Checked 1 workload asking for injection in 1 namespace (0 Pods).

    ? shop/deployment/checkout  java  no Pods
      NotChecked: Nothing fails as far as is known, but Pods are known in part only.

    0 healthy, 0 failing, 1 not judged.
    ");
}
