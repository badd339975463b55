//! How does the stand-in operator answer an AdmissionReview?
//!
//! As the real one does: an error of its own is `allowed: true` with an inner status 500, which the API server ignores
//! (`internal/webhook/podmutation/webhookhandler.go`, v0.158.0).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use facts::{Kind as _, PodShape, PodView};
use injection::{
    OperatorConfig, PodRequest, SIDECAR_CONTAINER, decide, default_instrumentation, inject, patch,
    validate_instrumentation,
};
use serde_json::{Value, json};
use world::World;

/// The collector that release 0.158.0 of the operator starts.
const COLLECTOR_IMAGE: &str =
    "ghcr.io/open-telemetry/opentelemetry-collector-releases/opentelemetry-collector:0.158.0";

/// Answers a review of a Pod's creation from the cluster as `world` shows it.
pub fn pod(review: &Value, world: &World, config: &OperatorConfig) -> Value {
    let request = &review["request"];
    let object = &request["object"];
    let Ok(view) = serde_json::from_value::<PodView>(object.clone()) else {
        return answer(review, &json!({"allowed": true, "status": {"code": 400}}));
    };
    let metadata = view.metadata().clone();
    let shape = PodShape { annotations: metadata.annotations, labels: metadata.labels, spec: view.spec };
    let asked = PodRequest {
        namespace: request["namespace"].as_str().unwrap_or_default(),
        name: &metadata.name,
        generate_name: object["metadata"]["generateName"].as_str().unwrap_or_default(),
        owners: &metadata.owner_references,
        shape: &shape,
    };
    let decision = decide(&asked, world, config);
    let said = decision.answer_in(asked.namespace);
    let mut response = json!({"allowed": true, "status": {"code": said.code, "message": said.message}});
    if decision.changes_pod() {
        let mut injected = inject(object, asked.namespace, &decision, world);
        complete_sidecars(&mut injected);
        add_patch(&mut response, object, &injected);
    }
    answer(review, &response)
}

/// The model says of a collector sidecar only that it is there; the API server wants an image as well, and among the init
/// containers it is a native sidecar.
fn complete_sidecars(pod: &mut Value) {
    for list in ["initContainers", "containers"] {
        // Not by index, which would put a null where there is none.
        let containers =
            pod.pointer_mut(&format!("/spec/{list}")).and_then(Value::as_array_mut).into_iter().flatten();
        for sidecar in containers.filter(|c| c["name"] == SIDECAR_CONTAINER && c["image"].is_null()) {
            sidecar["image"] = json!(COLLECTOR_IMAGE);
            if list == "initContainers" {
                sidecar["restartPolicy"] = json!("Always");
            }
        }
    }
}

/// Answers a review of an Instrumentation with the operator's defaults.
pub(super) fn defaulted(review: &Value, config: &OperatorConfig) -> Value {
    let object = &review["request"]["object"];
    match default_instrumentation(object, config) {
        Ok(defaulted) => {
            let mut response = json!({"allowed": true, "status": {"code": 200}});
            add_patch(&mut response, object, &defaulted);
            answer(review, &response)
        }
        Err(message) => {
            answer(review, &json!({"allowed": false, "status": {"code": 400, "message": message}}))
        }
    }
}

/// Answers a review of an Instrumentation as it would be stored.
pub(super) fn validated(review: &Value, config: &OperatorConfig) -> Value {
    let validation = validate_instrumentation(&review["request"]["object"], config);
    let mut response = json!({"allowed": validation.error.is_none(), "warnings": validation.warnings});
    if let Some(message) = validation.error {
        response["status"] = json!({"code": 403, "message": message, "reason": "Forbidden"});
    }
    answer(review, &response)
}

fn add_patch(response: &mut Value, before: &Value, after: &Value) {
    let operations = patch(before, after);
    if !operations.is_empty() {
        response["patchType"] = json!("JSONPatch");
        response["patch"] = json!(STANDARD.encode(operations.to_string()));
    }
}

fn answer(review: &Value, response: &Value) -> Value {
    let mut response = response.clone();
    response["uid"] = review["request"]["uid"].clone();
    json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": response})
}
