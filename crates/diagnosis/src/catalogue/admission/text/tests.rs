use super::*;

#[test]
fn pod_security_names_containers_and_volumes() {
    let text = r#"forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false (container "opentelemetry-auto-instrumentation-java" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (containers "app", "opentelemetry-auto-instrumentation-java" must set securityContext.capabilities.drop=["ALL"])"#;
    let Complaint::PodSecurity { level, named, .. } = Complaint::read(text) else { panic!("{text}") };
    assert_eq!((level, named), ("restricted", vec!["opentelemetry-auto-instrumentation-java", "app"]));
    let text = r#"forbidden: violates PodSecurity "baseline:latest": hostPath volumes (volume "kernel-debug"), privileged (container "opentelemetry-auto-instrumentation" must not set securityContext.privileged=true)"#;
    let Complaint::PodSecurity { named, .. } = Complaint::read(text) else { panic!("{text}") };
    assert_eq!(named, ["opentelemetry-auto-instrumentation", "kernel-debug"]);
}

#[test]
fn pod_security_tells_what_the_pod_itself_violates() {
    for (violations, want) in [
        (
            r#"runAsNonRoot != true (pod or containers "a", "b" must set securityContext.runAsNonRoot=true)"#,
            false,
        ),
        (
            r#"unrestricted capabilities (container "a" must set securityContext.capabilities.drop=["ALL"])"#,
            false,
        ),
        (r#"privileged (container "a" must not set it), host namespaces (hostNetwork=true)"#, true),
        (r#"privileged (container "a" must not set it), runAsUser=0 (pod must not set runAsUser=0)"#, true),
        (r#"runAsUser=0 (pod and container "a" must not set runAsUser=0)"#, true),
    ] {
        let text = format!(r#"forbidden: violates PodSecurity "restricted:latest": {violations}"#);
        let Complaint::PodSecurity { of_pod, .. } = Complaint::read(&text) else { panic!("{text}") };
        assert_eq!(of_pod, want, "{violations}");
    }
}

#[test]
fn fields_of_an_invalid_pod() {
    let text = "invalid: spec.initContainers[0].resources.requests: Invalid value: \"64Mi\": must be less than or equal to memory limit of 32Mi";
    let Complaint::Invalid(errors) = Complaint::read(text) else { panic!("{text}") };
    assert_eq!(errors[0].path, "spec.initContainers[0].resources.requests");
    let text = "invalid: [spec.containers[0].env[3].valueFrom: Invalid value: \"\": may not be, spec.initContainers[0].image: Required value]";
    let Complaint::Invalid(errors) = Complaint::read(text) else { panic!("{text}") };
    assert_eq!(
        errors.iter().map(|error| error.path).collect::<Vec<_>>(),
        ["spec.containers[0].env[3].valueFrom", "spec.initContainers[0].image"]
    );
    assert_eq!(errors[1].detail, "Required value");
}

#[test]
fn quotas() {
    let text = "forbidden: exceeded quota: team, requested: limits.cpu=500m,limits.memory=256Mi, used: limits.cpu=0,limits.memory=1Gi, limited: limits.cpu=400m,limits.memory=1Gi";
    let Complaint::QuotaExceeded { quota, amounts } = Complaint::read(text) else { panic!("{text}") };
    let memory = Amount { resource: "limits.memory", requested: "256Mi", used: "1Gi", limited: "1Gi" };
    assert_eq!((quota, amounts[1], amounts.len()), ("team", memory, 2));
    let text = "forbidden: failed quota: team: must specify limits.cpu for: opentelemetry-auto-instrumentation-extension-0; limits.memory for: opentelemetry-auto-instrumentation-extension-0";
    let Complaint::QuotaUnspecified { containers, .. } = Complaint::read(text) else { panic!("{text}") };
    assert_eq!(containers, ["opentelemetry-auto-instrumentation-extension-0"]);
}

#[test]
fn limit_ranges() {
    let text = "forbidden: [maximum cpu usage per Container is 250m, but limit is 500m, maximum memory usage per Container is 128Mi, but limit is 256Mi]";
    let Complaint::LimitRange(parts) = Complaint::read(text) else { panic!("{text}") };
    assert_eq!(
        parts,
        [
            "maximum cpu usage per Container is 250m, but limit is 500m",
            "maximum memory usage per Container is 128Mi, but limit is 256Mi"
        ]
    );
}

#[test]
fn policies_and_webhooks() {
    let text = "forbidden: ValidatingAdmissionPolicy 'allowed-registries' with binding 'b' denied request: init container images must come from registry.example.com: opentelemetry-auto-instrumentation-java";
    let Complaint::AdmissionPolicy { policy, message } = Complaint::read(text) else { panic!("{text}") };
    assert_eq!(policy, "allowed-registries");
    assert!(message.starts_with("init container images"));
    let text = "admission webhook \"validate.kyverno.svc-fail\" denied the request: \n\nresource Pod/shop/x was blocked";
    let Complaint::WebhookDenied { webhook, .. } = Complaint::read(text) else { panic!("{text}") };
    assert_eq!(webhook, "validate.kyverno.svc-fail");
    assert_eq!(
        Complaint::read("Internal error occurred: failed calling webhook \"mpod.kb.io\""),
        Complaint::Other
    );
}
