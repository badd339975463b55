//! The cluster of a recorded world.

use std::collections::BTreeMap;
use std::sync::Arc;

use facts::{
    ClusterView, Collector, ConfigMap, CustomResourceDefinition, Endpoints, EnvVar, Event, InputKind,
    Instrumentation, Lookup, MutatingWebhookConfiguration, Namespace, Node, OwnerReference, Pod, Readability,
    ReplicaSet, Secret, Service, StringMap, Webhook, Workload, WorkloadRef,
};
use injection::{OperatorConfig, OperatorSource};
use serde_json::{Value, json};

/// A recorded world, as the operator and the API server saw it.
pub struct World {
    pub operator: OperatorConfig,
    pub webhook: Webhook,
    pub reachable: bool,
    pub limit_ranges: Vec<Value>,
    pub resource_quotas: Vec<Value>,
    namespaces: BTreeMap<String, Namespace>,
    instrumentations: BTreeMap<(String, String), Arc<Instrumentation>>,
    collectors: BTreeMap<(String, String), Collector>,
    secrets: BTreeMap<(String, String), Secret>,
    config_maps: BTreeMap<(String, String), ConfigMap>,
    owners: BTreeMap<(String, String, String), Vec<OwnerReference>>,
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn list<'a>(world: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    world[key].as_array().into_iter().flatten()
}

fn read<T: serde::de::DeserializeOwned>(what: &str, value: Value) -> Result<T, String> {
    serde_json::from_value(value).map_err(|error| format!("{what}: {error}"))
}

fn key(object: &Value) -> (String, String) {
    (text(&object["namespace"]).to_owned(), text(&object["name"]).to_owned())
}

impl World {
    /// How the operator was started.
    pub fn read_operator(world: &Value) -> OperatorConfig {
        let args: Vec<Arc<str>> = list(world, "flags").map(|flag| text(flag).into()).collect();
        let env: Vec<EnvVar> = world["env"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, value)| EnvVar {
                name: name.as_str().into(),
                value: Some(text(value).into()),
                value_from: None,
            })
            .collect();
        let image = format!("operator:{}", text(&world["operatorVersion"]));
        let config_file = world["configFile"].as_str();
        OperatorConfig::read(&OperatorSource {
            image: &image,
            args: &args,
            env: &env,
            config_file,
            version_label: None,
        })
    }

    pub fn read(world: &Value) -> Result<Self, String> {
        fn named<T: serde::de::DeserializeOwned>(
            world: &Value,
            objects: &str,
        ) -> Result<BTreeMap<(String, String), T>, String> {
            list(world, objects)
                .map(|object| Ok((key(object), read(objects, json!({ "metadata": object }))?)))
                .collect()
        }
        let namespace = |object: &Value| {
            let namespace = read("namespaces", json!({ "metadata": object }))?;
            Ok::<_, String>((text(&object["name"]).to_owned(), namespace))
        };
        let instrumentation = |object: &Value| {
            Ok::<_, String>((key(&object["metadata"]), Arc::new(read("instrumentations", object.clone())?)))
        };
        let collector = |object: &Value| {
            let collector = json!({ "metadata": object, "spec": {"mode": object["mode"]} });
            Ok::<_, String>((key(object), read("collectors", collector)?))
        };
        let owner = |object: &Value| {
            let (namespace, name) = key(object);
            let owners = object.get("ownerReferences").cloned().unwrap_or_else(|| json!([]));
            Ok::<_, String>(((text(&object["kind"]).to_owned(), namespace, name), read("owners", owners)?))
        };
        Ok(Self {
            operator: Self::read_operator(world),
            webhook: read("webhook", world["webhook"].clone())?,
            reachable: world["webhookReachable"].as_bool().unwrap_or(true),
            limit_ranges: list(world, "limitRanges").cloned().collect(),
            resource_quotas: list(world, "resourceQuotas").cloned().collect(),
            namespaces: list(world, "namespaces").map(namespace).collect::<Result<_, _>>()?,
            instrumentations: list(world, "instrumentations")
                .map(instrumentation)
                .collect::<Result<_, _>>()?,
            collectors: list(world, "collectors").map(collector).collect::<Result<_, _>>()?,
            secrets: named(world, "secrets")?,
            config_maps: named(world, "configMaps")?,
            owners: list(world, "owners").map(owner).collect::<Result<_, _>>()?,
        })
    }

    /// Labels of a Namespace.
    pub fn namespace_labels(&self, name: &str) -> StringMap {
        self.namespaces
            .get(name)
            .map(|namespace| namespace.metadata.metadata.labels.clone())
            .unwrap_or_default()
    }
}

