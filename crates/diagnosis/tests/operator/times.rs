//! What was different when a Pod was created.

use serde_json::{Value, json};

use crate::recorded::{Recorded, Said};

/// Three Pods of 23:20:42 without an agent; the operator became ready at 23:20:48.
fn outage() -> Recorded {
    Recorded::new("pod-created-while-webhook-unavailable")
}

/// The same, and the operator had been ready for an hour.
fn bare() -> Recorded {
    outage().operator_ready_long_ago()
}

fn is(case: &str, said: &Said, healthy: &str, findings: &[&str]) {
    let findings: Vec<String> = findings.iter().map(ToString::to_string).collect();
    assert_eq!((said.healthy.as_str(), &said.findings), (healthy, &findings), "{case}");
}

const CREATED: &str = "/metadata/creationTimestamp";
const ASK: &str = "instrumentation.opentelemetry.io/inject-java";

/// The annotation stands on the Namespace instead of the Pods.
fn asked_by_namespace(cluster: Recorded, managed: Option<&str>) -> Recorded {
    let managed = managed.map(|time| json!([{"manager": "kubectl", "operation": "Update", "time": time, "fieldsV1": {"f:metadata": {"f:annotations": {format!("f:{ASK}"): {}}}}}]));
    let forget = |object: &mut Value| {
        if let Some(annotations) = object["metadata"]["annotations"].as_object_mut() {
            annotations.remove(ASK);
        }
    };
    cluster
        .each("Pod", "app", forget)
        .each("Deployment", "app", |deployment| forget(&mut deployment["spec"]["template"]))
        .each("ReplicaSet", "app", |set| forget(&mut set["spec"]["template"]))
        .each("Namespace", "", move |namespace| {
            if namespace["metadata"]["name"].as_str().unwrap().starts_with("shop-") {
                namespace["metadata"]["annotations"] = json!({ASK: "true"});
                namespace["metadata"]["managedFields"] = managed.clone().unwrap_or_default();
            }
        })
}

#[test]
fn bare_pods_are_explained_by_what_came_later() {
    let after = json!("2026-11-22T23:20:45Z");
    let same = json!("2026-11-22T23:20:42Z");
    let cases: Vec<(&str, Recorded, &str)> = vec![
        ("the operator was away", outage(), "PodCreatedWhileWebhookUnavailable Error Likely"),
        (
            "registered later",
            bare().set("MutatingWebhookConfiguration", "", CREATED, &after),
            "PodCreatedWhileWebhookUnavailable Error Certain",
        ),
        (
            "the Service came later",
            bare().set("Service", "operator", CREATED, &after),
            "PodCreatedWhileWebhookUnavailable Error Likely",
        ),
        (
            "in the first seconds of the operator",
            bare().each("Pod", "operator", |pod| {
                for condition in pod["status"]["conditions"].as_array_mut().unwrap() {
                    condition["lastTransitionTime"] = "2026-11-22T23:20:40Z".into();
                }
            }),
            "PodCreatedWhileWebhookUnavailable Error Hint",
        ),
        (
            "the operator crashed over it",
            bare().each("Pod", "operator", |pod| {
                pod["status"]["containerStatuses"][0]["lastState"] = json!({"terminated": {"exitCode": 137, "reason": "OOMKilled", "finishedAt": "2026-11-22T23:20:44Z"}});
            }),
            "OperatorCrashesWhileInjecting Error Likely",
        ),
        (
            "the operator had crashed, and was not back",
            bare().each("Pod", "operator", |pod| {
                pod["status"]["containerStatuses"][0]["lastState"] = json!({"terminated": {"exitCode": 137, "reason": "OOMKilled", "finishedAt": "2026-11-22T23:20:38Z"}});
                for condition in pod["status"]["conditions"].as_array_mut().unwrap() {
                    condition["lastTransitionTime"] = "2026-11-22T23:20:47Z".into();
                }
            }),
            "OperatorCrashesWhileInjecting Error Likely",
        ),
        (
            "the Instrumentation came later",
            bare().set("Instrumentation", "app", CREATED, &after),
            "InstrumentationCreatedAfterPod Error Certain",
        ),
        (
            "in the same second",
            bare().set("Instrumentation", "app", CREATED, &same),
            "InstrumentationCreatedAfterPod Error Likely",
        ),
        (
            "later, and the operator was away too",
            outage().set("Instrumentation", "app", CREATED, &after),
            "InstrumentationCreatedAfterPod Error Certain",
        ),
        (
            "the Namespace was annotated later",
            asked_by_namespace(bare(), Some("2026-11-22T23:20:50Z")),
            "AnnotationAddedAfterPodStart Error Likely",
        ),
        (
            "the Namespace was annotated before",
            asked_by_namespace(bare(), Some("2026-11-22T23:20:41Z")),
            "MutationAborted Error Hint",
        ),
        (
            "the Namespace does not say when",
            asked_by_namespace(bare(), None),
            "AnnotationAddedAfterPodStart Error Hint",
        ),
        (
            "the Namespace does not say when, and the operator was away",
            asked_by_namespace(outage(), None),
            "PodCreatedWhileWebhookUnavailable Error Likely",
        ),
        (
            "Helm's operator may read no Secrets",
            bare()
                .set("Deployment", "operator", "/metadata/labels/app.kubernetes.io~1managed-by", &json!("Helm"))
                .set("Instrumentation", "app", "/spec/exporter/tls", &json!({"secretName": "ca"}))
                .with(json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "ca", "namespace": "shop-vxp94"}})),
            "OperatorRbacIncomplete Error Likely",
        ),
        (
            "a private control plane may not get through",
            bare().set("Node", "", "/spec/providerID", &json!("gce://project/zone/node")),
            "WebhookUnreachableFromControlPlane Error Hint",
        ),
        ("nothing", bare(), "MutationAborted Error Hint"),
    ];
    for (case, cluster, finding) in cases {
        is(case, &cluster.judge(), "False", &[finding]);
    }
}

