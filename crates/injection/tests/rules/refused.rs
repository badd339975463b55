//! When the API server refuses a Pod.

use super::*;

/// `pkg/sidecar/pod.go` `add` with `internal/naming/triming.go` `Truncate`: the namespace is cut first.
#[test]
fn a_long_label_of_a_collector_loses_its_namespace_first() {
    let name = "sidecar-with-a-name-that-is-much-longer-than-sixty-three-characters";
    let pod = json!({
        "metadata": {"namespace": NAMESPACE, "name": "p", "annotations": {"sidecar.opentelemetry.io/inject": name}},
        "spec": {"containers": [{"name": "app", "image": "app:1"}]},
    });
    let (_, injected) = send(&pod, &world("0.158.0", &[], &[]));
    assert_eq!(injected["metadata"]["labels"]["sidecar.opentelemetry.io/injected"], name[..62]);
}

fn refused(spec: &Value, limit_ranges: &[Value], resource_quotas: &[Value]) -> Option<String> {
    let labels = StringMap::default();
    let pod = json!({ "metadata": {"name": "p"}, "spec": spec });
    let policies = Policies { namespace_labels: &labels, limit_ranges, resource_quotas };
    refusal(&pod, &pod, &policies).map(|refusal| refusal.cause.text())
}

fn with_resources(requests: &Value, limits: &Value) -> Value {
    json!({ "containers": [{"name": "app", "image": "app:1", "resources": {"requests": requests, "limits": limits}}] })
}

/// `plugin/pkg/admission/limitranger/admission.go` and `pkg/apis/core/v1/defaults.go`, kube-apiserver v1.36.3.
#[test]
fn limit_ranges_are_judged_as_the_api_server_does() {
    let range = |limit: Value| json!({ "spec": {"limits": [limit]} });
    let cpu = |amount: &str| json!({ "cpu": amount });
    let one = with_resources(&cpu("100m"), &cpu("500m"));
    for (spec, limit, want) in [
        (
            &one,
            json!({ "type": "Container", "min": cpu("200m") }),
            "minimum cpu usage per Container is 200m, but request is 100m",
        ),
        (
            &one,
            json!({ "type": "Container", "max": cpu("300m") }),
            "maximum cpu usage per Container is 300m, but limit is 500m",
        ),
        (
            &one,
            json!({ "type": "Container", "maxLimitRequestRatio": cpu("2") }),
            "cpu max limit to request ratio per Container is 2, but provided ratio is 5.000000",
        ),
        (
            &one,
            json!({ "type": "Pod", "max": cpu("400m") }),
            "maximum cpu usage per Pod is 400m, but limit is 500m",
        ),
        (
            &with_resources(&json!({}), &json!({})),
            json!({ "type": "Pod", "max": cpu("400m") }),
            "maximum cpu usage per Pod is 400m.  No limit is specified",
        ),
    ] {
        assert_eq!(refused(spec, &[range(limit)], &[]).as_deref(), Some(want));
    }
    // A maximum is the default limit of a container without one.
    let unnamed = with_resources(&json!({}), &json!({}));
    assert_eq!(refused(&unnamed, &[range(json!({ "type": "Container", "max": cpu("300m") }))], &[]), None);
}

/// `pkg/quota/v1/evaluator/core/pods.go`, kube-apiserver v1.36.3.
#[test]
fn quotas_are_judged_as_the_api_server_does() {
    let quota = |spec: Value| json!({ "name": "rq", "spec": spec });
    let cpu = |amount: &str| json!({ "cpu": amount });
    let one = with_resources(&cpu("100m"), &json!({}));
    for (spec, quota_spec, want) in [
        (
            &one,
            json!({ "hard": {"requests.cpu": "40m"} }),
            Some(
                "exceeded quota: rq, requested: requests.cpu=100m, used: requests.cpu=0, limited: requests.cpu=40m",
            ),
        ),
        (
            &one,
            json!({ "hard": {"limits.cpu": "1", "memory": "1Gi"} }),
            Some("failed quota: rq: must specify limits.cpu for: app; memory for: app"),
        ),
        (&one, json!({ "hard": {"requests.cpu": "40m"}, "scopes": ["BestEffort"] }), None),
        (
            &one,
            json!({ "hard": {"requests.cpu": "40m"}, "scopes": ["NotTerminating"] }),
            Some(
                "exceeded quota: rq, requested: requests.cpu=100m, used: requests.cpu=0, limited: requests.cpu=40m",
            ),
        ),
        (
            &one,
            json!({ "hard": {"pods": "0"} }),
            Some("exceeded quota: rq, requested: pods=1, used: pods=0, limited: pods=0"),
        ),
        (&one, json!({ "hard": {"services": "0", "requests.storage": "0"} }), None),
    ] {
        assert_eq!(refused(spec, &[], &[quota(quota_spec)]).as_deref(), want);
    }
    // The API server makes a limit a request before a `LimitRange` can.
    let limited = with_resources(&json!({}), &cpu("500m"));
    let range = json!({ "spec": {"limits": [{"type": "Container", "defaultRequest": cpu("10m")}]} });
    let text = refused(&limited, &[range], &[quota(json!({ "hard": {"requests.cpu": "40m"} }))]).unwrap();
    assert!(text.contains("requests.cpu=500m"), "{text}");
}

