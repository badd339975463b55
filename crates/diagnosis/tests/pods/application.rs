//! G: the application.

use serde_json::json;

use crate::change::back_off;
use crate::is;
use crate::recorded::Recorded;

/// A Python application of which the earlier revision, without agent, runs beside the crashing one.
fn compared() -> Recorded {
    Recorded::new("python-dependency-conflict")
}

/// Puts the crashing revision into a state; the earlier one has no agent.
fn crashing(cluster: Recorded, reason: &str, exit_code: i32, message: &str) -> Recorded {
    let state = back_off(reason, exit_code, message);
    cluster.each("Pod", "app", move |pod| {
        if !pod["spec"]["initContainers"].is_null() {
            for (field, value) in state.as_object().unwrap() {
                pod["status"]["containerStatuses"][0][field] = value.clone();
            }
        }
    })
}

#[test]
fn the_last_words_of_python_tell_what_is_wrong() {
    for (words, findings) in [
        ("", &["PythonDependencyConflict Error Hint"][..]),
        ("ModuleNotFoundError: No module named 'shop.settings'", &["PythonPathShadowed Error Likely"]),
        ("ModuleNotFoundError: No module named 'google.rpc'", &["PythonDependencyConflict Error Likely"]),
        // Not about packages: the new revision itself is broken.
        ("KeyError: 'DATABASE_URL'", &[crate::NOTE]),
    ] {
        let healthy = if findings == [crate::NOTE] { "True" } else { "False" };
        is(words, &crashing(compared(), "Error", 1, words), healthy, findings);
    }
}

#[test]
fn what_fails_without_the_agent_too_is_not_blamed_on_it() {
    let both = compared().state("app", &back_off("Error", 1, "ImportError: cannot import name 'x'"));
    is("both revisions crash", &both, "True", &[crate::NOTE]);
}

#[test]
fn a_web_server_that_fails_with_the_module_only_is_named() {
    let cluster = crashing(compared(), "Error", 1, "").each("Pod", "app", |pod| {
        if let Some(agent) = pod["spec"]["initContainers"].get(0).cloned() {
            let named = |name: &str| {
                let mut container = agent.clone();
                container["name"] = name.into();
                container
            };
            pod["spec"]["initContainers"] =
                json!([named("otel-agent-source-container-clone"), named("otel-agent-attach-apache")]);
            pod["spec"]["containers"][0]["volumeMounts"] =
                json!([{"name": "otel-apache-agent", "mountPath": "/opt/opentelemetry-webserver/agent"}]);
        }
        let annotations = &mut pod["metadata"]["annotations"];
        if annotations.is_object() {
            *annotations = json!({"instrumentation.opentelemetry.io/inject-apache-httpd": "true"});
        }
    });
    let said = cluster.judge();
    assert!(
        said.findings.contains(&"WebServerVersionUnsupported Error Likely".to_owned()),
        "{:?}",
        said.findings
    );
}

#[test]
fn memory_is_blamed_where_pods_without_the_agent_live() {
    let killed = crashing(compared(), "OOMKilled", 137, "");
    is("compared", &killed, "False", &["AppMemoryTooTight Error Likely"]);
    let alone = Recorded::new("libc-mismatch").image("app", "registry.example.com/shop/recommendation:2.3.0");
    let alone = alone.state("app", &back_off("OOMKilled", 137, ""));
    is("nothing to compare with", &alone, "Unknown", &["AppMemoryTooTight Warning Hint"]);
}

#[test]
fn a_probe_is_blamed_by_its_events() {
    let probe = || Recorded::new("startup-probe-too-short");
    let liveness = probe().each("Event", "app", |event| {
        if event["reason"] == "Unhealthy" {
            event["message"] = "Liveness probe failed: HTTP probe failed with statuscode: 500".into();
        }
    });
    let open: &[&str] = &["ActivityNotVisible Warning Hint"];
    is("a liveness probe may have other reasons", &liveness, "Unknown", open);
    let own = probe().state("app", &back_off("Error", 1, ""));
    is("it ended by itself, and nothing to compare with", &own, "Unknown", open);
    let expired = probe().without("Event", "");
    is("Events live one hour", &expired, "Unknown", &["StartupProbeTooShort Warning Hint"]);
}

