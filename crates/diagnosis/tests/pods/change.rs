//! What is changed in a recorded cluster.

use serde_json::{Value, json};

use crate::recorded::Recorded;

/// The spec of a Pod, or of a template.
fn spec(object: &mut Value) -> &mut Value {
    match object["kind"].as_str() {
        Some("Pod") => &mut object["spec"],
        _ => &mut object["spec"]["template"]["spec"],
    }
}

fn containers(spec: &mut Value) -> impl Iterator<Item = &mut Value> {
    let mut all = Vec::new();
    if let Value::Object(fields) = spec {
        for (name, list) in fields.iter_mut() {
            if let ("initContainers" | "containers", Value::Array(list)) = (name.as_str(), list) {
                all.extend(list.iter_mut());
            }
        }
    }
    all.into_iter()
}

fn set_env(container: &mut Value, name: &str, entry: Option<Value>, at: usize) {
    if container["env"].is_null() {
        container["env"] = json!([]);
    }
    let env = container["env"].as_array_mut().unwrap();
    match (env.iter().position(|var| var["name"] == name), entry) {
        (Some(known), Some(entry)) => env[known] = entry,
        (Some(known), None) => {
            env.remove(known);
        }
        (None, Some(entry)) => env.insert(at.min(env.len()), entry),
        (None, None) => {}
    }
}

fn literal(name: &str, value: &str) -> Value {
    json!({"name": name, "value": value})
}

impl Recorded {
    /// Changes the containers (and init containers) of a name, in the application's Pods.
    pub fn in_pods(self, container: &str, change: impl Fn(&mut Value)) -> Self {
        self.each("Pod", "app", |pod| {
            containers(spec(pod)).filter(|known| known["name"] == container).for_each(&change);
        })
    }

    /// The same in the Pods and in the template they come from.
    pub fn in_template(self, container: &str, change: impl Fn(&mut Value)) -> Self {
        self.in_pods(container, &change).each("Deployment", "app", |deployment| {
            containers(spec(deployment)).filter(|known| known["name"] == container).for_each(&change);
        })
    }

    /// A variable of the template; in the Pods it stands where the operator's first two end.
    pub fn own_env(self, name: &str, value: &str) -> Self {
        self.in_template("app", |container| set_env(container, name, Some(literal(name, value)), 2))
    }

    /// A variable that came with the injection.
    pub fn injected_env(self, name: &str, value: &str) -> Self {
        self.in_pods("app", |container| set_env(container, name, Some(literal(name, value)), 2))
    }

    /// Takes a variable out of the Pods.
    pub fn without_env(self, name: &str) -> Self {
        self.in_pods("app", |container| set_env(container, name, None, 0))
    }

    /// A field of the Instrumentation.
    pub fn instrumentation(self, pointer: &str, value: &Value) -> Self {
        self.set("Instrumentation", "", pointer, value)
    }

    /// The endpoint, in the Instrumentation and in the Pods made from it.
    pub fn endpoint(self, endpoint: &str) -> Self {
        self.injected_env("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)
            .instrumentation("/spec/exporter/endpoint", &json!(endpoint))
    }

    /// The endpoint as recorded, to be altered.
    pub fn recorded_endpoint(&self) -> String {
        let instrumentation = self.objects.iter().find(|object| object["kind"] == "Instrumentation").unwrap();
        instrumentation["spec"]["exporter"]["endpoint"].as_str().unwrap().to_owned()
    }

    /// The state of a container in all Pods in which it is.
    pub fn state(self, container: &str, state: &Value) -> Self {
        self.each("Pod", "app", |pod| {
            for list in ["initContainerStatuses", "containerStatuses"] {
                let Some(list) = pod["status"][list].as_array_mut() else { continue };
                for status in list.iter_mut().filter(|status| status["name"] == container) {
                    for (field, value) in state.as_object().unwrap() {
                        status[field] = value.clone();
                    }
                }
            }
        })
    }

    /// A copy of the workload's first Pod beside it, of the same revision.
    pub fn sibling(mut self, change: impl Fn(&mut Value)) -> Self {
        let first = self.of_workload().into_iter().find(|object| object["kind"] == "Pod");
        let mut sibling = first.expect("the workload has a Pod").clone();
        for field in ["name", "uid"] {
            sibling["metadata"][field] =
                format!("{}-beside", sibling["metadata"][field].as_str().unwrap()).into();
        }
        change(&mut sibling);
        self.objects.push(sibling);
        self
    }

    /// The image of a container, in Pods and template.
    pub fn image(self, container: &str, image: &str) -> Self {
        self.in_template(container, |container| container["image"] = image.into())
    }
}

/// A container in back-off after an end with this reason, exit code and last words.
pub fn back_off(reason: &str, exit_code: i32, message: &str) -> Value {
    json!({
        "ready": false,
        "restartCount": 5,
        "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}},
        "lastState": {"terminated": {"reason": reason, "exitCode": exit_code, "message": message}},
    })
}

/// A container that runs since then, after failures.
pub fn running_since(time: &str, restarts: i32) -> Value {
    json!({
        "ready": true,
        "restartCount": restarts,
        "state": {"running": {"startedAt": time}},
        "lastState": {"terminated": {"reason": "OOMKilled", "exitCode": 137}},
    })
}

/// The Pod has ended; what became of its containers is not known any more, or is the kubelet's last state of them.
pub fn finished(pod: &mut Value, reason: &str, init: &Value, running: &Value) {
    let containers = |list: &str, state: &Value| -> Value {
        let names = pod["spec"][list].as_array().into_iter().flatten();
        names
            .map(|container| {
                let mut status = state.clone();
                status["name"] = container["name"].clone();
                status
            })
            .collect()
    };
    let (init, running) = (containers("initContainers", init), containers("containers", running));
    pod["status"] = json!({
        "phase": "Failed",
        "reason": reason,
        "initContainerStatuses": init,
        "containerStatuses": running,
    });
}

/// The Pod waits for a node.
pub fn unscheduled(pod: &mut Value, message: &str) {
    pod["spec"]["nodeName"] = Value::Null;
    pod["status"] = json!({
        "phase": "Pending",
        "conditions": [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message}],
    });
}

/// The Pod as it was before the operator touched it: with what its template says, and no agent.
pub fn bare(pod: &mut Value, template: &Value) {
    let node = pod["spec"]["nodeName"].clone();
    pod["spec"] = template["spec"].clone();
    pod["spec"]["nodeName"] = node;
    pod["status"]["initContainerStatuses"] = json!([]);
}
