//! Which variables does an Instrumentation want in an instrumented container?

use std::sync::Arc;

use facts::{EnvVar, InstrumentationSpec, Language};

use super::endpoint::ENDPOINT;

/// The variables that an Instrumentation sets in so many words; a language's own come before the common ones.
pub fn wanted(spec: &InstrumentationSpec, language: Language) -> Vec<EnvVar> {
    let literal = |name: &str, value: &str| EnvVar {
        name: name.into(),
        value: Some(Arc::from(value)),
        value_from: None,
    };
    let mut wanted: Vec<EnvVar> = Vec::new();
    let own = spec.language(language).map(|block| &*block.env).unwrap_or_default();
    let made = [
        (ENDPOINT, spec.exporter.endpoint.to_string()),
        ("OTEL_PROPAGATORS", spec.propagators.join(",")),
        ("OTEL_TRACES_SAMPLER", spec.sampler.kind.to_string()),
        ("OTEL_TRACES_SAMPLER_ARG", spec.sampler.argument.to_string()),
    ];
    let made = made.iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| literal(name, value));
    for var in own.iter().chain(&spec.env).map(EnvVar::from).chain(made) {
        if !wanted.iter().any(|known| known.name == var.name) {
            wanted.push(var);
        }
    }
    wanted.retain(|var| !EXTENDED.contains(&&*var.name));
    wanted
}

/// Variables that the operator extends instead of choosing one value.
const EXTENDED: [&str; 7] = [
    "OTEL_RESOURCE_ATTRIBUTES",
    "JAVA_TOOL_OPTIONS",
    "NODE_OPTIONS",
    "PYTHONPATH",
    "DOTNET_STARTUP_HOOKS",
    "DOTNET_ADDITIONAL_DEPS",
    "DOTNET_SHARED_STORE",
];
