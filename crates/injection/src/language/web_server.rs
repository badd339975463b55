//! What do Apache and nginx have in common?
//!
//! The module cannot be loaded by a variable, only by the server's own configuration. So the configuration is copied out
//! of the application's image by a clone of the container, a second init container adds the module and a line that loads
//! it, and both folders are mounted over the original ones (`internal/instrumentation/{apachehttpd,nginx}.go`, v0.158.0).

use serde_json::{Value, json};

use crate::env::{NODE_IP, POD_IP};
use crate::go_slice::{ENV_VAR_BYTES, Slice};
use crate::inject::Injection;
use crate::pod::{Container, EnvVar, Pod, mount};
use crate::releases::Rule;
use crate::volume;

/// Init container that copies the configuration out of the application's image; both servers use the same name.
pub(crate) const CLONE_CONTAINER: &str = "otel-agent-source-container-clone";
/// Where the agent lies.
pub(crate) const AGENT_FOLDER: &str = "/opt/opentelemetry-webserver/agent";
/// Where the copy of the configuration lies.
pub(crate) const SOURCE_FOLDER: &str = "/opt/opentelemetry-webserver/source-conf";
/// Where no endpoint is configured.
pub(crate) const DEFAULT_ENDPOINT: &str = "http://localhost:4317/";
/// Replaced by the Pod's name when the init container runs.
pub(crate) const INSTANCE_PLACEHOLDER: &str = "<<SID-PLACEHOLDER>>";

/// What differs between the two servers.
pub(crate) struct Server<'a> {
    pub(crate) configuration_volume: &'static str,
    pub(crate) agent_volume: &'static str,
    /// Folder of the configuration in the application's image.
    pub(crate) folder: &'a str,
    /// Command and arguments of the clone.
    pub(crate) clone_command: Value,
    pub(crate) clone_args: Value,
}

/// Adds the clone and moves the mounts of its original. The first mount that lies in the configuration's folder, or
/// merely has it in its path, is left to the clone alone.
pub(crate) fn add_clone(
    injection: &Injection<'_>,
    pod: &mut Pod,
    index: usize,
    server: &Server<'_>,
    resources: Option<&Value>,
) {
    let shares_memory = injection.release.follows(Rule::CloneFromFields);
    let container = &mut pod.containers[index];
    let env = container.env().clone();
    let env = if shares_memory { env } else { env.deep_copy() };
    let mut mounts = container.mounts().clone();
    mounts.push(mount(server.configuration_volume, SOURCE_FOLDER));
    let clone = if shares_memory {
        let field = |name: &str| container.field(name).cloned().unwrap_or(Value::Null);
        json!({
            "image": container.image(),
            "envFrom": field("envFrom"),
            "imagePullPolicy": field("imagePullPolicy"),
            "securityContext": field("securityContext"),
        })
    } else {
        container.copy_without_probes()
    };
    let mut clone = Container::made(CLONE_CONTAINER, clone, env, mounts);
    clone.set("command", server.clone_command.clone());
    clone.set("args", server.clone_args.clone());
    clone.set("resources", volume::resources(resources));
    let mounts = container.mounts();
    let hides_configuration = |mount: &Value| {
        mount.get("mountPath").and_then(Value::as_str).is_some_and(|path| path.contains(server.folder))
    };
    if let Some(place) = mounts.iter().position(hides_configuration) {
        mounts.remove(place);
    }
    container.mount(server.agent_volume, AGENT_FOLDER);
    container.mount(server.configuration_volume, server.folder);
    pod.insert_init(clone, None);
}

/// The variables of the init container that adds the module. Since 0.158 it has the Instrumentation's own first, so that
/// an endpoint can refer to them.
pub(crate) fn attach_env(injection: &Injection<'_>, own: Vec<EnvVar>) -> Slice<EnvVar> {
    let mut env = Slice::empty(ENV_VAR_BYTES);
    if injection.release.follows(Rule::WebServerVariables) {
        if let Some(spec) = injection.spec.language(injection.language) {
            env.append_all_if_not_set(&spec.env);
        }
        env.append_all_if_not_set(&injection.spec.env);
        env.append_if_not_set(EnvVar::field(POD_IP, "status.podIP"));
        env.append_if_not_set(EnvVar::field(NODE_IP, "status.hostIP"));
    }
    for var in own {
        env.append(var);
    }
    env
}

/// Settings of the module, sorted by name; those of the Instrumentation win.
pub(crate) fn settings(own: &[(&str, &str)], attrs: &[facts::EnvSource], line_end: &str) -> String {
    let mut settings: std::collections::BTreeMap<&str, &str> = own.iter().copied().collect();
    for attr in attrs {
        settings.insert(&attr.name, attr.value.as_deref().unwrap_or_default());
    }
    settings.iter().fold(String::new(), |text, (name, value)| format!("{text}{name} {value}{line_end}"))
}

/// The namespace that the module reports.
pub(crate) fn service_namespace(pod: &Pod, namespace: &str, fallback: &str) -> String {
    let own = pod.metadata("namespace");
    [own, namespace, fallback].into_iter().find(|name| !name.is_empty()).unwrap_or_default().to_owned()
}
