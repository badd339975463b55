//! What do the checks that are off by default change in the verdicts on recorded clusters?

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::io;
use std::path::Path;

use api::{Certainty, Finding};
use diagnosis::{Diagnosis, OperatorState, diagnose};
use facts::{ClusterView, DataRef, InputKind, Lookup, Object, OptIn, PodView, Readability, WorkloadRef};
use input::{Options, load};
use jiff::Timestamp;
use serde_json::{Value, json};
use world::World;

fn recorded(scenario: &str) -> (World, Timestamp) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios").join(scenario);
    let told: Value = serde_json::from_slice(&std::fs::read(folder.join("scenario.json")).unwrap()).unwrap();
    let input = load(&[folder.join("snapshot.json.gz")], &mut io::empty(), &Options::default()).unwrap();
    (input.world, told["now"].as_str().unwrap().parse().unwrap())
}

fn workload(world: &World, name: &str) -> WorkloadRef {
    world.workloads().into_iter().find(|id| *id.name == *name).unwrap()
}

fn judge(world: &World, name: &str, now: Timestamp) -> Diagnosis {
    let id = workload(world, name);
    let options = diagnosis::Options { closer_looks: true, ..diagnosis::Options::default() };
    diagnose(&world.subject(&id).unwrap(), world, &OperatorState::discover(world), None, now, &options)
        .unwrap()
}

fn finding(diagnosis: &Diagnosis, reason: &str) -> Finding {
    let findings = &diagnosis.status.findings;
    let found = findings.iter().find(|finding| finding.reason == reason);
    found.unwrap_or_else(|| panic!("no {reason} in {findings:?}")).clone()
}

/// The Pod of a trial: that of the workload's own template, with or without the marks of an injection.
fn trial(injected: bool) -> PodView {
    let agent =
        json!([{"name": "opentelemetry-auto-instrumentation-java", "image": "agent", "command": ["cp"]}]);
    let hook = json!([{"name": "JAVA_TOOL_OPTIONS", "value": " -javaagent:/otel-auto-instrumentation-java-app/javaagent.jar"}]);
    let mounts = json!([{"name": "opentelemetry-auto-instrumentation-java", "mountPath": "/otel-auto-instrumentation-java-app"}]);
    let mut pod = json!({"metadata": {"generateName": "checkout-"}, "spec": {"containers": [{"name": "app", "image": "shop/checkout"}]}});
    if injected {
        pod["spec"]["initContainers"] = agent;
        pod["spec"]["containers"][0]["env"] = hook;
        pod["spec"]["containers"][0]["volumeMounts"] = mounts;
    }
    serde_json::from_value(pod).unwrap()
}

#[test]
fn a_trial_tells_what_a_restart_would_bring() {
    const A14: &str = "PodCreatedWhileWebhookUnavailable";
    let (mut world, now) = recorded("pod-created-while-webhook-unavailable");
    let id = workload(&world, "checkout");
    let before = judge(&world, "checkout", now);
    assert!(before.wants.trial.is_some(), "it would decide something");
    assert!(finding(&before, A14).remedy.contains("(not verified)"), "{:?}", finding(&before, A14));

    world.set_trial(&id, Some(Ok(trial(true))));
    let found = finding(&judge(&world, "checkout", now), A14);
    assert!(found.remedy.starts_with("A restart now would inject: kubectl "), "{}", found.remedy);
    assert!(found.evidence.iter().any(|evidence| evidence.field.starts_with("dry-run")), "{found:?}");

    world.set_trial(&id, Some(Ok(trial(false))));
    let diagnosis = judge(&world, "checkout", now);
    assert!(diagnosis.status.findings.iter().all(|finding| finding.reason != A14), "that time is not why");
    let found = finding(&diagnosis, "WebhookUnreachableFromControlPlane");
    assert_eq!(found.certainty, Certainty::Likely);
    assert_eq!(diagnosis.wants.trial, before.wants.trial, "an answer does not change the question");

    // A refusal says nothing about the injection.
    world.set_trial(&id, Some(Err("exceeded quota".into())));
    assert_eq!(finding(&judge(&world, "checkout", now), A14), finding(&before, A14));
}

