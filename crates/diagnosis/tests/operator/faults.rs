//! What keeps the operator from being asked.

use diagnosis::OperatorState;
use diagnosis::catalogue::{OPERATOR_FAULTS, operator_faults};
use serde_json::{Value, json};

use crate::recorded::{Recorded, Said};

/// Bare Pods beside an operator that has been fine for an hour: nothing explains them.
fn bare() -> Recorded {
    Recorded::new("pod-created-while-webhook-unavailable").operator_ready_long_ago()
}

fn injected() -> Recorded {
    Recorded::new("healthy-java")
}

fn is(case: &str, said: &Said, healthy: &str, findings: &[&str]) {
    assert_eq!(
        (said.healthy.as_str(), &*said.findings),
        (healthy, &*findings.iter().map(ToString::to_string).collect::<Vec<_>>()),
        "{case}"
    );
}

fn pod_webhook(change: impl Fn(&mut Value)) -> impl Fn(&mut Value) {
    move |configuration| {
        for entry in configuration["webhooks"].as_array_mut().unwrap() {
            if entry["name"] == "mpod.kb.io" {
                change(entry);
            }
        }
    }
}

fn every_webhook(change: impl Fn(&mut Value)) -> impl Fn(&mut Value) {
    move |configuration| configuration["webhooks"].as_array_mut().unwrap().iter_mut().for_each(&change)
}

const CONFIGURATION: &str = "MutatingWebhookConfiguration";

/// The operator's Pods and endpoints are not ready.
fn not_ready(cluster: Recorded, since: &str) -> Recorded {
    let since = since.to_owned();
    cluster
        .each("EndpointSlice", "operator", |slice| {
            for endpoint in slice["endpoints"].as_array_mut().unwrap() {
                endpoint["conditions"] = json!({"ready": false, "serving": false});
            }
        })
        .each("Pod", "operator", move |pod| {
            for condition in pod["status"]["conditions"].as_array_mut().unwrap() {
                if condition["type"] == "Ready" {
                    condition["status"] = "False".into();
                    condition["lastTransitionTime"] = since.clone().into();
                }
            }
        })
}

/// A configuration of another installation is there too, first in the order of names; its Service is gone.
fn beside_another(cluster: Recorded) -> Recorded {
    let mut other = cluster.objects.iter().find(|object| object["kind"] == CONFIGURATION).unwrap().clone();
    other["metadata"]["name"] = "a-left-behind".into();
    every_webhook(|entry| entry["clientConfig"]["service"]["namespace"] = "gone".into())(&mut other);
    cluster.with(other)
}

/// The CRD of Instrumentations is gone, those of the operator's other kinds are there.
fn without_crd(mut cluster: Recorded) -> Recorded {
    let gone = |object: &Value| object["metadata"]["name"] == "instrumentations.opentelemetry.io";
    cluster.objects.retain(|object| !gone(object));
    cluster
}

#[test]
fn what_dumps_leave_out_is_not_taken_for_absent() {
    let no_crd = bare().without("CustomResourceDefinition", "").without("Instrumentation", "");
    is("no CRD in it", &no_crd.judge(), "False", &["NoInstrumentationInNamespace Error Certain"]);
    let pulling = not_ready(bare(), "2026-11-22T22:00:00Z").without("Secret", "").each("Pod", "operator", |pod| {
        pod["status"]["containerStatuses"][0] = json!({"name": "manager", "ready": false, "state": {"waiting": {"reason": "ImagePullBackOff"}}});
    });
    is("no Secret in it", &pulling.judge(), "False", &["OperatorNotReady Error Certain"]);
    let tls = Recorded::new("instrumentation-tls-secret-deleted-later").without("Event", "");
    is("no Event in it", &tls.judge(), "False", &["InstrumentationTlsObjectMissing Error Certain"]);
}

