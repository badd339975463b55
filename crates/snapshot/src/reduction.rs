//! What of an object stays in a snapshot?

use std::sync::Arc;

use facts::{
    Collector, Condition, ConfigMap, Container, Credentials, EnvSource, Event, Instrumentation,
    InstrumentationSpec, LAST_APPLIED, Language, LanguageSpec, Metadata, Object, PodShape, PodSpec,
    PodStatus, PodView, StringMap, Template, WorkloadView, is_read_variable, is_relevant_annotation,
    names_in_endpoints,
};
use serde_json::{Value, json};

use crate::references::References;

/// Stands for a value that no diagnosis reads.
pub const REDACTED: &str = "redacted";

/// Reduces objects to what a diagnosis reads. `ConfigMap`s and Secrets have to come last: of them only those stay that
/// something before them names.
#[derive(Debug, Default)]
pub struct Reduction {
    credentials: Credentials,
    references: References,
}

impl Reduction {
    /// The object without what is not needed. None: nothing of it is.
    pub fn take(&mut self, mut object: Object) -> Option<Object> {
        match &mut object {
            Object::Pod(pod) => self.pod(pod),
            Object::Deployment(view) => self.workload(&mut view.0),
            Object::StatefulSet(view) => self.workload(&mut view.0),
            Object::DaemonSet(view) => self.workload(&mut view.0),
            Object::Job(view) => self.workload(&mut view.0),
            Object::CronJob(view) => self.workload(&mut view.0),
            Object::ReplicaSet(set) => {
                self.metadata(&mut set.metadata);
                self.conditions(&mut set.status.conditions);
                let of_deployment =
                    set.metadata.controller().is_some_and(|owner| &*owner.kind == "Deployment");
                if of_deployment {
                    set.spec.template = None;
                }
                if let Some(template) = &mut set.spec.template {
                    self.template(&set.metadata.namespace, template);
                }
            }
            Object::Namespace(namespace) => {
                self.metadata(&mut namespace.metadata.metadata);
                namespace.metadata.keep_annotation_times();
            }
            Object::Instrumentation(instrumentation) => self.instrumentation(instrumentation),
            Object::Collector(collector) => self.collector(collector),
            Object::MutatingWebhookConfiguration(webhook) => self.metadata(&mut webhook.metadata),
            Object::Service(service) => self.metadata(&mut service.metadata),
            Object::EndpointSlice(slice) => self.metadata(&mut slice.metadata),
            Object::CustomResourceDefinition(crd) => {
                if !crd.metadata.name.ends_with(".opentelemetry.io") {
                    return None;
                }
                self.metadata(&mut crd.metadata);
            }
            Object::Event(event) => {
                if !event.is_read() {
                    return None;
                }
                self.event(event);
            }
            Object::Node(node) => self.metadata(&mut node.metadata),
            Object::NetworkPolicy(policy) => self.metadata(&mut policy.metadata),
            Object::ConfigMap(map) => return self.config_map(map).then_some(object),
            Object::Secret(secret) => {
                if !self.references.to_secret(&secret.metadata) {
                    return None;
                }
                self.metadata(&mut secret.metadata);
                // Its name alone would make everybody look twice.
                let keys = secret.public.keys.take().map(Vec::from);
                secret.public.keys =
                    keys.map(|keys| keys.into_iter().filter(|key| &**key != "tls.key").collect());
            }
        }
        Some(object)
    }

    fn metadata(&mut self, metadata: &mut Metadata) {
        self.metadata_with(metadata, is_relevant_annotation);
    }

    fn metadata_with(&mut self, metadata: &mut Metadata, keep: impl Fn(&str) -> bool) {
        metadata.resource_version = Arc::default();
        let annotations = std::mem::take(&mut metadata.annotations);
        let kept = annotations.iter().filter(|(key, _)| keep(key));
        metadata.annotations = kept.map(|(key, value)| (key, self.credentials.text(value))).collect();
    }

    fn pod(&mut self, pod: &mut PodView) {
        self.metadata(&mut pod.metadata);
        self.pod_spec(&pod.metadata.namespace, &pod.metadata.labels, &mut pod.spec);
        self.pod_status(&mut pod.status);
    }

