//! What a dry run cannot show: Pods created for good, objects changed later, an operator without rights.

#![allow(clippy::unwrap_used, reason = "a test: what does not fit fails it")]

#[path = "oracle/recording.rs"]
#[expect(dead_code, reason = "the oracle test uses the rest")]
mod recording;
#[path = "oracle/world.rs"]
#[expect(dead_code, reason = "the oracle test uses the rest")]
mod world;

use std::path::Path;

use facts::{PodShape, PodView};
use injection::{Decision, Outcome, PodRequest, decide, inject};
use serde::Deserialize;
use serde_json::{Value, json};
use world::World;

fn experiments() -> Vec<Value> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("oracle/experiments.jsonl.gz");
    recording::lines(&file).unwrap().map(|line| serde_json::from_str(&line.unwrap().1).unwrap()).collect()
}

fn experiment(name: &str) -> Value {
    experiments()
        .into_iter()
        .find(|experiment| experiment["experiment"] == name)
        .unwrap_or_else(|| panic!("{name}"))
}

/// The namespace of an experiment: what it is about stands in its name.
fn world_of(topic: &str) -> World {
    let namespace = format!("x-{topic}");
    let names: &[&str] = match topic {
        "missing" => &[],
        "several" => &["inst", "inst2"],
        _ => &["inst"],
    };
    let spec = json!({ "java": {"image": "java:2"}, "python": {"image": "python:1"}, "nginx": {"image": "nginx:1"} });
    let instrumentations: Vec<Value> = names
        .iter()
        .map(|name| json!({ "metadata": {"namespace": namespace, "name": name}, "spec": spec }))
        .collect();
    let flags: &[&str] =
        if topic.starts_with("disabled") { &["--enable-python-instrumentation=false"] } else { &[] };
    World::read(&json!({
        "operatorVersion": "0.158.0",
        "flags": flags,
        "webhook": {},
        "namespaces": [{"name": namespace}],
        "instrumentations": instrumentations,
    }))
    .unwrap()
}

