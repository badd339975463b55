//! Apache HTTP server: a module, and a copy of the configuration that loads it.
//!
//! `internal/instrumentation/apachehttpd.go`, v0.158.0.

use serde_json::{Value, json};

use super::web_server::{self, AGENT_FOLDER, DEFAULT_ENDPOINT, INSTANCE_PLACEHOLDER, SOURCE_FOLDER, Server};
use crate::inject::Injection;
use crate::pod::{Container, EnvVar, Pod, mount};
use crate::releases::Rule;
use crate::resource::Attributes;
use crate::scripts;
use crate::volume;

pub(crate) use super::web_server::CLONE_CONTAINER;

/// Init container that adds the module.
pub(crate) const ATTACH_CONTAINER: &str = "otel-agent-attach-apache";
const CONFIGURATION_VOLUME: &str = "otel-apache-conf-dir";
const AGENT_VOLUME: &str = "otel-apache-agent";
const DEFAULT_FOLDER: &str = "/usr/local/apache2/conf";

/// Adds the init containers and mounts for a target. `service_name` and `attributes` are those before the target's
/// environment is changed.
pub(crate) fn add(
    injection: &Injection<'_>,
    pod: &mut Pod,
    index: usize,
    service_name: &str,
    attributes: &Attributes,
) {
    let spec = &injection.spec.apache_httpd;
    let resources = spec.resource_requirements.as_ref();
    let folder = configuration_folder(&spec.config_path);
    pod.containers[index].env().append_all_if_not_set(&spec.env);
    if !pod.has_init(CLONE_CONTAINER) {
        let limit = volume::size_limit(spec, injection.release);
        pod.volumes.push(json!({ "name": CONFIGURATION_VOLUME, "emptyDir": {"sizeLimit": limit} }));
        let (clone_command, clone_args) = if injection.release.follows(Rule::WebServerArguments) {
            (json!(["cp", "-r", format!("{folder}/."), SOURCE_FOLDER]), Value::Null)
        } else {
            (json!(["/bin/sh", "-c"]), json!([format!("cp -r {folder}/* {SOURCE_FOLDER}")]))
        };
        let server = Server {
            configuration_volume: CONFIGURATION_VOLUME,
            agent_volume: AGENT_VOLUME,
            folder,
            clone_command,
            clone_args,
        };
        web_server::add_clone(injection, pod, index, &server, resources);
    }
    if !pod.has_init(ATTACH_CONTAINER) {
        pod.volumes.push(volume::of_language(AGENT_VOLUME, spec, injection.release));
        let namespace = attributes.get("k8s.namespace.name").map(String::as_str).unwrap_or_default();
        let service_namespace = web_server::service_namespace(pod, namespace, "apache-httpd");
        let configuration = module_configuration(injection, service_name, &service_namespace);
        let env = web_server::attach_env(
            injection,
            vec![
                EnvVar::literal("OTEL_APACHE_AGENT_CONF", configuration),
                EnvVar::field("APACHE_SERVICE_INSTANCE_ID", "metadata.name"),
            ],
        );
        let fields = json!({
            "image": &*spec.image,
            "command": ["/bin/sh", "-c"],
            "args": scripts::apache_attach(folder, injection.release),
            "resources": volume::resources(resources),
            "imagePullPolicy": injection.pull_policy(),
        });
        let mounts = vec![mount(AGENT_VOLUME, AGENT_FOLDER), mount(CONFIGURATION_VOLUME, SOURCE_FOLDER)];
        pod.insert_init(Container::made(ATTACH_CONTAINER, fields, env, mounts), None);
    }
}

/// Both init containers run as the target does, unless the Instrumentation says otherwise.
pub(crate) fn set_security_contexts(injection: &Injection<'_>, pod: &mut Pod, context: Option<&Value>) {
    let attach_too = injection.release.follows(Rule::ApacheAttachContext);
    for container in &mut pod.init {
        let is_attach = &*container.name == ATTACH_CONTAINER && attach_too;
        if is_attach || &*container.name == CLONE_CONTAINER {
            container.set_security_context(context.cloned());
        }
    }
}

/// One slash at the end is cut off.
fn configuration_folder(given: &str) -> &str {
    if given.is_empty() { DEFAULT_FOLDER } else { given.strip_suffix('/').unwrap_or(given) }
}

/// The file that loads and configures the module.
fn module_configuration(injection: &Injection<'_>, service_name: &str, service_namespace: &str) -> String {
    let spec = &injection.spec.apache_httpd;
    let endpoint = &injection.spec.exporter.endpoint;
    let suffix = if &*spec.version == "2.2" { "22" } else { "" };
    let own = [
        ("ApacheModuleEnabled", "ON"),
        ("ApacheModuleOtelSpanExporter", "otlp"),
        ("ApacheModuleOtelExporterEndpoint", if endpoint.is_empty() { DEFAULT_ENDPOINT } else { endpoint }),
        ("ApacheModuleServiceName", service_name),
        ("ApacheModuleServiceNamespace", service_namespace),
        ("ApacheModuleServiceInstanceId", INSTANCE_PLACEHOLDER),
        ("ApacheModuleResolveBackends", " ON"),
        ("ApacheModuleTraceAsError", " ON"),
    ];
    let settings = web_server::settings(&own, &spec.attrs, "\n");
    format!("{}{settings}", scripts::apache_load_module(suffix))
}