#[test]
fn an_operator_of_old_instruments_one_language_only() {
    let old = |image: &'static str| {
        let set = move |object: &mut Value, path: &str| {
            object.pointer_mut(path).unwrap()["containers"][0]["image"] = image.into();
        };
        let other = "instrumentation.opentelemetry.io/inject-python";
        Recorded::new("container-names-required")
            .each("Deployment", "operator", move |deployment| set(deployment, "/spec/template/spec"))
            .each("Pod", "app", |pod| pod["metadata"]["annotations"][other] = "true".into())
    };
    let findings = &["ContainerNamesRequired Error Certain"];
    is("0.100", &old("x/opentelemetry-operator:0.107.0").judge(), "False", findings);
    is("0.158", &old("x/opentelemetry-operator:0.158.0").judge(), "False", findings);
}

#[test]
fn an_operator_out_of_reach_is_named_on_bare_pods() {
    let cases: Vec<(&str, Recorded, &str)> = vec![
        ("nothing registered", bare().without(CONFIGURATION, ""), "PodWebhookNotRegistered Error Certain"),
        (
            "only another operator's webhook with the same path and name",
            bare()
                .each(
                    CONFIGURATION,
                    "",
                    every_webhook(|entry| {
                        entry["clientConfig"]["service"] =
                            json!({"namespace": "other", "name": "other", "path": "/mutate-v1-pod"});
                    }),
                )
                .each(CONFIGURATION, "", |configuration| configuration["metadata"]["labels"] = json!({})),
            "PodWebhookNotRegistered Error Certain",
        ),
        (
            "its Service is gone",
            bare().without("Service", "operator"),
            "WebhookServiceNotFound Error Certain",
        ),
        (
            "not ready since before the Pods",
            not_ready(bare(), "2026-11-22T23:20:00Z"),
            "OperatorNotReady Error Certain",
        ),
        (
            "not ready since after the Pods",
            not_ready(bare(), "2026-11-22T23:20:45Z"),
            "OperatorNotReady Error Likely",
        ),
        (
            "no CA",
            bare().each(
                CONFIGURATION,
                "",
                every_webhook(|entry| entry["clientConfig"]["caBundle"] = "".into()),
            ),
            "WebhookCertificateMismatch Error Certain",
        ),
        (
            "a certificate for another Service",
            bare()
                .each("Service", "operator", |service| service["metadata"]["name"] = "renamed".into())
                .each("EndpointSlice", "operator", |slice| {
                    slice["metadata"]["labels"]["kubernetes.io/service-name"] = "renamed".into();
                })
                .each(
                    CONFIGURATION,
                    "",
                    every_webhook(|entry| entry["clientConfig"]["service"]["name"] = "renamed".into()),
                ),
            "WebhookCertificateMismatch Error Certain",
        ),
        (
            "a selector",
            bare().each(
                CONFIGURATION,
                "",
                pod_webhook(|entry| entry["namespaceSelector"] = json!({"matchLabels": {"otel": "on"}})),
            ),
            "WebhookSelectorExcludesPod Error Certain",
        ),
        (
            "a match condition that reads a field that is not there",
            bare().each(
                CONFIGURATION,
                "",
                pod_webhook(|entry| {
                    entry["matchConditions"] =
                        json!([{"name": "c", "expression": "object.metadata.annotations['nope'] == 'x'"}]);
                }),
            ),
            "WebhookSelectorExcludesPod Error Certain",
        ),
        (
            "CRD and Instrumentations deleted",
            without_crd(bare().without("Instrumentation", "")),
            "OperatorCrdMissingOrOutdated Error Certain",
        ),
    ];
    are_told(cases);
    let mut later = bare();
    later.now = "2030-01-01T00:00:00Z".parse().unwrap();
    is("after its time", &later.judge(), "False", &["WebhookCertificateExpired Error Certain"]);
    is_told_of_the_operator("after its time", &later, "WebhookCertificateExpired Error Certain");
}

/// Each of these clusters shows this finding, on the workload and on the operator.
fn are_told(cases: Vec<(&str, Recorded, &str)>) {
    for (case, cluster, finding) in cases {
        is(case, &cluster.judge(), "False", &[finding]);
        is_told_of_the_operator(case, &cluster, finding);
    }
}

