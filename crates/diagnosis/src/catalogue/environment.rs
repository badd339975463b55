//! What does a variable say to the process in a container?
//!
//! The kubelet puts `$(NAME)` in from what stands before it, from `envFrom` and from its own Service variables
//! (`pkg/kubelet/kubelet_pods.go` `makeEnvironmentVariables`, 1.36). What the API does not show becomes [`HIDDEN`]. Java
//! agents read system properties before variables, so those count too.

use std::sync::Arc;

use facts::{ClusterView, Container, EnvVar, InputKind, Lookup, ValueFrom};

/// Stands for the address of the node in an expanded value.
pub const NODE_ADDRESS: &str = "<status.hostIP>";
/// Stands for the address of the Pod in an expanded value.
pub const POD_ADDRESS: &str = "<status.podIP>";
/// Stands for what the API does not show: a Secret, a `ConfigMap` that is not read, a Service variable.
pub const HIDDEN: &str = "<?>";

/// Longest chain of variables that name each other.
const MAX_DEPTH: usize = 8;

/// A value after expansion.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Value {
    /// The text, with the stand-ins of this module.
    pub text: String,
    /// Names in `$(…)` that nothing defines before their use: they stay in the text as they are.
    pub unexpanded: Vec<String>,
}

impl Value {
    /// Whether a part of it cannot be seen.
    pub fn is_hidden(&self) -> bool {
        self.text.contains(HIDDEN)
    }
}

/// Where a setting stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A variable of the container's `env`.
    Variable(String),
    /// A key of a `ConfigMap` or Secret in `envFrom`.
    EnvFrom(String),
    /// A Java system property, and the variable or field it stands in.
    Property(String),
}

impl Place {
    /// The name of the variable, or the property with its place.
    pub fn name(&self) -> &str {
        match self {
            Self::Variable(name) | Self::EnvFrom(name) | Self::Property(name) => name,
        }
    }

    /// The field in the container, for evidence.
    pub fn field(&self) -> String {
        match self {
            Self::Variable(name) => format!("env[{name}]"),
            Self::EnvFrom(name) => format!("envFrom → {name}"),
            Self::Property(name) => name.clone(),
        }
    }
}

impl Place {
    /// Whether it came with the injection: nothing of the template says it.
    pub fn is_injected(&self, template: Option<&Arc<facts::PodShape>>, container: &str) -> bool {
        let variable = match self {
            Self::Variable(name) => Some(&**name),
            Self::EnvFrom(_) => None,
            Self::Property(field) => field.strip_prefix("env[").and_then(|rest| rest.split(']').next()),
        };
        variable.is_some_and(|variable| !is_own(template, container, variable))
    }
}

/// A `ConfigMap` or Secret that sets a variable through `envFrom`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source<'a> {
    /// Its kind.
    pub kind: &'static str,
    /// Its name.
    pub name: &'a str,
    /// The value, where that is read.
    pub value: Option<&'a str>,
}

/// The environment of one container.
#[derive(Clone, Copy)]
pub struct Environment<'a> {
    container: &'a Container,
    namespace: &'a str,
    cluster: &'a dyn ClusterView,
}

impl<'a> Environment<'a> {
    /// The environment of a container of a Pod in a namespace.
    pub fn new(container: &'a Container, namespace: &'a str, cluster: &'a dyn ClusterView) -> Self {
        Self { container, namespace, cluster }
    }