/// A recorded Pod as it was before injection: the experiments note annotations and container names.
fn as_submitted(pod: &Value) -> Value {
    let containers: Vec<Value> = pod["containers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|container| json!({ "name": container["name"], "image": "app:1" }))
        .collect();
    let mut metadata = json!({ "annotations": pod["annotations"] });
    let is_named = pod["generateName"].is_null();
    let key = if is_named { "name" } else { "generateName" };
    metadata[key] = pod[if is_named { "name" } else { "generateName" }].clone();
    json!({ "metadata": metadata, "spec": {"containers": containers} })
}

fn decide_for(pod: &Value, namespace: &str, world: &World) -> (Decision, Vec<Value>) {
    let PodView { metadata, spec, .. } = PodView::deserialize(pod).unwrap();
    let shape = PodShape { annotations: metadata.annotations, labels: metadata.labels, spec };
    let generate_name = pod["metadata"]["generateName"].as_str().unwrap_or_default();
    let request = PodRequest { namespace, name: &metadata.name, generate_name, owners: &[], shape: &shape };
    let decision = decide(&request, world, &world.operator);
    let lines = decision.log_lines(&request).iter().map(|line| line.to_json(decision.release)).collect();
    (decision, lines)
}

#[test]
fn pods_created_for_good_are_answered_as_in_a_dry_run() {
    let mut checked = 0;
    for experiment in experiments() {
        let name = experiment["experiment"].as_str().unwrap();
        let Some((_, topic)) =
            name.split_once('-').filter(|(kind, _)| matches!(*kind, "deployment" | "named"))
        else {
            continue;
        };
        if topic == "describe" {
            continue;
        }
        let world = world_of(topic);
        let pods = match experiment.get("pod") {
            Some(pod) => vec![pod.clone()],
            None => experiment["pods"].as_array().unwrap().clone(),
        };
        let mut log = Vec::new();
        for (pod, admission) in pods.iter().zip(experiment["admission"].as_array().unwrap()) {
            let submitted = as_submitted(pod);
            let namespace = format!("x-{topic}");
            let (decision, lines) = decide_for(&submitted, &namespace, &world);
            log.extend(lines);
            let answer = decision.answer_in(&namespace);
            assert_eq!(json!(answer.code), admission["status"]["code"], "{name}");
            assert_eq!(json!(answer.message), admission["status"]["message"], "{name}");
            let injected = inject(&submitted, &namespace, &decision, &world);
            assert_eq!(summary(&injected["spec"]), pod_summary(pod), "{name}");
        }
        assert_eq!(json!(log), experiment["log"], "{name}");
        checked += 1;
    }
    assert_eq!(checked, 18);
}

/// Names of init containers; names of variables and mount paths of containers.
fn summary(spec: &Value) -> Value {
    let names = |list: &Value, key: &str| -> Vec<Value> {
        list.as_array().into_iter().flatten().map(|item| item[key].clone()).collect()
    };
    let containers: Vec<Value> = spec["containers"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|container| {
            json!({
                "name": container["name"],
                "env": names(&container["env"], "name"),
                "mounts": names(&container["volumeMounts"], "mountPath"),
            })
        })
        .collect();
    json!({ "initContainers": names(&spec["initContainers"], "name"), "containers": containers })
}

fn pod_summary(pod: &Value) -> Value {
    json!({ "initContainers": pod["initContainers"], "containers": pod["containers"] })
}

#[test]
fn a_pod_made_again_after_its_instrumentation_is_injected() {
    let recreated = experiment("late-instrumentation-recreated");
    let pod = &recreated["after"][0];
    let submitted = as_submitted(pod);
    let injected = |topic: &str| {
        let world = world_of(topic);
        let namespace = format!("x-{topic}");
        let (decision, _) = decide_for(&submitted, &namespace, &world);
        summary(&inject(&submitted, &namespace, &decision, &world)["spec"])
    };
    assert_eq!(injected("fine"), pod_summary(pod));
    assert_eq!(injected("missing"), pod_summary(&experiment("late-instrumentation")["before"]));
}

#[test]
fn an_sdk_on_init_containers_alone_is_not_found_again() {
    let recorded = experiment("again-init-sdk");
    let world = World::read(&json!({
        "operatorVersion": "0.158.0",
        "webhook": {},
        "namespaces": [{"name": "x"}],
        "instrumentations": [{"metadata": {"namespace": "x", "name": "inst"}, "spec": {}}],
    }))
    .unwrap();
    let prefix = "instrumentation.opentelemetry.io";
    let pod = json!({
        "metadata": {"name": "sdkinit", "annotations": {
            format!("{prefix}/inject-sdk"): "true",
            format!("{prefix}/container-names"): "init",
        }},
        "spec": {"initContainers": [{"name": "init", "image": "app:1"}], "containers": [{"name": "app", "image": "app:1"}]},
    });
    let send = |pod: &Value| {
        let (decision, _) = decide_for(pod, "x", &world);
        inject(pod, "x", &decision, &world)
    };
    let names = |pod: &Value| -> Vec<Value> {
        pod["spec"]["initContainers"][0]["env"]
            .as_array()
            .unwrap()
            .iter()
            .map(|var| var["name"].clone())
            .collect()
    };
    let once = send(&pod);
    let twice = send(&once);
    assert_eq!(json!(names(&once)), recorded["first"]);
    assert_eq!(json!(names(&twice)), recorded["second"]);
}

#[test]
fn an_operator_that_may_not_list_secrets_times_out_whether_or_not_the_secret_is_there() {
    for (topic, tls) in [
        ("plain", Value::Null),
        ("cm", json!({ "configMapName": "absent" })),
        ("tls", json!({ "secretName": "absent" })),
        ("tlspresent", json!({ "secretName": "present" })),
    ] {
        let recorded = experiment(&format!("rbac-{topic}"));
        let mut world = World::read(&json!({
            "operatorVersion": "0.158.0",
            "webhook": {},
            "namespaces": [{"name": "x-rbac"}],
            "instrumentations": [{"metadata": {"namespace": "x-rbac", "name": topic}, "spec": {"exporter": {"tls": tls}}}],
            "secrets": [{"namespace": "x-rbac", "name": "present"}],
        })).unwrap();
        world.operator.reads_secrets = false;
        let pod = json!({
            "metadata": {"generateName": format!("{topic}-"), "annotations": {"instrumentation.opentelemetry.io/inject-java": topic}},
            "spec": {"containers": [{"name": "app", "image": "app:1"}]},
        });
        let (decision, log) = decide_for(&pod, "x-rbac", &world);
        assert_eq!(json!(decision.injects()), recorded["injected"], "{topic}");
        let waited = recorded["seconds"].as_f64().unwrap() > 9.0;
        assert_eq!(matches!(decision.outcome, Outcome::SecretUnreadable { .. }), waited, "{topic}");
        assert_eq!(json!(log), recorded["log"], "{topic}");
    }
}
