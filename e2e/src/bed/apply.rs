//! How do manifests get into the bed, and when can they be used?

use std::time::Duration;

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::api::{DynamicObject, Patch, PatchParams, TypeMeta};
use kube::core::GroupVersionKind;
use kube::discovery::{ApiCapabilities, ApiResource, Scope, pinned_kind};
use kube::{Api, Client};
use serde_json::Value;

use super::Error;

/// A fresh `CustomResourceDefinition` is served within about a second; ten allow for a busy machine.
const PATIENCE: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(100);
/// How often an object is applied at most.
const ATTEMPTS: u32 = 4;

/// Applies every object of a YAML or JSON text, in order, by server-side apply; `List`s are taken apart.
/// Returns the objects as stored. A `CustomResourceDefinition` is usable when this returns.
pub(crate) async fn apply_yaml(client: &Client, text: &str) -> Result<Vec<DynamicObject>, Error> {
    let documents: Vec<Value> = serde_saphyr::from_multiple(text)
        .map_err(|error| Error::Manifest { what: "manifest".into(), problem: error.to_string() })?;
    let mut stored = Vec::new();
    for document in documents.into_iter().flat_map(objects) {
        stored.push(apply(client, document).await?);
    }
    Ok(stored)
}

/// Applies the `CustomResourceDefinitions` of the OpenTelemetry Operator (`e2e/testbed/crds`).
pub(crate) async fn apply_operator_crds(client: &Client) -> Result<(), Error> {
    for manifest in [
        include_str!("../../testbed/crds/instrumentations.opentelemetry.io.yaml"),
        include_str!("../../testbed/crds/opentelemetrycollectors.opentelemetry.io.yaml"),
    ] {
        apply_yaml(client, manifest).await?;
    }
    Ok(())
}

fn objects(mut document: Value) -> Vec<Value> {
    match document.get_mut("items").map(Value::take) {
        Some(Value::Array(items)) if document["kind"] == "List" => items,
        _ if document.is_null() => Vec::new(),
        Some(items) => {
            document["items"] = items;
            vec![document]
        }
        None => vec![document],
    }
}

async fn apply(client: &Client, object: Value) -> Result<DynamicObject, Error> {
    let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (api_version, kind, name) = (text("/apiVersion"), text("/kind"), text("/metadata/name"));
    let what = format!("{kind}/{name}");
    if kind.is_empty() || name.is_empty() {
        let problem = "an object needs apiVersion, kind and metadata.name".into();
        return Err(Error::Manifest { what, problem });
    }
    let types = TypeMeta { api_version, kind };
    let gvk = GroupVersionKind::try_from(&types)
        .map_err(|error| Error::Manifest { what: what.clone(), problem: error.to_string() })?;
    let (resource, capabilities) = discover(client, &gvk).await?;
    let api: Api<DynamicObject> = match capabilities.scope {
        Scope::Cluster => Api::all_with(client.clone(), &resource),
        Scope::Namespaced => match text("/metadata/namespace") {
            namespace if namespace.is_empty() => Api::default_namespaced_with(client.clone(), &resource),
            namespace => Api::namespaced_with(client.clone(), &namespace, &resource),
        },
    };
    let parameters = PatchParams::apply("bed").force();
    let mut attempts = 1;
    let stored = loop {
        match api.patch(&name, &parameters, &Patch::Apply(&object)).await {
            Err(error) if attempts < ATTEMPTS && is_passing(&error) => {
                attempts += 1;
                tokio::time::sleep(PAUSE).await;
            }
            applied => break applied.map_err(Error::api(format!("apply {what}")))?,
        }
    };
    if gvk.kind == "CustomResourceDefinition" {
        until_served(client, &name).await?;
    }
    Ok(stored)
}

/// Whether the same request may be answered otherwise the next time: the connection broke, or a webhook was too slow on a busy
/// machine.
fn is_passing(error: &kube::Error) -> bool {
    match error {
        kube::Error::Api(status) => status.message.contains("context deadline exceeded"),
        _ => true,
    }
}

/// Which path a kind is served under; waits for kinds whose definition was applied a moment ago.
async fn discover(client: &Client, gvk: &GroupVersionKind) -> Result<(ApiResource, ApiCapabilities), Error> {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        match pinned_kind(client, gvk).await {
            Ok(found) => return Ok(found),
            Err(_) if tokio::time::Instant::now() < deadline => tokio::time::sleep(PAUSE).await,
            Err(error) => {
                return Err(Error::api(format!("serve {}/{} {}", gvk.group, gvk.version, gvk.kind))(error));
            }
        }
    }
}

/// Waits until the definition is established and every version it serves can be discovered.
async fn until_served(client: &Client, name: &str) -> Result<(), Error> {
    let api: Api<CustomResourceDefinition> = Api::all(client.clone());
    let deadline = tokio::time::Instant::now() + PATIENCE;
    let definition = loop {
        let definition = api.get(name).await.map_err(Error::api(format!("read {name}")))?;
        let conditions = definition.status.iter().flat_map(|status| status.conditions.iter().flatten());
        let established = conditions
            .clone()
            .any(|condition| condition.type_ == "Established" && condition.status == "True");
        if established || tokio::time::Instant::now() > deadline {
            break definition;
        }
        tokio::time::sleep(PAUSE).await;
    };
    for version in definition.spec.versions.iter().filter(|version| version.served) {
        let gvk = GroupVersionKind::gvk(&definition.spec.group, &version.name, &definition.spec.names.kind);
        discover(client, &gvk).await?;
    }
    Ok(())
}
