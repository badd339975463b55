//! Is what users silence still to be seen?

use std::io::Read as _;

use serde_json::{Value, json};

use crate::program::{Ran, run_with_input, snapshot, text};

/// `check` of a failing workload with these annotations under our prefix.
fn check(annotations: &[(&str, &str)], arguments: &[&str]) -> Ran {
    let packed = std::fs::File::open(snapshot("endpoint-python-4317")).unwrap();
    let mut dump = String::new();
    flate2::read::GzDecoder::new(packed).read_to_string(&mut dump).unwrap();
    let mut list: Value = serde_json::from_str(&dump).unwrap();
    let is_ours = |object: &&mut Value| {
        object["kind"] == "Deployment" && object["metadata"]["name"] == "recommendation"
    };
    let workload = list["items"].as_array_mut().unwrap().iter_mut().find(is_ours).unwrap();
    for (name, value) in annotations {
        workload["metadata"]["annotations"][format!("instrumentation-health.dev/{name}")] = json!(value);
    }
    run_with_input(&[&["check", "-f", "-"], arguments].concat(), text(list.to_string()))
}

#[test]
fn what_is_ignored_is_counted_and_shown_with_v() {
    let ignore = [("ignore", "EndpointProtocolMismatch")];
    let out = check(&ignore, &[]).out;
    insta::assert_snapshot!(out, @"
    Checked 1 workload asking for injection in 1 namespace (1 Pod), operator 0.158.0.

    - 1 finding ignored by annotation: EndpointProtocolMismatch (1) (-v tells them)

    1 healthy, 0 failing.
    ");
    let out = check(&ignore, &["-v"]).out;
    assert!(out.contains("\n  EndpointProtocolMismatch (ignored, likely): "), "{out}");
}

#[test]
fn what_is_muted_is_told_all_the_same() {
    let out =
        check(&[("mute-until", "2030-01-01T00:00:00Z"), ("mute-reason", "the collector moves")], &[]).out;
    assert!(out.contains("\n  Muted until 2030-01-01T00:00:00Z: the collector moves\n"), "{out}");
    assert!(out.contains("\n- 1 workload muted: the controller sends no Events about them\n"), "{out}");
    assert!(out.ends_with("0 healthy, 1 failing.\n"), "{out}");
}

#[test]
fn a_slip_is_told_without_v() {
    let out = check(&[("mute-until", "tomorrow")], &[]).out;
    assert!(out.contains("\n- Annotation instrumentation-health.dev/mute-until of deployment/"), "{out}");
}
