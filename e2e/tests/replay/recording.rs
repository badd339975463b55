//! What was done in a recorded scenario, and what were its kubelets told?

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use serde_json::{Value, json};

use crate::verdict::{Scenario, Workload};

/// Begins the comment that stands for something that was done and is no manifest.
const ACTION: &str = "# action, not a manifest: ";

/// A recorded scenario.
pub struct Recording {
    pub name: String,
    pub scenario: Scenario,
    /// What was done, in order.
    pub steps: Vec<Step>,
    /// `namespace/app` → what its Pods play.
    pub plays: BTreeMap<String, Value>,
    /// What was done besides, and answers of the API server worth knowing.
    notes: Vec<String>,
}

/// Something that was done.
pub enum Step {
    /// An object was applied.
    Apply {
        /// Name of the file that it stood in.
        file: String,
        object: Value,
    },
    /// Something else, in words or as a `kubectl` command.
    Action(String),
}

/// The folder of all recordings.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/input/scenarios")
}

/// The names of all recordings.
pub fn all() -> Vec<String> {
    let folders = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let mut names: Vec<String> = folders
        .filter(|path| path.join("scenario.json").is_file())
        .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

impl Recording {
    /// Reads a scenario of the offline test.
    pub fn load(name: &str) -> Self {
        let folder = folder().join(name);
        let scenario = std::fs::read(folder.join("scenario.json")).unwrap();
        let raw: Value = serde_json::from_slice(&scenario).unwrap();
        Self {
            name: name.to_owned(),
            scenario: serde_json::from_slice(&scenario).unwrap(),
            steps: steps(&unpacked(&folder.join("apply.yaml.gz"))),
            plays: serde_json::from_value(raw["kubelet"].clone()).unwrap_or_default(),
            notes: serde_json::from_value(raw["actions"].clone()).unwrap(),
        }
    }

    /// The objects that were applied.
    pub fn objects(&self) -> impl Iterator<Item = &Value> {
        self.steps.iter().filter_map(|step| match step {
            Step::Apply { object, .. } => Some(object),
            Step::Action(_) => None,
        })
    }

    /// The namespaces that it is about.
    pub fn namespaces(&self) -> Vec<String> {
        let mut names: Vec<String> =
            self.objects().filter(|o| o["kind"] == "Namespace").map(|o| text(o, "/metadata/name")).collect();
        names.sort();
        names.dedup();
        names
    }

    /// Whether the API server refused an object in the recording as well.
    pub fn was_refused(&self, object: &Value) -> bool {
        let name = format!("{}/{}", text(object, "/kind"), text(object, "/metadata/name"));
        self.notes.iter().any(|note| note.starts_with(&format!("apply of {name} answered: ")))
    }

    /// What the Pods of a workload are to play. Only those of its last manifest do: what a recorded rollout shows begins there.
    pub fn play(&self, position: usize) -> Option<&Value> {
        let Step::Apply { object, .. } = &self.steps[position] else { return None };
        let again = self.steps[position + 1..].iter().any(|step| match step {
            Step::Apply { object: other, .. } => is_same(object, other),
            Step::Action(_) => false,
        });
        let app = text(object, &format!("{}/metadata/labels/app", template(object)));
        let namespace = text(object, "/metadata/namespace");
        self.plays.get(&format!("{namespace}/{app}")).filter(|_| !again)
    }

    /// Whether anything asks for an injection into a workload, so that there has to be an object about it.
    pub fn asks(&self, workload: &Workload) -> bool {
        let about = |object: &&Value| {
            let (kind, name) = (text(object, "/kind"), text(object, "/metadata/name"));
            (kind == "Namespace" && name == workload.namespace)
                || (kind == workload.kind
                    && name == workload.name
                    && text(object, "/metadata/namespace") == workload.namespace)
        };
        let keyed = |object: &Value| object.to_string().contains(facts::INSTRUMENTATION_PREFIX);
        self.objects().filter(about).any(keyed)
            || self.steps.iter().any(
                |step| matches!(step, Step::Action(what) if what.contains(facts::INSTRUMENTATION_PREFIX)),
            )
    }

    /// What the operator made of an OpenTelemetryCollector, as the recorded cluster has it.
    pub fn made_by_operator(&self, collector: &Value) -> Vec<Value> {
        let snapshot: Value =
            serde_json::from_str(&unpacked(&folder().join(&self.name).join("snapshot.json.gz"))).unwrap();
        let items = snapshot["items"].as_array().unwrap().iter();
        let made = items.filter(|object| {
            let owner = &object["metadata"]["ownerReferences"][0];
            owner["kind"] == "OpenTelemetryCollector" && owner["name"] == collector["metadata"]["name"]
        });
        made.map(fresh).collect()
    }
}

/// Whether two manifests are about the same object.
pub fn is_same(one: &Value, other: &Value) -> bool {
    let key = |object: &Value| {
        ["/kind", "/metadata/namespace", "/metadata/name"].map(|pointer| text(object, pointer))
    };
    key(one) == key(other)
}

/// Where the Pod template of a workload stands.
pub fn template(object: &Value) -> &'static str {
    match object["kind"].as_str() {
        Some("CronJob") => "/spec/jobTemplate/spec/template",
        Some("Pod") => "",
        _ => "/spec/template",
    }
}

/// The text at a place of an object; empty where there is none.
pub fn text(object: &Value, pointer: &str) -> String {
    object.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// A recorded object as it may be applied to another cluster.
fn fresh(object: &Value) -> Value {
    let mut fresh = object.clone();
    fresh.as_object_mut().unwrap().remove("status");
    let metadata = &object["metadata"];
    fresh["metadata"] = json!({
        "name": metadata["name"], "namespace": metadata["namespace"],
        "labels": metadata["labels"], "annotations": metadata["annotations"],
    });
    if let Some(spec) = fresh.get_mut("spec").and_then(Value::as_object_mut) {
        for assigned in ["clusterIP", "clusterIPs"] {
            if spec.get(assigned).is_some_and(|ip| *ip != "None" && *ip != json!(["None"])) {
                spec.remove(assigned);
            }
        }
    }
    // The ServiceAccounts are not part of a recording.
    if let Some(spec) = fresh.pointer_mut("/spec/template/spec").and_then(Value::as_object_mut) {
        spec.remove("serviceAccountName");
        spec.remove("serviceAccount");
    }
    fresh
}

/// The documents of `apply.yaml`, each file of the recording under a comment with its name.
fn steps(text: &str) -> Vec<Step> {
    let mut file = String::new();
    let mut steps = Vec::new();
    for document in text.split("\n---\n") {
        let document = document.trim_start_matches("---\n");
        for comment in document.lines().filter(|line| line.starts_with("# ")) {
            if let Some(what) = comment.strip_prefix(ACTION) {
                steps.push(Step::Action(what.to_owned()));
            } else if comment.ends_with(".yaml") {
                comment.trim_start_matches("# ").clone_into(&mut file);
            }
        }
        if document.lines().any(|line| !line.trim().is_empty() && !line.starts_with('#')) {
            let object = serde_saphyr::from_str(document).unwrap();
            steps.push(Step::Apply { file: file.clone(), object });
        }
    }
    steps
}

fn unpacked(path: &Path) -> String {
    let mut text = String::new();
    GzDecoder::new(std::fs::File::open(path).unwrap()).read_to_string(&mut text).unwrap();
    text
}
