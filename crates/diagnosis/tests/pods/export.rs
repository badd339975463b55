//! H: settings, hints, and the way to the collector.

use serde_json::json;

use crate::is;
use crate::recorded::Recorded;

fn java() -> Recorded {
    Recorded::new("healthy-java")
}

fn python() -> Recorded {
    Recorded::new("healthy-cross-namespace-instrumentation")
}

fn node() -> Recorded {
    Recorded::new("healthy-read-only-root-filesystem")
}

fn command(cluster: Recorded, words: &[&str]) -> Recorded {
    cluster.in_template("app", |container| container["command"] = json!(words))
}

#[test]
fn signals_are_switched_off_by_variable_or_property() {
    let off = &["SignalsDisabledByConfiguration Error Certain"][..];
    for (name, value, healthy, findings) in [
        ("OTEL_SDK_DISABLED", "true", "False", off),
        ("OTEL_SDK_DISABLED", "false", "True", &[][..]),
        ("OTEL_JAVAAGENT_ENABLED", "false", "False", off),
        ("JDK_JAVA_OPTIONS", "-Dotel.traces.exporter=none", "False", off),
        ("OTEL_METRICS_EXPORTER", "none", "True", &[]),
        ("OTEL_LOGS_EXPORTER", "none", "True", &[]),
    ] {
        is(&format!("{name}={value}"), &java().own_env(name, value), healthy, findings);
    }
    let ratio = |value: &str| {
        java()
            .injected_env("OTEL_TRACES_SAMPLER_ARG", value)
            .instrumentation("/spec/sampler/argument", &json!(value))
    };
    is("none", &ratio("0"), "False", off);
    is("few", &ratio("0.0001"), "True", &["SignalsDisabledByConfiguration Info Certain"]);
    is("some", &ratio("0.05"), "True", &[]);
}

/// Where a setting stands decides what has to be changed.
#[test]
fn what_is_switched_off_is_switched_on_where_it_stands() {
    let map = json!({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "telemetry", "namespace": "app"},
        "data": {"OTEL_TRACES_EXPORTER": "none"},
    });
    let from_map = java().with(map).in_template("app", |container| {
        container["envFrom"] = json!([{"configMapRef": {"name": "telemetry"}}]);
    });
    for (what, cluster, remedy) in [
        (
            "a variable",
            java().own_env("OTEL_SDK_DISABLED", "true"),
            "set env deployment/checkout -c app OTEL_SDK_DISABLED-",
        ),
        (
            "a property",
            java().own_env("JDK_JAVA_OPTIONS", "-Dotel.traces.exporter=none"),
            "edit deployment/checkout",
        ),
        ("a ConfigMap", from_map, "Take OTEL_TRACES_EXPORTER out of ConfigMap telemetry, then: kubectl"),
        (
            "a sampler",
            Recorded::new("sampler-always-off"),
            r#"'{"spec":{"sampler":{"type":"parentbased_always_on"}}}' && kubectl"#,
        ),
        (
            "an argument",
            Recorded::new("sampler-always-off").workload("frontend"),
            r#"'{"spec":{"sampler":{"argument":"1"}}}' && kubectl"#,
        ),
        (
            "spec.env",
            Recorded::new("traces-exporter-none"),
            "edit instrumentation my-instrumentation && kubectl",
        ),
    ] {
        let said = cluster.judge();
        assert_eq!(said.healthy, "False", "{what}");
        assert!(said.remedies[0].contains(remedy), "{what}: {}", said.remedies[0]);
    }
}

