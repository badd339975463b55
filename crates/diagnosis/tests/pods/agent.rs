//! F: the agent container.

use serde_json::json;

use crate::change::{back_off, running_since};
use crate::is;
use crate::recorded::Recorded;

const PYTHON: &str = "opentelemetry-auto-instrumentation-python";
const GO: &str = "opentelemetry-auto-instrumentation";

fn init_fails() -> Recorded {
    Recorded::new("init-container-oom")
}

#[test]
fn a_copy_that_may_not_keep_the_owner() {
    let limits = json!({"limits": {"memory": "512Mi"}});
    let init_fails = || init_fails().instrumentation("/spec/python/resourceRequirements", &limits);
    let words = "cp: can't preserve ownership of '/x': Operation not permitted";
    let not_permitted = "InitContainerCopyNotPermitted Error Likely";
    is("by its words", &init_fails().state(PYTHON, &back_off("Error", 1, words)), "False", &[not_permitted]);
    let as_user = init_fails().state(PYTHON, &back_off("Error", 1, "")).in_pods(PYTHON, |container| {
        container["command"] =
            json!(["cp", "-a", "/autoinstrumentation/.", "/otel-auto-instrumentation-python"]);
        container["securityContext"] = json!({"runAsUser": 1000});
    });
    is("by its command and user", &as_user, "False", &[not_permitted]);
    let unknown = init_fails().state(PYTHON, &back_off("Error", 1, ""));
    is("another exit", &unknown, "False", &["InitContainerFailed Error Certain"]);
}

#[test]
fn a_limit_that_was_raised_needs_a_restart_only() {
    let raised =
        init_fails().instrumentation("/spec/python/resourceRequirements/limits/memory", &json!("512Mi"));
    let remedy = raised.judge().remedies.remove(0);
    assert!(
        remedy.starts_with("Its limit has been raised since") && remedy.contains("rollout restart"),
        "{remedy}"
    );
}

#[test]
fn a_windows_pod_gets_a_linux_image() {
    let windows =
        Recorded::new("agent-image-not-found").set("Pod", "app", "/spec/os", &json!({"name": "windows"}));
    is("windows", &windows, "False", &["AgentImagePlatformMismatch Error Likely"]);
}

#[test]
fn evicted_pods_are_history_once_the_limit_is_raised() {
    let raised = Recorded::new("agent-volume-evicted").each("Pod", "app", |pod| {
        if pod["status"]["phase"] != "Failed" {
            for volume in pod["spec"]["volumes"].as_array_mut().unwrap() {
                if volume["name"] == "opentelemetry-auto-instrumentation-nodejs" {
                    volume["emptyDir"]["sizeLimit"] = "500Mi".into();
                }
            }
        }
    });
    is("raised", &raised, "True", &[]);
}

#[test]
fn one_tag_for_two_images() {
    let two = |digests: [&'static str; 2]| {
        let count = std::cell::Cell::new(0);
        Recorded::new("healthy-restarted-after-change").each("Pod", "app", move |pod| {
            let digest = digests[count.get() % 2];
            count.set(count.get() + 1);
            pod["status"]["initContainerStatuses"][0]["imageID"] =
                format!("ghcr.io/x@sha256:{digest}").into();
        })
    };
    is("moved", &two(["aa", "bb"]), "True", &["AgentImageDrifted Info Certain"]);
    is("the same", &two(["aa", "aa"]), "True", &[]);
}

#[test]
fn a_go_agent_that_ends() {
    let go = || Recorded::new("go-agent-oom");
    let failed = back_off("Error", 1, "");
    is("privileged", &go().state(GO, &failed), "False", &["GoAgentCannotAttach Error Hint"]);
    let bare = go().state(GO, &failed).in_pods(GO, |container| container["securityContext"] = json!({}));
    is("not privileged", &bare, "False", &["GoAgentCannotAttach Error Likely"]);
    let between = go().state(GO, &running_since("2026-11-22T23:19:30Z", 4));
    is("between two failures", &between, "False", &["GoAgentCannotAttach Error Certain"]);
    let stable = go().state(GO, &running_since("2026-11-22T22:00:00Z", 4));
    is("stable for an hour", &stable, "True", &[]);
}
