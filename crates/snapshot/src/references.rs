//! Which `ConfigMap`s and Secrets does something name, and which of their values does a diagnosis read?

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use facts::{Container, EnvVar, Metadata, PodSpec, ValueFrom, is_read_variable, names_in_endpoints};

/// Everything that names a `ConfigMap` or Secret.
#[derive(Debug, Default)]
pub(crate) struct References {
    config_maps: HashMap<Place, Wanted>,
    secrets: HashSet<Place>,
}

/// Namespace and name; without a namespace, in any: an Instrumentation is used from everywhere.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Place {
    namespace: Option<Arc<str>>,
    name: Arc<str>,
}

/// What is read of a `ConfigMap`, beside its existence.
#[derive(Debug, Default)]
pub(crate) struct Wanted {
    /// All of it: a file of the operator.
    whole: bool,
    /// Keys whose values are read, and the variables that they become.
    keys: HashMap<Arc<str>, Arc<str>>,
    /// Prefixes with which all its keys become variables.
    prefixes: HashSet<Arc<str>>,
}

impl Wanted {
    /// The variable that a key becomes, where its value is read.
    pub(crate) fn variable(&self, key: &str) -> Option<String> {
        if let Some(variable) = self.keys.get(key) {
            return Some(variable.to_string());
        }
        let mut variables = self.prefixes.iter().map(|prefix| format!("{prefix}{key}"));
        variables.find(|name| is_read_variable(name)).or_else(|| self.whole.then(|| key.to_owned()))
    }
}

impl References {
    /// Notes what the Pods of a namespace name.
    pub(crate) fn of_pods(&mut self, namespace: &Arc<str>, spec: &PodSpec, is_operator: bool) {
        let here = Some(namespace);
        for volume in &spec.volumes {
            if let Some(map) = &volume.config_map {
                self.config_map(here, &map.name).whole |= is_operator;
            }
            if let Some(secret) = &volume.secret {
                self.secret(here, &secret.secret_name);
            }
        }
        for container in spec.init_containers.iter().chain(&spec.containers) {
            self.of_container(namespace, container);
        }
    }

    fn of_container(&mut self, namespace: &Arc<str>, container: &Container) {
        let here = Some(namespace);
        let literals = container.env.iter().map(|var| (&*var.name, var.literal()));
        let in_endpoints = names_in_endpoints(literals);
        for var in &container.env {
            let is_read = is_read_variable(&var.name) || in_endpoints.contains(&var.name);
            self.of_source(here, &var.name, var.value_from.as_deref(), is_read);
        }
        for source in &container.env_from {
            if let Some(map) = &source.config_map_ref {
                let prefix = source.prefix.clone().unwrap_or_default();
                let wanted = self.config_map(here, &map.name);
                for name in &in_endpoints {
                    if let Some(key) = name.strip_prefix(&*prefix) {
                        wanted.keys.insert(key.into(), name.clone());
                    }
                }
                wanted.prefixes.insert(prefix);
            }
            if let Some(secret) = &source.secret_ref {
                self.secret(here, &secret.name);
            }
        }
    }

    /// Notes what an Instrumentation names in the namespace of whoever uses it.
    pub(crate) fn of_instrumentation(&mut self, spec: &facts::InstrumentationSpec) {
        for var in variables(spec) {
            let is_read = is_read_variable(&var.name);
            self.of_source(None, &var.name, var.value_from.as_deref(), is_read);
        }
        if let Some(tls) = &spec.exporter.tls {
            self.secret(None, &tls.secret_name);
            self.config_map(None, &tls.config_map_name);
        }
    }

    /// What is read of a `ConfigMap`. None: nothing names it.
    pub(crate) fn to_config_map(&self, metadata: &Metadata) -> Option<Vec<&Wanted>> {
        let wanted = Place::both(metadata).into_iter().filter_map(|place| self.config_maps.get(&place));
        Some(wanted.collect::<Vec<_>>()).filter(|wanted| !wanted.is_empty())
    }

    /// Whether something names a Secret.
    pub(crate) fn to_secret(&self, metadata: &Metadata) -> bool {
        Place::both(metadata).iter().any(|place| self.secrets.contains(place))
    }

    fn of_source(
        &mut self,
        namespace: Option<&Arc<str>>,
        variable: &Arc<str>,
        source: Option<&ValueFrom>,
        is_read: bool,
    ) {
        let Some(source) = source else { return };
        if let Some(key) = &source.config_map_key_ref {
            let wanted = self.config_map(namespace, &key.name);
            if is_read {
                wanted.keys.insert(key.key.clone(), variable.clone());
            }
        }
        if let Some(key) = &source.secret_key_ref {
            self.secret(namespace, &key.name);
        }
    }

    fn config_map(&mut self, namespace: Option<&Arc<str>>, name: &Arc<str>) -> &mut Wanted {
        let place = Place { namespace: namespace.cloned(), name: name.clone() };
        self.config_maps.entry(place).or_default()
    }

    fn secret(&mut self, namespace: Option<&Arc<str>>, name: &Arc<str>) {
        self.secrets.insert(Place { namespace: namespace.cloned(), name: name.clone() });
    }
}

impl Place {
    fn both(metadata: &Metadata) -> [Self; 2] {
        let name = || metadata.name.clone();
        [
            Self { namespace: Some(metadata.namespace.clone()), name: name() },
            Self { namespace: None, name: name() },
        ]
    }
}

/// The variables of an Instrumentation, for all languages and for each.
fn variables(spec: &facts::InstrumentationSpec) -> impl Iterator<Item = EnvVar> {
    let languages = facts::Language::ALL.into_iter().filter_map(|language| spec.language(language));
    let sources =
        spec.env.iter().chain(languages.flat_map(|language| language.env.iter().chain(&language.attrs)));
    sources.map(EnvVar::from)
}
