//! What does the real program say of a recorded cluster?

use std::io::{Read as _, Write as _};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::file;

/// Recorded clusters: a healthy one, one with twelve causes, one whose operator is away, one that may be failing, one that is
/// starting, one of which little can be read.
pub const CLUSTERS: [&str; 6] = [
    "healthy-java",
    "messy-cluster-one",
    "operator-not-ready",
    "application-has-own-sdk",
    "healthy-rollout-in-progress",
    "crd-missing",
];

/// What `check -o FORMAT` prints for a recorded cluster.
pub fn check(cluster: &str, format: &str) -> String {
    checked(&recorded(cluster).to_string(), format)
}

/// The only `InstrumentationHealth` of a recorded cluster, as a server holds it, once its workload carries these annotations.
pub fn only(cluster: &str, annotations: &[(&str, &str)]) -> Value {
    let mut dump = recorded(cluster);
    for object in dump["items"].as_array_mut().unwrap() {
        if object["kind"] == "Deployment" {
            for (name, value) in annotations {
                object["metadata"]["annotations"][name] = json!(value);
            }
        }
    }
    let list: Value = serde_json::from_str(&checked(&dump.to_string(), "json")).unwrap();
    let [object] = list["items"].as_array().unwrap().as_slice() else { panic!("{cluster}: one workload") };
    let mut object = object.clone();
    object["metadata"]["generation"] = json!(1);
    object
}

fn recorded(cluster: &str) -> Value {
    let path = file("crates/input/scenarios").join(cluster).join("snapshot.json.gz");
    let mut dump = String::new();
    flate2::read::GzDecoder::new(std::fs::File::open(path).unwrap()).read_to_string(&mut dump).unwrap();
    serde_json::from_str(&dump).unwrap()
}

fn checked(dump: &str, format: &str) -> String {
    let mut program = Command::new(e2e::product::program().unwrap())
        .args(["check", "-f", "-", "--fail-on", "nothing", "-o", format])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    program.stdin.take().unwrap().write_all(dump.as_bytes()).unwrap();
    let ended = program.wait_with_output().unwrap();
    assert!(ended.status.success(), "{}", ended.status);
    String::from_utf8(ended.stdout).unwrap()
}