fn found<T>(value: Option<T>) -> Lookup<T> {
    Lookup::from_option(value, &Readability::Complete)
}

/// Everything is known in a recording, and nothing else exists.
impl ClusterView for World {
    fn readability(&self, _: InputKind) -> &Readability {
        &Readability::Complete
    }
    fn namespace(&self, name: &str) -> Lookup<&Namespace> {
        found(self.namespaces.get(name))
    }
    fn instrumentation(&self, namespace: &str, name: &str) -> Lookup<&Arc<Instrumentation>> {
        found(self.instrumentations.get(&(namespace.to_owned(), name.to_owned())))
    }
    fn instrumentations_in(&self, namespace: &str) -> Vec<&Arc<Instrumentation>> {
        self.instrumentations
            .iter()
            .filter(|((other, _), _)| other == namespace)
            .map(|(_, value)| value)
            .collect()
    }
    fn instrumentations(&self) -> Vec<&Arc<Instrumentation>> {
        self.instrumentations.values().collect()
    }
    fn collector(&self, namespace: &str, name: &str) -> Lookup<&Collector> {
        found(self.collectors.get(&(namespace.to_owned(), name.to_owned())))
    }
    fn collectors_in(&self, namespace: &str) -> Vec<&Collector> {
        self.collectors.iter().filter(|((other, _), _)| other == namespace).map(|(_, value)| value).collect()
    }
    fn mutating_webhooks(&self) -> Vec<&MutatingWebhookConfiguration> {
        Vec::new()
    }
    fn crd(&self, _: &str) -> Lookup<&CustomResourceDefinition> {
        Lookup::Absent
    }
    fn service(&self, _: &str, _: &str) -> Lookup<&Service> {
        Lookup::Absent
    }
    fn services_in(&self, _: &str) -> Vec<&Service> {
        Vec::new()
    }
    fn endpoints(&self, _: &str, _: &str) -> Lookup<Endpoints> {
        Lookup::Absent
    }
    fn workload(&self, _: &WorkloadRef) -> Lookup<&Workload> {
        Lookup::Absent
    }
    fn operator_deployments(&self) -> Vec<&Workload> {
        Vec::new()
    }
    fn replica_set(&self, _: &str, _: &str) -> Lookup<&ReplicaSet> {
        Lookup::Absent
    }
    fn replica_sets_of(&self, _: &WorkloadRef) -> Vec<&ReplicaSet> {
        Vec::new()
    }
    fn owners_of(&self, kind: &str, namespace: &str, name: &str) -> Lookup<&[OwnerReference]> {
        found(self.owners.get(&(kind.to_owned(), namespace.to_owned(), name.to_owned())).map(Vec::as_slice))
    }
    fn pods_with_labels(&self, _: &str, _: &StringMap) -> Vec<&Pod> {
        Vec::new()
    }
    fn restarted_pods(&self, _: &str) -> Vec<&Pod> {
        Vec::new()
    }
    fn node(&self, _: &str) -> Lookup<&Node> {
        Lookup::Absent
    }
    fn secret(&self, namespace: &str, name: &str) -> Lookup<&Secret> {
        found(self.secrets.get(&(namespace.to_owned(), name.to_owned())))
    }
    fn config_map(&self, namespace: &str, name: &str) -> Lookup<&ConfigMap> {
        found(self.config_maps.get(&(namespace.to_owned(), name.to_owned())))
    }
    fn events_about(&self, _: &str) -> Vec<&Event> {
        Vec::new()
    }
    fn events_with_reason(&self, _: &str, _: &str) -> Vec<&Event> {
        Vec::new()
    }
}
