//! How is a Pod held while the operator changes it?
//!
//! What no rule touches stays JSON and is put back as it came. Environment and mounts are taken out of a container only
//! when something is to be changed in it.

use std::rc::Rc;

use facts::EnvSource;
use serde_json::{Map, Value, json};

use crate::go_slice::{CONTAINER_BYTES, ENV_VAR_BYTES, JsonGrowth, Slice, grown_capacity};

/// An environment variable.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct EnvVar {
    pub(crate) name: Rc<str>,
    pub(crate) value: Rc<str>,
    pub(crate) value_from: Option<Rc<Value>>,
}

impl EnvVar {
    pub(crate) fn literal(name: &str, value: impl Into<Rc<str>>) -> Self {
        Self { name: name.into(), value: value.into(), value_from: None }
    }

    /// A variable from a field of the Pod.
    pub(crate) fn field(name: &str, path: &str) -> Self {
        let value_from = Some(Rc::new(json!({ "fieldRef": {"fieldPath": path} })));
        Self { name: name.into(), value: "".into(), value_from }
    }

    fn read(value: &Value) -> Self {
        let text = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default();
        let value_from = value.get("valueFrom").filter(|from| !from.is_null()).cloned().map(Rc::new);
        Self { name: text("name").into(), value: text("value").into(), value_from }
    }

    fn write(&self) -> Value {
        let mut var = Map::new();
        var.insert("name".to_owned(), (*self.name).into());
        if !self.value.is_empty() {
            var.insert("value".to_owned(), (*self.value).into());
        }
        if let Some(from) = &self.value_from {
            var.insert("valueFrom".to_owned(), Value::clone(from));
        }
        Value::Object(var)
    }
}

impl From<&EnvSource> for EnvVar {
    fn from(source: &EnvSource) -> Self {
        Self {
            name: (*source.name).into(),
            value: source.value.as_deref().unwrap_or_default().into(),
            value_from: source.value_from.as_ref().filter(|from| !from.is_null()).cloned().map(Rc::new),
        }
    }
}

/// A container on its way through the operator.
#[derive(Clone, Debug)]
pub(crate) struct Container {
    pub(crate) name: Rc<str>,
    rest: Map<String, Value>,
    env: Option<Slice<EnvVar>>,
    mounts: Option<Vec<Value>>,
    growth: JsonGrowth,
}

impl Container {
    fn read(value: Value, growth: JsonGrowth) -> Self {
        let rest = match value {
            Value::Object(rest) => rest,
            _ => Map::new(),
        };
        Self {
            name: rest.get("name").and_then(Value::as_str).unwrap_or_default().into(),
            rest,
            env: None,
            mounts: None,
            growth,
        }
    }

    /// A container that the operator makes. Empty texts and `null` are left out, as Go does it.
    pub(crate) fn made(name: &str, fields: Value, env: Slice<EnvVar>, mounts: Vec<Value>) -> Self {
        let mut container = Self::read(fields, JsonGrowth::Doubling);
        container.rest.retain(|_, value| !value.is_null() && value.as_str() != Some(""));
        container.rest.insert("name".to_owned(), name.into());
        container.rest.entry("resources").or_insert_with(|| Value::Object(Map::new()));
        Self { name: name.into(), env: Some(env), mounts: Some(mounts), ..container }
    }

    fn write(self) -> Value {
        let mut rest = self.rest;
        if let Some(env) = self.env {
            put_list(&mut rest, "env", env.read(|env| env.iter().map(EnvVar::write).collect()));
        }
        if let Some(mounts) = self.mounts {
            put_list(&mut rest, "volumeMounts", mounts);
        }
        Value::Object(rest)
    }

    /// A field that no rule changes.
    pub(crate) fn field(&self, name: &str) -> Option<&Value> {
        self.rest.get(name).filter(|value| !value.is_null())
    }

    pub(crate) fn image(&self) -> &str {
        self.field("image").and_then(Value::as_str).unwrap_or_default()
    }

    pub(crate) fn set(&mut self, name: &str, value: Value) {
        if value.is_null() {
            self.rest.remove(name);
        } else {
            self.rest.insert(name.to_owned(), value);
        }
    }

    pub(crate) fn forget_pull_policy(&mut self) {
        self.rest.remove("imagePullPolicy");
    }

    /// Everything but what an init container must not have (releases before [`crate::Rule::WebServerArguments`]).
    pub(crate) fn copy_without_probes(&self) -> Value {
        let mut copy = self.rest.clone();
        for field in ["livenessProbe", "readinessProbe", "startupProbe", "lifecycle"] {
            copy.remove(field);
        }
        Value::Object(copy)
    }

    pub(crate) fn set_security_context(&mut self, context: Option<Value>) {
        match context {
            Some(context) => self.rest.insert("securityContext".to_owned(), context),
            None => self.rest.remove("securityContext"),
        };
    }

    pub(crate) fn env(&mut self) -> &mut Slice<EnvVar> {
        let (rest, growth) = (&self.rest, self.growth);
        self.env.get_or_insert_with(|| {
            let vars = rest.get("env").and_then(Value::as_array);
            Slice::decoded(vars.into_iter().flatten().map(EnvVar::read).collect(), ENV_VAR_BYTES, growth)
        })
    }