    fn workload(&mut self, view: &mut WorkloadView) {
        self.metadata(&mut view.metadata);
        self.conditions(&mut view.status.conditions);
        self.metadata(&mut view.spec.job_template.metadata);
        for template in [&mut view.spec.template, &mut view.spec.job_template.spec.template] {
            self.template(&view.metadata.namespace, template);
        }
    }

    fn template(&mut self, namespace: &Arc<str>, template: &mut Template) {
        self.metadata(&mut template.metadata);
        self.pod_spec(namespace, &template.metadata.labels, &mut template.spec);
    }

    fn pod_spec(&mut self, namespace: &Arc<str>, labels: &StringMap, spec: &mut PodSpec) {
        let shape = PodShape { labels: labels.clone(), spec: spec.clone(), ..PodShape::default() };
        self.references.of_pods(namespace, spec, shape.is_operator());
        for container in spec.init_containers.iter_mut().chain(&mut spec.containers) {
            self.container(container);
        }
    }

    fn container(&mut self, container: &mut Container) {
        self.credentials.words(&mut container.command);
        self.credentials.words(&mut container.args);
        let in_endpoints = names_in_endpoints(container.env.iter().map(|var| (&*var.name, var.literal())));
        for var in &mut container.env {
            let Some(value) = &mut var.value else { continue };
            *value = self.value(&var.name, value, in_endpoints.contains(&var.name));
        }
    }

    fn value(&mut self, name: &str, value: &str, is_in_endpoint: bool) -> Arc<str> {
        match name {
            "OTEL_CONFIG" => collector_text(value).into(),
            _ if is_read_variable(name) || is_in_endpoint => self.credentials.variable(name, value).into(),
            _ if value.is_empty() => Arc::default(),
            _ => REDACTED.into(),
        }
    }

    fn pod_status(&mut self, status: &mut PodStatus) {
        self.conditions(&mut status.conditions);
        if let Some(message) = &mut status.message {
            *message = self.credentials.text(message).into();
        }
        for container in status.init_container_statuses.iter_mut().chain(&mut status.container_statuses) {
            for state in [&mut container.state, &mut container.last_state] {
                if let Some(waiting) = &mut state.waiting {
                    waiting.message = self.credentials.text(&waiting.message).into();
                }
                if let Some(terminated) = &mut state.terminated {
                    terminated.message = self.credentials.text(&terminated.message).into();
                }
            }
        }
    }

    fn conditions(&mut self, conditions: &mut [Condition]) {
        for condition in conditions {
            condition.message = self.credentials.text(&condition.message).into();
        }
    }

    fn event(&mut self, event: &mut Event) {
        self.metadata(&mut event.metadata);
        event.message = self.credentials.text(&event.message).into();
    }

    fn instrumentation(&mut self, instrumentation: &mut Instrumentation) {
        let keep = |key: &str| is_relevant_annotation(key) && key != LAST_APPLIED;
        let applied = instrumentation.metadata.metadata.annotations.get(LAST_APPLIED).map(str::to_owned);
        self.metadata_with(&mut instrumentation.metadata.metadata, keep);
        instrumentation.metadata.keep_spec_times();
        self.references.of_instrumentation(&instrumentation.spec);
        self.instrumentation_spec(&mut instrumentation.spec);
        if let Some(applied) = applied.and_then(|text| applied_fields(&text)) {
            let annotations = &mut instrumentation.metadata.metadata.annotations;
            let kept = annotations.iter().map(|(key, value)| (key.to_owned(), value.to_owned()));
            *annotations = kept.chain([(LAST_APPLIED.to_owned(), applied)]).collect();
        }
    }

