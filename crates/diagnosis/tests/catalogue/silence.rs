//! What do the annotations do with which users silence us?

use api::Severity;
use diagnosis::{OperatorState, diagnose};
use serde_json::json;

use crate::edit::set;
use crate::recorded::Recorded;

const PREFIX: &str = "/metadata/annotations/instrumentation-health.dev~1";

/// A failing workload with annotations of its own and of its Namespace.
fn annotated(workload: &[(&str, &str)], namespace: &[(&str, &str)]) -> api::InstrumentationHealthStatus {
    let put = |all: &[(&str, &str)], object: &mut serde_json::Value| {
        for (name, value) in all {
            set(object, &format!("{PREFIX}{name}"), &json!(value));
        }
    };
    let cluster = Recorded::new("endpoint-python-4317")
        .each("Deployment", "app", |deployment| put(workload, deployment))
        .each("Namespace", "", |object| put(namespace, object));
    let (input, id) = cluster.read();
    let operator = OperatorState::discover(&input.world);
    let subject = input.world.subject(&id).unwrap();
    let options = diagnosis::Options::default();
    diagnose(&subject, &input.world, &operator, None, cluster.now, &options).unwrap().status
}

fn healthy(status: &api::InstrumentationHealthStatus) -> (&str, &str) {
    let healthy = status.conditions.iter().find(|condition| condition.type_ == "Healthy").unwrap();
    (&healthy.status, &healthy.reason)
}

#[test]
fn what_is_ignored_stays_in_sight_as_info() {
    for (workload, namespace) in [
        (&[("ignore", "EndpointProtocolMismatch")][..], &[][..]),
        (&[("ignore", "IH-H001")], &[]),
        (&[("ignore", "EndpointNotConfigured , EndpointProtocolMismatch")], &[]),
        (&[], &[("ignore", "EndpointProtocolMismatch")]),
    ] {
        let status = annotated(workload, namespace);
        assert_eq!(healthy(&status), ("True", "Instrumented"), "{workload:?} {namespace:?}");
        let finding = &status.findings[0];
        assert_eq!((&*finding.reason, finding.severity), ("EndpointProtocolMismatch", Severity::Info));
        assert!(finding.ignored);
        assert_eq!((status.pods.failed, status.pods.healthy), (0, status.pods.total));
    }
    let other = annotated(&[("ignore", "EndpointNotConfigured")], &[]);
    assert_eq!(healthy(&other).0, "False");
    assert!(!other.findings[0].ignored);
}

#[test]
fn the_later_silence_counts_with_its_reason() {
    let until = |time: &str| Some(time.parse().unwrap());
    let (soon, later) = ("2026-11-23T08:00:00Z", "2026-11-24T08:00:00Z");
    let both = annotated(
        &[("mute-until", soon), ("mute-reason", "a test")],
        &[("mute-until", later), ("mute-reason", "a move")],
    );
    assert_eq!((both.muted_until, &*both.mute_reason), (until(later), "a move"));
    // The verdict is the same as ever.
    assert_eq!(healthy(&both), ("False", "EndpointProtocolMismatch"));
    let over = annotated(&[("mute-until", "2026-11-01T08:00:00Z"), ("mute-reason", "over")], &[]);
    assert_eq!((over.muted_until, &*over.mute_reason), (None, ""));
}

#[test]
fn a_slip_is_told_with_what_was_meant() {
    let time = "which is no RFC 3339 time: nothing is muted.";
    for (name, value, message, remedy) in [
        ("mute-until", "tomorrow", time, "dev/mute-until-"),
        ("mute-until", "2026-12-01", time, "dev/mute-until-"),
        (
            "ignore",
            "EndpointProtocolMissmatch, NoTrafficYet",
            "did you mean EndpointProtocolMismatch?",
            "dev/ignore=EndpointProtocolMismatch,NoTrafficYet",
        ),
        ("ignore", "Whatever", "which is no reason of a finding.", "dev/ignore-"),
        ("mute-unti", "2030-01-01T00:00:00Z", "instrumentation-health.dev/mute-until is.", "dev/mute-unti-"),
    ] {
        let status = annotated(&[(name, value)], &[]);
        assert_eq!(healthy(&status).0, "False", "{name}={value}");
        let finding = status.findings.iter().find(|finding| finding.reason == "SilenceAnnotationInvalid");
        let finding = finding.unwrap_or_else(|| panic!("{name}={value}: {:?}", status.findings));
        assert!(finding.message.ends_with(message), "{}", finding.message);
        assert!(finding.remedy.ends_with(remedy), "{}", finding.remedy);
    }
    let by_namespace = annotated(&[], &[("mute-until", "soon")]);
    let remedy = &by_namespace.findings.last().unwrap().remedy;
    assert!(remedy.contains("kubectl annotate namespace shop-"), "{remedy}");
}
