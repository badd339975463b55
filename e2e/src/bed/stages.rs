//! What does KWOK play?
//!
//! KWOK's own stages start all init containers at once and cannot fail. Ours are made here from
//! `e2e/testbed/stages`: `steps.yaml` lists what a kubelet does, `turn.jq` decides which step is next for a Pod,
//! `*.tpl` are the Go templates that every step shares. Each step becomes one KWOK `Stage`.

use std::fmt::Write as _;

use serde::Deserialize;
use serde_json::{Value, json};

use super::Error;

const TURN: &str = include_str!("../../testbed/stages/turn.jq");
const STEPS: &str = include_str!("../../testbed/stages/steps.yaml");
const POD: &str = include_str!("../../testbed/stages/pod.tpl");
const CONTAINER: &str = include_str!("../../testbed/stages/turn.tpl");
const STATUS: &str = include_str!("../../testbed/stages/status.tpl");
const EVENT: &str = include_str!("../../testbed/stages/event.tpl");
/// Stages that need none of this machinery.
const PLAIN: [&str; 2] = [
    include_str!("../../testbed/stages/node-ready.yaml"),
    include_str!("../../testbed/stages/pod-delete.yaml"),
];

/// Is there anything to do? Keeps KWOK from asking `turn.jq` about Pods that run well: all ready, and no failure asked for that
/// befalls ready containers.
const RESTLESS: &str = r#"select(
  (.metadata.annotations["kubelet.e2e.instrumentation-health.dev/play"] // "" | test("exit|evict|startup_fail"))
  or ([.status.containerStatuses[]?.ready] | length == 0 or any(not))) | .spec.nodeName"#;

/// One entry of `steps.yaml`; the fields are explained there.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    #[serde(rename = "step")]
    name: String,
    state: Option<String>,
    status: Option<String>,
    #[serde(default)]
    events: Vec<StepEvent>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct StepEvent {
    #[serde(rename = "type")]
    kind: String,
    reason: String,
    message: String,
    count: Option<String>,
}

/// The stages as one multi-document text, as `kwok --config` reads it.
pub(super) fn kwok_configuration() -> Result<String, Error> {
    let steps: Vec<Step> = serde_saphyr::from_str(STEPS)
        .map_err(|error| Error::Manifest { what: "steps.yaml".into(), problem: error.to_string() })?;
    let mut text = PLAIN.join("---\n");
    for step in &steps {
        // JSON is YAML, and needs no care for the templates' indentation.
        let _infallible = write!(text, "---\n{}\n", step.stage());
    }
    Ok(text)
}

impl Step {
    fn stage(&self) -> Value {
        let jq = |key: &str, operator: &str, values: &[&str]| json!({"jq": {"key": key, "operator": operator, "values": values}});
        json!({
            "apiVersion": "kwok.x-k8s.io/v1alpha1",
            "kind": "Stage",
            "metadata": {"name": self.name},
            "spec": {
                "resourceRef": {"apiGroup": "v1", "kind": "Pod"},
                "selector": {"matchExpressions": [
                    jq(RESTLESS, "Exists", &[]),
                    jq(&format!("{TURN}| .step"), "In", &[&self.name]),
                ]},
                "delay": {"durationFrom": {"jq": {"expression": format!("{TURN}| \"\\(.delay)s\"")}}},
                "steps": self.events.iter().map(|event| self.event(event)).chain(self.patch()).collect::<Vec<_>>(),
            },
        })
    }

    /// What every template of this step begins with: the variables of pod.tpl, and for container steps those of turn.tpl.
    fn preamble(&self) -> String {
        let container = if self.state.is_some() { CONTAINER } else { "" };
        format!("{{{{- $step := \"{}\" -}}}}\n{POD}{container}", self.name)
    }

    fn event(&self, event: &StepEvent) -> Value {
        let template = EVENT
            .replace("${type}", &event.kind)
            .replace("${reason}", &event.reason)
            .replace("${message}", &event.message)
            .replace("${count}", event.count.as_deref().unwrap_or("1"));
        json!({"apply": {"type": "merge", "template": format!("{}{template}", self.preamble())}})
    }

    fn patch(&self) -> Option<Value> {
        let template = match (&self.state, &self.status) {
            (Some(state), _) => format!("{{{{- $state := {} -}}}}\n{STATUS}", state.trim()),
            (None, Some(status)) => status.clone(),
            (None, None) => return None,
        };
        let template = format!("{}{template}", self.preamble());
        Some(
            json!({"patch": {"subresource": "status", "root": "status", "type": "strategic", "template": template}}),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_of_the_table_can_be_chosen_and_found() {
        let steps: Vec<Step> = serde_saphyr::from_str(STEPS).unwrap();
        for step in steps {
            let quoted = format!("\"{}\"", step.name);
            assert!(TURN.contains(&quoted), "turn.jq never chooses {quoted}");
            assert!(
                step.state.is_none() || CONTAINER.contains(&quoted),
                "turn.tpl never finds the container of {quoted}"
            );
        }
    }
}
