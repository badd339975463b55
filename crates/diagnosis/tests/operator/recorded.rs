//! What is said of a recorded cluster in which one thing is changed?

use std::io::Read as _;
use std::path::Path;

use diagnosis::{Diagnosis, OperatorState, diagnose};
use serde_json::{Value, json};

/// The objects of a recorded cluster, to be changed.
#[derive(Clone)]
pub struct Recorded {
    pub objects: Vec<Value>,
    pub now: jiff::Timestamp,
    /// Whether the creation of a Pod was tried (dry run), and it came back without an agent.
    pub trial_is_bare: bool,
    supplied: Option<input::Supplied>,
    namespace: String,
    name: String,
    workloads: Vec<Value>,
}

/// What was said: the `Healthy` condition, and each finding as `Reason Severity Certainty`.
#[derive(Debug)]
pub struct Said {
    pub healthy: String,
    pub findings: Vec<String>,
    pub remedies: Vec<String>,
}

impl Recorded {
    /// A scenario and its first workload.
    pub fn new(scenario: &str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../input/scenarios").join(scenario);
        let about: Value =
            serde_json::from_slice(&std::fs::read(folder.join("scenario.json")).unwrap()).unwrap();
        let mut text = String::new();
        let packed = std::fs::File::open(folder.join("snapshot.json.gz")).unwrap();
        flate2::read::GzDecoder::new(packed).read_to_string(&mut text).unwrap();
        let mut list: Value = serde_json::from_str(&text).unwrap();
        let Value::Array(objects) = list["items"].take() else { panic!("a List") };
        let workload = &about["workloads"][0];
        Self {
            objects,
            now: about["now"].as_str().unwrap().parse().unwrap(),
            trial_is_bare: false,
            supplied: None,
            namespace: workload["namespace"].as_str().unwrap().to_owned(),
            name: workload["name"].as_str().unwrap().to_owned(),
            workloads: about["workloads"].as_array().unwrap().clone(),
        }
    }

    /// Judges another workload of the scenario.
    #[allow(dead_code, reason = "each test uses its part")]
    pub fn workload(mut self, name: &str) -> Self {
        let is_it = |workload: &&Value| workload["name"] == name;
        let workload = self.workloads.iter().find(is_it).unwrap_or_else(|| panic!("no workload {name}"));
        workload["namespace"].as_str().unwrap().clone_into(&mut self.namespace);
        name.clone_into(&mut self.name);
        self
    }

    /// Takes everything for manifests: what is not there is unknown.
    pub fn taken_for_manifests(mut self) -> Self {
        self.supplied = Some(input::Supplied::Manifests);
        self
    }

    /// Changes every object of a kind, in one namespace (`app`: the workload's, `operator`: the operator's) or anywhere.
    pub fn each(mut self, kind: &str, place: &str, change: impl Fn(&mut Value)) -> Self {
        let namespace = self.place(place);
        let is_there =
            |object: &Value| namespace.as_deref().is_none_or(|n| object["metadata"]["namespace"] == n);
        let chosen = self.objects.iter_mut().filter(|object| object["kind"] == kind && is_there(object));
        let mut count = 0;
        for object in chosen {
            change(object);
            count += 1;
        }
        assert!(count > 0, "no {kind} in {place}");
        self
    }

    /// Sets a field of every object of a kind.
    pub fn set(self, kind: &str, place: &str, pointer: &str, value: &Value) -> Self {
        self.each(kind, place, |object| put(object, pointer, value.clone()))
    }

    /// Removes every object of a kind.
    pub fn without(mut self, kind: &str, place: &str) -> Self {
        let namespace = self.place(place);
        self.objects.retain(|object| {
            object["kind"] != kind
                || namespace.as_deref().is_some_and(|n| object["metadata"]["namespace"] != n)
        });
        self
    }

    /// Adds an object, to the operator's namespace unless it names another one (or `app`).
    pub fn with(mut self, mut object: Value) -> Self {
        let place = object["metadata"]["namespace"].as_str().unwrap_or("operator");
        if let Some(namespace) = self.place(place) {
            object["metadata"]["namespace"] = namespace.into();
        }
        self.objects.push(object);
        self
    }

