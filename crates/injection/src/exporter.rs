//! How does a container learn where telemetry goes, and with which certificates?
//!
//! `internal/instrumentation/exporter.go` `configureExporter`, v0.158.0.

use facts::{Exporter, ExporterTls};
use serde_json::{Value, json};

use crate::names::truncate;
use crate::pod::{Container, EnvVar};

/// Adds the endpoint and the TLS material, with volumes into `volumes`.
pub(crate) fn configure(
    exporter: &Exporter,
    with_tls: bool,
    container: &mut Container,
    volumes: &mut Vec<Value>,
) {
    if !exporter.endpoint.is_empty() {
        container
            .env()
            .append_if_not_set(EnvVar::literal("OTEL_EXPORTER_OTLP_ENDPOINT", &*exporter.endpoint));
    }
    let Some(tls) = exporter.tls.as_ref().filter(|_| with_tls) else { return };
    for (name, path) in tls_files(tls) {
        container.env().append_if_not_set(EnvVar::literal(name, path));
    }
    if !tls.secret_name.is_empty() {
        let name = truncate(&["", "otel-auto-secret-", &tls.secret_name]);
        let source = json!({ "name": name, "secret": {"secretName": &*tls.secret_name} });
        add_volume(&name, source, &secret_folder(tls), container, volumes);
    }
    if !tls.config_map_name.is_empty() {
        let name = truncate(&["", "otel-auto-configmap-", &tls.config_map_name]);
        let source = json!({ "name": name, "configMap": {"name": &*tls.config_map_name} });
        add_volume(&name, source, &config_map_folder(tls), container, volumes);
    }
}

fn secret_folder(tls: &ExporterTls) -> String {
    format!("/otel-auto-instrumentation-secret-{}", tls.secret_name)
}

fn config_map_folder(tls: &ExporterTls) -> String {
    format!("/otel-auto-instrumentation-configmap-{}", tls.config_map_name)
}

/// Variables and paths. An absolute path is taken as it stands; the CA is looked for in the `ConfigMap` if one is named.
fn tls_files(tls: &ExporterTls) -> impl Iterator<Item = (&'static str, String)> {
    let secret = secret_folder(tls);
    let ca_folder = if tls.config_map_name.is_empty() { secret.clone() } else { config_map_folder(tls) };
    [
        ("OTEL_EXPORTER_OTLP_CERTIFICATE", ca_folder, tls.ca_file.clone()),
        ("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", secret.clone(), tls.cert_file.clone()),
        ("OTEL_EXPORTER_OTLP_CLIENT_KEY", secret, tls.key_file.clone()),
    ]
    .into_iter()
    .filter(|(_, _, file)| !file.is_empty())
    .map(|(name, folder, file)| {
        (name, if file.starts_with('/') { file.to_string() } else { format!("{folder}/{file}") })
    })
}

fn add_volume(name: &str, source: Value, folder: &str, container: &mut Container, volumes: &mut Vec<Value>) {
    let is_named = |value: &Value| value.get("name").and_then(Value::as_str) == Some(name);
    if !volumes.iter().any(is_named) {
        volumes.push(source);
    }
    if !container.mounts().iter().any(is_named) {
        container.mounts().push(json!({ "name": name, "mountPath": folder, "readOnly": true }));
    }
}
