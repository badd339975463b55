//! Does the Helm chart install what `config/` installs, and does the program work as its Deployment starts it?

#![allow(clippy::unwrap_used)] // a test may stop at the first thing that does not work

mod helm;
mod install;
mod monitoring;

use e2e::product::{output, program};
use e2e::readers::read;
use helm::{RELEASE, chart, file, objects_of, only, rendered};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinitionSpec;
use serde_json::{Value, json};
use tokio::process::Command;

/// One bed at a time, so that neither slows the other down.
static BED: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
/// Every feature that is off by default.
const EVERYTHING: &str = "e2e/tests/chart/everything.yaml";

#[tokio::test]
async fn installs_what_the_kustomization_installs() {
    let objects = rendered(&[]).await;
    let role = only(&objects, "ClusterRole");
    assert_eq!(role["rules"], only(&objects_of("config/rbac/cluster_role.yaml"), "ClusterRole")["rules"]);
    assert_eq!(only(&objects, "Role")["rules"], only(&objects_of("config/rbac/role.yaml"), "Role")["rules"]);
    let definition = only(&objects, "CustomResourceDefinition");
    let generated = objects_of("crds/instrumentation-health.dev_instrumentationhealths.yaml");
    // Typed, because 0 and 0.0 are one number.
    let spec = |object: &Value| {
        serde_json::from_value::<CustomResourceDefinitionSpec>(object["spec"].clone()).unwrap()
    };
    assert_eq!(spec(definition), spec(&generated[0]));
    assert_eq!(definition["metadata"]["annotations"], json!({"helm.sh/resource-policy": "keep"}));

    let mut made = pod(only(&objects, "Deployment"));
    made["containers"][0].as_object_mut().unwrap().remove("imagePullPolicy");
    made["containers"][0]["image"] = json!("instrumentation-health:dev");
    assert_eq!(made, pod(&objects_of("config/manager/deployment.yaml")[0]));
}

#[tokio::test]
async fn has_a_value_for_every_flag() {
    let everything = file(EVERYTHING);
    let everything = everything.to_str().unwrap();
    chart(&["lint", "--strict"], &[]).await.unwrap();
    chart(&["lint", "--strict"], &["-f", everything]).await.unwrap();
    let objects = rendered(&["-f", everything]).await;
    let started = pod(only(&objects, "Deployment"))["containers"][0].clone();
    let started = format!("{} {}", started["args"], started["env"]);

    let mut help = Command::new(program().unwrap());
    help.args(["run", "--help"]);
    let (_, help, _) = output(help).await.unwrap();
    let words = help.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    let flags = words.filter_map(|word| word.strip_prefix("--")).filter(|flag| !flag.is_empty());
    // The names of the Pod and its Namespace and the log's filter are in variables, the Lease is named in its Role; there is no kubeconfig in a cluster.
    let known = ["help", "context", "instance", "lease-name", "lease-namespace", "log"];
    let missing: Vec<&str> =
        flags.filter(|flag| !known.contains(flag) && !started.contains(&format!("--{flag}"))).collect();
    assert_eq!(missing, [""; 0], "no value sets these flags; see {EVERYTHING}: {started}");

    for kind in ["ServiceMonitor", "NetworkPolicy", "Service", "ServiceAccount", "PodDisruptionBudget"] {
        only(&objects, kind);
    }
    let of_kind = |kind: &str| objects.iter().filter(|object| object["kind"] == kind).count();
    assert_eq!(of_kind("RoleBinding"), 1 + 2 * 3, "the Lease; in both Namespaces reading and the two checks");
    assert_eq!((of_kind("ClusterRole"), of_kind("ClusterRoleBinding")), (0, 0), "no right in the cluster");
    brings_the_alerts_and_the_dashboard(&objects);
    the_prometheus_operator_takes(&[only(&objects, "ServiceMonitor"), only(&objects, "PrometheusRule")]);
}

fn the_prometheus_operator_takes(objects: &[&Value]) {
    let texts: Vec<String> = objects.iter().map(ToString::to_string).collect();
    let kinds = read("prometheus-operator", &[], &texts.join("\n---\n")).unwrap();
    assert_eq!(kinds, "ServiceMonitor\nPrometheusRule\n");
    let broken = texts[0].replace("endpoints", "endpoint");
    assert!(read("prometheus-operator", &[], &broken).unwrap_err().contains("unknown field \"endpoint\""));
}

fn brings_the_alerts_and_the_dashboard(objects: &[Value]) {
    let mut rules = only(objects, "PrometheusRule")["spec"].clone();
    // Where the pages of causes are served, the alerts link to them.
    let mut linked = 0;
    for rule in rules["groups"][0]["rules"].as_array_mut().unwrap() {
        let annotations = rule["annotations"].as_object_mut().unwrap();
        if let Some(url) = annotations.remove("runbook_url") {
            let page = url
                .as_str()
                .unwrap()
                .strip_prefix("https://wiki.example.com/instrumentation-health/")
                .unwrap();
            annotations.insert("runbook".to_owned(), json!(format!("docs/causes/{page}.md")));
            linked += 1;
        }
    }
    assert_eq!(linked, 4);
    assert_eq!(rules, objects_of("config/alerts/rules.yaml")[0]);
    let dashboard = only(objects, "ConfigMap");
    assert_eq!(dashboard["metadata"]["labels"]["grafana_dashboard"], "1");
    assert_eq!(dashboard["metadata"]["namespace"], "monitoring");
    let original = std::fs::read_to_string(file("config/dashboards/instrumentation-health.json")).unwrap();
    assert_eq!(dashboard["data"]["instrumentation-health.json"], original);
}

