//! Which other vendor's agent is in the same process?
//!
//! Told by the marks that these agents and their injectors leave on a Pod: flags, preloaded modules, init containers, volumes,
//! labels, annotations, and variables that only an agent reads.

mod known_names;

use facts::{Container, Language, PodShape};

use super::environment::Environment;
use known_names::{FILES, INIT_CONTAINERS, LANGUAGES, OPENTELEMETRY_PROFILER, PROFILERS, VARIABLES, VOLUMES};

/// A mark of another agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherAgent {
    /// Whose agent.
    pub vendor: &'static str,
    /// The field of the Pod, and what stands in it.
    pub field: String,
    /// The value.
    pub value: String,
    /// Whether the agent is certainly loaded, rather than merely configured.
    pub is_loaded: bool,
}

/// An agent that is known by nothing but its flag.
pub const UNKNOWN: &str = "another vendor";

fn vendor(table: &[(&'static str, &'static str)], text: &str) -> Option<&'static str> {
    let text = text.to_ascii_lowercase();
    table.iter().find(|(word, _)| text.contains(&word.to_ascii_lowercase())).map(|(_, vendor)| *vendor)
}

/// Whose agent a module is that Node.js preloads.
pub fn node_module(file: &str) -> Option<&'static str> {
    vendor(&FILES, file)
}

/// Another agent in an instrumented container, the surest mark first.
pub fn beside(
    shape: &PodShape,
    container: &Container,
    language: Language,
    env: Environment<'_>,
) -> Option<OtherAgent> {
    loaded(container, language, env).or_else(|| injected(shape, language)).or_else(|| configured(container))
}

fn found(vendor: &'static str, field: String, value: impl Into<String>, is_loaded: bool) -> OtherAgent {
    OtherAgent { vendor, field, value: value.into(), is_loaded }
}

/// A flag, module or library that the process loads.
fn loaded(container: &Container, language: Language, env: Environment<'_>) -> Option<OtherAgent> {
    let by_language = match language {
        Language::Java => java(container, env),
        Language::NodeJs => node(container, env),
        Language::Python => python(container),
        Language::DotNet => dotnet(container, env),
        _ => None,
    };
    by_language.or_else(|| {
        let preload = text(env, "LD_PRELOAD");
        let vendor = vendor(&FILES, &preload)?;
        Some(found(vendor, field(container, "env[LD_PRELOAD]"), preload, true))
    })
}

fn text(env: Environment<'_>, name: &str) -> String {
    env.get(name).map(|(value, _)| value.text).unwrap_or_default()
}

fn field(container: &Container, rest: &str) -> String {
    format!("spec.containers[{}].{rest}", container.name)
}

/// Command and arguments, with the words inside a shell's string taken apart.
fn words(container: &Container) -> impl Iterator<Item = &str> {
    container.command.iter().chain(&container.args).flat_map(|word| word.split_whitespace())
}

fn java(container: &Container, env: Environment<'_>) -> Option<OtherAgent> {
    let names = ["JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS", "JAVA_OPTS", "CATALINA_OPTS"];
    let by_variable = names.iter().map(|name| (format!("env[{name}]"), text(env, name)));
    let by_command = words(container).map(|word| ("command".to_owned(), word.to_owned()));
    by_variable.chain(by_command).find_map(|(place, options)| {
        let path = second_java_agent(&options).or_else(|| native_agent(&options))?;
        let vendor = vendor(&FILES, &path);
        Some(found(vendor.unwrap_or(UNKNOWN), field(container, &place), path, vendor.is_some()))
    })
}

fn node(container: &Container, env: Environment<'_>) -> Option<OtherAgent> {
    let options = text(env, "NODE_OPTIONS");
    let all = options.split_whitespace().map(|word| ("env[NODE_OPTIONS]", word));
    let mut all = all.chain(words(container).map(|word| ("command", word)));
    all.find_map(|(place, word)| {
        let foreign = !word.contains("/otel-auto-instrumentation");
        Some(found(node_module(word).filter(|_| foreign)?, field(container, place), word, true))
    })
}

fn python(container: &Container) -> Option<OtherAgent> {
    const WRAPPERS: [(&str, &str); 3] =
        [("ddtrace-run", "Datadog"), ("newrelic-admin", "New Relic"), ("pyagent", "AppDynamics")];
    words(container).find_map(|word| {
        let name = word.rsplit('/').next()?;
        let (_, vendor) = WRAPPERS.iter().find(|(wrapper, _)| *wrapper == name)?;
        Some(found(vendor, field(container, "command"), word, true))
    })
}

