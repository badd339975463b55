//! Does what a snapshot leaves of a recorded cluster get every verdict that the whole recording gets, word for word?

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::Path;

use diagnosis::{OperatorState, diagnose, resource};
use facts::{ClusterView, Object};
use flate2::read::GzDecoder;
use input::{Input, Options};
use jiff::Timestamp;
use serde_json::Value;
use snapshot::{Header, REDACTED, Reduction, Scope};
use world::World;

/// Namespace and name of each object of ours, and its status.
type Verdicts = BTreeMap<(String, String), Value>;

fn verdicts(world: &World, now: Timestamp) -> Verdicts {
    let operator = OperatorState::discover(world);
    let judged = world.workloads().into_iter().filter_map(|id| {
        let subject = world.subject(&id)?;
        let diagnosis = diagnose(&subject, world, &operator, None, now, &diagnosis::Options::default())?;
        let object = serde_json::to_value(resource(&subject, &diagnosis)).unwrap();
        Some(((id.namespace.to_string(), id.slug()), object))
    });
    judged.collect()
}

struct Recording {
    name: String,
    objects: Vec<Object>,
    whole: Input,
    now: Timestamp,
}

fn recordings() -> Vec<Recording> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let folders = std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path());
    let mut all: Vec<Recording> = folders.filter(|path| path.is_dir()).map(|path| recording(&path)).collect();
    all.sort_by(|a, b| a.name.cmp(&b.name));
    assert!(all.len() > 100);
    all
}

fn recording(folder: &Path) -> Recording {
    let file = folder.join("snapshot.json.gz");
    let scenario: Value =
        serde_json::from_slice(&std::fs::read(folder.join("scenario.json")).unwrap()).unwrap();
    let mut text = String::new();
    GzDecoder::new(std::fs::File::open(&file).unwrap()).read_to_string(&mut text).unwrap();
    let list: Value = serde_json::from_str(&text).unwrap();
    let read = |item: &Value| Object::from_value(item.clone()).unwrap();
    Recording {
        name: folder.file_name().unwrap().to_string_lossy().into_owned(),
        objects: list["items"].as_array().unwrap().iter().filter_map(read).collect(),
        whole: input::load(&[file], &mut io::empty(), &Options::default()).unwrap(),
        now: scenario["now"].as_str().unwrap().parse().unwrap(),
    }
}

/// The text of a snapshot of these objects, of one namespace or of all.
fn snapshot_of(recording: &Recording, namespace: Option<&str>) -> String {
    use facts::InputKind as Kind;
    let mut objects = recording.objects.clone();
    // What the reading shell guarantees: what decides about others comes first, what others name comes last.
    objects.sort_by_key(|object| match object.input() {
        Kind::Instrumentations
        | Kind::MutatingWebhookConfigurations
        | Kind::Deployments
        | Kind::StatefulSets
        | Kind::DaemonSets
        | Kind::CronJobs => 0,
        Kind::ConfigMaps | Kind::Secrets => 2,
        _ => 1,
    });
    let mut reduction = Reduction::default();
    let mut scope = namespace.map(Scope::new);
    let included =
        objects.into_iter().filter(|object| scope.as_mut().is_none_or(|scope| scope.includes(object)));
    let entries: Vec<String> = included
        .filter_map(|object| reduction.take(object))
        .map(|object| snapshot::entry(&object).unwrap())
        .collect();
    let world = &recording.whole.world;
    let header =
        Header::new("test", recording.now, namespace.map(str::to_owned), |kind| world.readability(kind));
    snapshot::list(&header, &entries).unwrap()
}

fn load(text: &str) -> Input {
    let input = input::load_text(text, &Options::default()).unwrap();
    assert!(input.problems.is_empty(), "{:?}", input.problems);
    input
}

#[test]
fn a_snapshot_of_every_recorded_cluster_gets_its_verdicts() {
    for recording in recordings() {
        let reduced = load(&snapshot_of(&recording, None));
        assert_eq!(reduced.newest, Some(recording.now), "{}", recording.name);
        let (want, got) =
            (verdicts(&recording.whole.world, recording.now), verdicts(&reduced.world, recording.now));
        assert_same(&recording.name, &want, &got);
    }
}

#[test]
fn a_snapshot_of_one_namespace_gets_the_verdicts_of_that_namespace() {
    for recording in recordings() {
        let want = verdicts(&recording.whole.world, recording.now);
        let namespaces: std::collections::BTreeSet<String> =
            want.keys().map(|(namespace, _)| namespace.clone()).collect();
        for namespace in namespaces {
            let reduced = load(&snapshot_of(&recording, Some(&namespace)));
            let here = |verdicts: Verdicts| -> Verdicts {
                verdicts.into_iter().filter(|((other, _), _)| *other == namespace).collect()
            };
            let got = here(verdicts(&reduced.world, recording.now));
            assert_same(&recording.name, &here(want.clone()), &got);
        }
    }
}

fn assert_same(name: &str, want: &Verdicts, got: &Verdicts) {
    let ids = |verdicts: &Verdicts| verdicts.keys().cloned().collect::<Vec<_>>();
    assert_eq!(ids(want), ids(got), "{name}");
    for (id, want) in want {
        let pretty = |value| serde_json::to_string_pretty(value).unwrap();
        assert!(*want == got[id], "{name}: {id:?}\nwhole: {}\nreduced: {}", pretty(want), pretty(&got[id]));
    }
}

#[test]
fn values_of_variables_that_nobody_reads_are_not_in_it() {
    let mut seen = 0;
    for recording in recordings() {
        let text = snapshot_of(&recording, None);
        let list: Value = serde_json::from_str(&text).unwrap();
        for_each_variable(&list, &mut |name, value| {
            seen += 1;
            let fine = facts::is_read_variable(name) || value.is_empty() || value == REDACTED;
            // What the address of an exporter names is read as well.
            assert!(fine || text.contains(&format!("$({name})")), "{}: {name}={value}", recording.name);
        });
        for part in ["\"tls.key\"", "PRIVATE KEY", "\"stringData\""] {
            assert!(!text.contains(part), "{} has {part}", recording.name);
        }
    }
    assert!(seen > 1000, "only {seen} variables were looked at");
}

/// Calls for every `env` entry in a tree.
fn for_each_variable(value: &Value, call: &mut impl FnMut(&str, &str)) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::Array(env)) = fields.get("env") {
                for var in env {
                    let text = |field: &str| var[field].as_str().unwrap_or_default();
                    call(text("name"), text("value"));
                }
            }
            fields.values().for_each(|inner| for_each_variable(inner, call));
        }
        Value::Array(items) => items.iter().for_each(|inner| for_each_variable(inner, call)),
        _ => {}
    }
}
