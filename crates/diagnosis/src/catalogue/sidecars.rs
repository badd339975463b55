//! Which containers stand beside the application without being it?
//!
//! Told by the names that their makers give to containers and images: meshes, database and cloud proxies, secret, log and
//! metrics agents. None of them is an application that one would instrument.

use facts::Container;

/// Names of containers, and whether what runs in them can take OTLP.
const NAMES: [(&str, bool); 35] = [
    ("istio-proxy", false),
    ("linkerd-proxy", false),
    ("envoy", false),
    ("envoy-sidecar", false),
    ("consul-dataplane", false),
    ("consul-connect-envoy-sidecar", false),
    ("kuma-sidecar", false),
    ("daprd", false),
    ("cloud-sql-proxy", false),
    ("cloudsql-proxy", false),
    ("alloydb-auth-proxy", false),
    ("pgbouncer", false),
    ("vault-agent", false),
    ("xray-daemon", false),
    ("oauth2-proxy", false),
    ("kube-rbac-proxy", false),
    ("aws-node-proxy", false),
    ("config-reloader", false),
    ("git-sync", false),
    ("filebeat", false),
    ("promtail", false),
    ("fluentd", true),
    ("fluent-bit", true),
    ("vector", true),
    ("datadog-agent", true),
    ("datadog-agent-injected", true),
    ("otc-container", true),
    ("cilium-envoy", false),
    ("otel-agent", true),
    ("otel-collector", true),
    ("opentelemetry-collector", true),
    ("aws-otel-collector", true),
    ("cloudwatch-agent", true),
    ("grafana-agent", true),
    ("alloy", true),
];

/// Ends of image repositories, and whether what is in them can take OTLP.
const IMAGES: [(&str, bool); 32] = [
    ("istio/proxyv2", false),
    ("linkerd/proxy", false),
    ("envoyproxy/envoy", false),
    ("aws-appmesh-envoy", false),
    ("consul-dataplane", false),
    ("kuma-dp", false),
    ("daprd", false),
    ("cloud-sql-proxy", false),
    ("cloudsql-docker/gce-proxy", false),
    ("alloydb-auth-proxy", false),
    ("pgbouncer", false),
    ("hashicorp/vault", false),
    ("aws-xray-daemon", false),
    ("oauth2-proxy", false),
    ("kube-rbac-proxy", false),
    ("git-sync", false),
    ("beats/filebeat", false),
    ("grafana/promtail", false),
    ("fluent-bit", true),
    ("fluentd", true),
    ("timberio/vector", true),
    ("cilium/cilium-envoy", false),
    ("tailscale/tailscale", false),
    ("opentelemetry-collector", true),
    ("opentelemetry-collector-contrib", true),
    ("opentelemetry-collector-k8s", true),
    ("aws-otel-collector", true),
    ("splunk-otel-collector", true),
    ("cloudwatch-agent", true),
    ("grafana/alloy", true),
    ("grafana/agent", true),
    ("datadog/agent", true),
];

/// Whether a container is a well-known sidecar.
pub fn is_sidecar(container: &Container) -> bool {
    known(container).is_some()
}

/// Whether a container is a well-known sidecar that takes no telemetry.
pub fn takes_no_telemetry(container: &Container) -> bool {
    known(container) == Some(false)
}

/// Whether a well-known sidecar can take OTLP; none for what is none.
fn known(container: &Container) -> Option<bool> {
    let by_name = NAMES.iter().find(|(name, _)| *name == &*container.name);
    let repository = repository(&container.image);
    let by_image = || IMAGES.iter().find(|(end, _)| is_end(repository, end));
    by_name.or_else(by_image).map(|(_, takes)| *takes)
}

/// An image reference without digest and tag.
fn repository(image: &str) -> &str {
    let path = image.split_once('@').map_or(image, |(path, _)| path);
    match path.rsplit_once(':') {
        Some((path, tag)) if !tag.contains('/') => path,
        _ => path,
    }
}

/// Whether whole parts of a path end it.
fn is_end(path: &str, end: &str) -> bool {
    path.strip_suffix(end).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sidecars_are_known_by_name_or_image() {
        for (name, image, want) in [
            ("istio-proxy", "registry.example.com/mirror/sidecar:1", true),
            ("sql", "gcr.io/cloud-sql-connectors/cloud-sql-proxy:2.14.1", true),
            ("mesh", "docker.io/istio/proxyv2:1.24.0@sha256:0123", true),
            ("proxy", "registry.example.com:5000/istio/proxyv2", true),
            ("telemetry", "otel/opentelemetry-collector-contrib:0.158.0", true),
            ("app", "registry.example.com/shop/envoy-control:1", false),
            ("app", "registry.example.com/shop/proxy:1", false),
            ("proxy", "registry.example.com/shop/checkout:1", false),
        ] {
            let container = Container { name: name.into(), image: image.into(), ..Container::default() };
            assert_eq!(is_sidecar(&container), want, "{name} {image}");
        }
    }
}