#[test]
fn a_value_of_the_templates_own_wins() {
    let endpoint = java().recorded_endpoint().replace(".svc.cluster.local", "");
    let own = java().own_env("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint);
    is("another endpoint", &own, "True", &["UserEnvOverridesInstrumentation Info Certain"]);
    let same = java().recorded_endpoint();
    is("the same", &java().own_env("OTEL_EXPORTER_OTLP_ENDPOINT", &same), "True", &[]);
    let dead = Recorded::new("user-env-overrides-endpoint").judge().remedies.remove(0);
    assert!(dead.starts_with("Take OTEL_EXPORTER_OTLP_ENDPOINT out of the template, so that http"), "{dead}");
}

/// Which keys it has cannot be seen: any of them might send the telemetry elsewhere, but most often none does.
#[test]
fn a_source_that_cannot_be_read_hides_no_endpoint_that_is_seen() {
    let with_source = |cluster: Recorded| {
        cluster.in_template("app", |container| {
            container["envFrom"] = json!([{"secretRef": {"name": "app-settings"}}]);
        })
    };
    let dead =
        || java().injected_env("OTEL_EXPORTER_OTLP_ENDPOINT", "http://nobody.shop.svc.cluster.local:4318");
    is("seen", &dead(), "False", &["EndpointServiceNotFound Error Certain"]);
    is("perhaps", &with_source(dead()), "Unknown", &["EndpointServiceNotFound Warning Likely"]);
    is("fine", &with_source(java()), "True", &[]);
}

#[test]
fn workers_and_wrappers() {
    let workers = &["PythonForkedWorkers Warning Hint"][..];
    for (words, healthy, findings) in [
        (&["gunicorn", "--workers", "4", "app:app"][..], "Unknown", workers),
        (&["/usr/bin/gunicorn", "-w4", "app:app"], "Unknown", workers),
        (&["sh", "-c", "uvicorn app:app --workers=2"], "Unknown", workers),
        (&["gunicorn", "-w", "1", "app:app"], "True", &[][..]),
        (&["python", "app.py", "-w", "4"], "True", &[]),
        (
            &["opentelemetry-instrument", "python", "app.py"],
            "Unknown",
            &["ApplicationHasOwnSdk Warning Hint"],
        ),
        (&["ddtrace-run", "python", "app.py"], "Unknown", &["ConflictingAgent Warning Likely"]),
        (&["env", "-i", "python", "app.py"], "Unknown", &["AgentNotLoadedByProcess Warning Hint"]),
        (&["env", "LANG=C", "python", "app.py"], "True", &[]),
    ] {
        is(&words.join(" "), &command(python(), words), healthy, findings);
    }
    is("by variable", &python().own_env("WEB_CONCURRENCY", "4"), "Unknown", workers);
    let settings =
        |words: &str| command(python(), &["gunicorn", "app:app"]).own_env("GUNICORN_CMD_ARGS", words);
    is("by gunicorn's variable", &settings("--bind=:80 --workers=4"), "Unknown", workers);
    is("one worker", &settings("--workers=1"), "True", &[]);
    is(
        "native image",
        &java().image("app", "shop/checkout-native:1"),
        "Unknown",
        &["AgentNotLoadedByProcess Warning Hint"],
    );
}

#[test]
fn modules_of_node() {
    let esm = &["NodeEsmNotHooked Warning Hint"][..];
    is("a module", &command(node(), &["node", "server.mjs"]), "Unknown", esm);
    let hooked = ["node", "--experimental-loader=@opentelemetry/instrumentation/hook.mjs", "server.mjs"];
    is("with the hook", &command(node(), &hooked), "True", &[]);
    is("CommonJS", &command(node(), &["node", "server.js"]), "True", &[]);
    is(
        "a set-up",
        &command(node(), &["node", "-r", "./otel.js", "a.js"]),
        "Unknown",
        &["ApplicationHasOwnSdk Warning Hint"],
    );
    is("another preload", &command(node(), &["node", "-r", "dotenv/config", "a.js"]), "True", &[]);
    let agent = command(node(), &["node", "-r", "dd-trace/init", "a.js"]);
    is("another agent", &agent, "Unknown", &["ConflictingAgent Warning Likely"]);
}

#[test]
fn a_program_that_may_start_another() {
    let go = |words: &[&str]| command(Recorded::new("go-target-exe-differs"), words);
    is("the right one", &go(&["/app/catalog"]), "True", &[]);
    is("a shell", &go(&["/bin/sh", "-c", "exec catalog"]), "True", &[]);
    is("an init", &go(&["/sbin/tini", "--", "/app/catalog"]), "True", &[]);
    is("a name on the path", &go(&["catalog-server"]), "True", &[]);
    is("another one", &go(&["/app/server"]), "False", &["GoProcessNotFound Error Likely"]);
}

#[test]
fn policies_close_the_way_at_either_end() {
    let policy = |cluster: Recorded, namespace: &str, spec: serde_json::Value| {
        cluster.with(json!({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "spec": spec,
            "metadata": {"name": "p", "namespace": namespace, "uid": "1"}}))
    };
    let there = java().recorded_endpoint().split('.').nth(1).unwrap().to_owned();
    let here = there.replace("observability", "shop");
    let closed = &["NetworkPolicyBlocksExport Error Likely"][..];
    let cases = [
        ("egress", &here, json!({"podSelector": {}, "policyTypes": ["Egress"]}), closed),
        (
            "other Pods",
            &here,
            json!({"podSelector": {"matchLabels": {"a": "b"}}, "policyTypes": ["Egress"]}),
            &[][..],
        ),
        ("any egress", &here, json!({"podSelector": {}, "policyTypes": ["Egress"], "egress": [{}]}), &[]),
        (
            "addresses",
            &here,
            json!({"podSelector": {}, "policyTypes": ["Egress"], "egress": [{"to": [{"ipBlock": {"cidr": "0.0.0.0/0"}}]}]}),
            &[],
        ),
        ("ingress", &there, json!({"podSelector": {}, "policyTypes": ["Ingress"]}), closed),
        (
            "by port",
            &there,
            json!({"podSelector": {}, "policyTypes": ["Ingress"], "ingress": [{"ports": [{"port": "otlp-http"}]}]}),
            &[],
        ),
        (
            "own namespace only",
            &there,
            json!({"podSelector": {}, "policyTypes": ["Ingress"], "ingress": [{"from": [{"podSelector": {}}]}]}),
            closed,
        ),
    ];
    for (what, namespace, spec, findings) in cases {
        let healthy = if findings.is_empty() { "True" } else { "False" };
        is(what, &policy(java(), namespace, spec), healthy, findings);
    }
}

#[test]
fn a_collector_that_listens_to_itself() {
    let collector = |pointer: &str, value: serde_json::Value| {
        Recorded::new("healthy-operator-managed-collector").set("OpenTelemetryCollector", "", pointer, &value)
    };
    let deaf = &["CollectorNotReceiving Error Likely"][..];
    let local = collector("/spec/config/receivers/otlp/protocols/http/endpoint", json!("localhost:4318"));
    is("localhost", &local, "False", deaf);
    let pipeline = collector("/spec/config/service/pipelines/traces/receivers", json!(["zipkin"]));
    is("no pipeline", &pipeline, "False", deaf);
    let other = collector("/spec/config/receivers/otlp/protocols/grpc/endpoint", json!("localhost:4317"));
    is("the other protocol", &other, "True", &[]);
}

#[test]
fn pods_that_are_not_ready_get_no_requests() {
    let not_ready = |pod: &mut serde_json::Value| {
        for condition in pod["status"]["conditions"].as_array_mut().unwrap() {
            if condition["type"] == "Ready" {
                condition["status"] = "False".into();
            }
        }
    };
    let namespace = java().recorded_endpoint().split('.').nth(1).unwrap().replace("observability", "shop");
    let cluster = java()
        .each("Pod", "app", not_ready)
        .with(json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "checkout", "namespace": namespace, "uid": "1"},
            "spec": {"selector": {"app": "checkout"}, "ports": [{"port": 80}]}}))
        .with(json!({"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice",
            "metadata": {"name": "checkout-1", "namespace": namespace, "uid": "2", "labels": {"kubernetes.io/service-name": "checkout"}},
            "endpoints": [{"addresses": ["10.0.0.9"], "conditions": {"ready": false}}]}));
    is("not ready", &cluster, "True", &["NoTrafficYet Info Hint"]);
}

