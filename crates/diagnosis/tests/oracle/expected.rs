//! Which cause has to be named, by what the operator answered and logged?

use std::collections::BTreeSet;

use api::Severity;
use facts::{Language, StringMap};
use injection::annotation::{Request, effective_value};
use serde_json::Value;

/// Reasons that all have to be named, each as one of several words for it; none: nothing of these may be an Error.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Expected(BTreeSet<&'static [&'static str]>);

const NOT_CALLED: &[&str] = &["WebhookSelectorExcludesPod"];
const NOT_FOUND: &[&str] = &["InstrumentationNotFound"];
const NONE: &[&str] = &["NoInstrumentationInNamespace"];
const SEVERAL: &[&str] = &["MultipleInstrumentationsInNamespace"];
const NOT_WATCHED: &[&str] = &["OperatorScopedToOtherNamespaces"];
const TLS: &[&str] = &["InstrumentationTlsObjectMissing"];
const BAD_NAMES: &[&str] = &["ContainerNamesInvalid"];
const DUPLICATED: &[&str] = &["ContainerNamesDuplicated"];
const NAMES: &[&str] = &["ContainerNamesRequired", "AnnotationNamespacePodConflict"];
const ALREADY: &[&str] = &["AlreadyInstrumentedMarkerPresent"];
const OFF: &[&str] = &["LanguageSupportDisabled"];
const SIDECAR: &[&str] = &["SidecarCollectorReferenceMissing"];
const VALUE_FROM: &[&str] = &["EnvValueFromBlocksInjection"];
const HOME: &[&str] = &["DotNetHomeAlreadySet"];
const RUNTIME: &[&str] = &["RuntimeHintValueInvalid", "EnvValueFromBlocksInjection"];
const INIT: &[&str] = &["InitContainerTargetUnsupported"];
const GO: &[&str] = &["GoPreconditionsNotMet"];

/// What would be a false alarm on a Pod that the operator did not refuse. A variable that is a reference in the Instrumentation
/// gets no line in the log, and neither do names that fit no container.
const REFUSALS: [&[&str]; 15] = [
    NOT_CALLED,
    NOT_FOUND,
    NONE,
    SEVERAL,
    NOT_WATCHED,
    TLS,
    BAD_NAMES,
    DUPLICATED,
    NAMES,
    ALREADY,
    OFF,
    SIDECAR,
    HOME,
    INIT,
    GO,
];

impl Expected {
    /// What is wrong with the findings on a case.
    pub fn mistake(&self, found: &[(String, Severity)]) -> Option<String> {
        let names = |reasons: &[&str], worst: Severity| {
            found.iter().any(|(reason, severity)| *severity >= worst && reasons.contains(&reason.as_str()))
        };
        if self.0.is_empty() {
            let alarm = REFUSALS.iter().find(|reasons| names(reasons, Severity::Error))?;
            return Some(format!("{} is a false alarm", alarm[0]));
        }
        let missed = self.0.iter().find(|reasons| !names(reasons, Severity::Info))?;
        Some(format!("{} is not named", missed[0]))
    }
}

/// None where the answer tells nothing.
pub fn expected(world: &Value, case: &Value) -> Option<Expected> {
    let one = |reasons| Some(Expected([reasons].into_iter().collect()));
    if !asks(world, case) {
        return Some(Expected(BTreeSet::new()));
    }
    if case["webhookCalled"] != true {
        return one(NOT_CALLED);
    }
    let message = case["admission"]["message"].as_str().unwrap_or_default();
    let answers = [
        ("cannot determine which one to select", SEVERAL),
        ("no OpenTelemetry Instrumentation instances available", NONE),
        ("unknown namespace for the cache", NOT_WATCHED),
        ("not valid characters", BAD_NAMES),
        ("does not exists", TLS),
        ("OpenTelemetryCollector", SIDECAR),
        ("nstrumentation.opentelemetry.io", NOT_FOUND),
    ];
    if let Some((_, reasons)) = answers.iter().find(|(words, _)| message.contains(words)) {
        return one(reasons);
    }
    if !message.is_empty() {
        return None;
    }
    Some(Expected(case["log"].as_array()?.iter().filter_map(logged).collect()))
}

fn logged(line: &Value) -> Option<&'static [&'static str]> {
    let text = |field: &str| line[field].as_str().unwrap_or_default();
    let (message, reason) = (text("message"), text("reason"));
    match message {
        _ if message.contains("already instrumented") => Some(ALREADY),
        _ if message.contains("is not enabled") => Some(OFF),
        "skipping instrumentation injection" if text("error").contains("duplicated") => Some(DUPLICATED),
        "skipping instrumentation injection" => Some(NAMES),
        _ if !message.starts_with("Skipping") => None,
        _ if reason.contains("ValueFrom") => Some(VALUE_FROM),
        _ if reason.contains("OTEL_DOTNET_AUTO_HOME") || reason.contains("instrumentation spec") => {
            Some(HOME)
        }
        _ if reason.contains("is not supported") => Some(RUNTIME),
        _ if reason == "is init container" => Some(INIT),
        _ => Some(GO),
    }
}

/// Whether Pod and Namespace ask for anything.
fn asks(world: &Value, case: &Value) -> bool {
    let map = |value: &Value| serde_json::from_value::<StringMap>(value.clone()).unwrap_or_default();
    let mut namespaces = world["namespaces"].as_array().into_iter().flatten();
    let namespace = namespaces.find(|one| one["name"] == case["namespace"]);
    let namespace = namespace.map(|one| map(&one["annotations"])).unwrap_or_default();
    let pod = map(&case["submitted"]["metadata"]["annotations"]);
    Language::ALL.into_iter().any(|language| {
        Request::parse(effective_value(&namespace, &pod, language.inject_key())) != Request::Nothing
    })
}
