//! By which names are other vendors' agents known?

use facts::Language;

/// Words in file and module names, and whose they are.
pub(super) const FILES: [(&str, &str); 20] = [
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
    ("datadog-apm-inject", "Datadog"),
    ("dash0", "Dash0"),
    ("libotelinject", "the OpenTelemetry Injector"),
    ("/odigos/", "Odigos"),
    ("instana", "Instana"),
];

/// Beginnings of init containers of other injectors. Those of Dynatrace are not among them: its operator adds one also where it
/// only enriches metadata.
pub(super) const INIT_CONTAINERS: [(&str, &str); 7] = [
    ("datadog-lib-", "Datadog"),
    ("datadog-init-apm-inject", "Datadog"),
    ("install-oneagent", "Dynatrace"),
    ("newrelic-instrumentation", "New Relic"),
    ("nri-", "New Relic"),
    ("dash0-instrumentation", "Dash0"),
    ("instana-instrumentation-init", "Instana"),
];

/// Volumes of other injectors: where files come by a CSI driver or an image volume there is no init container.
pub(super) const VOLUMES: [(&str, &str); 4] = [
    ("datadog-auto-instrumentation", "Datadog"),
    ("oneagent-bin", "Dynatrace"),
    ("newrelic-instrumentation", "New Relic"),
    ("dash0-instrumentation", "Dash0"),
];

/// Words for languages in the names of init containers: `datadog-lib-js-init`, `nri-java--app`.
pub(super) const LANGUAGES: [(&str, Option<Language>); 8] = [
    ("java", Some(Language::Java)),
    ("js", Some(Language::NodeJs)),
    ("nodejs", Some(Language::NodeJs)),
    ("python", Some(Language::Python)),
    ("dotnet", Some(Language::DotNet)),
    ("dotnetcore", Some(Language::DotNet)),
    ("ruby", None),
    ("php", None),
];

/// Variables that nobody but an agent reads; those that libraries for metrics or tags read as well are left out.
pub(super) const VARIABLES: [(&str, &str); 9] = [
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
pub(super) const OPENTELEMETRY_PROFILER: &str = "{918728DD-259F-4A6A-AC2B-B85E1B658318}";

/// Class ids of profilers, as their makers document them for `CORECLR_PROFILER`.
pub(super) const PROFILERS: [(&str, &str); 5] = [
    ("846F5F1C-F9AE-4B07-969E-05C26BC060D8", "Datadog"),
    ("36032161-FFC0-4B61-B559-F6C5D41BAE5A", "New Relic"),
    ("B7038F67-52FC-4DA2-AB02-969B3C1EDA03", "Dynatrace"),
    ("57E1AA68-2229-41AA-9931-A6E93BBC64D8", "AppDynamics"),
    ("FA65FE15-F085-4681-9B20-95E04F6C03CC", "Elastic APM"),
];
