//! H2 and time: those who take the telemetry need a while to get ready.

use api::ConditionType;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::change::back_off;
use crate::is;
use crate::recorded::Recorded;

/// When the collector's Pod stopped being ready.
const UNREADY: &str = "2026-11-22T23:19:00Z";
const NOT_FOUND: &str = "EndpointServiceNotFound Error Certain";

/// A healthy workload of which the collector is not ready, so many seconds later.
fn unready(seconds: i64, collector: impl Fn(&mut Value)) -> Recorded {
    let mut cluster = Recorded::new("healthy-java").each("EndpointSlice", "", |slice| {
        if slice["metadata"]["labels"]["kubernetes.io/service-name"] == "otel-collector" {
            slice["endpoints"][0]["conditions"] = json!({"ready": false, "serving": false});
        }
    });
    for object in &mut cluster.objects {
        if object["kind"] == "Pod" && object["metadata"]["labels"]["app"] == "otel-collector" {
            for condition in object["status"]["conditions"].as_array_mut().unwrap() {
                if condition["type"] == "Ready" {
                    *condition = json!({"type": "Ready", "status": "False", "lastTransitionTime": UNREADY});
                }
            }
            collector(object);
        }
    }
    cluster.now = UNREADY.parse::<jiff::Timestamp>().unwrap() + SignedDuration::from_secs(seconds);
    cluster
}

fn state(pod: &mut Value, state: &Value) {
    for (field, value) in state.as_object().unwrap() {
        pod["status"]["containerStatuses"][0][field] = value.clone();
    }
}

#[test]
fn a_collector_that_starts_has_two_minutes() {
    let starting = unready(30, |_| {});
    is("it starts", &starting, "Unknown", &[]);
    let said = starting.diagnose();
    assert_eq!(said.healthy(), ("Unknown", "Progressing"));
    assert_eq!(
        said.recheck_at,
        Some(UNREADY.parse::<jiff::Timestamp>().unwrap() + SignedDuration::from_secs(120))
    );
    for kind in [ConditionType::Healthy, ConditionType::ExporterReachable] {
        let condition = said.status.conditions.iter().find(|known| known.type_ == kind.as_str()).unwrap();
        assert_eq!((&*condition.status, &*condition.reason), ("Unknown", "Progressing"), "{kind:?}");
        assert!(condition.message.contains("otel-collector"), "{}", condition.message);
    }
    is("its time is over", &unready(120, |_| {}), "False", &[NOT_FOUND]);
}

#[test]
fn what_waiting_does_not_mend_is_told_at_once() {
    let waits = |reason: &str| json!({"ready": false, "state": {"waiting": {"reason": reason}}});
    for (what, container) in [
        ("it fails again and again", back_off("Error", 1, "")),
        ("its image cannot be pulled", waits("ImagePullBackOff")),
    ] {
        is(what, &unready(30, |pod| state(pod, &container)), "False", &[NOT_FOUND]);
    }
    let creating = unready(30, |pod| state(pod, &waits("ContainerCreating")));
    is("its image is pulled", &creating, "Unknown", &[]);
}

/// A collector of which the container was started anew so many seconds ago, after so many failures.
fn up_again(seconds: i64, restarts: i64, others: i64) -> Recorded {
    let mut cluster = Recorded::new("healthy-java");
    let started = cluster.now - SignedDuration::from_secs(seconds);
    let is_collector =
        |object: &Value| object["kind"] == "Pod" && object["metadata"]["labels"]["app"] == "otel-collector";
    let steady = cluster.objects.iter().find(|object| is_collector(object)).unwrap().clone();
    for object in cluster.objects.iter_mut().filter(|object| is_collector(object)) {
        let last = json!({"terminated": {"exitCode": 1, "reason": "Error", "finishedAt": UNREADY}});
        let running = json!({"running": {"startedAt": started}});
        state(object, &json!({"ready": true, "restartCount": restarts, "state": running, "lastState": last}));
    }
    for number in 0..others {
        let mut other = steady.clone();
        other["metadata"]["name"] = format!("otel-collector-{number}").into();
        other["metadata"]["uid"] = format!("otel-collector-{number}").into();
        cluster.objects.push(other);
    }
    cluster
}

#[test]
fn ready_for_a_moment_between_two_failures_is_not_ready() {
    for (what, cluster, verdict) in [
        ("up for a second", up_again(1, 5, 0), "False"),
        ("up for two minutes", up_again(120, 5, 0), "True"),
        ("failed once", up_again(1, 1, 0), "True"),
        ("another one is steady", up_again(1, 5, 1), "True"),
    ] {
        let expected: &[&str] = if verdict == "False" { &[NOT_FOUND] } else { &[] };
        is(what, &cluster, verdict, expected);
    }
    let cluster = up_again(20, 5, 0);
    let (now, said) = (cluster.now, cluster.diagnose());
    assert_eq!(said.recheck_at, Some(now + SignedDuration::from_secs(100)), "two minutes after its start");
    let waiting = unready(30, |pod| {
        let last = json!({"terminated": {"exitCode": 1, "reason": "Error", "finishedAt": UNREADY}});
        let waiting = json!({"waiting": {"reason": "CrashLoopBackOff"}});
        state(pod, &json!({"ready": false, "restartCount": 5, "state": waiting, "lastState": last}));
    });
    assert_eq!(
        said.status.findings[0].message,
        waiting.diagnose().status.findings[0].message,
        "nothing is written when it comes up and fails once more"
    );
    assert_eq!(said.status.findings[0].evidence, waiting.diagnose().status.findings[0].evidence);
}

#[test]
fn without_any_pod_the_age_of_the_service_counts() {
    let without_pods = |seconds: i64| {
        let mut cluster = unready(seconds, |_| {});
        cluster.objects.retain(|object| {
            object["kind"] != "Pod" || object["metadata"]["labels"]["app"] != "otel-collector"
        });
        cluster.each("Service", "", |service| {
            if service["metadata"]["name"] == "otel-collector" {
                service["metadata"]["creationTimestamp"] = UNREADY.into();
            }
        })
    };
    is("applied a moment ago", &without_pods(30), "Unknown", &[]);
    is("scaled to nothing", &without_pods(300), "False", &[NOT_FOUND]);
}
