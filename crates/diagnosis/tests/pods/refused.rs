//! E: Pods that cannot be created.

use serde_json::{Value, json};

use crate::is;
use crate::recorded::Recorded;

/// A Deployment of which the API server refuses the Pods, with these words.
fn refused(text: &str) -> Recorded {
    let said = |message: &Value| {
        let text = text.to_owned();
        let message = message.as_str().unwrap();
        match text.strip_prefix("admission webhook") {
            Some(_) => text,
            None => format!("{} forbidden: {text}", message.split(" forbidden: ").next().unwrap()),
        }
    };
    Recorded::new("quota-exceeded-by-init-container")
        .each("ReplicaSet", "app", |set| {
            for condition in set["status"]["conditions"].as_array_mut().into_iter().flatten() {
                condition["message"] = said(&condition["message"]).into();
            }
        })
        .each("Event", "app", |event| {
            if event["reason"] == "FailedCreate" {
                event["message"] = said(&event["message"]).into();
            }
        })
}

#[test]
fn the_words_of_whoever_refuses() {
    let limits = "LimitRangeRejectsOrInflates Error Certain";
    let policy = "PolicyEngineRejectsPod Error Certain";
    for (text, healthy, findings) in [
        (
            "cpu max limit to request ratio per Container is 6, but provided ratio is 10.000000",
            "False",
            &[limits][..],
        ),
        // The application itself asks for five times as much.
        (
            "cpu max limit to request ratio per Container is 4, but provided ratio is 10.000000",
            "Unknown",
            &[],
        ),
        ("maximum cpu usage per Pod is 400m, but limit is 500m", "False", &[limits]),
        (
            "admission webhook \"validate.kyverno.svc-fail\" denied the request: resource Pod/shop/checkout was blocked: rule ro failed at path /spec/initContainers/0/securityContext/",
            "False",
            &[policy],
        ),
        (
            "admission webhook \"validate.kyverno.svc-fail\" denied the request: resource Pod/shop/checkout was blocked: rule ro failed at path /spec/containers/0/securityContext/",
            "Unknown",
            &[],
        ),
        (
            "admission webhook \"validation.gatekeeper.sh\" denied the request: [psp] Privilege escalation container is not allowed: opentelemetry-auto-instrumentation-java",
            "False",
            &[policy],
        ),
        (
            "admission webhook \"validation.gatekeeper.sh\" denied the request: [ro] only read-only root filesystem container is allowed: opentelemetry-auto-instrumentation-java\n[ro] only read-only root filesystem container is allowed: app",
            "Unknown",
            &[],
        ),
        (
            "admission webhook \"validation.gatekeeper.sh\" denied the request: [probes] Container <app> in your <Pod> <checkout-x> has no <readinessProbe>\n[repos] initContainer <opentelemetry-auto-instrumentation-java> has an invalid image repo",
            "Unknown",
            &[],
        ),
        (
            "admission webhook \"validate.kyverno.svc-fail\" denied the request: restricted: (field error list: [spec.initContainers[0].securityContext.privileged is forbidden])",
            "False",
            &[policy],
        ),
        (
            "admission webhook \"validate.kyverno.svc-fail\" denied the request: restricted: (field error list: [spec.initContainers[0].securityContext.privileged is forbidden, spec.containers[0].securityContext.privileged is forbidden])",
            "Unknown",
            &[],
        ),
        (
            r#"violates PodSecurity "restricted:latest": runAsNonRoot != true (pod or container "opentelemetry-auto-instrumentation-java" must set securityContext.runAsNonRoot=true)"#,
            "False",
            &["PodSecurityRejectsInjectedContainer Error Certain"],
        ),
        (
            r#"violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false (container "opentelemetry-auto-instrumentation-java" must set securityContext.allowPrivilegeEscalation=false), runAsUser=0 (pod must not set runAsUser=0)"#,
            "Unknown",
            &[],
        ),
        (
            r#"unable to validate against any security context constraint: [provider "anyuid": Forbidden: not usable by user or serviceaccount, provider restricted-v2: .initContainers[0].runAsUser: Invalid value: 1000: must be in the ranges: [1000660000, 1000669999]]"#,
            "False",
            &["SecurityContextConstraintRejected Error Likely"],
        ),
        (
            r#"unable to validate against any security context constraint: [provider "anyuid": Forbidden: not usable by user or serviceaccount, provider restricted-v2: .initContainers[0].runAsUser: Invalid value: 1000: must be in the ranges: [1000660000, 1000669999], provider restricted-v2: .containers[0].runAsUser: Invalid value: 1000: must be in the ranges: [1000660000, 1000669999]]"#,
            "Unknown",
            &[],
        ),
        (
            r"unable to validate against any security context constraint: [provider restricted-v2: .spec.securityContext.fsGroup: Invalid value: []int64{2000}: 2000 is not an allowed group, provider restricted-v2: .initContainers[0].runAsUser: Invalid value: 1000: must be in the ranges: [1000660000, 1000669999]]",
            "Unknown",
            &[],
        ),
    ] {
        is(text, &refused(text), healthy, findings);
    }
}

