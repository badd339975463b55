//! What else would the operator make differently now: certificates, volumes, the agent's own containers?
//!
//! Compared with the Pod that it would make of the template today. What nobody wrote into the Instrumentation is left out:
//! another release makes it differently of its own accord.

use std::collections::BTreeMap;
use std::sync::Arc;

use facts::{Container, Instrumentation, PodShape, StringMap, Volume};
use injection::quantity::Quantity;

use super::drift::{Difference, difference};
use crate::case::Case;
use crate::catalogue::environment::{container, is_own};
use crate::catalogue::targets::TargetContainer;

/// Variables that come from `spec.exporter.tls` (`internal/instrumentation/exporter.go`, operator v0.158.0).
const CERTIFICATES: [&str; 3] = [
    "OTEL_EXPORTER_OTLP_CERTIFICATE",
    "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE",
    "OTEL_EXPORTER_OTLP_CLIENT_KEY",
];
/// The variable with the attributes of the resource.
const ATTRIBUTES: &str = "OTEL_RESOURCE_ATTRIBUTES";
/// Beginning of the names of init containers with extensions of the Java agent.
const EXTENSION: &str = "opentelemetry-auto-instrumentation-extension-";
/// Limits of the agent's volume that the operator sets by itself, and set before 0.88.
const DEFAULT_LIMITS: [&str; 2] = ["200Mi", "150Mi"];

/// The differences between a container's Pod and the one that would be made now.
pub(super) fn differences(
    case: &Case<'_>,
    target: &TargetContainer<'_, '_>,
    instrumentation: &Instrumentation,
) -> Vec<Difference> {
    let Some(next) = case.next_shape() else { return Vec::new() };
    let mut found = certificates(case, target, instrumentation, next);
    found.extend(attributes(target, instrumentation, next));
    found.extend(volume(target, instrumentation, next));
    found.extend(agents(target, next));
    found
}

fn certificates(
    case: &Case<'_>,
    target: &TargetContainer<'_, '_>,
    instrumentation: &Instrumentation,
    next: &PodShape,
) -> Vec<Difference> {
    if instrumentation.spec.exporter.tls.is_none() {
        return Vec::new();
    }
    let Some(made) = container(&next.spec, target.name) else { return Vec::new() };
    let changed = |name: &&str| {
        if is_own(case.template, target.name, name) {
            return None;
        }
        let (has, want) = (target.container.env_var(name), made.env_var(name));
        let differs = has.map(facts::EnvVar::literal) != want.map(facts::EnvVar::literal);
        differs.then(|| difference(target, &Arc::from(*name), has, want))
    };
    CERTIFICATES.iter().filter_map(changed).collect()
}

/// Attributes of the resource that the Instrumentation says otherwise, or does not say any more.
fn attributes(
    target: &TargetContainer<'_, '_>,
    instrumentation: &Instrumentation,
    next: &PodShape,
) -> Vec<Difference> {
    let of = |container: &Container| -> BTreeMap<String, String> {
        let text = container.env_var(ATTRIBUTES).map(|var| var.literal().to_owned()).unwrap_or_default();
        let pairs = text.split(',').filter_map(|pair| pair.split_once('='));
        pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    };
    let Some(made) = container(&next.spec, target.name) else { return Vec::new() };
    let (has, want) = (of(target.container), of(made));
    if has.is_empty() || want.is_empty() {
        return Vec::new();
    }
    let said = &instrumentation.spec.resource.resource_attributes;
    // What begins so is made by the operator, and differently by another release.
    let is_made = |name: &str| name.starts_with("k8s.") || name.starts_with("service.");
    let gone = has.keys().filter(|name| !want.contains_key(*name) && !is_made(name));
    let names = said.iter().map(|(name, _)| name).chain(gone.map(String::as_str));
    let shown = |value: Option<&String>| value.map_or_else(|| "not set".to_owned(), String::clone);
    let differs = |name: &str| {
        let (has, want) = (has.get(name), want.get(name));
        (has != want).then(|| Difference {
            name: format!("resource attribute {name}"),
            field: format!("spec.containers[{}].env[{ATTRIBUTES}]", target.name),
            has: shown(has),
            would_get: shown(want),
        })
    };
    names.filter_map(differs).collect()
}

