//! Pods that come and go: leftovers, scale-ups, rollouts that are on their way or held back.

use serde_json::{Value, json};

use crate::change::{back_off, bare, finished, unscheduled};
use crate::is;
use crate::recorded::Recorded;

fn java() -> Recorded {
    Recorded::new("healthy-java")
}

fn go() -> Recorded {
    Recorded::new("healthy-all-languages").workload("catalog")
}

/// The template of the workload.
fn template(cluster: &mut Recorded) -> Value {
    let workload = cluster.of_workload().into_iter().find(|object| object["kind"] != "Pod").unwrap();
    workload["spec"]["template"].clone()
}

#[test]
fn a_pod_that_ended_says_nothing_about_those_that_run() {
    let unknown = json!({"state": {"terminated": {"exitCode": 137, "reason": "ContainerStatusUnknown"}}});
    let pulling = json!({"state": {"waiting": {"reason": "ImagePullBackOff", "message": "Back-off"}}});
    let waiting = json!({"state": {"waiting": {"reason": "PodInitializing"}}});
    let restarted = json!({"restartCount": 1, "state": {"terminated": {"exitCode": 137, "reason": "Error"}},
        "lastState": {"terminated": {"exitCode": 1, "reason": "Error"}}});
    for (what, cluster, reason, init, running) in [
        ("evicted while the agent was copied", java(), "Evicted", &unknown, &waiting),
        ("on a node that was shut down", java(), "NodeShutdown", &unknown, &unknown),
        ("evicted while the agent was pulled", java(), "Evicted", &pulling, &waiting),
        ("the Go agent ended with its node", go(), "NodeShutdown", &unknown, &restarted),
    ] {
        is(what, &cluster.sibling(|pod| finished(pod, reason, init, running)), "True", &[]);
    }
}

#[test]
fn a_scale_up_keeps_the_verdict() {
    let later = |mut cluster: Recorded| {
        cluster.now = "2026-11-23T01:00:00Z".parse().unwrap();
        cluster
    };
    let taint = "0/3 nodes are available: 3 node(s) had untolerated taint(s).";
    let full = "0/3 nodes are available: 3 Insufficient cpu.";
    let not_started = "InitContainerNotStarted Info Hint";
    let tainted = java().sibling(|pod| unscheduled(pod, taint));
    is("no node takes it", &later(tainted), "True", &[not_started]);
    let no_room = java().sibling(|pod| unscheduled(pod, full));
    let findings = &["PodUnschedulableAfterInjection Info Likely", not_started];
    is("no room for one more", &later(no_room), "True", findings);
    let slow = java().sibling(|pod| {
        pod["status"]["phase"] = "Pending".into();
        pod["status"]["conditions"] = json!([]);
        pod["status"]["initContainerStatuses"][0]["state"] =
            json!({"waiting": {"reason": "PodInitializing"}});
    });
    is("a node that is slow", &later(slow), "True", &[not_started]);
}

/// An injected Pod of the newest revision beside a bare one of the revision before, which says something else.
fn rolling(old: &Value) -> Recorded {
    let mut cluster = java();
    let template = template(&mut cluster);
    let mut sets: Vec<Value> =
        cluster.objects.iter().filter(|object| object["kind"] == "ReplicaSet").cloned().collect();
    sets.retain(|set| set["metadata"]["name"].as_str().unwrap().starts_with("checkout-"));
    let mut earlier = sets.remove(0);
    earlier["metadata"]["uid"] = "earlier".into();
    earlier["metadata"]["name"] = "checkout-earlier".into();
    earlier["metadata"]["annotations"]["deployment.kubernetes.io/revision"] = "0".into();
    let mut cluster = cluster.sibling(|pod| {
        bare(pod, &template);
        pod["metadata"]["annotations"] = old.clone();
        pod["metadata"]["ownerReferences"][0]["uid"] = "earlier".into();
        pod["metadata"]["ownerReferences"][0]["name"] = "checkout-earlier".into();
    });
    cluster.objects.push(earlier);
    cluster
}

#[test]
fn what_was_wrong_with_a_revision_that_is_being_replaced_is_no_error_any_more() {
    let java = |value: &str| json!({"instrumentation.opentelemetry.io/inject-java": value});
    for (what, old, healthy, findings) in [
        (
            "a name that does not exist",
            java("elsewhere"),
            "Unknown",
            &["InstrumentationNotFound Warning Certain"][..],
        ),
        (
            "names that do not exist",
            json!({"instrumentation.opentelemetry.io/inject-java": "true",
                "instrumentation.opentelemetry.io/container-names": "nope"}),
            "Unknown",
            &["ContainerNamesUnknown Warning Certain"],
        ),
        ("it did not ask", json!({}), "True", &[]),
    ] {
        is(what, &rolling(&old), healthy, findings);
    }
}

