//! A real Prometheus that scrapes the controller every second.

use std::process::Command;
use std::time::{Duration, Instant};

use e2e::Bed;
use e2e::page::page;
use e2e::product::free_port;
use jiff::Timestamp;
use serde_json::{Value, json};

/// For alerts and answers, on a machine that does many things.
const PATIENCE: Duration = Duration::from_secs(90);

/// The server.
pub struct Prometheus {
    address: String,
    started: Timestamp,
}

impl Prometheus {
    /// Starts it with these rules.
    pub async fn start(bed: &Bed, target: &str, rules: &str) -> Self {
        let folder = bed.logs().join("prometheus");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("rules.yaml"), rules).unwrap();
        let config = json!({
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
            "rule_files": ["rules.yaml"],
            "scrape_configs": [{
                "job_name": "instrumentation-health",
                "honor_labels": true,
                "static_configs": [{"targets": [target]}],
            }],
        });
        let file = folder.join("prometheus.yaml");
        std::fs::write(&file, config.to_string()).unwrap();
        let programs = tokio::task::spawn_blocking(e2e::bed::prometheus).await.unwrap().unwrap();
        let address = format!("127.0.0.1:{}", free_port().unwrap());
        let mut command = Command::new(programs.join("prometheus"));
        command.arg(format!("--config.file={}", file.display()));
        command.arg(format!("--storage.tsdb.path={}", folder.join("data").display()));
        command.arg(format!("--web.listen-address={address}"));
        bed.run("prometheus", command).unwrap();
        let prometheus = Self { address, started: Timestamp::now() };
        prometheus.until_some("up == 1").await;
        prometheus
    }

    /// What the answer to a query is now.
    async fn now(&self, query: &str) -> Vec<Value> {
        self.results(&format!("query?query={}", encoded(query))).await.unwrap_or_default()
    }

    /// All series that a query has led to since the start, without those that were never a number.
    pub async fn history(&self, query: &str) -> Vec<Value> {
        let (start, end) = (self.started.as_second(), Timestamp::now().as_second() + 1);
        let path = format!("query_range?query={}&start={start}&end={end}&step=1", encoded(query));
        let mut series = self.results(&path).await.unwrap_or_else(|| panic!("no answer to {query}"));
        let is_number = |sample: &Value| sample[1] != json!("NaN");
        series.retain(|series| series["values"].as_array().unwrap().iter().any(is_number));
        series
    }

    /// Waits until a query has an answer.
    pub async fn until_some(&self, query: &str) {
        self.until(query, || async { !self.now(query).await.is_empty() }).await;
    }

    /// Waits until an alert with these labels fires; answers the alert.
    pub async fn until_fires(&self, alert: &str, labels: &[(&str, &str)]) -> Value {
        let matchers: Vec<String> =
            labels.iter().map(|(name, value)| format!(", {name}=\"{value}\"")).collect();
        let query = format!("ALERTS{{alertname=\"{alert}\", alertstate=\"firing\"{}}}", matchers.concat());
        self.until_some(&query).await;
        let (_, answer) = page(&self.address, "/api/v1/alerts").await.unwrap();
        let alerts = body(&answer)["data"]["alerts"].take();
        let is_it = |found: &&Value| {
            found["labels"]["alertname"] == alert
                && labels.iter().all(|(name, value)| found["labels"][*name] == *value)
        };
        alerts.as_array().unwrap().iter().find(is_it).cloned().unwrap_or_default()
    }

    async fn until<F: Future<Output = bool>>(&self, what: &str, done: impl Fn() -> F) {
        let deadline = Instant::now() + PATIENCE;
        while !done().await {
            assert!(Instant::now() < deadline, "Prometheus does not answer: {what}");
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
    }

    async fn results(&self, path: &str) -> Option<Vec<Value>> {
        let (code, answer) = page(&self.address, &format!("/api/v1/{path}")).await.ok()?;
        assert!(code != 400, "{path}: {}", body(&answer)["error"]);
        body(&answer)["data"]["result"].as_array().cloned()
    }
}

fn body(answer: &str) -> Value {
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    serde_json::from_str(body).unwrap_or_default()
}

/// As part of a URL.
fn encoded(text: &str) -> String {
    let part = |byte: u8| {
        if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") }
    };
    text.bytes().map(part).collect()
}
