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