#[test]
fn who_may_listen_in_the_pod() {
    let nobody = |cluster: Recorded| cluster.endpoint("http://localhost:4318");
    let beside = |name: &'static str, image: &'static str| {
        nobody(java()).each("Pod", "app", move |pod| {
            pod["spec"]["containers"].as_array_mut().unwrap().push(json!({"name": name, "image": image}));
        })
    };
    let certain = &["EndpointNotConfigured Error Likely"][..];
    let perhaps = &["EndpointNotConfigured Warning Hint"][..];
    is("a secret agent", &beside("vault-agent", "hashicorp/vault:1.15"), "False", certain);
    is("a proxy", &beside("sql", "gcr.io/cloud-sql-connectors/cloud-sql-proxy:2"), "False", certain);
    is("another container", &beside("helper", "shop/helper:1"), "Unknown", perhaps);
    is("a collector", &beside("otel", "otel/opentelemetry-collector:0.158.0"), "True", &[]);
    let go = Recorded::new("healthy-all-languages").workload("catalog");
    let go = go.in_pods("opentelemetry-auto-instrumentation", |sidecar| {
        for var in sidecar["env"].as_array_mut().unwrap() {
            if var["name"] == "OTEL_EXPORTER_OTLP_ENDPOINT" {
                var["value"] = "http://localhost:4318".into();
            }
        }
    });
    let said = go.judge();
    assert_eq!(
        said.findings.iter().filter(|f| f.starts_with("Endpoint")).collect::<Vec<_>>(),
        certain,
        "the Go agent"
    );
}

#[test]
fn a_proxy_is_known_by_its_image_too() {
    let cluster = Recorded::new("mesh-proxy-instrumented");
    let renamed = cluster.in_template("istio-proxy", |proxy| {
        proxy["image"] = "docker.io/istio/proxyv2:1.24.0".into();
        proxy["name"] = "mesh".into();
    });
    is("renamed", &renamed, "False", &["WrongContainerInstrumented Error Certain"]);
}
