//! Does the stand-in operator make of a Pod what the real one made of it in the recorded clusters?
//!
//! Every recorded AdmissionReview of the scenarios is answered from the recorded cluster and compared, Pod for Pod. A snapshot shows the
//! cluster at the end, an AdmissionReview its answer at the time, so scenarios that change what the answer rests on are left out by name.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use e2e::operator::review;
use facts::ClusterView as _;
use flate2::read::GzDecoder;
use injection::{OperatorConfig, OperatorSource};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// Scenarios in which what the operator answered from was changed after some of the Pods were made.
const CHANGED_LATER: &[&str] = &[
    "annotation-on-namespace-added-later",
    "healthy-completed-job", // its first Job is no longer there
    "healthy-restarted-after-change",
    "injection-lingers-after-opt-out",
    "instrumentation-created-after-workload",
    "instrumentation-tls-secret-deleted-later",
    "stale-endpoint",
];

#[test]
fn answers_equal_the_recorded_ones() {
    let file =
        std::fs::File::open(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/admissions.jsonl.gz"))
            .unwrap();
    let (mut equal, mut left_out, mut differing) = (0, 0, Vec::new());
    for line in BufReader::new(GzDecoder::new(file)).lines() {
        let recorded: Value = serde_json::from_str(&line.unwrap()).unwrap();
        let scenario = recorded["scenario"].as_str().unwrap();
        if CHANGED_LATER.contains(&scenario) {
            left_out += 1;
            continue;
        }
        let ours = answer(scenario, &recorded);
        let (want, got) = (pod_after(&recorded, &recorded["response"]), pod_after(&recorded, &ours));
        if want == got {
            equal += 1;
        } else {
            differing.push(format!(
                "{scenario}: {}\nrecorded {want}\nours     {got}\n",
                recorded["object"]["metadata"]["generateName"]
            ));
        }
    }
    println!("{equal} Pods equal, {} differ, {left_out} left out", differing.len());
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

/// The stand-in's response from the recorded cluster.
fn answer(scenario: &str, recorded: &Value) -> Value {
    let input =
        input::load(&[snapshot(scenario)], &mut std::io::empty(), &input::Options::default()).unwrap();
    let review =
        json!({"request": {"uid": "", "namespace": recorded["namespace"], "object": recorded["object"]}});
    let deployment = input.world.operator_deployments().into_iter().next();
    let config = deployment.map_or_else(OperatorConfig::default, |deployment| {
        let manager = &deployment.template.spec.containers[0];
        OperatorConfig::read(&OperatorSource {
            image: &manager.image,
            args: &manager.args,
            env: &manager.env,
            ..OperatorSource::default()
        })
    });
    review::pod(&review, &input.world, &config)["response"].take()
}

fn snapshot(scenario: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../crates/input/scenarios")
        .join(scenario)
        .join("snapshot.json.gz")
}

/// The Pod after the patch of a response: decoded in the recording, in base64 in an answer.
fn pod_after(recorded: &Value, response: &Value) -> Value {
    let mut pod = recorded["object"].clone();
    let operations = match &response["patch"] {
        Value::String(text) => {
            serde_json::from_slice(&base64::engine::general_purpose::STANDARD.decode(text).unwrap()).unwrap()
        }
        Value::Null => json!([]),
        decoded => decoded.clone(),
    };
    json_patch::patch(&mut pod, &serde_json::from_value::<json_patch::Patch>(operations).unwrap()).unwrap();
    for container in
        pod["spec"].as_object_mut().unwrap().iter_mut().filter(|(key, _)| key.ends_with("ontainers"))
    {
        container.1.as_array_mut().unwrap().iter_mut().for_each(as_the_model_has_it);
    }
    pod
}

/// The model holds the operator's long scripts by length and hash, and of a collector sidecar only that it is there.
fn as_the_model_has_it(container: &mut Value) {
    if container["name"] == "otc-container" {
        *container = json!({"name": "otc-container"});
    }
    for argument in container["args"].as_array_mut().into_iter().flatten() {
        if let Some(script) = argument.as_str().filter(|text| text.starts_with("#!/bin/sh")) {
            let hash =
                Sha256::digest(script).iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
            *argument = json!(format!("<script {} bytes sha256:{hash}>", script.len()));
        }
    }
}
