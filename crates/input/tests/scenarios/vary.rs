//! In which ways does a cluster differ from a recorded one without deserving another verdict?

use serde_json::{Value, json};

use crate::verdict::Workload;

/// Changes the objects of a recording, and which workloads are meant. Whether it changes anything.
pub type Variation = fn(&mut Vec<Value>, &mut [Workload]) -> bool;

/// The variations, by name.
pub const VARIATIONS: [(&str, Variation); 3] = [
    ("a Rollout owns the ReplicaSets", owned_by_rollouts),
    ("there are three of each Pod", three_of_each_pod),
    ("Pods that ended lie about", with_pods_that_ended),
];

fn text<'v>(object: &'v Value, pointer: &str) -> &'v str {
    object.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn is_owned_by(object: &Value, uid: &str) -> bool {
    text(object, "/metadata/ownerReferences/0/uid") == uid
}

fn uid_of(objects: &[Value], workload: &Workload) -> Option<String> {
    let is_it = |object: &&Value| {
        text(object, "/kind") == workload.kind
            && text(object, "/metadata/namespace") == workload.namespace
            && text(object, "/metadata/name") == workload.name
    };
    objects.iter().find(is_it).map(|object| text(object, "/metadata/uid").to_owned())
}

/// Places of the Pods of a workload that runs for ever.
fn pods_of(objects: &[Value], workload: &Workload) -> Vec<usize> {
    if !["Deployment", "StatefulSet", "DaemonSet"].contains(&workload.kind.as_str()) {
        return Vec::new();
    }
    let Some(uid) = uid_of(objects, workload) else { return Vec::new() };
    let sets = objects.iter().filter(|object| object["kind"] == "ReplicaSet" && is_owned_by(object, &uid));
    let owners: Vec<&str> = sets.map(|set| text(set, "/metadata/uid")).chain([uid.as_str()]).collect();
    let is_pod =
        |object: &Value| object["kind"] == "Pod" && owners.iter().any(|uid| is_owned_by(object, uid));
    (0..objects.len()).filter(|place| is_pod(&objects[*place])).collect()
}

/// Argo Rollouts makes `ReplicaSet`s as Deployments do; the `Rollout` itself is never read.
fn owned_by_rollouts(objects: &mut Vec<Value>, workloads: &mut [Workload]) -> bool {
    let mut any = false;
    for workload in workloads.iter_mut().filter(|workload| workload.kind == "Deployment") {
        let Some(uid) = uid_of(objects, workload) else { continue };
        let itself = objects.iter().find(|object| text(object, "/metadata/uid") == uid);
        let template = itself.map(|object| object["spec"]["template"].clone()).unwrap_or_default();
        let mut sets: Vec<&mut Value> = objects
            .iter_mut()
            .filter(|object| object["kind"] == "ReplicaSet" && is_owned_by(object, &uid))
            .collect();
        let wanted = sets.iter().any(|set| set["spec"]["replicas"] != 0);
        if !wanted {
            continue;
        }
        for set in &mut sets {
            set["metadata"]["ownerReferences"][0]["kind"] = "Rollout".into();
            set["metadata"]["ownerReferences"][0]["apiVersion"] = "argoproj.io/v1alpha1".into();
            let annotations = set["metadata"]["annotations"].as_object_mut().unwrap();
            let revision = annotations.remove("deployment.kubernetes.io/revision").unwrap();
            annotations.insert("rollout.argoproj.io/revision".to_owned(), revision);
            // A snapshot leaves it to the Deployment.
            if set["spec"]["template"].is_null() {
                set["spec"]["template"] = template.clone();
            }
        }
        objects.retain(|object| text(object, "/metadata/uid") != uid);
        "Rollout".clone_into(&mut workload.kind);
        any = true;
    }
    any
}

fn beside(pod: &Value, suffix: &str) -> Value {
    let mut pod = pod.clone();
    for field in ["name", "uid"] {
        pod["metadata"][field] = format!("{}-{suffix}", pod["metadata"][field].as_str().unwrap()).into();
    }
    pod
}

/// With what is said about them.
fn three_of_each_pod(objects: &mut Vec<Value>, workloads: &mut [Workload]) -> bool {
    let mut more = Vec::new();
    for place in workloads.iter().flat_map(|workload| pods_of(objects, workload)) {
        for suffix in ["second", "third"] {
            let pod = beside(&objects[place], suffix);
            let uid = objects[place]["metadata"]["uid"].clone();
            let events = objects
                .iter()
                .filter(|object| object["kind"] == "Event" && object["involvedObject"]["uid"] == uid);
            more.extend(events.map(|event| {
                let mut event = beside(event, suffix);
                event["involvedObject"]["uid"] = pod["metadata"]["uid"].clone();
                event["involvedObject"]["name"] = pod["metadata"]["name"].clone();
                event
            }));
            more.push(pod);
        }
    }
    for object in objects.iter_mut().filter(|object| {
        workloads.iter().any(|workload| {
            text(object, "/kind") == workload.kind && text(object, "/metadata/name") == workload.name
        })
    }) {
        if let Some(replicas) = object["spec"]["replicas"].as_i64() {
            object["spec"]["replicas"] = (3 * replicas).into();
        }
    }
    let any = !more.is_empty();
    objects.append(&mut more);
    any
}

/// Evicted, ended with their node, or refused by it: the controller has made others in their place. And one that is being
/// deleted.
fn with_pods_that_ended(objects: &mut Vec<Value>, workloads: &mut [Workload]) -> bool {
    let mut more = Vec::new();
    for place in workloads.iter().filter_map(|workload| pods_of(objects, workload).first().copied()) {
        for (reason, has_run) in
            [("Evicted", false), ("NodeShutdown", true), ("Terminated", true), ("NodeAffinity", false)]
        {
            let mut pod = beside(&objects[place], &reason.to_lowercase());
            let status = pod["status"].as_object_mut().unwrap();
            status.insert("phase".to_owned(), "Failed".into());
            status.insert("reason".to_owned(), reason.into());
            for list in ["initContainerStatuses", "containerStatuses"] {
                let Some(Value::Array(states)) = status.get_mut(list).filter(|_| has_run) else {
                    status.remove(list);
                    continue;
                };
                for state in states {
                    state["ready"] = false.into();
                    state["state"] =
                        json!({"terminated": {"exitCode": 137, "reason": "ContainerStatusUnknown"}});
                }
            }
            more.push(pod);
        }
        let mut going = beside(&objects[place], "going");
        going["metadata"]["deletionTimestamp"] = "2026-11-22T23:30:00Z".into();
        more.push(going);
    }
    let any = !more.is_empty();
    objects.append(&mut more);
    any
}
