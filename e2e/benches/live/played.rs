//! What do the kubelets and the `EndpointSlice` controller write?

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::recorded;

/// A Pod that runs and is ready.
pub fn healthy(app: &str) -> Value {
    let now = now();
    let mut status = recorded::status(app);
    set_times(&mut status, &now);
    json!({ "status": status })
}

/// The same, with something in it that means nothing to a verdict: another time, another address, a second container that is not ready.
pub fn touched(app: &str, turn: usize) -> Value {
    let mut patch = healthy(app);
    let (status, ready) = (&mut patch["status"], turn.is_multiple_of(2));
    status["podIP"] = json!(format!("10.244.{}.{}", turn / 250 % 250, turn % 250 + 1));
    status["podIPs"] = json!([{"ip": status["podIP"]}]);
    status["containerStatuses"][1]["ready"] = json!(ready);
    set_condition(status, "Ready", ready);
    set_condition(status, "ContainersReady", ready);
    patch
}

/// The agent's image cannot be pulled.
pub fn image_pull_fails(app: &str) -> Value {
    let waiting = json!({"waiting": {"reason": "ImagePullBackOff", "message": "Back-off pulling image \"ghcr.io/open-telemetry/opentelemetry-operator/autoinstrumentation-java:2.30.0\""}});
    not_initialized(app, &waiting, &json!({}), 0)
}

/// The agent is killed for want of memory again and again; `turn` goes through the states between two restarts.
pub fn out_of_memory(app: &str, turn: usize) -> Value {
    let ended = |reason: &str| json!({"terminated": {"exitCode": 137, "reason": reason, "startedAt": now(), "finishedAt": now()}});
    let restarts = 2 + turn / 3;
    let waiting = json!({"waiting": {"reason": "CrashLoopBackOff", "message": format!("back-off {}s restarting failed container", 10 << (restarts % 5))}});
    let running = json!({"running": {"startedAt": now()}});
    let state = [waiting, running, ended("OOMKilled")][turn % 3].clone();
    not_initialized(app, &state, &ended("OOMKilled"), restarts)
}

/// The only `EndpointSlice` of the collector; `turn` changes its addresses, somebody is always ready.
pub fn slice(turn: usize) -> Value {
    let endpoint =
        |last: usize| json!({"addresses": [format!("10.9.0.{last}")], "conditions": {"ready": true}});
    json!({
        "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
        "metadata": {"name": "otel-collector-x", "labels": {"kubernetes.io/service-name": "otel-collector"}},
        "endpoints": [endpoint(turn % 200 + 1), endpoint(turn % 199 + 2)],
        "ports": [{"name": "otlp-grpc", "port": 4317, "protocol": "TCP"}, {"name": "otlp-http", "port": 4318, "protocol": "TCP"}],
    })
}

fn not_initialized(app: &str, state: &Value, last: &Value, restarts: usize) -> Value {
    let mut patch = healthy(app);
    let status = &mut patch["status"];
    status["phase"] = json!("Pending");
    let agent = &mut status["initContainerStatuses"][0];
    agent["ready"] = json!(false);
    agent["state"] = state.clone();
    agent["lastState"] = last.clone();
    agent["restartCount"] = json!(restarts);
    for container in status["containerStatuses"].as_array_mut().into_iter().flatten() {
        container["ready"] = json!(false);
        container["started"] = json!(false);
        container["state"] = json!({"waiting": {"reason": "PodInitializing"}});
    }
    for kind in ["Initialized", "Ready", "ContainersReady"] {
        set_condition(status, kind, false);
    }
    patch
}

fn set_condition(status: &mut Value, kind: &str, holds: bool) {
    for condition in status["conditions"].as_array_mut().into_iter().flatten().filter(|c| c["type"] == kind) {
        condition["status"] = json!(if holds { "True" } else { "False" });
        condition["lastTransitionTime"] = json!(now());
    }
}

fn set_times(value: &mut Value, now: &str) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                if ["startedAt", "finishedAt", "startTime", "lastTransitionTime"].contains(&&**key) {
                    *value = json!(now);
                } else {
                    set_times(value, now);
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|value| set_times(value, now)),
        _ => {}
    }
}

fn now() -> String {
    Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