/// A runtime of .NET takes one profiler only, and the operator leaves the user's in force.
fn dotnet(container: &Container, env: Environment<'_>) -> Option<OtherAgent> {
    let profiler = text(env, "CORECLR_PROFILER");
    if profiler.is_empty() || profiler.eq_ignore_ascii_case(OPENTELEMETRY_PROFILER) {
        return None;
    }
    let by_file = || vendor(&FILES, &text(env, "CORECLR_PROFILER_PATH"));
    let vendor = vendor(&PROFILERS, &profiler).or_else(by_file).unwrap_or(UNKNOWN);
    Some(found(vendor, field(container, "env[CORECLR_PROFILER]"), profiler, true))
}

/// The path of a `-javaagent:` that is neither the operator's nor another copy of OpenTelemetry's.
fn second_java_agent(options: &str) -> Option<String> {
    options
        .split_whitespace()
        .filter_map(|word| word.trim_matches(['"', '\'']).strip_prefix("-javaagent:"))
        .find(|path| !path.contains("/otel-auto-instrumentation") && !is_harmless(path))
        .map(str::to_owned)
}

/// The library of a vendor that the JVM loads by `-agentpath:`, as Dynatrace's is.
fn native_agent(options: &str) -> Option<String> {
    let mut paths = options
        .split_whitespace()
        .filter_map(|word| word.trim_matches(['"', '\'']).strip_prefix("-agentpath:"));
    paths.find(|path| vendor(&FILES, path).is_some()).map(str::to_owned)
}

/// Agents that do other things than trace: exporters of metrics, test coverage, debugging.
fn is_harmless(path: &str) -> bool {
    [
        "jmx_prometheus",
        "jolokia",
        "jacoco",
        "aspectjweaver",
        "blockhound",
        "jmxtrans",
        "mockito",
        "byte-buddy",
        "pyroscope",
        "spring-instrument",
        "kotlinx-coroutines",
    ]
    .iter()
    .any(|word| path.contains(word))
}

/// What another injector has put on the Pod for this language.
fn injected(shape: &PodShape, language: Language) -> Option<OtherAgent> {
    let init_containers = shape.spec.init_containers.iter().map(|container| &*container.name);
    let by_container = init_containers.filter(|name| may_be_for(name, language)).find_map(|name| {
        let (_, vendor) = INIT_CONTAINERS.iter().find(|(start, _)| name.starts_with(start))?;
        Some(found(vendor, "spec.initContainers".to_owned(), name, true))
    });
    let by_volume = || {
        shape.spec.volumes.iter().find_map(|volume| {
            let (_, vendor) = VOLUMES.iter().find(|(name, _)| *name == &*volume.name)?;
            Some(found(vendor, "spec.volumes".to_owned(), &*volume.name, true))
        })
    };
    by_container.or_else(|| dynatrace(shape)).or_else(by_volume).or_else(|| datadog(shape))
}

/// Whether an init container brings the agent of this language, or does not say of which.
fn may_be_for(name: &str, language: Language) -> bool {
    let named = name.split('-').find_map(|part| LANGUAGES.iter().find(|(word, _)| *word == part));
    named.is_none_or(|(_, meant)| *meant == Some(language))
}

/// Dynatrace's operator says whether it injected.
fn dynatrace(shape: &PodShape) -> Option<OtherAgent> {
    const INJECTED: &str = "oneagent.dynatrace.com/injected";
    shape.annotations.get(INJECTED).filter(|value| *value == "true")?;
    Some(found("Dynatrace", format!("metadata.annotations[{INJECTED}]"), "true", true))
}

/// Datadog's library for a language is asked for; its injector may not have come by yet.
fn datadog(shape: &PodShape) -> Option<OtherAgent> {
    shape.labels.get("admission.datadoghq.com/enabled").filter(|value| *value == "true")?;
    let library = |key: &str| key.starts_with("admission.datadoghq.com/") && key.ends_with("-lib.version");
    let (key, value) = shape.annotations.iter().find(|(key, _)| library(key))?;
    Some(found("Datadog", format!("metadata.annotations[{key}]"), value, false))
}