    pub(crate) fn mounts(&mut self) -> &mut Vec<Value> {
        let rest = &self.rest;
        self.mounts.get_or_insert_with(|| {
            rest.get("volumeMounts").and_then(Value::as_array).cloned().unwrap_or_default()
        })
    }

    /// Adds a mount.
    pub(crate) fn mount(&mut self, volume: &str, path: &str) {
        self.mounts().push(mount(volume, path));
    }
}

/// A mount.
pub(crate) fn mount(volume: &str, path: &str) -> Value {
    json!({ "name": volume, "mountPath": path })
}

fn put_list(object: &mut Map<String, Value>, key: &str, list: Vec<Value>) {
    if list.is_empty() {
        object.remove(key);
    } else {
        object.insert(key.to_owned(), Value::Array(list));
    }
}

fn take_list(object: &mut Map<String, Value>, key: &str) -> Vec<Value> {
    match object.get_mut(key).map(Value::take) {
        Some(Value::Array(list)) => list,
        _ => Vec::new(),
    }
}

/// A Pod, or a template, on its way through the operator.
#[derive(Clone, Debug)]
pub(crate) struct Pod {
    rest: Map<String, Value>,
    pub(crate) spec: Map<String, Value>,
    pub(crate) init: Vec<Container>,
    pub(crate) containers: Vec<Container>,
    pub(crate) volumes: Vec<Value>,
    /// Capacity of the Go slice that holds the init containers.
    init_capacity: usize,
}

impl Pod {
    pub(crate) fn read(pod: &Value, growth: JsonGrowth) -> Self {
        let mut rest = pod.as_object().cloned().unwrap_or_default();
        let mut spec = match rest.get_mut("spec").map(Value::take) {
            Some(Value::Object(spec)) => spec,
            _ => Map::new(),
        };
        let mut read = |key: &str| -> Vec<Container> {
            take_list(&mut spec, key)
                .into_iter()
                .map(|container| Container::read(container, growth))
                .collect()
        };
        let init = read("initContainers");
        let containers = read("containers");
        let volumes = take_list(&mut spec, "volumes");
        let init_capacity = growth.capacity(init.len(), CONTAINER_BYTES);
        Self { rest, spec, init, containers, volumes, init_capacity }
    }

    pub(crate) fn write(self) -> Value {
        let Self { mut rest, mut spec, init, containers, volumes, .. } = self;
        put_list(&mut spec, "initContainers", init.into_iter().map(Container::write).collect());
        put_list(&mut spec, "containers", containers.into_iter().map(Container::write).collect());
        put_list(&mut spec, "volumes", volumes);
        rest.insert("spec".to_owned(), Value::Object(spec));
        Value::Object(rest)
    }

    /// A text of `metadata`.
    pub(crate) fn metadata(&self, key: &str) -> &str {
        self.rest
            .get("metadata")
            .and_then(|metadata| metadata.get(key))
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    /// Labels or annotations.
    pub(crate) fn metadata_map(&self, key: &str) -> impl Iterator<Item = (&str, &str)> {
        let map = self.rest.get("metadata").and_then(|metadata| metadata.get(key)).and_then(Value::as_object);
        map.into_iter().flatten().filter_map(|(key, value)| Some((key.as_str(), value.as_str()?)))
    }

    /// Sets a label.
    pub(crate) fn set_label(&mut self, key: &str, value: &str) {
        let metadata = self.rest.entry("metadata").or_insert_with(|| json!({}));
        if !metadata.is_object() {
            *metadata = json!({});
        }
        if !metadata.get("labels").is_some_and(Value::is_object) {
            metadata["labels"] = json!({});
        }
        metadata["labels"][key] = value.into();
    }

    pub(crate) fn has_init(&self, name: &str) -> bool {
        self.init.iter().any(|container| &*container.name == name)
    }

    pub(crate) fn has_container(&self, name: &str) -> bool {
        self.containers.iter().any(|container| &*container.name == name)
    }

    /// The container of that name, else the init container of that name.
    pub(crate) fn find(&mut self, name: &str) -> Option<&mut Container> {
        let found = self.containers.iter_mut().find(|container| &*container.name == name);
        match found {
            Some(container) => Some(container),
            None => self.init.iter_mut().find(|container| &*container.name == name),
        }
    }

    /// Puts an init container before an init container of that name, or last. Whether the operator's pointer to that
    /// container now points at what was put in its place: so it is when the slice had room.
    pub(crate) fn insert_init(&mut self, container: Container, before: Option<&str>) -> bool {
        let has_room = self.init.len() < self.init_capacity;
        if !has_room {
            self.init_capacity = grown_capacity(self.init_capacity, self.init.len() + 1, CONTAINER_BYTES);
        }
        let place = before.and_then(|name| self.init.iter().position(|container| &*container.name == name));
        self.init.insert(place.unwrap_or(self.init.len()), container);
        has_room && place.is_some()
    }
}