#[test]
fn what_is_installed_twice_in_part_or_not_at_all_is_named() {
    are_told(vec![
        (
            "its Service leads to a port that nobody has",
            bare().set("Service", "operator", "/spec/ports/0/targetPort", &json!("webhooks")),
            "WebhookServiceNotFound Error Certain",
        ),
        (
            "its Service leads to a port that nobody declares",
            bare().set("Service", "operator", "/spec/ports/0/targetPort", &json!(9555)),
            "WebhookServiceNotFound Error Likely",
        ),
        (
            "its webhooks are switched off, and still registered",
            bare().each("Deployment", "operator", |deployment| {
                let env = &mut deployment["spec"]["template"]["spec"]["containers"][0]["env"];
                env.as_array_mut().unwrap().push(json!({"name": "ENABLE_WEBHOOKS", "value": "false"}));
            }),
            "PodWebhookNotRegistered Error Certain",
        ),
        (
            "not ready, beside what another installation left behind",
            beside_another(not_ready(bare(), "2026-11-22T23:20:00Z")),
            "OperatorNotReady Error Certain",
        ),
        (
            "a selector, beside what another installation left behind",
            beside_another(bare().each(
                CONFIGURATION,
                "",
                pod_webhook(|entry| entry["namespaceSelector"] = json!({"matchLabels": {"otel": "on"}})),
            )),
            "WebhookSelectorExcludesPod Error Certain",
        ),
        (
            "nothing of it is installed",
            bare()
                .without("Deployment", "operator")
                .without("Pod", "operator")
                .without(CONFIGURATION, "")
                .without("CustomResourceDefinition", "")
                .without("Instrumentation", ""),
            "PodWebhookNotRegistered Error Certain",
        ),
    ]);
}

/// What is said of a workload because of the operator is said of the operator as well, and nothing else is.
fn is_told_of_the_operator(case: &str, cluster: &Recorded, finding: &str) {
    let state = OperatorState::discover(&cluster.read().0.world);
    let told: Vec<&str> =
        operator_faults(&state, cluster.now).unwrap().into_iter().map(|cause| cause.reason).collect();
    let reason = finding.split(' ').next().unwrap();
    let known = OPERATOR_FAULTS.iter().any(|cause| cause.reason == reason);
    assert_eq!(told, if known { vec![reason] } else { Vec::new() }, "{case}");
}

#[test]
fn nothing_is_told_of_an_operator_that_is_fine_or_cannot_be_seen() {
    let fine = OperatorState::discover(&injected().read().0.world);
    assert_eq!(operator_faults(&fine, injected().now).map(|faults| faults.len()), Some(0));
    let until = fine.certificate_until().unwrap();
    assert!(until > injected().now);
    let unseen = bare().without(CONFIGURATION, "").taken_for_manifests();
    assert!(operator_faults(&OperatorState::discover(&unseen.read().0.world), unseen.now).is_none());
}

#[test]
fn what_explains_nothing_is_not_named() {
    let nothing = &["MutationAborted Error Hint"];
    is("bare without a reason", &bare().judge(), "False", nothing);
    is(
        "an Instrumentation proves its CRD",
        &bare().without("CustomResourceDefinition", "").judge(),
        "False",
        nothing,
    );
    let by_url = bare().each(
        CONFIGURATION,
        "",
        every_webhook(|entry| {
            let path = entry["clientConfig"]["service"]["path"].clone();
            entry["clientConfig"] = json!({
                "url": format!("https://opentelemetry-operator-webhook-service.opentelemetry-operator-system.svc:443{}", path.as_str().unwrap()),
                "caBundle": entry["clientConfig"]["caBundle"],
            });
        }),
    );
    is("called by URL", &by_url.judge(), "False", nothing);
    let manifests = bare().taken_for_manifests().judge();
    assert!(!manifests.findings.iter().any(|finding| finding.contains("Error")), "{manifests:?}");
}