/// `pkg/apis/core/validation/validation.go`, kube-apiserver v1.36.3: what the operator takes from an Instrumentation unchecked.
#[test]
fn what_an_instrumentation_brings_can_make_a_pod_invalid() {
    let pod =
        pod(&[("inject-nodejs", "true")], &json!({ "containers": [{"name": "app", "image": "app:1"}] }));
    let key = |source: &Value| json!([{ "name": "A", "valueFrom": source }]);
    for (spec, want) in [
        (
            json!({ "imagePullPolicy": "Sometimes" }),
            "spec.initContainers[0].imagePullPolicy: Unsupported value: \"Sometimes\": supported values: \"Always\", \
             \"IfNotPresent\", \"Never\"",
        ),
        (
            json!({ "nodejs": {"image": "n:1", "resourceRequirements": {"limits": {"cpu": "1m"}, "requests": {"cpu": "1"}}} }),
            "spec.initContainers[0].resources.requests: Invalid value: \"1\": must be less than or equal to cpu limit of 1m",
        ),
        (
            json!({ "env": key(&json!({ "secretKeyRef": {"name": "s", "key": ""} })) }),
            "spec.containers[0].env[2].valueFrom.secretKeyRef.key: Required value",
        ),
        (
            json!({ "env": key(&json!({})) }),
            "spec.containers[0].env[2].valueFrom: Invalid value: \"\": must specify one of: `fieldRef`, `resourceFieldRef`, \
             `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`",
        ),
    ] {
        let mut spec = spec;
        if spec["nodejs"].is_null() {
            spec["nodejs"] = json!({ "image": "n:1" });
        }
        let (_, injected) = send(&pod, &world("0.158.0", &[], &[("inst", spec)]));
        let labels = StringMap::default();
        let policies = Policies { namespace_labels: &labels, limit_ranges: &[], resource_quotas: &[] };
        let refusal = refusal(&pod, &injected, &policies).unwrap();
        assert!(!refusal.without_injection);
        assert_eq!(refusal.cause.text(), want);
    }
}

fn refused_in(labels: &[(&'static str, &'static str)], spec: &Value) -> Option<String> {
    let labels: StringMap = labels.iter().copied().collect();
    let pod = json!({ "metadata": {"name": "p"}, "spec": spec });
    let policies = Policies { namespace_labels: &labels, limit_ranges: &[], resource_quotas: &[] };
    refusal(&pod, &pod, &policies).map(|refusal| refusal.cause.text())
}

/// `k8s.io/pod-security-admission` v0.36, held against a kube-apiserver v1.36.3 with thousands of mutated Pods.
#[test]
fn pod_security_is_judged_as_the_api_server_does() {
    const LEVEL: &str = "pod-security.kubernetes.io/enforce";
    const VERSION: &str = "pod-security.kubernetes.io/enforce-version";
    let app = |more: Value| {
        let mut app = json!({ "name": "app", "image": "app:1" });
        app.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({ "containers": [app] })
    };
    let hardened = json!({
        "allowPrivilegeEscalation": false,
        "capabilities": {"drop": ["ALL"]},
        "runAsNonRoot": true,
        "runAsUser": 0,
        "seccompProfile": {"type": "RuntimeDefault"},
    });
    for (labels, spec, want) in [
        (
            [(LEVEL, "baseline"), (VERSION, "latest")],
            app(
                json!({ "ports": [{"containerPort": 9000, "hostPort": 9000}, {"containerPort": 1, "hostPort": 10000}] }),
            ),
            Some(
                "violates PodSecurity \"baseline:latest\": hostPort (container \"app\" uses hostPorts 10000, 9000)",
            ),
        ),
        (
            [(LEVEL, "baseline"), (VERSION, "latest")],
            app(json!({ "securityContext": {"seLinuxOptions": {"type": "spc_t", "user": "u"}} })),
            Some(
                "violates PodSecurity \"baseline:latest\": seLinuxOptions (container \"app\" set forbidden \
                 securityContext.seLinuxOptions: type \"spc_t\"; user may not be set)",
            ),
        ),
        (
            [(LEVEL, "restricted"), (VERSION, "v1.24")],
            app(json!({ "securityContext": hardened })),
            Some(
                "violates PodSecurity \"restricted:v1.24\": runAsUser=0 (container \"app\" must not set runAsUser=0)",
            ),
        ),
        // The check came with 1.23.
        ([(LEVEL, "restricted"), (VERSION, "v1.22")], app(json!({ "securityContext": hardened })), None),
    ] {
        assert_eq!(refused_in(&labels, &spec).as_deref(), want);
    }
}

/// `pkg/apis/core/validation/validation.go`, kube-apiserver v1.36.3.
#[test]
fn a_pod_in_the_nodes_process_namespace_is_refused_with_the_go_agent() {
    let spec = json!({ "hostPID": true, "containers": [{"name": "app", "image": "app:1"}] });
    let world =
        world("0.158.0", &["--enable-go-instrumentation"], &[("inst", json!({ "go": {"image": "go:1"} }))]);
    let pod = pod(&[("inject-go", "true"), ("otel-go-auto-target-exe", "/app")], &spec);
    let (_, injected) = send(&pod, &world);
    let labels = StringMap::default();
    let policies = Policies { namespace_labels: &labels, limit_ranges: &[], resource_quotas: &[] };
    let refusal = refusal(&pod, &injected, &policies).unwrap();
    assert!(!refusal.without_injection);
    assert_eq!(
        refusal.cause.text(),
        "spec.securityContext.shareProcessNamespace: Invalid value: true: ShareProcessNamespace and HostPID cannot both be enabled"
    );
}

/// A bound is held against what a `LimitRange` puts in, before the Pod is validated.
#[test]
fn a_default_limit_can_make_a_request_invalid() {
    let range = json!({ "spec": {"limits": [{"type": "Container", "default": {"memory": "64Mi"}}]} });
    assert_eq!(
        refused(&with_resources(&json!({ "memory": "1Gi" }), &json!({})), &[range], &[]).as_deref(),
        Some(
            "spec.containers[0].resources.requests: Invalid value: \"1Gi\": must be less than or equal to memory limit of 64Mi"
        )
    );
}
