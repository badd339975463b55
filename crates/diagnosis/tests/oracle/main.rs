//! Does a recorded Pod that the operator left alone get the cause for which it did so?
//!
//! The worlds and Pods of `crates/injection/oracle` are put into a cluster with a healthy operator, each Pod below a Deployment
//! with the template that was submitted. What the operator answered and logged tells which cause has to be named. Every
//! so many-th case is judged; `ORACLE_STRIDE=1` judges all of them.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod cluster;
mod expected;
#[path = "../operator/recorded.rs"]
#[allow(dead_code, reason = "shared with other tests")]
mod recorded;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::Path;

use diagnosis::{OperatorState, diagnose};
use serde_json::Value;

use crate::cluster::{NOW, cluster, deployment};
use crate::expected::{Expected, expected};

/// Judged unless told otherwise: one case in so many.
const STRIDE: usize = 29;

fn lines(name: &str) -> impl Iterator<Item = Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../injection/oracle").join(name);
    let file = std::fs::File::open(&path).unwrap();
    let lines = BufReader::new(flate2::read::GzDecoder::new(file)).lines();
    lines.map(|line| serde_json::from_str(&line.unwrap()).unwrap())
}

/// The sampled cases by world; only of Pods that were created.
fn cases() -> BTreeMap<String, Vec<Value>> {
    let stride = std::env::var("ORACLE_STRIDE").ok().and_then(|text| text.parse().ok()).unwrap_or(STRIDE);
    let mut by_world: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for case in lines("cases.jsonl.gz").step_by(stride) {
        if case["outcome"] == "created" && case["timedOut"] != true {
            by_world.entry(case["world"].as_str().unwrap().to_owned()).or_default().push(case);
        }
    }
    by_world
}

#[test]
fn every_refusal_of_the_operator_is_named() {
    let cases = cases();
    let mut judged = BTreeMap::<Expected, usize>::new();
    let mut wrong = Vec::new();
    for world in lines("worlds.jsonl.gz").filter(|world| world["webhookReachable"] != false) {
        let Some(cases) = cases.get(world["id"].as_str().unwrap()) else { continue };
        let mut objects = cluster(&world);
        objects.extend(cases.iter().flat_map(deployment));
        let list = serde_json::json!({"apiVersion": "v1", "kind": "List", "items": objects});
        let input = input::load_text(&list.to_string(), &input::Options::default()).unwrap();
        let operator = OperatorState::discover(&input.world);
        for case in cases {
            let Some(expected) = expected(&world, case) else { continue };
            *judged.entry(expected.clone()).or_default() += 1;
            let id = facts::WorkloadRef {
                namespace: case["namespace"].as_str().unwrap().into(),
                kind: "Deployment".into(),
                name: case["id"].as_str().unwrap().into(),
                api_version: "apps/v1".into(),
            };
            let subject = input.world.subject(&id).unwrap();
            let now = NOW.parse().unwrap();
            let said = diagnose(&subject, &input.world, &operator, None, now, &diagnosis::Options::default());
            let found: Vec<(String, api::Severity)> = said
                .map(|said| said.status.findings)
                .unwrap_or_default()
                .into_iter()
                .map(|finding| (finding.reason, finding.severity))
                .collect();
            if let Some(mistake) = expected.mistake(&found) {
                wrong.push(format!("{}: {mistake}, said {found:?}", id.name));
            }
        }
    }
    println!("{judged:#?}");
    assert!(judged.len() >= 12, "too few kinds of refusals are sampled: {judged:?}");
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), judged.values().sum::<usize>(), wrong.join("\n"));
}
