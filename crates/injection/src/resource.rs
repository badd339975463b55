//! Which resource attributes does a container get, and how is its service called?
//!
//! `internal/instrumentation/sdk.go` `createResourceMap`, `chooseServiceName`, `chooseServiceVersion`,
//! `createServiceInstanceId`, v0.158.0. Weakest first: the Instrumentation, Kubernetes, `resource.opentelemetry.io/…`
//! annotations; what the container's own `OTEL_RESOURCE_ATTRIBUTES` names is left to it.

use std::collections::{BTreeMap, BTreeSet};

use facts::{InstrumentationSpec, RESOURCE_PREFIX};

use crate::env::RESOURCE_ATTRIBUTES;
use crate::image_reference;
use crate::owners::Owner;
use crate::pod::{Container, Pod};
use crate::releases::{Release, Rule};

/// Attributes by name, in the order in which the operator writes them.
pub(crate) type Attributes = BTreeMap<String, String>;

/// What attributes depend on beside container and Pod.
pub(crate) struct Context<'a> {
    pub(crate) namespace: &'a str,
    pub(crate) owners: &'a [Owner],
    pub(crate) release: Release,
}

/// The attributes of a container, before those that need a variable.
pub(crate) fn attributes(
    spec: &InstrumentationSpec,
    pod: &Pod,
    container: &mut Container,
    context: &Context<'_>,
) -> Attributes {
    let own = own_attributes(&container.env().value(RESOURCE_ATTRIBUTES));
    let is_own = |key: &str| own.contains(key);
    let mut attributes = Attributes::new();
    for (key, value) in spec.resource.resource_attributes.iter() {
        attributes.insert(key.to_owned(), value.to_owned());
    }
    for (key, value) in kubernetes_attributes(spec, pod, &container.name, context) {
        if !value.is_empty() {
            attributes.insert(key, value);
        }
    }
    attributes.retain(|key, _| !is_own(key));
    if context.release.follows(Rule::ResourceAnnotations) {
        for (key, value) in pod.metadata_map("annotations") {
            let is_service_name =
                |key: &str| key == "service.name" && context.release.follows(Rule::AnnotatedService);
            // In 0.107 the container's own attributes were not left to it here.
            let is_left = |key: &str| {
                is_service_name(key) || (is_own(key) && context.release.follows(Rule::AnnotatedService))
            };
            if let Some(key) = key.strip_prefix(RESOURCE_PREFIX).filter(|key| !is_left(key)) {
                attributes.insert(key.to_owned(), value.to_owned());
            }
        }
    }
    if context.release.follows(Rule::ServiceNamespace) {
        let namespace = annotated(pod, "service.namespace").unwrap_or(context.namespace);
        if !namespace.is_empty() && !is_own("service.namespace") {
            attributes.insert("service.namespace".to_owned(), namespace.to_owned());
        }
    }
    attributes
}

/// Names that the container's own variable sets: entries with exactly one `=`.
fn own_attributes(value: &str) -> BTreeSet<String> {
    value
        .split(',')
        .filter_map(|entry| {
            let mut parts = entry.trim().split('=');
            let key = parts.next()?;
            (parts.next().is_some() && parts.next().is_none()).then(|| key.to_owned())
        })
        .collect()
}

fn kubernetes_attributes(
    spec: &InstrumentationSpec,
    pod: &Pod,
    container: &str,
    context: &Context<'_>,
) -> Vec<(String, String)> {
    let node = pod.spec.get("nodeName").and_then(serde_json::Value::as_str).unwrap_or_default();
    let mut attributes: Vec<(String, String)> = [
        ("k8s.namespace.name", context.namespace),
        ("k8s.container.name", container),
        ("k8s.pod.name", pod.metadata("name")),
        ("k8s.pod.uid", pod.metadata("uid")),
        ("k8s.node.name", node),
    ]
    .map(|(key, value)| (key.to_owned(), value.to_owned()))
    .into();
    if context.release.follows(Rule::ServiceInstanceId) {
        attributes.push(("service.instance.id".to_owned(), service_instance_id(pod, container, context)));
    }
    for owner in context.owners {
        let word = owner.kind.attribute_word();
        attributes.push((format!("k8s.{word}.name"), owner.name.to_string()));
        if spec.resource.add_k8s_uid_attributes {
            attributes.push((format!("k8s.{word}.uid"), owner.uid.to_string()));
        }
    }
    attributes
}