/// The volume from which the application takes the agent.
fn volume(
    target: &TargetContainer<'_, '_>,
    instrumentation: &Instrumentation,
    next: &PodShape,
) -> Option<Difference> {
    let name = &target.group.marks.agent(target.language)?.name;
    let find = |shape: &PodShape| shape.spec.volumes.iter().find(|volume| volume.name == *name).map(kind_of);
    let (has, would_get) = (find(target.group.shape)?, find(next)?);
    let block = instrumentation.spec.language(target.language)?;
    let is_written = block.volume_limit_size.is_some() || block.volume_claim_template.is_some();
    let is_default = |limit: &str| DEFAULT_LIMITS.contains(&limit);
    if same(&has, &would_get) || (!is_written && (has.is_empty() || is_default(&has))) {
        return None;
    }
    let shown = |kind: &str| if kind.is_empty() { "no size limit".to_owned() } else { kind.to_owned() };
    Some(Difference {
        name: "agent volume".to_owned(),
        field: format!("spec.volumes[{name}].emptyDir.sizeLimit"),
        has: shown(&has),
        would_get: shown(&would_get),
    })
}

/// The limit of an emptyDir, empty where it has none.
fn kind_of(volume: &Volume) -> String {
    match &volume.empty_dir {
        Some(scratch) => scratch.size_limit.as_deref().unwrap_or_default().to_owned(),
        None => "a claim of its own".to_owned(),
    }
}

/// The agent's container and, for Java, those of its extensions.
fn agents(target: &TargetContainer<'_, '_>, next: &PodShape) -> Vec<Difference> {
    let Some(agent) = target.group.marks.agent(target.language) else { return Vec::new() };
    let spec = &target.group.shape.spec;
    let mut found = Vec::new();
    if let (Some(has), Some(want)) = (container(spec, &agent.name), container(&next.spec, &agent.name)) {
        let parts = [
            ("requests", &has.resources.requests, &want.resources.requests),
            ("limits", &has.resources.limits, &want.resources.limits),
        ];
        for (part, has, want) in parts {
            found.extend(resources(&agent.name, part, has, want));
        }
    }
    if target.language == facts::Language::Java {
        found.extend(extensions(&spec.init_containers, &next.spec.init_containers));
    }
    found
}

/// Amounts that the Instrumentation says otherwise. What a `LimitRange` added is not there in the Pod to be.
fn resources(agent: &str, part: &str, has: &StringMap, want: &StringMap) -> Vec<Difference> {
    let differs = |(resource, want): (&str, &str)| {
        let has = has.get(resource).unwrap_or_default();
        (!same(has, want)).then(|| Difference {
            name: format!("{part}.{resource} of the agent's container"),
            field: format!("resources.{part}.{resource} of container {agent}"),
            has: if has.is_empty() { "not set".to_owned() } else { has.to_owned() },
            would_get: want.to_owned(),
        })
    };
    want.iter().filter_map(differs).collect()
}

fn extensions(has: &[Container], want: &[Container]) -> Vec<Difference> {
    let named = |list: &[Container], name: &str| -> String {
        let found = list.iter().find(|container| &*container.name == name);
        found.map_or_else(|| "not there".to_owned(), |container| container.image.to_string())
    };
    let mut names: Vec<&str> = has.iter().chain(want).map(|container| &*container.name).collect();
    names.retain(|name| name.starts_with(EXTENSION));
    names.sort_unstable();
    names.dedup();
    let differs = |name: &str| {
        let (has, would_get) = (named(has, name), named(want, name));
        (has != would_get).then(|| Difference {
            name: "extension".to_owned(),
            field: format!("image of container {name}"),
            has,
            would_get,
        })
    };
    names.into_iter().filter_map(differs).collect()
}

/// Whether two quantities are equal however they are written.
fn same(one: &str, other: &str) -> bool {
    let amounts = Quantity::parse(one).zip(Quantity::parse(other));
    one == other || amounts.is_some_and(|(one, other)| !one.exceeds(other) && !other.exceeds(one))
}