#[test]
fn libraries_fit_the_image() {
    let runs = Recorded::new("libc-mismatch")
        .state("app", &json!({"ready": true, "restartCount": 0, "state": {"running": {}}, "lastState": {}}));
    is("it runs, but is it instrumented?", &runs, "Unknown", &["LibcMismatch Warning Likely"]);
    let reverse = Recorded::new("healthy-musl").image("app", "python:3.12-slim");
    is("musl on glibc", &reverse, "Unknown", &["LibcMismatch Warning Likely"]);
    let node = Recorded::new("healthy-read-only-root-filesystem").image("app", "node:22-alpine");
    is("agents without libraries in C", &node, "True", &[]);
}

#[test]
fn runtimes_are_guessed_from_official_images_only() {
    let python = |image: &str| Recorded::new("healthy-cross-namespace-instrumentation").image("app", image);
    is("too old", &python("python:3.9-slim"), "Unknown", &["RuntimeVersionUnsupported Warning Hint"]);
    is("new enough", &python("python:3.12-slim"), "True", &[]);
    is("no version", &python("python:latest"), "True", &[]);
    is("an image of one's own", &python("registry.example.com/shop/app:3.8"), "True", &[]);
    let node = |image: &str| Recorded::new("healthy-read-only-root-filesystem").image("app", image);
    is("node", &node("node:16"), "Unknown", &["RuntimeVersionUnsupported Warning Hint"]);
}

#[test]
fn modules_exist_for_some_versions_of_nginx() {
    let edge = |image: &str| Recorded::new("healthy-all-languages").workload("edge").image("app", image);
    is("none", &edge("nginx:1.27.2"), "Unknown", &["WebServerVersionUnsupported Warning Likely"]);
    is("one", &edge("nginx:1.22.0"), "True", &[]);
    is("a tag that moves", &edge("nginx:1.23"), "True", &[]);
    let unsupported = "WebServerVersionUnsupported Warning Likely";
    is("one that never pointed to a module", &edge("nginx:1.27-alpine"), "Unknown", &[unsupported]);
    let crash = edge("nginx:1.27.2").state("app", &back_off("Error", 1, ""));
    is("it crashes", &crash, "False", &["WebServerVersionUnsupported Error Likely"]);
}

#[test]
fn another_agent_in_the_process() {
    let java = || Recorded::new("healthy-java");
    let injected = java().in_pods("app", |_| {}).each("Pod", "app", |pod| {
        pod["spec"]["initContainers"]
            .as_array_mut()
            .unwrap()
            .push(json!({"name": "datadog-lib-java-init", "image": "gcr.io/datadoghq/dd-lib-java-init:v1"}));
    });
    is("another injector", &injected, "Unknown", &["ConflictingAgent Warning Likely"]);
    is("tags for metrics", &java().own_env("DD_SERVICE", "checkout"), "True", &[]);
    let configured = java().own_env("NEW_RELIC_LICENSE_KEY", "x");
    is("configured", &configured, "Unknown", &["ConflictingAgent Warning Hint"]);
    let exporter = java().own_env(
        "JAVA_TOOL_OPTIONS",
        "-javaagent:/opt/jmx_prometheus_javaagent.jar=9404:c.yaml -javaagent:/otel-auto-instrumentation-java-app/javaagent.jar",
    );
    is("an exporter of metrics", &exporter, "True", &[]);
}

#[test]
fn agent_files_that_are_nowhere() {
    let missing = Recorded::new("healthy-java").own_env(
        "JAVA_TOOL_OPTIONS",
        "-javaagent:/otel-auto-instrumentation-java/javaagent.jar -javaagent:/otel-auto-instrumentation-java-app/javaagent.jar",
    );
    is("a JVM does not start", &missing, "False", &["AgentFilesMissing Error Certain"]);
    let mounted = Recorded::new("healthy-java")
        .own_env("JAVA_TOOL_OPTIONS", "-javaagent:/otel-auto-instrumentation-java-app/javaagent.jar");
    is("mounted", &mounted, "True", &[]);
}

#[test]
fn a_job_whose_application_still_runs() {
    let running = Recorded::new("go-sidecar-keeps-job").state("app", &json!({"state": {"running": {}}}));
    is("running", &running, "True", &[]);
}

#[test]
fn an_agent_that_supports_arm() {
    let image = "ghcr.io/open-telemetry/opentelemetry-operator/autoinstrumentation-dotnet:1.16.0";
    let current = Recorded::new("dotnet-on-arm64-old-agent")
        .in_pods("opentelemetry-auto-instrumentation-dotnet", |container| container["image"] = image.into())
        .instrumentation("/spec/dotnet/image", &json!(image));
    is("1.16.0", &current, "True", &[]);
}
