//! Which Events are sent for which change?

use api::{Certainty, ConditionType, Evidence, FindingPods, HistoryEntry, Severity, WorkloadReference};

use super::*;

fn reference(kind: &str, name: &str, uid: &str) -> ObjectReference {
    ObjectReference {
        kind: Some(kind.to_owned()),
        namespace: Some("shop".to_owned()),
        name: Some(name.to_owned()),
        uid: Some(uid.to_owned()),
        ..ObjectReference::default()
    }
}

fn about() -> About {
    About {
        workload: reference("Deployment", "checkout", "u1"),
        pods: vec![reference("Pod", "checkout-1", "p1"), reference("Pod", "checkout-2", "p2")],
        instrumentation: Some(reference("Instrumentation", "default", "i1")),
    }
}

fn sender() -> Sender {
    Sender { instance: "instrumentation-health-0".to_owned(), now: Timestamp::UNIX_EPOCH }
}

fn object(healthy: &str, reason: &str) -> InstrumentationHealth {
    let workload_ref = WorkloadReference {
        api_version: "apps/v1".into(),
        kind: "Deployment".into(),
        name: "checkout".into(),
    };
    let spec = api::InstrumentationHealthSpec { workload_ref };
    let mut object = InstrumentationHealth::new("deployment-checkout", spec);
    let now = Timestamp::UNIX_EPOCH;
    let finding = Finding {
        ignored: false,
        reason: reason.to_owned(),
        code: "IH-F004".to_owned(),
        severity: Severity::Error,
        certainty: Certainty::Certain,
        message: "The agent image cannot\n be pulled.".to_owned(),
        remedy: "kubectl edit instrumentation default".to_owned(),
        documentation: String::new(),
        evidence: Vec::<Evidence>::new(),
        pods: Some(FindingPods { count: 2, examples: vec!["checkout-1".into(), "checkout-2".into()] }),
        since: None,
    };
    object.status = Some(InstrumentationHealthStatus {
        conditions: vec![api::condition(ConditionType::Healthy, healthy, reason, "2 of 2 Pods.", now)],
        findings: if healthy == "False" { vec![finding] } else { Vec::new() },
        history: vec![HistoryEntry { time: now, healthy: healthy.to_owned(), reason: reason.to_owned() }],
        ..InstrumentationHealthStatus::default()
    });
    object
}

fn planned(before: Option<&InstrumentationHealth>, after: &InstrumentationHealth) -> Vec<Event> {
    let previous = before.and_then(|object| object.status.as_ref());
    plan(previous, after, &about(), &sender()).iter().map(|due| due.named("o1")).collect()
}

#[test]
fn an_error_is_told_on_the_workload_and_on_example_pods() {
    let events = planned(None, &object("False", "AgentImagePullFailed"));
    let names: Vec<_> = events.iter().map(|event| event.regarding.clone().unwrap().name.unwrap()).collect();
    assert_eq!(names, ["checkout", "checkout-1", "checkout-2"]);
    let event = &events[0];
    let note = "The agent image cannot be pulled. kubectl edit instrumentation default";
    assert_eq!(event.note.as_deref(), Some(note));
    assert_eq!((event.type_.as_deref(), event.action.as_deref()), (Some("Warning"), Some("Diagnose")));
    assert_eq!(event.related.as_ref().unwrap().kind.as_deref(), Some("Instrumentation"));
    assert_eq!(event.metadata.namespace.as_deref(), Some("shop"));
}

#[test]
fn recovery_is_told_on_the_workload_only() {
    let before = object("False", "AgentImagePullFailed");
    let events = planned(Some(&before), &object("True", "Instrumented"));
    let [event] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!((event.type_.as_deref(), event.reason.as_deref()), (Some("Normal"), Some(RECOVERED)));
    assert_eq!(event.note.as_deref(), Some("Recovered from AgentImagePullFailed. 2 of 2 Pods."));
}

#[test]
fn an_unchanged_error_is_not_told_again() {
    let error = object("False", "AgentImagePullFailed");
    assert!(planned(Some(&error), &error).is_empty());
}

#[test]
fn a_repeated_event_has_the_same_name_and_the_next_one_another() {
    let error = object("False", "AgentImagePullFailed");
    let name =
        |before: Option<&InstrumentationHealth>| planned(before, &error)[0].metadata.name.clone().unwrap();
    let healthy = |second: i64| {
        let mut object = object("True", "Instrumented");
        object.status.as_mut().unwrap().history[0].time = Timestamp::from_second(second).unwrap();
        object
    };
    assert!(name(None).starts_with("checkout."));
    assert_ne!(name(None), name(Some(&healthy(1))));
    assert_ne!(name(Some(&healthy(1))), name(Some(&healthy(2))), "broken again after it had healed");
    // What the object consists of before its status is written for the first time tells nothing.
    let mut created = error.clone();
    created.status = None;
    created.metadata.resource_version = Some("7".to_owned());
    assert_eq!(name(None), name(Some(&created)), "sent again by who goes on after a crash");
    let mut labelled = healthy(1);
    labelled.metadata.resource_version = Some("9".to_owned());
    assert_eq!(name(Some(&healthy(1))), name(Some(&labelled)));
    // Deleted and made anew within the hour: that it is broken is told once more.
    let of_another = plan(None, &error, &about(), &sender())[0].named("o2").metadata.name;
    assert_ne!(of_another.as_ref(), Some(&name(None)));
    let unique: std::collections::HashSet<_> =
        planned(None, &error).into_iter().map(|event| event.metadata.name).collect();
    assert_eq!(unique.len(), 3);
}

#[test]
fn names_of_the_longest_workload_fit() {
    let mut about = about();
    about.workload.name = Some(format!("{}.{}", "a".repeat(235), "b".repeat(17)));
    let events = plan(None, &object("False", "AgentImagePullFailed"), &about, &sender());
    let name = events[0].named("o1").metadata.name.unwrap();
    assert!(name.len() <= 253 && !name.contains(".."), "{name}");
}

#[test]
fn an_error_of_the_operator_is_told_on_the_operator() {
    let operator =
        ObjectReference { namespace: None, ..reference("MutatingWebhookConfiguration", "otel", "w1") };
    let status = object("False", "WebhookDown").status;
    let told = |telling, minute: i64| {
        let news = OperatorNews {
            telling,
            reason: "WebhookDown",
            status: status.as_ref(),
            restarts: &["kubectl -n shop rollout restart deployment/checkout".to_owned()],
            after: Timestamp::from_second(60 * minute).ok(),
        };
        about_operator(&operator, &news, &sender())
    };
    let (once, again) = (Telling::Begins { comes_and_goes: false }, Telling::Begins { comes_and_goes: true });
    let event = told(once, 1);
    assert_eq!(event.metadata.namespace.as_deref(), Some("default"), "as events.k8s.io/v1 demands");
    assert_eq!(event.reason.as_deref(), Some("WebhookDown"));
    assert!(told(again, 1).note.unwrap().contains("It comes and goes"));
    let over = told(Telling::Ends, 1);
    assert_eq!(over.reason.as_deref(), Some(RECOVERED));
    assert!(over.note.unwrap().ends_with("rollout restart deployment/checkout"));
    let names = [told(once, 1), told(once, 2), told(again, 1), told(Telling::Ends, 1)]
        .map(|event| event.metadata.name);
    assert_eq!(names.iter().collect::<std::collections::HashSet<_>>().len(), 4, "each is another Event");
    assert_eq!(told(once, 1).metadata.name, event.metadata.name);
}
