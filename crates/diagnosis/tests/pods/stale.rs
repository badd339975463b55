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
        ("/spec/resource/resourceAttributes", json!({"team": "checkout"}), "True", "Info"),
    ] {
        let want = format!("PodStaleAfterInstrumentationChange {finding} Certain");
        is(pointer, &later(pointer, &value), healthy, &[&want]);
    }
}

/// Of everything that the injection made, not only of variables, with each field that differs as evidence.
#[test]
fn every_field_that_differs_is_shown() {
    let tls = json!({"secretName": "otel", "ca_file": "ca.crt"});
    for (pointer, value, healthy, field, shown) in [
        ("/spec/exporter/tls", tls, "False", "OTEL_EXPORTER_OTLP_CERTIFICATE", "not set"),
        ("/spec/java/volumeLimitSize", json!("300Mi"), "True", "emptyDir.sizeLimit", "200Mi"),
        ("/spec/java/resources/limits/memory", json!("1Gi"), "True", "resources.limits.memory", "256Mi"),
        (
            "/spec/java/extensions",
            json!([{"image": "ext:1", "dir": "/x"}]),
            "True",
            "extension-0",
            "not there",
        ),
    ] {
        let cluster = later(pointer, &value).with(json!({
            "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "otel", "namespace": "app"}
        }));
        let diagnosis = cluster.diagnose();
        let findings = &diagnosis.status.findings;
        let stale = findings.iter().find(|finding| finding.reason == "PodStaleAfterInstrumentationChange");
        let stale = stale.unwrap_or_else(|| panic!("{pointer}: {findings:#?}"));
        let first = &stale.evidence[0];
        assert!(first.field.contains(field) && first.value == shown, "{pointer}: {first:?}");
        assert_eq!(diagnosis.healthy().0, healthy, "{pointer}");
    }
    let both = later("/spec/java/volumeLimitSize", &json!("300Mi"));
    let both = both.instrumentation("/spec/sampler/argument", &json!("0.5"));
    let diagnosis = both.diagnose();
    let stale = &diagnosis.status.findings[0];
    assert!(
        stale.message.contains("OTEL_TRACES_SAMPLER_ARG") && stale.message.contains("one more field"),
        "{stale:?}"
    );
    let last = stale.evidence.last().unwrap();
    assert!(last.field.contains("sizeLimit") && last.value == "200Mi (now: 300Mi)", "{last:?}");
    let written_otherwise = later("/spec/java/resources/limits/memory", &json!("268435456"));
    is("256Mi in bytes", &written_otherwise, "True", &[]);
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

/// Pods that are younger than their Instrumentation's last change, but older than the annotation of the Namespace that chooses it.
fn chosen_at(time: &str) -> Recorded {
    const KEY: &str = "instrumentation.opentelemetry.io/inject-java";
    let endpoint = java().recorded_endpoint().replace(".svc.cluster.local", "");
    let time = time.to_owned();
    let mut cluster = java().instrumentation("/spec/exporter/endpoint", &json!(endpoint));
    for kind in ["Deployment", "ReplicaSet"] {
        cluster = cluster.each(kind, "app", |object| {
            object["spec"]["template"]["metadata"]["annotations"] = json!({});
        });
    }
    cluster.each("Pod", "app", |pod| pod["metadata"]["annotations"] = json!({})).each("Namespace", "", move |namespace| {
        namespace["metadata"]["annotations"][KEY] = "true".into();
        let fields = json!({"f:metadata": {"f:annotations": {format!("f:{KEY}"): {}}}});
        namespace["metadata"]["managedFields"] = json!([
            {"manager": "kubectl-annotate", "operation": "Update", "time": time, "fieldsType": "FieldsV1", "fieldsV1": fields}
        ]);
    })
}

#[test]
fn a_namespace_that_chooses_another_instrumentation_makes_pods_stale() {
    let stale = &["PodStaleAfterInstrumentationChange Error Certain"];
    is("chosen later", &chosen_at("2026-11-22T23:19:00Z"), "False", stale);
    is("chosen before", &chosen_at("2026-11-22T23:15:00Z"), "True", &[]);
}
