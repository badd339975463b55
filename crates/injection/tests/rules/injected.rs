//! What the operator puts into a Pod, and what keeps it from that.

use super::*;

/// `javaagent.go`, changed by the operator's pull request 5336.
#[test]
fn java_extensions_run_as_their_target_since_0_157() {
    let context = json!({ "runAsUser": 1001 });
    let given = json!({ "runAsNonRoot": true });
    let spec = |given: &Value| {
        json!({
            "java": {"image": "java:2", "extensions": [{"image": "e:1", "dir": "/e"}]},
            "initContainerSecurityContext": given,
        })
    };
    let pod = pod(
        &[("inject-java", "true")],
        &json!({ "containers": [{"name": "app", "image": "app:1", "securityContext": context}] }),
    );
    for (version, spec, agent, extension) in [
        ("0.158.0", spec(&Value::Null), &context, &context),
        ("0.158.0", spec(&given), &given, &given),
        ("0.156.0", spec(&given), &given, &Value::Null),
        ("0.148.0", spec(&given), &context, &Value::Null),
    ] {
        let (_, injected) = send(&pod, &world(version, &[], &[("inst", spec)]));
        assert_eq!(&init_container(&injected, "-java")["securityContext"], agent, "{version}");
        assert_eq!(&init_container(&injected, "-extension-0")["securityContext"], extension, "{version}");
    }
}

/// The same change: Java asks its target before the agent takes its place in the slice. With three init containers the slice
/// has room for a fourth, so the other languages still look at their own agent.
#[test]
fn java_alone_asks_its_target_before_the_agent_takes_its_place() {
    let context = json!({ "runAsUser": 1001 });
    let init = |name: &str| json!({ "name": name, "image": "app:1", "securityContext": context });
    let spec = json!({
        "initContainers": [init("a"), init("b"), init("c")],
        "containers": [{"name": "app", "image": "app:1"}],
    });
    let agents = json!({ "java": {"image": "java:2"}, "nodejs": {"image": "node:1"} });
    let world = world("0.158.0", &[], &[("inst", agents)]);
    for (language, want) in [("java", &context), ("nodejs", &Value::Null)] {
        let key = format!("inject-{language}");
        let (_, injected) = send(&pod(&[(&key, "true"), ("container-names", "b")], &spec), &world);
        assert_eq!(
            &init_container(&injected, &format!("-{language}"))["securityContext"],
            want,
            "{language}"
        );
    }
}

/// `podmutator.go` `validateInstrumentations`; the list behind it is the one of point 10 of the oracle's README.
#[test]
fn missing_tls_objects_are_named_in_the_operators_order() {
    let tls = |secret: &str| json!({ "exporter": {"tls": {"secretName": secret}} });
    let languages = ["nodejs", "python", "go", "nginx"];
    let instrumentations = languages.map(|language| (language, tls(language)));
    let keys = languages.map(|language| format!("inject-{language}"));
    let annotations: Vec<(&str, &str)> = keys.iter().map(String::as_str).zip(languages).collect();
    let pod = pod(&annotations, &json!({ "containers": [{"name": "app", "image": "app:1"}] }));
    let flags = ["--enable-go-instrumentation", "--enable-nginx-instrumentation"];
    for (version, want) in
        [("0.158.0", ["nodejs", "python", "nginx", "go"]), ("0.131.0", ["python", "nodejs", "go", "nginx"])]
    {
        let (decision, _) = send(&pod, &world(version, &flags, &instrumentations));
        let message = decision.answer_in(NAMESPACE).message.unwrap();
        let named: Vec<&str> = message.lines().map(|line| line.split(['/', ' ']).nth(2).unwrap()).collect();
        assert_eq!(named, want, "{version}: {message}");
    }
}

/// `podmutator.go` `validateInstrumentation` ignores every error but "not found"; in a namespace that is not watched the cache
/// answers with another (point 18 of the oracle's README).
#[test]
fn tls_objects_in_a_namespace_that_is_not_watched_are_taken_for_there() {
    let spec = json!({ "java": {"image": "java:2"}, "exporter": {"tls": {"secretName": "absent"}} });
    let pod =
        pod(&[("inject-java", "far/inst")], &json!({ "containers": [{"name": "app", "image": "app:1"}] }));
    for (watched, is_injected) in [("far", true), ("far,shop", false)] {
        let flag = format!("--watch-namespace={watched}");
        let world = World::read(&json!({
            "operatorVersion": "0.158.0",
            "flags": [flag],
            "webhook": {},
            "namespaces": [{"name": NAMESPACE}, {"name": "far"}],
            "instrumentations": [{"metadata": {"namespace": "far", "name": "inst"}, "spec": spec}],
        }))
        .unwrap();
        assert_eq!(send(&pod, &world).0.injects(), is_injected, "{watched}");
    }
}

/// Point 5 of the oracle's README: of `spec.env`, Python's own entry is there first. So a container named twice is not
/// skipped the second time, but refused for its double mount (point 20).
#[test]
fn a_container_named_twice_finds_the_variable_of_the_first_time() {
    let reference =
        json!([{ "name": "PYTHONPATH", "valueFrom": {"configMapKeyRef": {"name": "c", "key": "k"}} }]);
    let spec = json!({ "python": {"image": "python:1"}, "env": reference });
    let world = world("0.158.0", &["--enable-multi-instrumentation=false"], &[("inst", spec)]);
    let pod = pod(
        &[("inject-python", "true"), ("container-names", "app,app")],
        &json!({ "containers": [{"name": "app", "image": "app:1"}] }),
    );
    let (decision, injected) = send(&pod, &world);
    assert_eq!(decision.injected().count(), 2);
    let labels = StringMap::default();
    let policies = Policies { namespace_labels: &labels, limit_ranges: &[], resource_quotas: &[] };
    let text = refusal(&pod, &injected, &policies).unwrap().cause.text();
    assert_eq!(
        text,
        "spec.containers[0].volumeMounts[1].mountPath: Invalid value: \"/otel-auto-instrumentation-python\": must be unique"
    );
}
