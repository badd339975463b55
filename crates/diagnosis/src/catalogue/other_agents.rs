//! Which other vendor's agent is in the same process?
//!
//! Told by the marks that these agents and their injectors leave on a Pod: flags, preloaded modules, init containers, labels
//! and variables that only an agent reads.

use facts::{Container, Language, PodShape};

use super::environment::Environment;

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

/// Words in file and module names, and whose they are.
const FILES: [(&str, &str); 15] = [
    ("opentelemetry-javaagent", "OpenTelemetry"),
    ("dd-java-agent", "Datadog"),
    ("dd-trace", "Datadog"),
    ("ddtrace", "Datadog"),
    ("newrelic", "New Relic"),
    ("elastic-apm", "Elastic APM"),
    ("applicationinsights", "Application Insights"),
    ("appdynamics", "AppDynamics"),
    ("javaagent.appd", "AppDynamics"),
    ("skywalking", "SkyWalking"),
    ("oneagent", "Dynatrace"),
    ("dynatrace", "Dynatrace"),
    ("glowroot", "Glowroot"),
    ("pinpoint", "Pinpoint"),
    ("splunk-otel", "Splunk"),
];

/// Init containers of other injectors.
const INIT_CONTAINERS: [(&str, &str); 7] = [
    ("datadog-lib-", "Datadog"),
    ("datadog-init-apm-inject", "Datadog"),
    ("dynatrace-operator", "Dynatrace"),
    ("install-oneagent", "Dynatrace"),
    ("newrelic-instrumentation", "New Relic"),
    ("nri-", "New Relic"),
    ("dash0-instrumentation", "Dash0"),
];

/// Variables that nobody but an agent reads; those that libraries for metrics or tags read as well are left out.
const VARIABLES: [(&str, &str); 9] = [
    ("NEW_RELIC_LICENSE_KEY", "New Relic"),
    ("APPDYNAMICS_AGENT_", "AppDynamics"),
    ("APPDYNAMICS_CONTROLLER_", "AppDynamics"),
    ("DD_TRACE_AGENT_URL", "Datadog"),
    ("DD_PROFILING_ENABLED", "Datadog"),
    ("DD_APPSEC_ENABLED", "Datadog"),
    ("DD_DOTNET_TRACER_HOME", "Datadog"),
    ("SW_AGENT_", "SkyWalking"),
    ("ELASTIC_APM_SERVER_URL", "Elastic APM"),
];

/// The profiler of OpenTelemetry for .NET.
const OPENTELEMETRY_PROFILER: &str = "{918728DD-259F-4A6A-AC2B-B85E1B658318}";

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
    loaded(container, language, env).or_else(|| injected(shape)).or_else(|| configured(container))
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
        let path = second_java_agent(&options)?;
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
    let vendor = vendor(&FILES, &text(env, "CORECLR_PROFILER_PATH")).unwrap_or(UNKNOWN);
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
    ]
    .iter()
    .any(|word| path.contains(word))
}

/// What another injector has put on the Pod.
fn injected(shape: &PodShape) -> Option<OtherAgent> {
    let by_container = shape.spec.init_containers.iter().find_map(|container| {
        let (_, vendor) = INIT_CONTAINERS.iter().find(|(start, _)| container.name.starts_with(start))?;
        Some(found(vendor, "spec.initContainers".to_owned(), &*container.name, true))
    });
    by_container.or_else(|| {
        shape.labels.get("admission.datadoghq.com/enabled").filter(|value| *value == "true")?;
        let library =
            |key: &str| key.starts_with("admission.datadoghq.com/") && key.ends_with("-lib.version");
        let (key, value) = shape.annotations.iter().find(|(key, _)| library(key))?;
        Some(found("Datadog", format!("metadata.annotations[{key}]"), value, false))
    })
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

    #[test]
    fn only_tracing_agents_conflict() {
        for (options, want) in [
            (" -javaagent:/otel-auto-instrumentation-java-app/javaagent.jar", None),
            ("-Xmx128m", None),
            ("-javaagent:/opt/jmx_prometheus_javaagent.jar=9404:c.yaml", None),
            ("-javaagent:/opt/vendor/dd-java-agent.jar", Some("/opt/vendor/dd-java-agent.jar")),
        ] {
            assert_eq!(second_java_agent(options).as_deref(), want, "{options}");
        }
    }
}
