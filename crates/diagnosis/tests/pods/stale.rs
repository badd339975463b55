//! I: Pods older than their Instrumentation.

use serde_json::{Value, json};

use crate::is;
use crate::recorded::Recorded;

const AGENT: &str = "ghcr.io/open-telemetry/opentelemetry-operator/autoinstrumentation-java";

fn java() -> Recorded {
    Recorded::new("healthy-java")
}

/// The Instrumentation was changed after the Pods were made, or before.
fn changed(cluster: Recorded, time: &str) -> Recorded {
    let time = time.to_owned();
    cluster.each("Instrumentation", "", move |instrumentation| {
        for entry in instrumentation["metadata"]["managedFields"].as_array_mut().unwrap() {
            entry["time"] = time.clone().into();
        }
        instrumentation["metadata"]["generation"] = 2.into();
    })
}

fn later(pointer: &str, value: &Value) -> Recorded {
    changed(java().instrumentation(pointer, value), "2026-11-22T23:19:00Z")
}

#[test]
fn the_effect_of_a_difference_decides() {
    let endpoint = java().recorded_endpoint().replace(".svc.cluster.local", "");
    for (pointer, value, healthy, finding) in [
        ("/spec/exporter/endpoint", json!(endpoint), "False", "Error"),
        ("/spec/sampler/argument", json!("0.5"), "False", "Error"),
        ("/spec/env", json!([{"name": "OTEL_EXPORTER_OTLP_HEADERS", "value": "a=b"}]), "False", "Error"),
        ("/spec/env", json!([{"name": "OTEL_BSP_MAX_QUEUE_SIZE", "value": "99"}]), "True", "Info"),
        ("/spec/propagators", json!(["b3"]), "Unknown", "Warning"),
        ("/spec/java/image", json!(format!("{AGENT}:2.31.0")), "True", "Info"),
    ] {
        let want = format!("PodStaleAfterInstrumentationChange {finding} Certain");
        is(pointer, &later(pointer, &value), healthy, &[&want]);
    }
}

#[test]
fn what_cannot_be_from_an_earlier_state_is_not_stale() {
    let difference = || java().instrumentation("/spec/sampler/argument", &json!("0.5"));
    is("Pods made after the change", &changed(difference(), "2026-11-22T23:00:00Z"), "True", &[]);
    let stale = &["PodStaleAfterInstrumentationChange Error Certain"][..];
    let unknown = difference().set("Instrumentation", "", "/metadata/managedFields", &json!([]));
    let unknown = unknown.set("Instrumentation", "", "/metadata/generation", &json!(3));
    is("no times, but changed", &unknown, "False", stale);
    let own = later("/spec/sampler/argument", &json!("0.5")).own_env("OTEL_TRACES_SAMPLER_ARG", "1");
    is("the template's own", &own, "True", &["UserEnvOverridesInstrumentation Info Certain"]);
    let made = later("/metadata/labels", &json!({})).injected_env("OTEL_METRIC_EXPORT_TIMEOUT", "5");
    is("what another release may make", &made, "True", &[]);
    let removed = later("/metadata/labels", &json!({})).injected_env("OTEL_EXPORTER_OTLP_TIMEOUT", "5");
    is("taken out of the Instrumentation", &removed, "False", stale);
}

#[test]
fn modules_of_web_servers_have_their_endpoint_in_a_file() {
    let edge = Recorded::new("healthy-all-languages").workload("static").each(
        "Instrumentation",
        "",
        |instrumentation| {
            if instrumentation["metadata"]["name"] == "grpc" {
                let endpoint = instrumentation["spec"]["exporter"]["endpoint"].as_str().unwrap();
                instrumentation["spec"]["exporter"]["endpoint"] =
                    endpoint.replace(".svc.cluster.local", "").into();
            }
        },
    );
    let stale = changed(edge, "2026-11-22T23:19:00Z");
    is("apache", &stale, "False", &["PodStaleAfterInstrumentationChange Error Certain"]);
}

#[test]
fn an_agent_over_a_breaking_version() {
    let old = format!("{AGENT}:1.33.6");
    let pods = changed(java(), "2026-11-22T23:19:00Z")
        .in_pods("opentelemetry-auto-instrumentation-java", |container| {
            container["image"] = old.clone().into();
        })
        .own_env("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf");
    is(
        "1.33.6 to 2.30.0",
        &pods,
        "True",
        &["PodStaleAfterInstrumentationChange Info Certain", "DefaultsChangedByOperatorUpgrade Info Likely"],
    );
}

#[test]
fn images_that_are_no_news() {
    let image = |image: &str| {
        java()
            .in_pods("opentelemetry-auto-instrumentation-java", |container| container["image"] = image.into())
            .instrumentation("/spec/java/image", &json!(image))
    };
    is("a mirror", &image("registry.example.com/autoinstrumentation-java:2.30.0"), "True", &[]);
    is("newer", &image(&format!("{AGENT}:2.31.0")), "True", &[]);
    is("older", &image(&format!("{AGENT}:2.15.0")), "True", &["InstrumentationImagePinned Info Certain"]);
}