fn service_instance_id(pod: &Pod, container: &str, context: &Context<'_>) -> String {
    if let Some(id) =
        annotated(pod, "service.instance.id").filter(|_| context.release.follows(Rule::AnnotatedService))
    {
        return id.to_owned();
    }
    if context.namespace.is_empty() || container.is_empty() {
        return String::new();
    }
    format!("{}.$(OTEL_RESOURCE_ATTRIBUTES_POD_NAME).{container}", context.namespace)
}

/// A `resource.opentelemetry.io/…` annotation that is not empty.
fn annotated<'a>(pod: &'a Pod, attribute: &str) -> Option<&'a str> {
    let found =
        pod.metadata_map("annotations").find(|(key, _)| key.strip_prefix(RESOURCE_PREFIX) == Some(attribute));
    found.map(|(_, value)| value).filter(|value| !value.is_empty())
}

fn chosen<'a>(
    spec: &InstrumentationSpec,
    pod: &'a Pod,
    attribute: &str,
    labels: &[&str],
    release: Release,
) -> Option<&'a str> {
    if !release.follows(Rule::AnnotatedService) {
        return None;
    }
    annotated(pod, attribute).or_else(|| {
        let use_labels = spec.defaults.use_labels_for_resource_attributes;
        let mut labels = labels.iter().filter(|_| use_labels);
        labels.find_map(|label| {
            let found = pod.metadata_map("labels").find(|(key, _)| key == label);
            found.map(|(_, value)| value).filter(|value| !value.is_empty())
        })
    })
}

/// The service name: annotation, labels, owners, Pod, container.
pub(crate) fn service_name(
    spec: &InstrumentationSpec,
    pod: &Pod,
    container: &str,
    attributes: &Attributes,
    release: Release,
) -> String {
    const LABELS: [&str; 2] = ["app.kubernetes.io/instance", "app.kubernetes.io/name"];
    const ATTRIBUTES: [&str; 7] = [
        "k8s.deployment.name",
        "k8s.replicaset.name",
        "k8s.statefulset.name",
        "k8s.daemonset.name",
        "k8s.cronjob.name",
        "k8s.job.name",
        "k8s.pod.name",
    ];
    if let Some(name) = chosen(spec, pod, "service.name", &LABELS, release) {
        return name.to_owned();
    }
    let is_used =
        |key: &&&str| **key != "k8s.replicaset.name" || release.follows(Rule::ServiceNameFromReplicaSet);
    let from_attributes = ATTRIBUTES
        .iter()
        .filter(is_used)
        .find_map(|key| attributes.get(*key).filter(|name| !name.is_empty()));
    from_attributes.cloned().unwrap_or_else(|| container.to_owned())
}

/// The service version: annotation, label, image.
pub(crate) fn service_version(
    spec: &InstrumentationSpec,
    pod: &Pod,
    image: &str,
    release: Release,
) -> Option<String> {
    chosen(spec, pod, "service.version", &["app.kubernetes.io/version"], release).map(str::to_owned).or_else(
        || {
            if release.follows(Rule::ImageReferenceParsed) {
                return image_reference::version(image);
            }
            let last = image.rsplit(':').next().unwrap_or_default();
            (!last.is_empty() && !last.contains('/')).then(|| last.to_owned())
        },
    )
}

/// `a=1,b=2`
pub(crate) fn to_text(attributes: &Attributes) -> String {
    let pairs: Vec<String> = attributes.iter().map(|(key, value)| format!("{key}={value}")).collect();
    pairs.join(",")
}
