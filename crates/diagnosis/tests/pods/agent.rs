//! F: the agent container.

use serde_json::{Value, json};

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

/// What an Instrumentation says replaces the context that the init container has inherited from the application's.
#[test]
fn a_new_context_is_as_tight_as_the_old_one() {
    let java = "opentelemetry-auto-instrumentation-java";
    let remedy = |cluster: Recorded| cluster.judge().remedies.remove(0);
    let cluster = || Recorded::new("init-container-run-as-non-root");
    let user =
        r#"'{"spec":{"initContainerSecurityContext":{"runAsNonRoot":true,"runAsUser":65532}}}' && kubectl"#;
    let open = remedy(cluster());
    assert!(open.contains(user) && open.starts_with("Give the init container a user: "), "{open}");
    let restricted = cluster().each("Namespace", "", |namespace| {
        namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] = "restricted".into();
    });
    let inherited = cluster().in_pods(java, |container| {
        container["securityContext"]["allowPrivilegeEscalation"] = false.into();
    });
    for (what, tight) in [("the namespace demands it", restricted), ("the application has it", inherited)] {
        let remedy = remedy(tight);
        let has = |words: &str| remedy.contains(words);
        assert!(has(r#""capabilities":{"drop":["ALL"]}"#) && has("RuntimeDefault"), "{what}: {remedy}");
    }
}

/// A kubelet tries again and again: each attempt runs, ends and is waited for. None of that is news.
#[test]
fn a_crash_loop_says_the_same_at_every_turn() {
    for (reason, exit_code) in [("OOMKilled", 137), ("Error", 1)] {
        let ended = json!({"terminated": {"reason": reason, "exitCode": exit_code, "message": ""}});
        let turn = |restarts: i32, state: Value| {
            let state = json!({"ready": false, "restartCount": restarts, "state": state, "lastState": ended});
            init_fails().state(PYTHON, &state).diagnose()
        };
        let running = || json!({"running": {"startedAt": "2026-11-23T00:00:00Z"}});
        let said = init_fails().state(PYTHON, &back_off(reason, exit_code, "")).diagnose();
        assert_eq!(said.healthy().0, "False");
        assert_eq!(turn(2, running()), said, "{reason}: it runs once more");
        assert_eq!(turn(7, running()), said, "{reason}: it runs for the eighth time");
        assert_eq!(turn(7, ended.clone()), said, "{reason}: it has ended once more");
        assert_ne!(turn(1, running()).healthy().0, "False", "{reason}: one failure proves nothing");
    }
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
fn an_extension_has_an_image_of_its_own() {
    let name = "opentelemetry-auto-instrumentation-extension-0";
    let pulls = |image: &str| {
        let image = image.to_owned();
        let cluster = Recorded::new("healthy-java").each("Pod", "app", |pod| {
            let mut container = pod["spec"]["initContainers"][0].clone();
            container["name"] = name.into();
            container["image"] = "registry/extension:1".into();
            pod["spec"]["initContainers"].as_array_mut().unwrap().push(container);
            pod["status"]["phase"] = "Pending".into();
            pod["status"]["initContainerStatuses"].as_array_mut().unwrap().push(json!({"name": name, "ready": false, "state": {"waiting": {"reason": "ImagePullBackOff", "message": "Back-off"}}}));
        });
        cluster
            .instrumentation("/spec/java/extensions", &json!([{"image": image, "dir": "/x"}]))
            .judge()
            .remedies
            .remove(0)
    };
    let same = pulls("registry/extension:1");
    assert!(same.starts_with("Correct spec.java.extensions[].image of Instrumentation"), "{same}");
    let other = pulls("registry/extension:2");
    assert!(other.contains("names another image by now"), "{other}");
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
fn the_words_of_container_runtimes_about_platforms() {
    let pull = |words: &str| {
        let message = format!("Back-off pulling image \"x\": ErrImagePull: {words}");
        let state = json!({"state": {"waiting": {"reason": "ImagePullBackOff", "message": message}}});
        Recorded::new("agent-image-not-found").state("opentelemetry-auto-instrumentation-java", &state)
    };
    for words in [
        "rpc error: code = NotFound desc = failed to pull and unpack image: no match for platform in manifest: not found",
        "rpc error: code = Unknown desc = no matching manifest for linux/arm64/v8 in the manifest list entries",
        "choosing image instance: no image found in manifest list for architecture \"arm64\", variant \"v8\", OS \"linux\"",
        "choosing image instance: no image found in image index for architecture arm64, variant \"v8\", OS linux",
        "image operating system \"linux\" cannot be used on this platform",
    ] {
        is(words, &pull(words), "False", &["AgentImagePlatformMismatch Error Certain"]);
    }
    is("another", &pull("x: not found"), "False", &["AgentImagePullFailed Error Certain"]);
}

#[test]
fn the_clone_runs_the_image_of_the_application() {
    let state =
        json!({"ready": false, "state": {"waiting": {"reason": "ImagePullBackOff", "message": "Back-off"}}});
    for name in ["static", "edge"] {
        let cluster = Recorded::new("healthy-all-languages").workload(name);
        let mut cluster = cluster.state("otel-agent-source-container-clone", &state);
        cluster.now = "2026-11-23T01:00:00Z".parse().unwrap();
        is(name, &cluster, "Unknown", &["InitContainerNotStarted Warning Hint"]);
    }
}

#[test]
fn a_sidecar_that_has_to_be_root() {
    let words = "container's runAsUser breaks non-root policy (pod: \"x_y(z)\", container: y)";
    let state = json!({"ready": false, "lastState": {}, "restartCount": 0,
        "state": {"waiting": {"reason": "CreateContainerConfigError", "message": words}}});
    let cluster = Recorded::new("go-agent-oom").state(GO, &state);
    is("runAsNonRoot", &cluster, "False", &["PrivilegedGoSidecarRejected Error Certain"]);
}

#[test]
fn an_image_of_old_that_only_root_may_copy_from() {
    let old = |image: &str, user: i64| {
        init_fails().state(PYTHON, &back_off("Error", 1, "")).in_pods(PYTHON, |container| {
            container["image"] = image.into();
            container["securityContext"] = json!({"runAsUser": user});
        })
    };
    let upstream = "ghcr.io/open-telemetry/opentelemetry-operator/autoinstrumentation-python";
    let not_permitted = "InitContainerCopyNotPermitted Error Likely";
    let said = |cluster: &Recorded| cluster.judge().findings[0].clone();
    assert_eq!(said(&old(&format!("{upstream}:0.44b0"), 1000)), not_permitted);
    assert_eq!(said(&old(&format!("{upstream}:0.44b0"), 0)), "InitContainerFailed Error Certain");
    assert_eq!(said(&old(&format!("{upstream}:0.64b0"), 1000)), "InitContainerFailed Error Certain");
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
    let count = std::cell::Cell::new(0);
    let breaks = two(["aa", "bb"]).each("Pod", "app", move |pod| {
        if count.replace(count.get() + 1) % 2 == 1 {
            for (field, value) in back_off("Error", 1, "").as_object().unwrap() {
                pod["status"]["containerStatuses"][0][field] = value.clone();
            }
            pod["status"]["conditions"] = json!([]);
        }
    });
    is("moved to what breaks the application", &breaks, "False", &["AgentImageDrifted Error Likely"]);
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

/// It runs beside the application, so each attempt looks for a while as if it had come to stay; also where it ends with 0.
#[test]
fn a_go_agent_in_a_crash_loop_says_the_same_at_every_turn() {
    for (reason, exit_code) in [("OOMKilled", 137), ("Error", 1), ("Completed", 0)] {
        let ended = json!({"terminated": {"reason": reason, "exitCode": exit_code, "message": ""}});
        let turn = |restarts: i32, state: Value| {
            let state = json!({"ready": false, "restartCount": restarts, "state": state, "lastState": ended});
            let said = Recorded::new("go-agent-oom").state(GO, &state).diagnose();
            (said.status, said.operator_wide, said.figures)
        };
        let running = || json!({"running": {"startedAt": "2026-11-22T23:19:30Z"}});
        let waits = || json!({"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}});
        let said = turn(5, waits());
        let healthy = said.0.conditions.iter().find(|condition| condition.type_ == "Healthy").unwrap();
        assert_eq!((&*healthy.status, &*healthy.reason), ("False", "GoAgentCannotAttach"), "{reason}");
        assert_eq!(turn(5, running()), said, "{reason}: it runs once more");
        assert_eq!(turn(6, ended.clone()), said, "{reason}: it has ended once more");
        assert_eq!(turn(6, waits()), said, "{reason}: it waits once more");
    }
}
