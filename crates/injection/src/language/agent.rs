//! What do Java, Node.js, Python and .NET have in common?
//!
//! An init container copies the agent from its image into a volume that the targets mount
//! (`internal/instrumentation/sdk.go` `injectJava` and its siblings, `insertInitContainer`, v0.158.0).

use facts::Language;
use serde_json::{Value, json};

use crate::go_slice::{ENV_VAR_BYTES, Slice};
use crate::inject::Injection;
use crate::pod::{Container, Pod, mount};
use crate::releases::{Release, Rule};
use crate::volume;

/// Names of a language's init container, volume and mount.
pub(crate) struct Names {
    /// Init container and volume.
    pub(crate) volume: &'static str,
    /// Where the init container writes, and the targets read.
    pub(crate) folder: &'static str,
}

/// The names of a language in a release.
pub(crate) fn names(language: Language, release: Release) -> Names {
    if !release.follows(Rule::NamedByLanguage) {
        return Names { volume: "opentelemetry-auto-instrumentation", folder: "/otel-auto-instrumentation" };
    }
    let (volume, folder) = match language {
        Language::Java => ("opentelemetry-auto-instrumentation-java", "/otel-auto-instrumentation-java"),
        Language::NodeJs => {
            ("opentelemetry-auto-instrumentation-nodejs", "/otel-auto-instrumentation-nodejs")
        }
        Language::Python => {
            ("opentelemetry-auto-instrumentation-python", "/otel-auto-instrumentation-python")
        }
        _ => ("opentelemetry-auto-instrumentation-dotnet", "/otel-auto-instrumentation-dotnet"),
    };
    Names { volume, folder }
}

/// The command that copies a folder of the image into the volume.
pub(crate) fn copy_command(injection: &Injection<'_>, source: &str) -> [String; 4] {
    let folder = names(injection.language, injection.release).folder;
    let slash = if injection.release.follows(Rule::NamedByLanguage) { "" } else { "/" };
    let option = if injection.release.follows(Rule::PlainCopy) { "-r" } else { "-a" };
    ["cp", option, source, &format!("{folder}{slash}")].map(str::to_owned)
}

/// Adds volume and init container, before the first target if that is an init container. Nothing where one of that name
/// is there already.
pub(crate) fn add(injection: &Injection<'_>, pod: &mut Pod, command: &[impl AsRef<str>], first_target: &str) {
    let names = names(injection.language, injection.release);
    if pod.has_init(names.volume) {
        return;
    }
    let Some(spec) = injection.spec.language(injection.language) else { return };
    pod.volumes.push(volume::of_language(names.volume, spec, injection.release));
    let before = injection.release.follows(Rule::InitTargets).then_some(first_target);
    let target_is_init = before.is_some_and(|name| pod.has_init(name) && !pod.has_container(name));
    let own_context = pod.find(first_target).and_then(|target| target.field("securityContext").cloned());
    let mut container = init_container(injection, names.volume, &spec.image, command, &names);
    container.set_security_context(None);
    let is_displaced = pod.insert_init(container, before);
    // The operator asks the first target for its security context only now, but for Java since 0.157. If the slice had
    // room, its pointer to an init target points at the agent by now, which has none.
    let asked_before =
        injection.language == Language::Java && injection.release.follows(Rule::JavaExtensionContext);
    let inherited = if target_is_init && is_displaced && !asked_before { None } else { own_context };
    let context = given_context(injection).or(inherited);
    if let Some(agent) = pod.init.iter_mut().find(|container| &*container.name == names.volume) {
        agent.set_security_context(context);
    }
}

/// The security context that the Instrumentation gives to init containers.
pub(crate) fn given_context(injection: &Injection<'_>) -> Option<Value> {
    let context = injection.spec.init_container_security_context.clone();
    context.filter(|context| !context.is_null() && injection.release.follows(Rule::SecurityContexts))
}

/// Up to 0.145 every target handed its security context on, so that the last one decided.
pub(crate) fn inherit_security_context(injection: &Injection<'_>, pod: &mut Pod, target: &str) {
    let name = names(injection.language, injection.release).volume;
    let context = pod.find(target).and_then(|target| target.field("securityContext").cloned());
    if let Some(agent) = pod.init.iter_mut().find(|container| &*container.name == name) {
        agent.set_security_context(context);
    }
}

/// From 0.146 to 0.149 Python's agent was given its security context before it was there.
pub(crate) fn forget_security_context(injection: &Injection<'_>, pod: &mut Pod) {
    let name = names(injection.language, injection.release).volume;
    if let Some(agent) = pod.init.iter_mut().find(|container| &*container.name == name) {
        agent.set_security_context(None);
    }
}

/// An init container that writes into the agent's volume.
pub(crate) fn init_container(
    injection: &Injection<'_>,
    name: &str,
    image: &str,
    command: &[impl AsRef<str>],
    names: &Names,
) -> Container {
    let spec = injection.spec.language(injection.language);
    let resources = match injection.language {
        Language::Java => spec.and_then(|spec| spec.resources.as_ref()),
        _ => spec.and_then(|spec| spec.resource_requirements.as_ref()),
    };
    let fields = json!({
        "image": image,
        "command": command.iter().map(AsRef::as_ref).collect::<Vec<&str>>(),
        "resources": volume::resources(resources),
        "imagePullPolicy": injection.pull_policy(),
    });
    Container::made(name, fields, Slice::empty(ENV_VAR_BYTES), vec![mount(names.volume, names.folder)])
}
