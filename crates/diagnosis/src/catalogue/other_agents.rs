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
const FILES: [(&str, &str); 14] = [
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

fn found(
    vendor: &'static str,
    field: String,
    value: impl Into<String>,
    is_loaded: bool,
) -> Option<OtherAgent> {
    Some(OtherAgent { vendor, field, value: value.into(), is_loaded })
}

/// A flag, module or library that the process loads.
fn loaded(container: &Container, language: Language, env: Environment<'_>) -> Option<OtherAgent> {
    let in_container = |rest: &str| format!("spec.containers[{}].{rest}", container.name);
    let variable = |name: &str| env.get(name).map(|(value, _)| value.text).unwrap_or_default();
    if language == Language::Java {
        let names = ["JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS", "JAVA_OPTS", "CATALINA_OPTS"];
        let by_variable = names.iter().map(|name| (format!("env[{name}]"), variable(name)));
        let by_command = container
            .command
            .iter()
            .chain(&container.args)
            .map(|word| ("command".to_owned(), word.to_string()));
        for (field, text) in by_variable.chain(by_command) {
            if let Some(agent) = second_java_agent(&text) {
                return found(vendor(&FILES, &agent).unwrap_or("another"), in_container(&field), agent, true);
            }
        }
    }
    if language == Language::NodeJs {
        let options = variable("NODE_OPTIONS");
        let words = options
            .split_whitespace()
            .chain(container.command.iter().chain(&container.args).map(|word| &**word));
        for word in words.filter(|word| !word.contains("/otel-auto-instrumentation")) {
            if let Some(vendor) = node_module(word) {
                return found(vendor, in_container("env[NODE_OPTIONS]"), word, true);
            }
        }
    }
    if language == Language::Python {
        let wrappers =
            [("ddtrace-run", "Datadog"), ("newrelic-admin", "New Relic"), ("pyagent", "AppDynamics")];
        let words = container.command.iter().chain(&container.args).flat_map(|word| word.split_whitespace());
        for word in words {
            let name = word.rsplit('/').next().unwrap_or_default();
            if let Some((_, vendor)) = wrappers.iter().find(|(wrapper, _)| *wrapper == name) {
                return found(vendor, in_container("command"), word, true);
            }
        }
    }
    if language == Language::DotNet {
        let profiler = variable("CORECLR_PROFILER");
        if !profiler.is_empty() && !profiler.eq_ignore_ascii_case(OPENTELEMETRY_PROFILER) {
            let path = variable("CORECLR_PROFILER_PATH");
            return found(
                vendor(&FILES, &path).unwrap_or("another"),
                in_container("env[CORECLR_PROFILER]"),
                profiler,
                true,
            );
        }
    }
    let preload = variable("LD_PRELOAD");
    vendor(&FILES, &preload).and_then(|vendor| found(vendor, in_container("env[LD_PRELOAD]"), preload, true))
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
    for container in &shape.spec.init_containers {
        let known = INIT_CONTAINERS.iter().find(|(start, _)| container.name.starts_with(start));
        if let Some((_, vendor)) = known {
            return found(vendor, "spec.initContainers".to_owned(), &*container.name, true);
        }
    }
    let label = shape.labels.get("admission.datadoghq.com/enabled").filter(|value| *value == "true");
    let asks = shape
        .annotations
        .iter()
        .find(|(key, _)| key.starts_with("admission.datadoghq.com/") && key.ends_with("-lib.version"));
    match (label, asks) {
        (Some(_), Some((key, value))) => {
            found("Datadog", format!("metadata.annotations[{key}]"), value, false)
        }
        _ => None,
    }
}

fn configured(container: &Container) -> Option<OtherAgent> {
    for var in &container.env {
        let switched_off = matches!(var.literal(), "false" | "0");
        let known = VARIABLES.iter().find(|(start, _)| var.name.starts_with(start));
        if let Some((_, vendor)) = known.filter(|_| !switched_off) {
            return found(vendor, format!("spec.containers[{}].env", container.name), &*var.name, false);
        }
    }
    None
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