#[test]
fn a_fault_of_the_operator_does_no_harm_to_what_is_injected() {
    let webhooks = "PodWebhookNotRegistered Info Certain";
    is("nothing registered", &injected().without(CONFIGURATION, "").judge(), "True", &[webhooks]);
    let service = "WebhookServiceNotFound Info Certain";
    is("no Service", &injected().without("Service", "operator").judge(), "True", &[service]);
    let now = injected().now;
    let away = |seconds| {
        not_ready(injected(), &(now - jiff::SignedDuration::from_secs(seconds)).to_string()).judge()
    };
    is("down for long", &away(600), "True", &["OperatorNotReady Info Certain"]);
    is("restarting", &away(20), "True", &[]);
}

#[test]
fn webhooks_may_be_served_by_a_deployment_of_their_own() {
    let split = bare()
        .each("Deployment", "operator", |manager| {
            manager["spec"]["template"]["spec"]["containers"][0]["env"] = json!([{"name": "ENABLE_WEBHOOKS", "value": "false"}]);
            manager["spec"]["template"]["metadata"]["labels"]["app.kubernetes.io/component"] = "manager".into();
        })
        .with(json!({
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": "opentelemetry-operator-webhook", "uid": "w"},
            "spec": {"replicas": 2, "template": {
                "metadata": {"labels": {"app.kubernetes.io/name": "opentelemetry-operator", "app.kubernetes.io/component": "webhook"}},
                "spec": {"containers": [{"name": "webhook", "image": "registry/opentelemetry-operator:0.158.0", "args": ["webhook-server", "--enable-java-instrumentation=false"]}]},
            }},
        }))
        .set("Service", "operator", "/spec/selector", &json!({"app.kubernetes.io/component": "webhook"}))
        .each("Pod", "operator", |pod| pod["metadata"]["labels"]["app.kubernetes.io/component"] = "webhook".into());
    let said = split.judge();
    // The flags are those of the Deployment behind the Service.
    assert!(said.findings.iter().any(|finding| finding.starts_with("LanguageSupportDisabled")), "{said:?}");
}

#[test]
fn policies_close_the_port_unless_a_rule_can_mean_the_api_server() {
    let policy = |ingress: Value| {
        json!({
            "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
            "metadata": {"name": "default-deny", "creationTimestamp": "2026-11-22T22:00:00Z"},
            "spec": {"podSelector": {}, "policyTypes": ["Ingress"], "ingress": ingress},
        })
    };
    let closed = bare().without("NetworkPolicy", "operator");
    let port = json!([{"port": 9444}]);
    let blocks = "OperatorNetworkPolicyBlocksWebhook Error Likely";
    for (ingress, finding) in [
        (json!([]), blocks),
        (json!([{"ports": port, "from": [{"namespaceSelector": {}}]}]), blocks),
        (json!([{"ports": [{"port": 8080}]}]), blocks),
        (json!([{"ports": port}]), "MutationAborted Error Hint"),
        (
            json!([{"ports": [{"port": "webhook-server"}], "from": [{"ipBlock": {"cidr": "10.0.0.0/8"}}]}]),
            "MutationAborted Error Hint",
        ),
    ] {
        let cluster = closed.clone().with(policy(ingress.clone()));
        is(&ingress.to_string(), &cluster.judge(), "False", &[finding]);
    }
}

#[test]
fn a_selector_is_met_by_a_label_or_by_a_change_of_its_list() {
    for (selector, command) in [
        (json!({"matchLabels": {"otel": "on"}}), "otel=on --overwrite"),
        (
            json!({"matchExpressions": [{"key": "team", "operator": "In", "values": ["a", "b"]}]}),
            "team=a --overwrite",
        ),
        (
            json!({"matchExpressions": [{"key": "kubernetes.io/metadata.name", "operator": "In", "values": ["a"]}]}),
            r#""op":"add","path":"/webhooks/2/namespaceSelector/matchExpressions/0/values/-""#,
        ),
    ] {
        let selector = &selector;
        let said = bare()
            .each(CONFIGURATION, "", pod_webhook(|entry| entry["namespaceSelector"] = selector.clone()))
            .judge();
        assert!(said.remedies[0].contains(command), "{selector}: {:?}", said.remedies);
    }
}
