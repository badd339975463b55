//! A real OpenTelemetry Collector with the shipped configuration, whose backend is this process.

use std::collections::BTreeSet;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use e2e::Bed;
use serde_json::Value;
use tokio::net::TcpListener;

use crate::helm::file;

/// For a start, on a machine that does many things.
const PATIENCE: Duration = Duration::from_secs(60);
const CONFIGURATION: &str = "config/events/opentelemetry-collector.yaml";
/// The rights that it names, and no others.
const RIGHTS: &str = r#"
{apiVersion: v1, kind: Namespace, metadata: {name: observability}}
---
{apiVersion: v1, kind: ServiceAccount, metadata: {name: events, namespace: observability}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: events}
rules: [{apiGroups: [""], resources: [events], verbs: [get, list, watch]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: events}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: events}
subjects: [{kind: ServiceAccount, name: events, namespace: observability}]
"#;
/// JSON is what this process reads; a Pod finds its API server and its token in other places.
const HERE: [&str; 4] = [
    "exporters.otlphttp.encoding=json",
    "exporters.otlphttp.compression=none",
    "receivers.k8sobjects.auth_type=kubeConfig",
    "service.telemetry.metrics.level=none",
];

/// The collector, and what has come from it.
pub struct Collector {
    records: Records,
}

type Records = Arc<Mutex<Vec<Value>>>;

impl Collector {
    /// Starts it, and waits until it watches.
    pub async fn start(bed: &Bed) -> Self {
        bed.apply_yaml(RIGHTS).await.unwrap();
        let records = Records::default();
        let backend = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", backend.local_addr().unwrap());
        let routes = Router::new().route("/v1/logs", post(take)).with_state(Arc::clone(&records));
        tokio::spawn(async { axum::serve(backend, routes).await });

        let program = tokio::task::spawn_blocking(|| e2e::bed::reader("collector")).await.unwrap().unwrap();
        let mut command = Command::new(program);
        command.arg("--config").arg(file(CONFIGURATION));
        command.args(HERE.map(|setting| format!("--set={setting}")));
        command.env("OTLP_ENDPOINT", endpoint);
        command.env("KUBECONFIG", bed.kubeconfig_for("observability", "events").await.unwrap());
        let mut validate = Command::new(command.get_program());
        validate.arg("validate").args(command.get_args());
        validate.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let valid = validate.output().unwrap();
        assert!(valid.status.success(), "{}", String::from_utf8_lossy(&valid.stderr));

        bed.run("collector", command).unwrap();
        let log = bed.logs().join("collector.log");
        let deadline = Instant::now() + PATIENCE;
        while !std::fs::read_to_string(&log).unwrap().contains("Everything is ready") {
            assert!(Instant::now() < deadline, "the collector does not start: {}", log.display());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Self { records }
    }

    /// Names of the Events that have come.
    pub fn names(&self) -> BTreeSet<String> {
        let records = self.records.lock().unwrap();
        let name = |record: &Value| {
            let metadata = entry(entry(&record["body"], "object")?, "metadata")?;
            Some(entry(metadata, "name")?["stringValue"].as_str()?.to_owned())
        };
        records.iter().map(|record| name(record).unwrap_or_else(|| panic!("{record}"))).collect()
    }

    /// Holds that what has come is where docs/events.md says that it is.
    pub fn has_reasons_and_messages(&self) {
        for record in self.records.lock().unwrap().iter() {
            let object = entry(&record["body"], "object").unwrap();
            for field in ["message", "reason"] {
                assert!(entry(object, field).is_some_and(|text| text["stringValue"].is_string()), "{record}");
            }
        }
    }
}

/// Takes an export of logs, as OTLP has them in JSON.
async fn take(State(records): State<Records>, Json(export): Json<Value>) -> Json<Value> {
    let each = |value: &Value, field: &str| value[field].as_array().cloned().unwrap_or_default();
    let scopes = each(&export, "resourceLogs").into_iter().flat_map(|resource| each(&resource, "scopeLogs"));
    let logs = scopes.flat_map(|scope| each(&scope, "logRecords"));
    records.lock().unwrap().extend(logs);
    Json(Value::Object(serde_json::Map::new()))
}

/// The value of a key in a map of OTLP.
fn entry<'v>(map: &'v Value, key: &str) -> Option<&'v Value> {
    let entries = map["kvlistValue"]["values"].as_array()?;
    entries.iter().find(|entry| entry["key"] == key).map(|entry| &entry["value"])
}