#[tokio::test]
async fn does_as_the_values_say() {
    for (arguments, kind, path, expected) in [
        (
            &["--set", "image.tag=1.2.3"][..],
            "Deployment",
            "/spec/template/spec/containers/0/image",
            json!("instrumentation-health:1.2.3"),
        ),
        (
            &[
                "--set",
                "image.digest=sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
            ],
            "Deployment",
            "/spec/template/spec/containers/0/image",
            json!(
                "instrumentation-health@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
            ),
        ),
        (
            &["--set", "serviceAccount.create=false,serviceAccount.name=theirs"],
            "ClusterRoleBinding",
            "/subjects/0/name",
            json!("theirs"),
        ),
        (
            &["--set", "podSecurityContext.runAsUser=null,podSecurityContext.runAsGroup=null"],
            "Deployment",
            "/spec/template/spec/securityContext",
            json!({"runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"}}),
        ),
        (
            &["--set", "controller.writesPerSecond=20"],
            "Deployment",
            "/spec/template/spec/containers/0/args/3",
            json!("--writes-per-second=20"),
        ),
        (
            &["--set", "statusPage.enabled=true"],
            "Deployment",
            "/spec/template/spec/containers/0/args/3",
            json!("--status-page=127.0.0.1:8081"),
        ),
        (&["--set", "crds.keep=false"], "CustomResourceDefinition", "/metadata/annotations", Value::Null),
        (&["--set", "fullnameOverride=watcher"], "ClusterRole", "/metadata/name", json!("watcher")),
    ] {
        let objects = rendered(arguments).await;
        let value = only(&objects, kind).pointer(path).cloned().unwrap_or_default();
        assert_eq!(value, expected, "{arguments:?}");
    }
    for (argument, kind) in [
        ("crds.install=false", "CustomResourceDefinition"),
        ("rbac.create=false", "ClusterRole"),
        ("serviceAccount.create=false", "ServiceAccount"),
        ("service.enabled=false", "Service"),
        ("test.enabled=false", "Pod"),
    ] {
        let objects = rendered(&["--set", argument]).await;
        assert!(objects.iter().all(|object| object["kind"] != kind), "{argument}");
    }
}

#[tokio::test]
async fn refuses_values_that_make_no_sense() {
    for (argument, complaint) in [
        ("replicas=2", "'replicas'"),
        ("replicaCount=many", "/replicaCount"),
        ("controller.writeTimeout=10", "/controller/writeTimeout"),
        ("namespaces={Shop}", "/namespaces/0"),
        ("controller.writesPerSecond=0", "/controller/writesPerSecond"),
        ("controller.log.format=xml", "/controller/log/format"),
        ("image.digest=latest", "/image/digest"),
        ("networkPolicy.egressPorts={dns}", "/networkPolicy/egressPorts/0"),
        ("statusPage.port=0", "/statusPage/port"),
        ("statusPage.enabled=true,statusPage.port=8080", "are the same port"),
        ("service.enabled=false,serviceMonitor.enabled=true", "serviceMonitor.enabled needs service.enabled"),
    ] {
        let refused = chart(&["template", "x"], &["--set", argument]).await.expect_err(argument);
        assert!(refused.contains(complaint), "{argument}: {refused}");
    }
}

#[tokio::test]
async fn has_the_version_of_the_program() {
    let chart = &objects_of("deploy/chart/Chart.yaml")[0];
    assert_eq!(chart["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(chart["appVersion"], env!("CARGO_PKG_VERSION"));
}

/// The Pod of a Deployment.
fn pod(deployment: &Value) -> Value {
    deployment["spec"]["template"]["spec"].clone()
}

#[tokio::test]
async fn reads_some_namespaces_with_roles_in_them_and_nothing_in_the_cluster() {
    let checks = "checks.readKeys=true,checks.probeAdmission=true";
    let objects = rendered(&["--set", "namespaces={shop,billing}", "--set", checks]).await;
    assert!(objects.iter().all(|object| !object["kind"].as_str().unwrap().starts_with("ClusterRole")));
    let in_both = |kind: &str, suffix: &str| {
        let name = format!("instrumentation-health-{suffix}");
        let found =
            objects.iter().filter(|object| object["kind"] == kind && object["metadata"]["name"] == *name);
        let found: Vec<&Value> = found.collect();
        let namespaces: Vec<_> =
            found.iter().filter_map(|object| object["metadata"]["namespace"].as_str()).collect();
        assert_eq!(namespaces, ["shop", "billing"], "{kind} {name}");
        found[0].clone()
    };
    let rules = &objects_of("config/namespaces-only/rights/role.yaml")[0]["rules"];
    assert_eq!(in_both("Role", "reads")["rules"], *rules);
    for suffix in ["reads", "read-keys", "probe-admission"] {
        in_both("Role", suffix);
        let binding = in_both("RoleBinding", suffix);
        let role = json!({"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": format!("instrumentation-health-{suffix}")});
        assert_eq!(binding["roleRef"], role);
        assert_eq!(binding["subjects"][0]["namespace"], RELEASE);
    }
    let arguments = pod(only(&objects, "Deployment"))["containers"][0]["args"].to_string();
    assert!(arguments.contains("--namespaces=shop,billing"), "{arguments}");
}
