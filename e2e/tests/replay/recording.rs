//! What was done in a recorded scenario, and what were its kubelets told?

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;
use std::time::Duration;

use e2e::Bed;
use e2e::play::ANNOTATION;
use flate2::read::GzDecoder;
use serde_json::{Value, json};

use crate::verdict::Scenario;

/// Between one manifest and the next, controllers make Pods and Services get endpoints; order matters in some scenarios,
/// and times in the API have whole seconds.
const PAUSE: Duration = Duration::from_millis(50);
/// Between a workload and a change of what its Pods were injected from.
const LATER: Duration = Duration::from_millis(2500);

/// A recorded scenario.
pub struct Recording {
    pub name: String,
    pub scenario: Scenario,
    manifests: Vec<Value>,
    /// `namespace/app` → what its Pods play.
    plays: BTreeMap<String, Value>,
}

impl Recording {
    /// Reads a scenario of the offline test.
    pub fn load(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/input/scenarios").join(name);
        let scenario = std::fs::read(folder.join("scenario.json")).unwrap();
        let mut text = String::new();
        GzDecoder::new(std::fs::File::open(folder.join("apply.yaml.gz")).unwrap())
            .read_to_string(&mut text)
            .unwrap();
        let raw: Value = serde_json::from_slice(&scenario).unwrap();
        assert_eq!(raw["actions"], json!([]), "{name}: a scenario with actions is more than its manifests");
        Self {
            name: name.to_owned(),
            scenario: serde_json::from_slice(&scenario).unwrap(),
            manifests: serde_saphyr::from_multiple(&text).unwrap(),
            plays: serde_json::from_value(raw["kubelet"].clone()).unwrap_or_default(),
        }
    }

    /// Applies its manifests in order.
    pub async fn replay(&self, bed: &Bed) {
        let mut has_workload = false;
        for manifest in &self.manifests {
            let changes = matches!(manifest["kind"].as_str(), Some("Instrumentation" | "Namespace"));
            if changes && has_workload {
                tokio::time::sleep(LATER).await;
            }
            has_workload |= manifest["spec"]["template"].is_object() && !is_collector(manifest);
            let mut manifest = manifest.clone();
            self.tell_the_kubelets(&mut manifest);
            if let Err(error) = bed.apply_yaml(&manifest.to_string()).await {
                panic!("{}: {error}: {manifest}", self.name);
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Puts what its Pods are to play on the template of a workload.
    fn tell_the_kubelets(&self, manifest: &mut Value) {
        let template = match manifest["kind"].as_str() {
            Some("CronJob") => "/spec/jobTemplate/spec/template",
            _ => "/spec/template",
        };
        let Some(namespace) = manifest["metadata"]["namespace"].as_str().map(str::to_owned) else { return };
        let Some(template) = manifest.pointer_mut(template) else { return };
        let app = template["metadata"]["labels"]["app"].as_str().unwrap_or_default();
        if let Some(play) = self.plays.get(&format!("{namespace}/{app}")) {
            template["metadata"]["annotations"][ANNOTATION] = json!(play.to_string());
        }
    }
}

/// The collectors come before everything; what matters is the workload under test.
fn is_collector(manifest: &Value) -> bool {
    manifest["metadata"]["name"].as_str().is_some_and(|name| name.contains("collector"))
}