#[test]
fn nobody_tries_where_it_decides_nothing() {
    for (scenario, name) in [("healthy-java", "checkout"), ("instrumentation-missing", "recommendation")] {
        let (world, now) = recorded(scenario);
        assert_eq!(judge(&world, name, now).wants.trial, None, "{scenario}");
    }
}

#[test]
fn keys_without_values_are_enough_to_know_what_is_shadowed() {
    let (mut world, now) = recorded("hook-variable-in-envfrom");
    let wants = judge(&world, "checkout", now).wants.data;
    let [name] = wants.iter().collect::<Vec<_>>()[..] else { panic!("{wants:?}") };
    assert_eq!((&*name.name, name.input()), ("jvm-env", InputKind::ConfigMaps));

    let Lookup::Found(map) = world.config_map(&name.namespace, &name.name).map(Clone::clone) else {
        panic!("recorded")
    };
    world.set_readability(InputKind::ConfigMaps, Readability::Partial);
    world.forget_named(name);
    let without = judge(&world, "checkout", now);
    assert!(without.status.findings.is_empty(), "not known: {:?}", without.status.findings);

    let mut keys = map;
    keys.forget_values();
    world.set_named(name, Some(Object::ConfigMap(Box::new(keys))));
    let found = finding(&judge(&world, "checkout", now), "ImageOrEnvFromShadowed");
    assert_eq!(found.certainty, Certainty::Likely);
    assert!(found.message.contains("JAVA_TOOL_OPTIONS from ConfigMap jvm-env is lost"), "{}", found.message);
    assert!(!format!("{found:?}").contains("Xmx200m"), "values are not read");
}

#[test]
fn what_was_looked_for_and_is_not_there_is_absent() {
    let mut world = World::new();
    world.set_readability(InputKind::Secrets, Readability::Partial);
    let name = DataRef { is_secret: true, namespace: "shop".into(), name: "otel-tls".into() };
    assert!(world.secret("shop", "otel-tls").is_unknown());
    world.set_named(&name, None);
    assert!(world.secret("shop", "otel-tls").is_absent() && world.secret("shop", "other").is_unknown());
    let secret = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"namespace": "shop", "name": "otel-tls"}, "data": {"ca.crt": ""}});
    world.set_named(&name, Object::from_value(secret).unwrap());
    assert_eq!(world.secret("shop", "otel-tls").found().unwrap().has_key("ca.crt"), Some(true));
    world.forget_named(&name);
    assert!(world.secret("shop", "otel-tls").is_unknown());
}

#[test]
fn what_is_off_is_listed_and_changes_no_verdict() {
    for scenario in ["healthy-java", "instrumentation-missing", "hook-variable-in-envfrom"] {
        let (mut world, now) = recorded(scenario);
        let names: Vec<_> = world.workloads();
        let before: Vec<_> = names.iter().filter_map(|id| healthy(&world, id, now)).collect();
        world.set_switched_off(OptIn::ALL.map(|check| (check, check.needs().into())).into());
        let after: Vec<_> = names.iter().filter_map(|id| healthy(&world, id, now)).collect();
        for ((before, none), (after, listed)) in before.iter().zip(&after) {
            assert_eq!((before, none.len(), listed.len()), (after, 0, OptIn::ALL.len()), "{scenario}");
        }
    }
}

/// Status and reason of `Healthy`, and what is not checked.
fn healthy(
    world: &World,
    id: &WorkloadRef,
    now: Timestamp,
) -> Option<((String, String), Vec<api::NotChecked>)> {
    let (subject, operator) = (world.subject(id)?, OperatorState::discover(world));
    let diagnosis = diagnose(&subject, world, &operator, None, now, &diagnosis::Options::default())?;
    let (status, reason) = diagnosis.healthy();
    Some(((status.to_owned(), reason.to_owned()), diagnosis.status.not_checked))
}
