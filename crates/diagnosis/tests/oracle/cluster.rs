//! A recorded world as a cluster: a healthy operator that was started in the same way, and the Pods as they were created.

use serde_json::{Value, json};

use crate::recorded::Recorded;

/// The operator and the objects of the world were there long before the Pods.
const BEFORE: &str = "2026-11-22T20:00:00Z";
const CREATED: &str = "2026-11-22T23:30:00Z";
/// The time of the judgement.
pub const NOW: &str = "2026-11-22T23:40:00Z";

const OPERATOR: &str = "opentelemetry-operator-system";
const CONFIGURATION: &str = "/etc/opentelemetry-operator";

fn list<'a>(world: &'a Value, field: &str) -> impl Iterator<Item = &'a Value> {
    world[field].as_array().into_iter().flatten()
}

/// The objects around the Pods.
pub fn cluster(world: &Value) -> Vec<Value> {
    let mut objects = Recorded::new("healthy-java").objects;
    objects.retain(|object| object["kind"] != "Event" && is_operator(object));
    for object in &mut objects {
        object["metadata"]["creationTimestamp"] = BEFORE.into();
        match object["kind"].as_str().unwrap() {
            "Deployment" => start(&mut object["spec"]["template"]["spec"], world),
            "Pod" => {
                start(&mut object["spec"], world);
                for condition in object["status"]["conditions"].as_array_mut().unwrap() {
                    condition["lastTransitionTime"] = BEFORE.into();
                }
            }
            "MutatingWebhookConfiguration" => register(object, &world["webhook"]),
            _ => {}
        }
    }
    if let Some(file) = world["configFile"].as_str() {
        objects.push(json!({"apiVersion": "v1", "kind": "ConfigMap", "data": {"operator-config.yaml": file},
            "metadata": {"name": "configuration", "namespace": OPERATOR}}));
    }
    let others = [json!({"name": "default"}), json!({"name": "kube-system"})];
    objects.extend(list(world, "namespaces").chain(&others).map(namespace));
    for instrumentation in list(world, "instrumentations") {
        let mut instrumentation = instrumentation.clone();
        instrumentation["metadata"]["creationTimestamp"] = BEFORE.into();
        objects.push(instrumentation);
    }
    for collector in list(world, "collectors") {
        objects.push(json!({"apiVersion": "opentelemetry.io/v1beta1", "kind": "OpenTelemetryCollector",
            "metadata": {"name": collector["name"], "namespace": collector["namespace"]}, "spec": {"mode": collector["mode"]}}));
    }
    for (field, kind) in [("secrets", "Secret"), ("configMaps", "ConfigMap")] {
        let named = |object: &Value| json!({"apiVersion": "v1", "kind": kind, "metadata": object});
        objects.extend(list(world, field).map(named));
    }
    objects
}

fn is_operator(object: &Value) -> bool {
    let metadata = &object["metadata"];
    metadata["namespace"] == OPERATOR
        || metadata["name"] == OPERATOR
        || ["MutatingWebhookConfiguration", "CustomResourceDefinition"]
            .iter()
            .any(|kind| object["kind"] == *kind)
}

/// Flags, environment and file with which the operator was started.
fn start(spec: &mut Value, world: &Value) {
    let env: Vec<Value> = world["env"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| json!({"name": name, "value": value}))
        .collect();
    let args: Vec<String> = list(world, "flags")
        .map(|flag| {
            flag.as_str().unwrap().replace("--config-file=", &format!("--config-file={CONFIGURATION}/"))
        })
        .collect();
    let manager = &mut spec["containers"][0];
    manager["env"] = env.into();
    manager["args"] = args.into();
    let mounts = manager["volumeMounts"].as_array_mut().unwrap();
    mounts.push(json!({"name": "configuration", "mountPath": CONFIGURATION}));
    let volumes = spec["volumes"].as_array_mut().unwrap();
    volumes.push(json!({"name": "configuration", "configMap": {"name": "configuration"}}));
}

/// The selectors and rules of the Pod webhook.
fn register(configuration: &mut Value, webhook: &Value) {
    for entry in configuration["webhooks"].as_array_mut().unwrap() {
        if entry["name"] == "mpod.kb.io" {
            for field in ["rules", "matchPolicy", "namespaceSelector", "objectSelector", "matchConditions"] {
                if !webhook[field].is_null() {
                    entry[field] = webhook[field].clone();
                }
            }
        }
    }
}

/// A Namespace of which every annotation is older than the Pods.
fn namespace(object: &Value) -> Value {
    let keys = object["annotations"].as_object().into_iter().flatten();
    let owned: serde_json::Map<_, _> = keys.map(|(key, _)| (format!("f:{key}"), json!({}))).collect();
    json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {
        "name": object["name"], "uid": object["name"], "creationTimestamp": BEFORE,
        "annotations": object["annotations"], "labels": object["labels"],
        "managedFields": [{"manager": "m", "operation": "Update", "time": BEFORE,
            "fieldsV1": {"f:metadata": {"f:annotations": owned}}}],
    }})
}

/// A recorded Pod below a Deployment that is called like the case.
pub fn deployment(case: &Value) -> [Value; 3] {
    let submitted = &case["submitted"];
    let (name, namespace) = (case["id"].as_str().unwrap(), &case["namespace"]);
    let template = json!({"spec": submitted["spec"], "metadata": {
        "annotations": submitted["metadata"]["annotations"], "labels": submitted["metadata"]["labels"]}});
    let set = format!("{name}-set");
    let owned_by = |kind: &str, owner: &str| json!([{"apiVersion": "apps/v1", "kind": kind, "name": owner, "uid": owner, "controller": true}]);
    let mut spec = submitted["spec"].clone();
    let mut metadata = template["metadata"].clone();
    let result = &case["result"];
    if result.is_object() {
        for part in ["initContainers", "containers", "volumes", "shareProcessNamespace"] {
            spec[part] = result[part].clone();
        }
        for part in ["annotations", "labels"] {
            metadata[part] = result[part].clone();
        }
    }
    spec["nodeName"] = "worker-1".into();
    metadata["name"] = format!("{name}-pod").into();
    metadata["uid"] = format!("{name}-pod").into();
    metadata["namespace"] = namespace.clone();
    metadata["creationTimestamp"] = CREATED.into();
    metadata["ownerReferences"] = owned_by("ReplicaSet", &set);
    let status = running(&spec);
    [
        json!({"apiVersion": "apps/v1", "kind": "Deployment", "spec": {"template": template},
            "metadata": {"name": name, "namespace": namespace, "uid": name}}),
        json!({"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": {"name": set, "namespace": namespace, "uid": set,
            "ownerReferences": owned_by("Deployment", name)}}),
        json!({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec, "status": status}),
    ]
}

/// Every init container has done its work, every container runs.
fn running(spec: &Value) -> Value {
    let states = |list: &str, done: bool| -> Vec<Value> {
        let containers = spec[list].as_array().into_iter().flatten();
        containers
            .map(|container| {
                let stays = container["restartPolicy"] == "Always";
                let state = if done && !stays {
                    json!({"terminated": {"exitCode": 0, "reason": "Completed"}})
                } else {
                    json!({"running": {}})
                };
                json!({"name": container["name"], "ready": true, "restartCount": 0, "state": state})
            })
            .collect()
    };
    json!({"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}],
        "initContainerStatuses": states("initContainers", true), "containerStatuses": states("containers", false)})
}
