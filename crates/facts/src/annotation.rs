//! Which annotations and labels of other people's objects do we keep?

use crate::language::Language;

/// Prefix of every annotation that asks for or steers injection.
pub const INSTRUMENTATION_PREFIX: &str = "instrumentation.opentelemetry.io/";
/// Prefix of Pod annotations that become resource attributes (operator ≥ 0.107).
pub const RESOURCE_PREFIX: &str = "resource.opentelemetry.io/";
/// Annotation that asks for a collector sidecar.
pub const SIDECAR_INJECT: &str = "sidecar.opentelemetry.io/inject";

/// Annotation in which `kubectl apply` keeps what it was given.
pub const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// The eight keys that ask for injection, in the operator's order.
pub const INJECT_KEYS: [&str; 8] = {
    let mut keys = [""; 8];
    let mut i = 0;
    while i < keys.len() {
        keys[i] = Language::ALL[i].inject_key();
        i += 1;
    }
    keys
};

/// Marks of a static Pod, of other injectors and meshes, of rollouts, of the CA of a webhook, and of what OLM lets the operator watch: exact keys or prefixes,
/// kept beside our own.
const OTHER: &[&str] = &[
    "kubernetes.io/config.mirror",
    "kubernetes.io/limit-ranger",
    "deployment.kubernetes.io/revision",
    "rollout.argoproj.io/revision",
    "deprecated.daemonset.template.generation",
    "kubectl.kubernetes.io/restartedAt",
    "kubectl.kubernetes.io/default-container",
    "instrumentation-health.dev/",
    "admission.datadoghq.com/",
    "apm.datadoghq.com/",
    "oneagent.dynatrace.com/",
    "newrelic.com/",
    "dash0.com/",
    "sidecar.istio.io/",
    "linkerd.io/",
    "cert-manager.io/inject-ca-from",
    "olm.targetNamespaces",
];

/// Whether an annotation is kept. Everything that could be meant for the OpenTelemetry Operator is, misspelt keys
/// included; the rest (checksums, deployment tools' notes) is dropped when decoding.
pub fn is_relevant_annotation(key: &str) -> bool {
    let lower_matches = |needle: &str| contains_ignore_case(key, needle);
    lower_matches("opentelem")
        || lower_matches("otel")
        || lower_matches("instrumentation")
        || OTHER.iter().any(|known| key.starts_with(known))
}

fn contains_ignore_case(text: &str, needle: &str) -> bool {
    text.as_bytes().windows(needle.len()).any(|window| window.eq_ignore_ascii_case(needle.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misspelt_keys_are_kept_and_noise_is_dropped() {
        for key in
            ["instrumentation.opentelemetry.io/inject-pyhton", "Instrumentation.OpenTelemetry.io/inject-java"]
        {
            assert!(is_relevant_annotation(key), "{key}");
        }
        for key in ["checksum/config", "prometheus.io/scrape"] {
            assert!(!is_relevant_annotation(key), "{key}");
        }
    }
}