    fn instrumentation_spec(&mut self, spec: &mut InstrumentationSpec) {
        let literals = all_variables(spec).map(|var| (&*var.name, var.value.as_deref().unwrap_or_default()));
        let endpoint = [("OTEL_EXPORTER_OTLP_ENDPOINT", &*spec.exporter.endpoint)];
        let in_endpoints = names_in_endpoints(literals.chain(endpoint));
        spec.exporter.endpoint = self.credentials.text(&spec.exporter.endpoint).into();
        let InstrumentationSpec { env, java, nodejs, python, dotnet, go, apache_httpd, nginx, .. } = spec;
        let languages: [&mut LanguageSpec; 7] = [java, nodejs, python, dotnet, go, apache_httpd, nginx];
        let mut redact = |var: &mut EnvSource, is_setting: bool| {
            if let Some(value) = &mut var.value {
                *value = self.value(&var.name, value, is_setting || in_endpoints.contains(&var.name));
            }
        };
        env.iter_mut().for_each(|var| redact(var, false));
        for language in languages {
            language.env.iter_mut().for_each(|var| redact(var, false));
            language.attrs.iter_mut().for_each(|var| redact(var, true));
        }
    }

    fn collector(&mut self, collector: &mut Collector) {
        self.metadata(&mut collector.metadata);
        collector.spec.config = receiving_part(&collector.spec.config);
    }

    fn config_map(&mut self, map: &mut ConfigMap) -> bool {
        self.metadata(&mut map.metadata);
        let Some(wanted) = self.references.to_config_map(&map.metadata) else { return false };
        let credentials = &mut self.credentials;
        let reduced = map.data.iter().map(|(key, value)| {
            let variable = wanted.iter().find_map(|wanted| wanted.variable(key));
            let value = variable.map_or_else(
                || if value.is_empty() { String::new() } else { REDACTED.to_owned() },
                |variable| credentials.variable(&variable, value),
            );
            (key.to_owned(), value)
        });
        map.data = reduced.collect::<Vec<_>>().into_iter().collect();
        true
    }
}

fn all_variables(spec: &InstrumentationSpec) -> impl Iterator<Item = &EnvSource> {
    let languages = Language::ALL.into_iter().filter_map(|language| spec.language(language));
    spec.env.iter().chain(languages.flat_map(|language| &language.env))
}

/// Of what `kubectl apply` was given, the names of the fields of the spec and of its blocks: by them it is seen which the API
/// server has dropped.
fn applied_fields(text: &str) -> Option<String> {
    let applied: Value = serde_json::from_str(text).ok()?;
    let spec = applied.get("spec")?.as_object()?;
    let names = |value: &Value| match value {
        Value::Null => Value::Null,
        Value::Object(fields) => fields
            .iter()
            .map(|(name, field)| (name.clone(), if field.is_null() { Value::Null } else { REDACTED.into() }))
            .collect(),
        _ => REDACTED.into(),
    };
    let spec: Value = spec.iter().map(|(name, block)| (name.clone(), names(block))).collect();
    Some(json!({ "spec": spec }).to_string())
}

/// Of a collector's configuration, what it takes telemetry in with: exporters and extensions hold credentials.
fn receiving_part(config: &Value) -> Value {
    let Some(config) = config.as_object() else {
        return if config.is_null() { Value::Null } else { REDACTED.into() };
    };
    let mut kept = serde_json::Map::new();
    if let Some(Value::Object(receivers)) = config.get("receivers") {
        let receivers = receivers.iter().map(|(name, receiver)| (name.clone(), listening_part(receiver)));
        kept.insert("receivers".to_owned(), receivers.collect());
    }
    if let Some(pipelines) = config.get("service").and_then(|service| service.get("pipelines")) {
        kept.insert("service".to_owned(), json!({ "pipelines": pipelines }));
    }
    Value::Object(kept)
}

/// The addresses on which a receiver listens, by protocol.
fn listening_part(receiver: &Value) -> Value {
    let Some(Value::Object(protocols)) = receiver.get("protocols") else { return json!({}) };
    let address = |settings: &Value| match settings.get("endpoint") {
        Some(endpoint) => json!({ "endpoint": endpoint }),
        None if settings.is_null() => Value::Null,
        None => json!({}),
    };
    let protocols: Value =
        protocols.iter().map(|(name, settings)| (name.clone(), address(settings))).collect();
    json!({ "protocols": protocols })
}

/// The configuration of a sidecar's variable. Only JSON is understood.
fn collector_text(text: &str) -> String {
    match serde_json::from_str::<Value>(text) {
        Ok(config) => receiving_part(&config).to_string(),
        Err(_) if text.is_empty() => String::new(),
        Err(_) => REDACTED.to_owned(),
    }
}