    /// The entry that counts: of several with one name the last.
    pub fn entry(&self, name: &str) -> Option<&'a EnvVar> {
        self.container.env.iter().rfind(|var| &*var.name == name)
    }

    /// What a variable says; none where nothing sets it. An empty value counts as unset, as the OpenTelemetry
    /// specification says of its variables.
    pub fn get(&self, name: &str) -> Option<(Value, Place)> {
        let position = self.container.env.iter().rposition(|var| &*var.name == name);
        let found = match position {
            Some(position) => Some((self.at(position, 0), Place::Variable(name.to_owned()))),
            None => self.from_sources(name).map(|value| (value, Place::EnvFrom(name.to_owned()))),
        };
        found.filter(|(value, _)| !value.text.is_empty())
    }

    /// Names and values of all entries, in order.
    pub fn entries(&self) -> impl Iterator<Item = (&'a EnvVar, Value)> + '_ {
        self.container.env.iter().enumerate().map(|(position, var)| (var, self.at(position, 0)))
    }

    fn at(&self, position: usize, depth: usize) -> Value {
        let var = &self.container.env[position];
        match &var.value_from {
            Some(from) => Value { text: self.reference(from), unexpanded: Vec::new() },
            None => self.expand(var.literal(), position, depth),
        }
    }

    /// `$(NAME)` and `$$`, as the API server documents them for `env[].value`.
    fn expand(&self, text: &str, position: usize, depth: usize) -> Value {
        let mut value = Value::default();
        let mut rest = text;
        while let Some(dollar) = rest.find('$') {
            value.text.push_str(&rest[..dollar]);
            let after = &rest[dollar + 1..];
            if let Some(escaped) = after.strip_prefix('$') {
                value.text.push('$');
                rest = escaped;
            } else if let Some((name, tail)) = after.strip_prefix('(').and_then(|open| open.split_once(')')) {
                if let Some(inner) = self.before(name, position, depth) {
                    value.text.push_str(&inner.text);
                    value.unexpanded.extend(inner.unexpanded);
                } else {
                    value.text.extend(["$(", name, ")"]);
                    value.unexpanded.push(name.to_owned());
                }
                rest = tail;
            } else {
                value.text.push('$');
                rest = after;
            }
        }
        value.text.push_str(rest);
        value
    }

    /// What `$(name)` means at a position: the last entry before it, then `envFrom`, then Service variables.
    fn before(&self, name: &str, position: usize, depth: usize) -> Option<Value> {
        let earlier = self.container.env[..position].iter().rposition(|var| &*var.name == name);
        if let Some(earlier) = earlier {
            return (depth < MAX_DEPTH).then(|| self.at(earlier, depth + 1)).or_else(|| Some(hidden()));
        }
        self.from_sources(name).or_else(|| self.is_service_variable(name).then(hidden))
    }

    /// Whether the kubelet makes such a variable for a Service of the namespace (`pkg/kubelet/envvars/envvars.go`, 1.36).
    fn is_service_variable(&self, name: &str) -> bool {
        let Some(end) =
            name.find("_SERVICE_HOST").or_else(|| name.find("_SERVICE_PORT")).or_else(|| name.find("_PORT"))
        else {
            return false;
        };
        let prefix = &name[..end];
        let makes_it = |service: &&facts::Service| {
            service.metadata.name.to_ascii_uppercase().replace('-', "_") == prefix
        };
        prefix == "KUBERNETES"
            || !self.cluster.readability_in(InputKind::Services, self.namespace).is_exhaustive()
            || self.cluster.services_in(self.namespace).iter().any(makes_it)
    }

    /// What `envFrom` says of a variable, whether or not an entry overrides it.
    pub fn from_sources(&self, name: &str) -> Option<Value> {
        // The last source that has the key wins.
        self.container.env_from.iter().rev().find_map(|source| {
            let key = name.strip_prefix(source.prefix.as_deref().unwrap_or_default())?;
            let Some(reference) = &source.config_map_ref else {
                let secret = source.secret_ref.as_ref()?;
                let found = self.cluster.secret(self.namespace, &secret.name).found();
                // One that is not there keeps the container from starting, unless it is optional.
                let lacks_key = found.is_some_and(|secret| secret.has_key(key) == Some(false));
                return (!lacks_key).then(hidden);
            };
            let map = self.cluster.config_map(self.namespace, &reference.name);
            match map {
                Lookup::Found(map) => match map.value(key) {
                    Lookup::Found(text) => Some(Value { text: text.to_owned(), unexpanded: Vec::new() }),
                    Lookup::Absent => None,
                    Lookup::Unknown => Some(hidden()),
                },
                Lookup::Absent => None,
                Lookup::Unknown => Some(hidden()),
            }
        })
    }

    /// The source in `envFrom` that certainly sets a variable. None where none does, or one that cannot be read might.
    pub fn source(&self, name: &str) -> Option<Source<'a>> {
        for source in self.container.env_from.iter().rev() {
            let Some(key) = name.strip_prefix(source.prefix.as_deref().unwrap_or_default()) else { continue };
            if let Some(map) = &source.config_map_ref {
                match self.cluster.config_map(self.namespace, &map.name).map(|map| map.value(key)) {
                    Lookup::Found(Lookup::Found(value)) => {
                        return Some(Source { kind: "ConfigMap", name: &map.name, value: Some(value) });
                    }
                    Lookup::Found(Lookup::Unknown) => {
                        return Some(Source { kind: "ConfigMap", name: &map.name, value: None });
                    }
                    Lookup::Found(Lookup::Absent) | Lookup::Absent => {}
                    Lookup::Unknown => return None,
                }
            } else if let Some(secret) = &source.secret_ref
                && self.cluster.secret(self.namespace, &secret.name).found()?.has_key(key)?
            {
                return Some(Source { kind: "Secret", name: &secret.name, value: None });
            }
        }
        None
    }

    fn reference(&self, from: &ValueFrom) -> String {
        if let Some(field) = &from.field_ref {
            return match &*field.field_path {
                "status.hostIP" | "spec.nodeName" => NODE_ADDRESS,
                "status.podIP" => POD_ADDRESS,
                "metadata.namespace" => self.namespace,
                _ => HIDDEN,
            }
            .to_owned();
        }
        let map = from.config_map_key_ref.as_ref().and_then(|key| {
            let map = self.cluster.config_map(self.namespace, &key.name).found()?;
            map.value(&key.key).found().map(str::to_owned)
        });
        map.unwrap_or_else(|| HIDDEN.to_owned())
    }

    /// A setting of an agent: for Java the system property of the same meaning comes first.
    pub fn setting(&self, name: &str, java: bool) -> Option<(Value, Place)> {
        java.then(|| self.java_property(name)).flatten().or_else(|| self.get(name))
    }

    /// The same, leaving aside what `envFrom` might say where that cannot be read: most often it says nothing.
    pub fn seen(&self, name: &str, java: bool) -> Option<(Value, Place)> {
        self.setting(name, java).filter(|(value, place)| !is_unread(value, place))
    }

    /// Whether a source in `envFrom` that cannot be read might say something of it.
    pub fn may_be_unseen(&self, name: &str, java: bool) -> bool {
        self.setting(name, java).is_some_and(|(value, place)| is_unread(&value, &place))
    }

    /// `-Dotel.traces.exporter=none` for `OTEL_TRACES_EXPORTER`. What comes later on the way to the JVM wins.
    fn java_property(&self, name: &str) -> Option<(Value, Place)> {
        let property = name.to_ascii_lowercase().replace('_', ".");
        let prefix = format!("-D{property}=");
        let in_text = |text: &str| {
            text.split_whitespace()
                .rev()
                .find_map(|word| word.trim_matches(['"', '\'']).strip_prefix(&prefix).map(str::to_owned))
        };
        let variable = |variable: &str| {
            let (value, _) = self.get(variable)?;
            Some((in_text(&value.text)?, format!("env[{variable}] -D{property}")))
        };
        let words = || {
            let mut words = self.container.args.iter().rev().chain(self.container.command.iter().rev());
            words.find_map(|word| Some((in_text(word)?, format!("command -D{property}"))))
        };
        let found = variable("_JAVA_OPTIONS")
            .or_else(words)
            .or_else(|| variable("JDK_JAVA_OPTIONS"))
            .or_else(|| variable("JAVA_TOOL_OPTIONS"))?;
        let (text, place) = found;
        Some((Value { text, unexpanded: Vec::new() }, Place::Property(place)))
    }
}

fn is_unread(value: &Value, place: &Place) -> bool {
    value.text == HIDDEN && matches!(place, Place::EnvFrom(_))
}

fn hidden() -> Value {
    Value { text: HIDDEN.to_owned(), unexpanded: Vec::new() }
}

/// A container or init container of a Pod, by name.
pub fn container<'a>(spec: &'a facts::PodSpec, name: &str) -> Option<&'a Container> {
    spec.init_containers.iter().chain(&spec.containers).find(|container| &*container.name == name)
}

/// Whether a container's variable is its own, from the template, rather than the injection's.
pub fn is_own(template: Option<&Arc<facts::PodShape>>, container_name: &str, variable: &str) -> bool {
    template
        .and_then(|shape| container(&shape.spec, container_name))
        .is_some_and(|own| own.env_var(variable).is_some())
}
