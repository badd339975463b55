//! Does kube-state-metrics tell of every `InstrumentationHealth`, with the shipped configuration and rights?

use std::collections::BTreeMap;
use std::process::Command;
use std::time::{Duration, Instant};

use e2e::Bed;
use e2e::page::page;
use e2e::product::free_port;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::helm::{file, objects_of};

const FILE: &str = "config/kube-state-metrics/custom_resource_state.yaml";
/// For a start, on a machine that does many things.
const PATIENCE: Duration = Duration::from_secs(60);
/// Whose only rights are those of `cluster_role.yaml`, and the one of kube-state-metrics' own that an alert needs.
const ACCOUNT: &str = "
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: leases}
rules: [{apiGroups: [coordination.k8s.io], resources: [leases], verbs: [list, watch]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: leases}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: leases}
subjects: [{kind: ServiceAccount, name: kube-state-metrics, namespace: kube-system}]
---
{apiVersion: v1, kind: ServiceAccount, metadata: {name: kube-state-metrics, namespace: kube-system}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: kube-state-metrics-instrumentation-health}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: kube-state-metrics-instrumentation-health}
subjects: [{kind: ServiceAccount, name: kube-state-metrics, namespace: kube-system}]
";

type Path = Vec<String>;

#[derive(Deserialize)]
struct Config {
    kind: String,
    spec: Spec,
}

#[derive(Deserialize)]
struct Spec {
    resources: Vec<Resource>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Resource {
    group_version_kind: BTreeMap<String, String>,
    metric_name_prefix: String,
    labels_from_path: BTreeMap<String, Path>,
    metrics: Vec<Metric>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metric {
    name: String,
    help: String,
    each: Each,
}

#[derive(Deserialize)]
struct Each {
    r#type: String,
    gauge: Option<Source>,
    info: Option<Source>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Source {
    #[serde(default)]
    path: Path,
    label_from_key: Option<String>,
    #[serde(default)]
    labels_from_path: BTreeMap<String, Path>,
    #[serde(default)]
    value_from: Path,
}

fn resource() -> Resource {
    let mut config: Config = serde_json::from_value(objects_of(FILE)[0].clone()).unwrap();
    assert_eq!((config.kind.as_str(), config.spec.resources.len()), ("CustomResourceStateMetrics", 1));
    config.spec.resources.remove(0)
}

#[test]
fn every_path_is_one_of_the_definition_and_leads_to_a_number() {
    let definition = &objects_of("crds/instrumentation-health.dev_instrumentationhealths.yaml")[0]["spec"];
    let version = &definition["versions"][0];
    let mut schema = version["schema"]["openAPIV3Schema"].clone();
    schema["properties"]["metadata"] =
        json!({"properties": {"name": {"type": "string"}, "namespace": {"type": "string"}}});
    let resource = resource();
    let known = json!({"group": definition["group"], "version": version["name"], "kind": definition["names"]["kind"]});
    assert_eq!(json!(resource.group_version_kind), known);
    for path in resource.labels_from_path.values() {
        at(&schema, path);
    }
    for metric in &resource.metrics {
        assert!(!metric.help.is_empty(), "{}", metric.name);
        let source = metric.source();
        let mut each = at(&schema, &source.path);
        if each["type"] == "array" {
            each = &each["items"];
        } else if source.label_from_key.is_some() {
            let properties = each["properties"].as_object().unwrap();
            each = properties.values().next().unwrap();
            assert!(properties.values().all(|property| property["type"] == each["type"]), "{}", metric.name);
        }
        for path in source.labels_from_path.values() {
            at(each, path);
        }
        if metric.each.r#type == "Gauge" {
            let value = at(each, &source.value_from);
            let is_status = source.path.last().is_some_and(|last| last == "conditions");
            let counts = value["type"] == "integer" || value["format"] == "date-time" || is_status;
            assert!(counts, "{}: {value}", metric.name);
        }
    }
}

impl Metric {
    fn source(&self) -> &Source {
        match (self.each.r#type.as_str(), &self.each.gauge, &self.each.info) {
            ("Gauge", Some(source), None) | ("Info", None, Some(source)) => source,
            (other, ..) => panic!("{}: {other}", self.name),
        }
    }
}

fn at<'s>(schema: &'s Value, path: &[String]) -> &'s Value {
    path.iter().fold(schema, |schema, part| {
        schema["properties"].get(part).unwrap_or_else(|| panic!("no such field: {path:?}"))
    })
}

/// Runs kube-state-metrics beside the bed until every metric says something; answers all that it says.
pub async fn shown(bed: &Bed) -> String {
    let rights = std::fs::read_to_string(file("config/kube-state-metrics/cluster_role.yaml")).unwrap();
    bed.apply_yaml(&format!("{rights}\n---{ACCOUNT}")).await.unwrap();
    let program =
        tokio::task::spawn_blocking(|| e2e::bed::reader("kube-state-metrics")).await.unwrap().unwrap();
    let [port, own_port] = [(), ()].map(|()| free_port().unwrap());
    let kubeconfig = bed.kubeconfig_for("kube-system", "kube-state-metrics").await.unwrap();
    let mut command = Command::new(program);
    command.arg("--resources=leases").arg("--host=127.0.0.1").arg("--telemetry-host=127.0.0.1");
    command.arg(format!("--custom-resource-state-config-file={}", file(FILE).display()));
    command.arg(format!("--port={port}")).arg(format!("--telemetry-port={own_port}"));
    command.arg(format!("--kubeconfig={}", kubeconfig.display()));
    bed.run("kube-state-metrics", command).unwrap();

    let resource = resource();
    let names =
        resource.metrics.iter().map(|metric| format!("\n{}_{}{{", resource.metric_name_prefix, metric.name));
    // What the alert on an old Lease asks for.
    let lease =
        "\nkube_lease_renew_time{lease=\"instrumentation-health\",namespace=\"instrumentation-health\"} "
            .to_owned();
    let names: Vec<String> = names.chain([lease]).collect();
    let deadline = Instant::now() + PATIENCE;
    loop {
        let said =
            page(&format!("127.0.0.1:{port}"), "/metrics").await.map(|(_, said)| said).unwrap_or_default();
        let silent: Vec<&String> = names.iter().filter(|name| !said.contains(*name)).collect();
        if silent.is_empty() {
            return said;
        }
        assert!(Instant::now() < deadline, "kube-state-metrics says nothing of {silent:?}: {said}");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}
