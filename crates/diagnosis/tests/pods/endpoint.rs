//! H: the address, and who answers there.

use serde_json::json;

use crate::is;
use crate::recorded::Recorded;

fn java() -> Recorded {
    Recorded::new("healthy-java")
}

#[test]
fn an_address_is_read_as_cluster_dns_reads_it() {
    let recorded = java().recorded_endpoint();
    let not_found = "EndpointServiceNotFound Error Certain";
    for (from, to, findings) in [
        ("", "", &[][..]),
        (".svc.cluster.local", "", &[]),
        (".svc.cluster.local", ".svc", &[]),
        (".svc.cluster.local", ".svc.cluster.local.", &[]),
        ("http://otel", "http://collector-0.otel", &[]),
        ("4318", "4318/otlp", &[]),
        (".svc.cluster.local", ".svc.local", &[not_found]),
        (".svc.cluster.local", ".svc.cluser.local", &[not_found]),
        (".svc.cluster.local", ".cluster.local", &[not_found]),
        ("otel-collector", "otel", &[not_found]),
        // http:// without a port is port 80.
        (":4318", "", &[not_found]),
        (":4318", ":4319", &[not_found]),
    ] {
        let endpoint = if from.is_empty() { recorded.clone() } else { recorded.replace(from, to) };
        let healthy = if findings.is_empty() { "True" } else { "False" };
        is(&endpoint, &java().endpoint(&endpoint), healthy, findings);
    }
}

#[test]
fn addresses_elsewhere() {
    for (endpoint, healthy, findings) in [
        ("http://10.1.2.3:4318", "True", &[][..]),
        ("http://collector.corp:4318", "True", &[]),
        ("https://collector.corp.internal:4318", "True", &[]),
        ("http://otlp.vendor.example:4318", "True", &[]),
        ("http://$(OTEL_NODE_IP):4318", "True", &[]),
        ("https://otlp.vendor.example", "Unknown", &["ExportCredentialsMissing Warning Hint"]),
        ("http://otlp.vendor.example:4317", "Unknown", &["EndpointProtocolMismatch Warning Hint"]),
        ("http://otlp.vendor.example:443", "Unknown", &["EndpointSchemeOrTlsMismatch Warning Hint"]),
        // Neither a namespace nor a domain of any network.
        ("http://otel-collector.observabilty:4318", "False", &["EndpointServiceNotFound Error Likely"]),
        ("http://localhost:4318", "False", &["EndpointNotConfigured Error Likely"]),
        ("http://127.0.0.1:4318", "False", &["EndpointNotConfigured Error Likely"]),
        ("http://$(NOWHERE):4318", "False", &["EnvReferenceNotExpanded Error Certain"]),
        ("grpc://10.1.2.3:4318", "False", &["EndpointSchemeOrTlsMismatch Error Likely"]),
    ] {
        is(endpoint, &java().endpoint(endpoint), healthy, findings);
    }
}