fn configured(container: &Container) -> Option<OtherAgent> {
    container.env.iter().filter(|var| !matches!(var.literal(), "false" | "0")).find_map(|var| {
        let (_, vendor) = VARIABLES.iter().find(|(start, _)| var.name.starts_with(start))?;
        Some(found(vendor, field(container, "env"), &*var.name, false))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(pod: &serde_json::Value) -> PodShape {
        serde_json::from_value(pod.clone()).unwrap()
    }

    /// Pods as these injectors leave them, without what is of no interest here.
    #[test]
    fn injectors_are_known_by_their_own_marks() {
        use serde_json::json;
        let init = |name: &str| json!({"spec": {"initContainers": [{"name": name, "image": "x"}]}});
        let volume = |name: &str| json!({"spec": {"volumes": [{"name": name, "emptyDir": {}}]}});
        let annotated = |key: &str, value: &str| json!({"annotations": {key: value}});
        let dynatrace = "oneagent.dynatrace.com/injected";
        for (pod, language, want) in [
            (init("datadog-init-apm-inject"), Language::Python, Some("Datadog")),
            (init("datadog-lib-java-init"), Language::Java, Some("Datadog")),
            (init("datadog-lib-js-init"), Language::NodeJs, Some("Datadog")),
            (init("datadog-lib-js-init"), Language::Java, None),
            (volume("datadog-auto-instrumentation"), Language::Java, Some("Datadog")),
            (annotated(dynatrace, "true"), Language::Java, Some("Dynatrace")),
            (annotated(dynatrace, "false"), Language::Java, None),
            (init("install-oneagent"), Language::Java, Some("Dynatrace")),
            (volume("oneagent-bin"), Language::Java, Some("Dynatrace")),
            // Also there where it only enriches metadata.
            (init("dynatrace-operator"), Language::Java, None),
            (init("newrelic-instrumentation-nodejs"), Language::NodeJs, Some("New Relic")),
            (init("nri-java--app"), Language::Java, Some("New Relic")),
            (init("nri-ruby--app"), Language::Java, None),
            (init("dash0-instrumentation"), Language::NodeJs, Some("Dash0")),
            (init("wait-for-java"), Language::Java, None),
            (init("istio-init"), Language::Java, None),
            (init("linkerd-init"), Language::Java, None),
        ] {
            let other = injected(&shape(&pod), language);
            assert_eq!(other.map(|other| other.vendor), want, "{language} {pod}");
        }
    }

    #[test]
    fn preloaded_libraries_tell_whose_they_are() {
        for (library, want) in [
            ("/opt/datadog-packages/datadog-apm-inject/stable/inject/launcher.preload.so", Some("Datadog")),
            ("/opt/dynatrace/oneagent-paas/agent/lib64/liboneagentproc.so", Some("Dynatrace")),
            ("/__dash0__/dash0_injector.so", Some("Dash0")),
            (
                "/__otel_sdk_auto_instrumentation__/injector/libotelinject.so",
                Some("the OpenTelemetry Injector"),
            ),
            ("/var/odigos/loader/loader.so", Some("Odigos")),
            ("/opt/instana/instrumentation/libinstana_init/libinstana_init.so", Some("Instana")),
            ("/usr/lib/libjemalloc.so.2", None),
        ] {
            assert_eq!(vendor(&FILES, library), want, "{library}");
        }
    }

    #[test]
    fn only_tracing_agents_conflict() {
        for (options, want) in [
            (" -javaagent:/otel-auto-instrumentation-java-app/javaagent.jar", None),
            ("-Xmx128m", None),
            ("-javaagent:/opt/jmx_prometheus_javaagent.jar=9404:c.yaml", None),
            ("-javaagent:/opt/vendor/dd-java-agent.jar", Some("/opt/vendor/dd-java-agent.jar")),
            ("-javaagent:/pyroscope.jar", None),
        ] {
            assert_eq!(second_java_agent(options).as_deref(), want, "{options}");
        }
    }

    #[test]
    fn native_agents_count_where_they_trace() {
        let path = "/opt/dynatrace/oneagent/agent/lib64/liboneagentloader.so";
        assert_eq!(native_agent(&format!("-Xmx1g -agentpath:{path}")).as_deref(), Some(path));
        assert_eq!(native_agent("-agentpath:/opt/async-profiler/libasyncProfiler.so=start"), None);
    }
}
