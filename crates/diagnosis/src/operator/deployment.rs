//! Which Deployment serves the operator's webhooks, and how is it set up?

use std::sync::Arc;

use facts::{ClusterView, Container, EnvVar, Lookup, PodShape, Service, ServicePort, Workload};
use injection::{OperatorConfig, OperatorSource};

use super::backend::Port;

/// Names of the operator's container: in the manager, and in the separate webhook Deployment of `OpenShift` (≥ 0.154).
const CONTAINERS: [&str; 2] = ["manager", "webhook"];
/// Word in the image of the operator.
const OPERATOR: &str = "opentelemetry-operator";

/// The Deployment behind a Service; else the one that serves webhooks; else any of the operator's.
pub(super) fn serving<'a>(cluster: &'a dyn ClusterView, service: Option<&Service>) -> Option<&'a Workload> {
    let all: Vec<&Workload> = cluster
        .operator_deployments()
        .into_iter()
        .filter(|deployment| container(&deployment.template).is_some())
        .collect();
    let is_behind = |deployment: &&&Workload| service.is_some_and(|service| selects(service, deployment));
    let serves = |deployment: &&&Workload| config(cluster, deployment).webhooks;
    all.iter().find(is_behind).or_else(|| all.iter().find(serves)).or_else(|| all.first()).copied()
}

/// The Deployments of the operator that a Service selects.
fn behind<'a>(cluster: &'a dyn ClusterView, service: &Service) -> Vec<&'a Workload> {
    let all = cluster.operator_deployments().into_iter();
    all.filter(|deployment| container(&deployment.template).is_some() && selects(service, deployment))
        .collect()
}

/// Whether nobody behind a Service serves webhooks, because they are switched off.
pub(super) fn is_switched_off(cluster: &dyn ClusterView, service: &Service) -> bool {
    let behind = behind(cluster, service);
    !behind.is_empty() && behind.iter().all(|deployment| !config(cluster, deployment).webhooks)
}

/// Name of the port at which manifests, chart and OLM let the operator listen for the API server.
const WEBHOOK_PORT: &str = "webhook-server";

/// The port of the Pods that a Service's port leads to, if no Deployment behind it listens there: a name that none declares, or
/// a number that none declares although each declares the one at which it listens.
pub(super) fn astray(cluster: &dyn ClusterView, service: &Service, port: i32) -> Option<Port> {
    let called = service.spec.ports.iter().find(|known| known.port == port)?;
    let behind = behind(cluster, service);
    let leads_astray = |deployment: &&Workload| {
        let declared = ports(&deployment.template);
        let listens = declared.iter().any(|(_, name)| *name == WEBHOOK_PORT);
        let number = target_number(called, &declared);
        listens && !number.is_some_and(|number| declared.iter().any(|(declared, _)| *declared == number))
    };
    if behind.is_empty() || !behind.iter().all(leads_astray) {
        return None;
    }
    Some(match target_number(called, &[]) {
        Some(number) => Port::Numbered(number),
        None => Port::Named(called.target_port.as_str().unwrap_or_default().to_owned()),
    })
}

/// The ports that a Pod's containers declare, with their names.
pub(super) fn ports(template: &PodShape) -> Vec<(i32, &str)> {
    let ports = template.spec.containers.iter().flat_map(|container| &container.ports);
    ports.map(|port| (port.container_port, port.name.as_deref().unwrap_or_default())).collect()
}

/// The number of the Pods' port: given, by the name of a declared port, or the same as the Service's.
pub(super) fn target_number(port: &ServicePort, declared: &[(i32, &str)]) -> Option<i32> {
    match &port.target_port {
        serde_json::Value::Null => Some(port.port),
        serde_json::Value::String(name) => {
            let by_name = declared.iter().find(|(_, declared)| declared == name).map(|(number, _)| *number);
            by_name.or_else(|| name.parse().ok())
        }
        number => number.as_i64().and_then(|number| i32::try_from(number).ok()),
    }
}

fn selects(service: &Service, deployment: &Workload) -> bool {
    let selector = &service.spec.selector;
    service.metadata.namespace == deployment.id.namespace
        && !selector.is_empty()
        && selector.iter().all(|(key, value)| deployment.template.labels.get(key) == Some(value))
}

/// The operator's own container.
pub(super) fn container(template: &PodShape) -> Option<&Container> {
    let containers = &template.spec.containers;
    let by_image = |container: &&Container| {
        container.image.rsplit('/').next().is_some_and(|image| image.contains(OPERATOR))
    };
    let by_name = |container: &&Container| CONTAINERS.contains(&&*container.name);
    containers.iter().find(by_image).or_else(|| containers.iter().find(by_name))
}

/// The set-up of a Deployment of the operator.
pub(super) fn config(cluster: &dyn ClusterView, deployment: &Workload) -> OperatorConfig {
    let Some(container) = container(&deployment.template) else { return OperatorConfig::default() };
    let version_label = ["app.kubernetes.io/version"]
        .iter()
        .find_map(|key| deployment.template.labels.get(key).or_else(|| deployment.labels.get(key)));
    let file = config_file(cluster, deployment, container);
    let env: Vec<EnvVar> = container.env.iter().map(|var| resolved(deployment, var)).collect();
    OperatorConfig::read(&OperatorSource {
        image: &container.image,
        version_label,
        args: &container.args,
        env: &env,
        config_file: file.as_deref(),
    })
}

/// The text of the file that `--config-file` names, where it comes from a `ConfigMap` that can be read.
fn config_file(cluster: &dyn ClusterView, deployment: &Workload, container: &Container) -> Option<Arc<str>> {
    let path = OperatorSource::config_file_path(&container.args)?;
    let mounts = container.volume_mounts.iter();
    let (mount, key) = mounts
        .filter_map(|mount| {
            let rest = path.strip_prefix(&*mount.mount_path)?;
            Some((mount, rest.trim_start_matches('/')))
        })
        .max_by_key(|(mount, _)| mount.mount_path.len())?;
    let volume = deployment.template.spec.volumes.iter().find(|volume| volume.name == mount.name)?;
    let name = &volume.config_map.as_ref()?.name;
    let Lookup::Found(map) = cluster.config_map(&deployment.id.namespace, name) else { return None };
    let whole_path = path.rsplit('/').next().unwrap_or_default();
    map.value(key).found().or_else(|| map.value(whole_path).found()).map(Arc::from)
}

/// The variable of the operator's container that sets something, if it is a literal one or a field that the template tells.
pub(super) fn variable(deployment: &Workload, name: &str) -> Option<Arc<str>> {
    resolved(deployment, container(&deployment.template)?.env_var(name)?).value
}

/// A variable with the value of the field that it is taken from, as far as the template tells it: OLM writes the namespaces to watch
/// into the annotation `olm.targetNamespaces`.
fn resolved(deployment: &Workload, var: &EnvVar) -> EnvVar {
    let field = var.value_from.as_ref().and_then(|from| from.field_ref.as_ref());
    let value = field.and_then(|field| {
        if &*field.field_path == "metadata.namespace" {
            return Some(deployment.id.namespace.clone());
        }
        let key = field.field_path.strip_prefix("metadata.annotations['")?.strip_suffix("']")?;
        deployment.template.annotations.get(key).map(Arc::from)
    });
    match value {
        Some(value) => EnvVar { name: var.name.clone(), value: Some(value), value_from: None },
        None => var.clone(),
    }
}