/// Nobody is told to wait for an agent that is not what the Pods lack.
#[test]
fn a_refusal_for_the_applications_own_sake_is_told() {
    let cluster = refused("exceeded quota: team, requested: pods=1, used: pods=2, limited: pods=2");
    is("a quota for Pods", &cluster, "Unknown", &[]);
    let status = cluster.diagnose().status;
    for kind in ["Healthy", "PodsAdmitted"] {
        let condition = status.conditions.iter().find(|condition| condition.type_ == kind).unwrap();
        let told = condition.message.contains("exceeded quota: team, requested: pods=1");
        assert!(told, "{kind}: {}", condition.message);
    }
    let admitted = status.conditions.iter().find(|condition| condition.type_ == "PodsAdmitted").unwrap();
    assert_eq!((&*admitted.status, &*admitted.reason), ("False", "RefusedOtherwise"));
}

#[test]
fn a_deployment_repeats_what_its_replica_sets_say() {
    let cluster = Recorded::new("quota-exceeded-by-init-container").without("ReplicaSet", "");
    is("ReplicaSets cannot be read", &cluster, "False", &["QuotaRejectsPod Error Certain"]);
}

/// The Deployment as a CronJob, of which an earlier run has ended well and the newest is refused its Pod.
fn as_cron_job() -> Recorded {
    let mut cluster = Recorded::new("quota-exceeded-by-init-container");
    let deployment = cluster
        .objects
        .iter()
        .find(|object| object["kind"] == "Deployment" && object["metadata"]["name"] == "checkout");
    let deployment = deployment.unwrap().clone();
    let (template, namespace) = (&deployment["spec"]["template"], &deployment["metadata"]["namespace"]);
    let owned_by = |kind: &str, name: &str, uid: &str| json!([{"apiVersion": "batch/v1", "kind": kind, "name": name, "uid": uid, "controller": true}]);
    let job = |name: &str, created: &str, status: Value| {
        json!({"apiVersion": "batch/v1", "kind": "Job", "spec": {"template": template}, "status": status,
            "metadata": {"name": name, "namespace": namespace, "uid": name, "creationTimestamp": created,
                "ownerReferences": owned_by("CronJob", "checkout", "cron")}})
    };
    let added = [
        json!({"apiVersion": "batch/v1", "kind": "CronJob", "spec": {"jobTemplate": {"spec": {"template": template}}},
            "metadata": {"name": "checkout", "namespace": namespace, "uid": "cron"}}),
        job(
            "checkout-1",
            "2026-11-22T22:00:00Z",
            json!({"succeeded": 1, "conditions": [{"type": "Complete", "status": "True"}]}),
        ),
        job("checkout-2", "2026-11-22T23:16:39Z", json!({})),
        json!({"apiVersion": "v1", "kind": "Pod", "spec": template["spec"], "status": {"phase": "Succeeded"},
            "metadata": {"name": "checkout-1-x", "namespace": namespace, "uid": "pod", "creationTimestamp": "2026-11-22T22:00:00Z",
                "ownerReferences": owned_by("Job", "checkout-1", "checkout-1")}}),
    ];
    cluster.objects.retain(|object| {
        object["metadata"]["namespace"] != *namespace
            || (object["kind"] != "Deployment" && object["kind"] != "ReplicaSet")
    });
    for event in cluster
        .objects
        .iter_mut()
        .filter(|object| object["kind"] == "Event" && object["reason"] == "FailedCreate")
    {
        event["involvedObject"] =
            json!({"kind": "Job", "namespace": namespace, "name": "checkout-2", "uid": "checkout-2"});
    }
    cluster.objects.extend(added);
    cluster
}

#[test]
fn pods_of_earlier_runs_do_not_hide_that_the_newest_is_refused() {
    is("the newest run", &as_cron_job(), "False", &["QuotaRejectsPod Error Certain"]);
}
