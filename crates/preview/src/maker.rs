//! How does a Pod come from its template, and which owners does it get?
//!
//! The operator asks for the owners of a Pod and their owners: they name the service and stand in the resource attributes. So
//! a Pod that is yet to be gets those that its controller will give it. What cannot be known before stands there as `<hash>`,
//! `<time>` and `<uid>`.

use facts::{Object, OwnerReference};
use serde_json::{Value, json};

/// A Pod as it will reach the operator.
pub(crate) struct Made {
    /// The whole Pod.
    pub(crate) pod: Value,
    /// Its owner.
    pub(crate) owners: Vec<OwnerReference>,
    /// Prefix of its name.
    pub(crate) generate_name: String,
    /// What stands between it and the object that was written: a `ReplicaSet` or a Job.
    pub(crate) between: Option<Object>,
}

/// Makes a Pod of an object's template.
pub(crate) fn make(object: &Value, template: &Value) -> Made {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let kind = text(&object["kind"]);
    let metadata = &object["metadata"];
    let (name, namespace) = (text(&metadata["name"]), text(&metadata["namespace"]));
    if kind == "Pod" {
        return Made {
            pod: template.clone(),
            owners: Vec::new(),
            generate_name: String::new(),
            between: None,
        };
    }
    let itself = owner(&text(&object["apiVersion"]), &kind, &name, &uid(metadata));
    let between = match kind.as_str() {
        "Deployment" | "Rollout" => Some(("apps/v1", "ReplicaSet", format!("{name}-<hash>"))),
        "CronJob" => Some(("batch/v1", "Job", format!("{name}-<time>"))),
        _ => None,
    };
    let (owner, prefix, between) = match between {
        Some((api_version, kind, between)) => {
            let object = json!({
                "apiVersion": api_version,
                "kind": kind,
                "metadata": {"name": between, "namespace": namespace, "ownerReferences": [itself]},
            });
            (owner(api_version, kind, &between, UID), between, Object::from_value(object).ok().flatten())
        }
        None => (itself, name, None),
    };
    let generate_name = format!("{prefix}-");
    let mut pod = template.clone();
    pod["metadata"]["generateName"] = generate_name.as_str().into();
    pod["metadata"]["namespace"] = namespace.into();
    pod["metadata"]["ownerReferences"] = json!([owner]);
    Made { pod, owners: vec![owner], generate_name, between }
}

const UID: &str = "<uid>";

fn uid(metadata: &Value) -> String {
    metadata["uid"].as_str().unwrap_or(UID).to_owned()
}

fn owner(api_version: &str, kind: &str, name: &str, uid: &str) -> OwnerReference {
    OwnerReference {
        api_version: api_version.into(),
        kind: kind.into(),
        name: name.into(),
        uid: uid.into(),
        controller: true,
    }
}

/// The template that a Pod shows: what its controller will add to the metadata is taken out again.
pub(crate) fn as_template(mut pod: Value, template: &Value) -> Value {
    if let Some(metadata) = pod["metadata"].as_object_mut() {
        for key in ["generateName", "namespace", "ownerReferences", "creationTimestamp"] {
            match template["metadata"].get(key) {
                Some(own) => metadata.insert(key.to_owned(), own.clone()),
                None => metadata.remove(key),
            };
        }
    }
    pod
}