#[test]
fn pods_of_an_old_revision_are_being_replaced() {
    // The newest ReplicaSet has injected Pods, the bare ones are of the one before.
    let mut cluster = outage();
    let mut new: Vec<Value> = cluster
        .objects
        .iter()
        .filter(|o| o["metadata"]["namespace"] == "shop-vxp94")
        .filter(|o| o["kind"] == "ReplicaSet" || o["kind"] == "Pod")
        .cloned()
        .collect();
    for object in &mut new {
        let name = format!("{}-new", object["metadata"]["name"].as_str().unwrap());
        object["metadata"]["name"] = name.into();
        object["metadata"]["uid"] = format!("{}-new", object["metadata"]["uid"].as_str().unwrap()).into();
        if object["kind"] == "ReplicaSet" {
            object["metadata"]["annotations"]["deployment.kubernetes.io/revision"] = "2".into();
        } else {
            let owner = &mut object["metadata"]["ownerReferences"][0];
            owner["uid"] = format!("{}-new", owner["uid"].as_str().unwrap()).into();
            owner["name"] = format!("{}-new", owner["name"].as_str().unwrap()).into();
            object["metadata"]["labels"]["pod-template-hash"] = "new".into();
            object["spec"]["initContainers"] =
                json!([{"name": "opentelemetry-auto-instrumentation-java", "image": "agent:2"}]);
            object["spec"]["containers"][0]["env"] = json!([
                {"name": "JAVA_TOOL_OPTIONS", "value": " -javaagent:/otel-auto-instrumentation-java-app/javaagent.jar"},
                {"name": "OTEL_EXPORTER_OTLP_ENDPOINT", "value": "http://192.0.2.1:4318"},
            ]);
            object["spec"]["containers"][0]["volumeMounts"] = json!([{"name": "opentelemetry-auto-instrumentation-java", "mountPath": "/otel-auto-instrumentation-java-app"}]);
        }
    }
    cluster.objects.extend(new);
    let said = cluster.judge();
    assert!(
        said.findings.contains(&"PodCreatedWhileWebhookUnavailable Warning Likely".to_owned()),
        "{said:?}"
    );
    assert!(!said.findings.iter().any(|finding| finding.starts_with("Mixed")), "{said:?}");
}

#[test]
fn replicas_of_one_revision_should_be_alike() {
    let mixed = Recorded::new("mixed-replicas");
    is("some are bare", &mixed.judge(), "False", &["MixedInstrumentationAcrossReplicas Error Certain"]);
    let evicted = Recorded::new("mixed-replicas").each("Pod", "app", |pod| {
        if pod["spec"]["initContainers"].is_null() {
            pod["status"]["phase"] = "Failed".into();
        }
    });
    is("leftovers do not count", &evicted.judge(), "True", &[]);
    let gone = Recorded::new("mixed-replicas").without("Instrumentation", "");
    let said = gone.judge();
    assert!(said.findings[0].starts_with("NoInstrumentationInNamespace Error"), "{said:?}");
    assert!(
        said.findings.contains(&"MixedInstrumentationAcrossReplicas Info Certain".to_owned()),
        "{said:?}"
    );
}

#[test]
fn an_agent_lingers_only_where_nobody_asks_for_it() {
    let forget = |object: &mut Value| object["metadata"]["annotations"] = json!({});
    let opted_out = || {
        Recorded::new("healthy-java")
            .each("Pod", "app", forget)
            .each("Deployment", "app", |deployment| forget(&mut deployment["spec"]["template"]))
    };
    is("opted out", &opted_out().judge(), "Unknown", &["InjectionLingersAfterOptOut Warning Certain"]);
    let gone = Recorded::new("healthy-java").without("Instrumentation", "");
    let said = gone.judge();
    assert!(said.findings.contains(&"InjectionLingersAfterOptOut Warning Certain".to_owned()), "{said:?}");
    is("still asked for", &Recorded::new("healthy-java").judge(), "True", &[]);
}