#[test]
fn what_failed_before_a_job_was_complete_is_history() {
    let ended = json!({"ready": false, "state": {"terminated": {"exitCode": 137, "reason": "OOMKilled"}}});
    let waiting = json!({"state": {"waiting": {"reason": "PodInitializing"}}});
    let retried = Recorded::new("healthy-completed-job").workload("import");
    let retried = retried.sibling(|pod| finished(pod, "", &ended, &waiting));
    is("complete", &retried, "True", &[]);
    let not_complete = retried.each("Job", "app", |job| job["status"]["conditions"] = json!([]));
    is("not complete", &not_complete, "False", &["InitContainerOOMKilled Error Certain"]);
}

/// The template asks, the Pods were made before it did.
fn annotated_later(mut cluster: Recorded, held: impl Fn(&mut Value)) -> Recorded {
    let template = template(&mut cluster);
    for object in cluster.of_workload() {
        if object["kind"] == "Pod" {
            bare(object, &template);
            object["metadata"]["annotations"] = json!({});
        } else {
            held(object);
        }
    }
    cluster
}

#[test]
fn a_template_that_replaces_no_pods_reaches_none() {
    let later = "AnnotationAddedAfterPodStart Error Certain";
    let paused = annotated_later(java(), |deployment| deployment["spec"]["paused"] = true.into());
    is("a paused rollout", &paused, "False", &[later]);
    assert!(paused.judge().remedies[0].contains("rollout resume deployment/checkout"));
    for name in ["orders", "node-probe"] {
        let set = Recorded::new("healthy-statefulset-daemonset").workload(name);
        let on_delete = annotated_later(set, |set| set["spec"]["updateStrategy"]["type"] = "OnDelete".into());
        is(name, &on_delete, "False", &[later]);
    }
    let rolling = annotated_later(java(), |_| {});
    is("a rollout that has not begun", &rolling, "Unknown", &[]);
    let paused = java().each("Deployment", "app", |deployment| deployment["spec"]["paused"] = true.into());
    is("paused, and injected before", &paused, "True", &[]);
}

/// Pods of a `DaemonSet` are replaced one by one, and its status names no revision.
#[test]
fn a_daemon_set_that_is_rolled_has_old_pods_too() {
    let daemons = |updated: i32| {
        let mut cluster = Recorded::new("healthy-statefulset-daemonset").workload("node-probe");
        let template = template(&mut cluster);
        for object in cluster.of_workload() {
            if object["kind"] == "Pod" {
                object["metadata"]["labels"]["pod-template-generation"] = "2".into();
            } else {
                object["metadata"]["annotations"]["deprecated.daemonset.template.generation"] = "2".into();
                object["metadata"]["generation"] = 2.into();
                object["status"]["updatedNumberScheduled"] = updated.into();
                object["status"]["desiredNumberScheduled"] = 3.into();
            }
        }
        cluster.sibling(move |pod| {
            bare(pod, &template);
            pod["metadata"]["labels"]["pod-template-generation"] = "1".into();
            pod["metadata"]["labels"]["controller-revision-hash"] = "before".into();
            pod["metadata"]["annotations"] =
                json!({"instrumentation.opentelemetry.io/inject-python": "elsewhere"});
        })
    };
    let (warning, error) =
        ("InstrumentationNotFound Warning Certain", "InstrumentationNotFound Error Certain");
    is("one is left", &daemons(2), "Unknown", &[warning]);
    is("all are of the present template", &daemons(3), "False", &[error]);
}

/// The new revision fails, the one before, without an agent, runs on.
fn failing(reason: &str, exit_code: i32, words: &str) -> Recorded {
    let state = back_off(reason, exit_code, words);
    rolling(&json!({})).each("Pod", "app", move |pod| {
        if pod["metadata"]["annotations"].as_object().is_some_and(|asked| !asked.is_empty()) {
            for (field, value) in state.as_object().unwrap() {
                pod["status"]["containerStatuses"][0][field] = value.clone();
            }
            pod["status"]["conditions"] = json!([]);
        }
    })
}

#[test]
fn what_fails_only_with_the_agent_is_not_passed_over() {
    is("it ends", &failing("Error", 1, ""), "Unknown", &["ActivityNotVisible Warning Hint"]);
    is("it says why itself", &failing("Error", 1, "no such table: orders"), "True", &[crate::NOTE]);
    is("it is killed", &failing("Error", 143, ""), "False", &["StartupProbeTooShort Error Hint"]);
    is("for memory", &failing("OOMKilled", 137, ""), "False", &["AppMemoryTooTight Error Likely"]);
}