    /// The operator has been ready for an hour.
    pub fn operator_ready_long_ago(self) -> Self {
        let long_ago = "2026-11-22T22:00:00Z";
        self.each("Pod", "operator", move |pod| {
            for condition in pod["status"]["conditions"].as_array_mut().unwrap() {
                condition["lastTransitionTime"] = long_ago.into();
            }
        })
        .set("MutatingWebhookConfiguration", "", "/metadata/creationTimestamp", &json!(long_ago))
    }

    /// The cluster as a diagnosis reads it, and which workload is meant.
    pub fn read(&self) -> (input::Input, facts::WorkloadRef) {
        let list = json!({"apiVersion": "v1", "kind": "List", "items": self.objects});
        let options = input::Options { supplied: self.supplied, ..input::Options::default() };
        let input = input::load_text(&list.to_string(), &options).unwrap();
        assert!(input.problems.is_empty(), "{:?}", input.problems);
        let is_it = |id: &facts::WorkloadRef| *id.namespace == *self.namespace && *id.name == *self.name;
        let id = input.world.workloads().into_iter().find(is_it);
        let id = id.unwrap_or_else(|| panic!("no workload {}/{}", self.namespace, self.name));
        let mut input = input;
        if self.trial_is_bare {
            input.world.set_trial(&id, Some(Ok(self.next_pod())));
        }
        (input, id)
    }

    /// A Pod of the workload's template, as it is sent to the API server.
    fn next_pod(&self) -> facts::PodView {
        let is_it = |object: &&Value| {
            object["metadata"]["name"] == *self.name
                && object["metadata"]["namespace"] == *self.namespace
                && object["spec"]["template"].is_object()
        };
        let template = &self.objects.iter().find(is_it).unwrap()["spec"]["template"];
        serde_json::from_value(template.clone()).unwrap()
    }

    /// The whole diagnosis of the workload.
    pub fn diagnose(&self) -> Diagnosis {
        let (input, id) = self.read();
        let operator = OperatorState::discover(&input.world);
        let subject = input.world.subject(&id).unwrap();
        diagnose(&subject, &input.world, &operator, None, self.now, &diagnosis::Options::default())
            .expect("something is to be said")
    }

    /// Judges the workload.
    pub fn judge(&self) -> Said {
        let diagnosis = self.diagnose();
        let findings = &diagnosis.status.findings;
        for finding in findings {
            assert!(!finding.message.ends_with('…'), "too long: {}", finding.message);
        }
        Said {
            healthy: diagnosis.healthy().0.to_owned(),
            findings: findings
                .iter()
                .map(|finding| format!("{} {:?} {:?}", finding.reason, finding.severity, finding.certainty))
                .collect(),
            remedies: findings.iter().map(|finding| finding.remedy.clone()).collect(),
        }
    }

    /// The name of the workload that is judged.
    #[allow(dead_code, reason = "each test uses its part")]
    pub fn workload_name(&self) -> String {
        self.name.clone()
    }

    /// The workload and its Pods.
    #[allow(dead_code, reason = "each test uses its part")]
    pub fn of_workload(&mut self) -> Vec<&mut Value> {
        let of_pod = format!("{}-", self.name);
        let mine = |object: &&mut Value| {
            let name = object["metadata"]["name"].as_str().unwrap_or_default();
            let is_it = match object["kind"].as_str() {
                Some("Pod") => name == self.name || name.starts_with(&of_pod),
                Some("Deployment" | "StatefulSet" | "DaemonSet" | "Job") => name == self.name,
                _ => false,
            };
            is_it && object["metadata"]["namespace"] == *self.namespace
        };
        self.objects.iter_mut().filter(mine).collect()
    }

    /// The Namespace that is meant by `app` and `operator`; none for anything else: any.
    pub fn place(&self, place: &str) -> Option<String> {
        match place {
            "app" => Some(self.namespace.clone()),
            "operator" => Some("opentelemetry-operator-system".to_owned()),
            _ => None,
        }
    }
}

/// Sets a field, making the objects above it.
fn put(object: &mut Value, pointer: &str, value: Value) {
    let mut place = object;
    for key in pointer.split('/').skip(1).map(|key| key.replace("~1", "/")) {
        place = match key.parse::<usize>() {
            Ok(index) if place.is_array() => &mut place[index],
            _ => &mut place[key],
        };
    }
    *place = value;
}