#[test]
fn credentials_are_seen_wherever_they_stand() {
    let vendor = || java().endpoint("https://otlp.vendor.example");
    is("headers", &vendor().own_env("OTEL_EXPORTER_OTLP_HEADERS", "api-key=x"), "True", &[]);
    is(
        "a property",
        &vendor().own_env("JDK_JAVA_OPTIONS", "-Dotel.exporter.otlp.headers=api-key=x"),
        "True",
        &[],
    );
    is("for traces", &vendor().own_env("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "api-key=x"), "True", &[]);
}

#[test]
fn a_protocol_is_chosen_by_variable_property_and_image() {
    let grpc_port = java().recorded_endpoint().replace("4318", "4317");
    let on_4317 = || java().endpoint(&grpc_port);
    let mismatch = &["EndpointProtocolMismatch Error Likely"][..];
    is("default", &on_4317(), "False", mismatch);
    is("variable", &on_4317().own_env("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"), "True", &[]);
    is("for traces", &on_4317().own_env("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "grpc"), "True", &[]);
    is("property", &on_4317().own_env("JDK_JAVA_OPTIONS", "-Dotel.exporter.otlp.protocol=grpc"), "True", &[]);
    is(
        "a file that nobody sees",
        &on_4317().own_env("OTEL_EXPERIMENTAL_CONFIG_FILE", "/otel.yaml"),
        "True",
        &[],
    );
    let agent = |image: &str| {
        on_4317()
            .in_pods("opentelemetry-auto-instrumentation-java", |container| container["image"] = image.into())
            .instrumentation("/spec/java/image", &json!(image))
    };
    is("an image of one's own", &agent("registry.example.com/java/agent:5"), "True", &[]);
    let named = agent("registry.example.com/mirror/autoinstrumentation-java:2.31.0");
    is("a mirror", &named, "False", mismatch);
}

#[test]
fn a_port_may_forward_to_another_one() {
    let endpoint = java().recorded_endpoint().replace(":4318", "");
    let forwarded = |target: i32| {
        java().endpoint(&endpoint).each("Service", "", move |service| {
            if service["metadata"]["name"] == "otel-collector" {
                service["spec"]["ports"] =
                    json!([{"name": "web", "port": 80, "targetPort": target, "protocol": "TCP"}]);
            }
        })
    };
    is("to 4318", &forwarded(4318), "True", &[]);
    is("to 4317", &forwarded(4317), "False", &["EndpointProtocolMismatch Error Likely"]);
}

#[test]
fn somebody_may_listen_in_the_pod() {
    let local = || java().endpoint("http://localhost:4318");
    let beside = |container: serde_json::Value| {
        local().each("Pod", "app", move |pod| {
            pod["spec"]["containers"].as_array_mut().unwrap().push(container.clone());
        })
    };
    is(
        "by port",
        &beside(json!({"name": "relay", "image": "x:1", "ports": [{"containerPort": 4318}]})),
        "True",
        &[],
    );
    is("by image", &beside(json!({"name": "relay", "image": "grafana/alloy:1.9"})), "True", &[]);
    let unknown = beside(json!({"name": "web", "image": "web:1"}));
    is("who knows", &unknown, "Unknown", &["EndpointNotConfigured Warning Hint"]);
    is(
        "a proxy",
        &beside(json!({"name": "istio-proxy", "image": "proxyv2:1"})),
        "False",
        &["EndpointNotConfigured Error Likely"],
    );
    is("the node", &local().set("Pod", "app", "/spec/hostNetwork", &json!(true)), "True", &[]);
}

#[test]
fn of_manifests_nothing_is_said_to_be_missing() {
    let said = java().endpoint("http://nowhere:4318").taken_for_manifests().judge();
    assert!(said.findings.is_empty() && said.healthy == "Unknown", "{said:?}");
}

#[test]
fn envfrom_is_read_where_it_can_be() {
    let from = |data: serde_json::Value| {
        java()
            .without_env("OTEL_EXPORTER_OTLP_ENDPOINT")
            .instrumentation("/spec/exporter/endpoint", &json!(""))
            .in_template("app", |container| {
                container["envFrom"] = json!([{"configMapRef": {"name": "telemetry"}}]);
            })
            .each("Pod", "app", |_| {})
            .with(json!({"apiVersion": "v1", "kind": "ConfigMap", "data": data,
                "metadata": {"name": "telemetry", "namespace": "", "uid": "1"}}))
    };
    let place = |cluster: Recorded| {
        let namespace = cluster.objects.iter().find(|object| object["kind"] == "Instrumentation").unwrap();
        let namespace = namespace["metadata"]["namespace"].clone();
        cluster.each("ConfigMap", "", move |map| {
            if map["metadata"]["name"] == "telemetry" {
                map["metadata"]["namespace"] = namespace.clone();
            }
        })
    };
    let endpoint = java().recorded_endpoint();
    is("set there", &place(from(json!({"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint}))), "True", &[]);
    is(
        "not set there",
        &place(from(json!({"LOG": "info"}))),
        "False",
        &["EndpointNotConfigured Error Likely"],
    );
}

#[test]
fn a_runtime_may_trust_another_ca() {
    let https = |cluster: Recorded| {
        let endpoint = cluster.recorded_endpoint().replace("http://", "https://");
        cluster.endpoint(&endpoint)
    };
    let hint = &["EndpointSchemeOrTlsMismatch Warning Hint"][..];
    is("no CA", &https(java()), "Unknown", hint);
    let store = "-Djavax.net.ssl.trustStore=/ca/store.jks -javaagent:/otel-auto-instrumentation-java-app/javaagent.jar";
    is("a trust store", &https(java()).own_env("JAVA_TOOL_OPTIONS", store), "True", &[]);
    let node = || Recorded::new("healthy-read-only-root-filesystem");
    is("no CA for Node.js", &https(node()), "Unknown", hint);
    is("a CA for Node.js", &https(node()).own_env("NODE_EXTRA_CA_CERTS", "/ca/ca.crt"), "True", &[]);
}

#[test]
fn a_remedy_changes_the_setting_that_is_in_effect_and_keeps_its_path() {
    const TRACES: &str = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
    let recorded = java().recorded_endpoint();
    let host = recorded.trim_start_matches("http://").trim_end_matches(":4318").to_owned();
    let misspelt = host.replacen("otel-collector", "otel", 1);
    let traces = |value: &str| java().own_env(TRACES, value);
    for (what, cluster, want) in [
        (
            "of traces, on another port",
            traces(&format!("http://{host}:4317/v1/traces")),
            format!("'{TRACES}=http://{host}:4318/v1/traces'"),
        ),
        (
            "of traces, to a Service that is called otherwise",
            traces(&format!("http://{misspelt}:4318/v1/traces")),
            format!("'{TRACES}=http://{host}:4318/v1/traces'"),
        ),
        ("of traces, without a path", traces(&recorded), format!("'{TRACES}={recorded}/v1/traces'")),
        (
            "of traces, without a scheme",
            traces(&format!("{host}:4318/v1/traces")),
            format!("'{TRACES}=http://{host}:4318/v1/traces'"),
        ),
        (
            "of all signals, with the path of one",
            java().endpoint(&format!("{recorded}/v1/metrics/")),
            format!("\"endpoint\":\"{recorded}\""),
        ),
        (
            "of all signals, on another port",
            java().endpoint(&format!("http://{host}:4317/otlp")),
            format!("\"endpoint\":\"http://{host}:4318/otlp\""),
        ),
    ] {
        let remedy = cluster.judge().remedies.remove(0);
        assert!(remedy.contains(&want), "{what}: {remedy}, not {want}");
    }
    let by_property =
        java().own_env("JDK_JAVA_OPTIONS", &format!("-Dotel.exporter.otlp.endpoint=http://{host}:4317"));
    let remedy = by_property.judge().remedies.remove(0);
    assert!(remedy.contains("-Dotel.exporter.otlp.endpoint") && !remedy.contains("patch"), "{remedy}");
}

/// One Instrumentation serves Java, which is told to speak gRPC, and Python, which cannot.
#[test]
fn a_remedy_leaves_the_endpoint_to_the_language_that_it_suits() {
    let endpoint = "http://otel-collector:4317";
    let cluster = Recorded::new("healthy-two-languages-with-names").each("Pod", "app", |pod| {
        for container in pod["spec"]["containers"].as_array_mut().unwrap() {
            let is_java = container["name"] == "api";
            let env = container["env"].as_array_mut().unwrap();
            for variable in env.iter_mut().filter(|one| one["name"] == "OTEL_EXPORTER_OTLP_ENDPOINT") {
                variable["value"] = endpoint.into();
            }
            if is_java {
                env.push(json!({"name": "OTEL_EXPORTER_OTLP_PROTOCOL", "value": "grpc"}));
            }
        }
    });
    let cluster = cluster.instrumentation("/spec/exporter/endpoint", &json!(endpoint));
    let said = cluster.judge();
    let place = said.findings.iter().position(|found| found.starts_with("EndpointProtocolMismatch")).unwrap();
    let remedy = &said.remedies[place];
    assert!(
        remedy.contains(r#"{"spec":{"python":{"env":[{"name":"OTEL_EXPORTER_OTLP_ENDPOINT""#),
        "{remedy}"
    );
}
