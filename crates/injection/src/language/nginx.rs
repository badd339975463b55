//! nginx: a module, and a copy of the configuration that loads it.
//!
//! `internal/instrumentation/nginx.go`, v0.158.0.

use serde_json::{Value, json};

use super::web_server::{
    self, AGENT_FOLDER, CLONE_CONTAINER, DEFAULT_ENDPOINT, INSTANCE_PLACEHOLDER, SOURCE_FOLDER, Server,
};
use crate::inject::Injection;
use crate::pod::{Container, EnvVar, Pod, mount};
use crate::releases::Rule;
use crate::resource::Attributes;
use crate::scripts;
use crate::volume;

/// Init container that adds the module.
pub(crate) const ATTACH_CONTAINER: &str = "otel-agent-attach-nginx";
const CONFIGURATION_VOLUME: &str = "otel-nginx-conf-dir";
const AGENT_VOLUME: &str = "otel-nginx-agent";
const DEFAULT_FILE: &str = "/etc/nginx/nginx.conf";
const LIBRARY_PATH: &str = "LD_LIBRARY_PATH";

/// Adds the init containers and mounts for a target, and the path of the module's libraries. `context` is what its init
/// containers run as.
pub(crate) fn add(
    injection: &Injection<'_>,
    pod: &mut Pod,
    index: usize,
    service_name: &str,
    attributes: &Attributes,
    context: Option<&Value>,
) {
    let spec = &injection.spec.nginx;
    let resources = spec.resource_requirements.as_ref();
    let file = if spec.config_file.is_empty() { DEFAULT_FILE } else { &spec.config_file };
    let (folder, file) = (folder_of(file), file_name(file));
    pod.containers[index].env().append_all_if_not_set(&spec.env);
    if !pod.has_init(CLONE_CONTAINER) {
        pod.volumes.push(json!({ "name": CONFIGURATION_VOLUME, "emptyDir": {} }));
        let server = Server {
            configuration_volume: CONFIGURATION_VOLUME,
            agent_volume: AGENT_VOLUME,
            folder: &folder,
            clone_command: json!(["/bin/sh", "-c"]),
            clone_args: scripts::nginx_clone(&folder, injection.release),
        };
        web_server::add_clone(injection, pod, index, &server, resources);
        if injection.release.follows(Rule::WebServerArguments)
            && let Some(clone) = pod.init.last_mut()
        {
            clone.set_security_context(context.cloned());
        }
    }
    if pod.has_init(ATTACH_CONTAINER) {
        return;
    }
    pod.volumes.push(json!({ "name": AGENT_VOLUME, "emptyDir": {} }));
    let namespace = attributes.get("k8s.namespace.name").map(String::as_str).unwrap_or_default();
    let service_namespace = web_server::service_namespace(pod, namespace, "nginx");
    let mut own = vec![EnvVar::literal(
        "OTEL_NGINX_AGENT_CONF",
        module_configuration(injection, service_name, &service_namespace),
    )];
    if !injection.release.follows(Rule::WebServerArguments) {
        own.push(EnvVar::literal(
            "OTEL_NGINX_I13N_SCRIPT",
            scripts::nginx_attach_variable(injection.release),
        ));
    }
    own.push(EnvVar::field("OTEL_NGINX_SERVICE_INSTANCE_ID", "metadata.name"));
    let fields = json!({
        "image": &*spec.image,
        "command": ["/bin/sh", "-c"],
        "args": scripts::nginx_attach(file, injection.release),
        "resources": volume::resources(resources),
        "imagePullPolicy": injection.pull_policy(),
        "securityContext": context,
    });
    let mounts = vec![mount(AGENT_VOLUME, AGENT_FOLDER), mount(CONFIGURATION_VOLUME, SOURCE_FOLDER)];
    pod.insert_init(
        Container::made(ATTACH_CONTAINER, fields, web_server::attach_env(injection, own), mounts),
        None,
    );
    add_library_path(&mut pod.containers[index]);
}

/// A reference gets a value beside it, which the API server refuses.
fn add_library_path(container: &mut Container) {
    let libraries = format!("{AGENT_FOLDER}/sdk_lib/lib");
    let env = container.env();
    match env.position(LIBRARY_PATH) {
        None => env.append(EnvVar::literal(LIBRARY_PATH, libraries)),
        Some(index) => env.change(index, |var| var.value = format!("{}:{libraries}", var.value).into()),
    }
}

/// Go's `filepath.Dir`, for paths that the CRD accepts.
fn folder_of(path: &str) -> String {
    match path.rfind('/') {
        Some(0) => "/".to_owned(),
        Some(slash) => path[..slash].trim_end_matches('/').to_owned(),
        None => ".".to_owned(),
    }
}

/// Go's `filepath.Base`, for paths that the CRD accepts.
fn file_name(path: &str) -> &str {
    path.trim_end_matches('/').rsplit('/').next().unwrap_or(path)
}

/// The file that configures the module.
fn module_configuration(injection: &Injection<'_>, service_name: &str, service_namespace: &str) -> String {
    let endpoint = &injection.spec.exporter.endpoint;
    let own = [
        ("NginxModuleEnabled", "ON"),
        ("NginxModuleOtelSpanExporter", "otlp"),
        ("NginxModuleOtelExporterEndpoint", if endpoint.is_empty() { DEFAULT_ENDPOINT } else { endpoint }),
        ("NginxModuleServiceName", service_name),
        ("NginxModuleServiceNamespace", service_namespace),
        ("NginxModuleServiceInstanceId", INSTANCE_PLACEHOLDER),
        ("NginxModuleResolveBackends", "ON"),
        ("NginxModuleTraceAsError", "ON"),
    ];
    web_server::settings(&own, &injection.spec.nginx.attrs, ";\n")
}
