//! What goes over the wire?

use api::{InstrumentationHealthSpec, InstrumentationHealthStatus, WorkloadReference};
use http::{Request, Response};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference;
use kube::client::Body;
use serde_json::{Value, json};
use tokio::time::Instant;
use tower_test::mock::{self, Handle};

use super::*;
use crate::ledger::Wish;

type Server = Handle<Request<Body>, Response<Body>>;

fn writer() -> (Writer, Server) {
    let (service, server) = mock::pair::<Request<Body>, Response<Body>>();
    let client = Client::new(service, "default");
    let leads = watch::channel(Leadership::Leads { until: None }).1;
    let timeout = Duration::from_secs(5);
    (Writer { client, timeout, metrics: Arc::default(), leadership: leads }, server)
}

fn object() -> InstrumentationHealth {
    let workload_ref =
        WorkloadReference { api_version: "apps/v1".into(), kind: "Deployment".into(), name: "a".into() };
    let mut object = InstrumentationHealth::new("deployment-a", InstrumentationHealthSpec { workload_ref });
    object.metadata.namespace = Some("shop".to_owned());
    object.metadata.labels =
        Some([("instrumentation-health.dev/healthy".to_owned(), "True".to_owned())].into());
    object.status = Some(InstrumentationHealthStatus::default());
    object
}

fn event() -> Due {
    let mut event = Event { reason: Some("AgentImagePullFailed".to_owned()), ..Event::default() };
    event.metadata.namespace = Some("shop".to_owned());
    Due::new(event, "2026-11-24T10:00:00Z".to_owned())
}

fn job(stored: Option<&InstrumentationHealth>, wished: Option<&InstrumentationHealth>) -> Job {
    let key = ObjectKey { namespace: "shop".into(), name: "deployment-a".into() };
    let stored =
        stored.map(|object| Stored { uid: "u".into(), version: "6".into(), object: Packed::new(object) });
    let wish = Wish { object: wished.map(Packed::new), about: Arc::default(), since: Instant::now() };
    Job { key, stored, wish }
}

/// Answers each request in turn; gives back what was asked.
async fn answer(mut server: Server, answers: Vec<(u16, Value)>) -> Vec<(String, Value)> {
    let mut asked = Vec::new();
    for (code, answer) in answers {
        let (request, send) = server.next_request().await.expect("another request");
        let line = format!("{} {}", request.method(), request.uri());
        let body = request.into_body().collect_bytes().await.unwrap();
        asked.push((line, serde_json::from_slice(&body).unwrap_or_default()));
        let body = Body::from(serde_json::to_vec(&answer).unwrap());
        send.send_response(Response::builder().status(code).body(body).unwrap());
    }
    asked
}

fn stored_as(version: &str) -> Value {
    json!({
        "apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadata",
        "metadata": {"name": "deployment-a", "namespace": "shop", "uid": "u", "resourceVersion": version}
    })
}

fn refused(code: u16, reason: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Status", "status": "Failure", "code": code, "reason": reason, "message": reason})
}

async fn run(plan: Plan, job: Job, answers: Vec<(u16, Value)>) -> (Finished, Vec<(String, Value)>) {
    let (writer, server) = writer();
    let requests = plan.requests();
    let asked = tokio::spawn(answer(server, answers));
    let finished = writer.run(&job, plan).await;
    drop(writer);
    let asked = asked.await.unwrap();
    assert!(asked.len() <= requests, "more requests than were counted");
    (finished, asked)
}

const OBJECT: &str =
    "/apis/instrumentation-health.dev/v1alpha1/namespaces/shop/instrumentationhealths/deployment-a";

#[tokio::test]
async fn a_new_object_is_created_told_and_filled_in_this_order() {
    let object = object();
    let plan = Plan::new(None, Some(object.clone()), vec![event()]);
    assert_eq!(plan.requests(), 3);
    let answers = vec![(201, stored_as("7")), (201, json!(event().named("u"))), (200, stored_as("8"))];
    let (finished, asked) = run(plan, job(None, Some(&object)), answers).await;
    let lines: Vec<&str> = asked.iter().map(|(line, _)| line.split('?').next().unwrap()).collect();
    let expected = [
        format!("PATCH {OBJECT}"),
        "POST /apis/events.k8s.io/v1/namespaces/shop/events".to_owned(),
        format!("PATCH {OBJECT}/status"),
    ];
    assert_eq!(lines, expected);
    assert!(asked[0].0.contains("force=true") && asked[0].0.contains("fieldManager=instrumentation-health"));
    let (head, status) = (&asked[0].1, &asked[2].1);
    assert_eq!(
        asked[1].1["metadata"]["name"],
        json!(event().named("u").metadata.name),
        "named by the object's uid"
    );
    assert_eq!((&head["kind"], &head["status"]), (&json!("InstrumentationHealth"), &Value::Null));
    assert_eq!(head["metadata"]["managedFields"], Value::Null);
    assert_eq!(status["apiVersion"], "instrumentation-health.dev/v1alpha1");
    assert_eq!((&status["spec"], status["status"].is_object()), (&Value::Null, true));
    let Finished::Done(Some(stored)) = finished else { panic!("{finished:?}") };
    assert_eq!((&*stored.version, stored.object.unpack()), ("8", object));
}

#[tokio::test]
async fn an_event_that_is_there_already_is_sent() {
    let object = object();
    let plan = Plan::new(Some(&object), Some(object.clone()), vec![event()]);
    let answers = vec![(409, refused(409, "AlreadyExists"))];
    let (finished, _) = run(plan, job(Some(&object), Some(&object)), answers).await;
    assert!(matches!(finished, Finished::Done(Some(_))), "{finished:?}");
}

#[tokio::test]
async fn a_status_waits_for_its_event() {
    let object = object();
    let stored = InstrumentationHealth { status: None, ..object.clone() };
    let plan = |stored| Plan::new(stored, Some(object.clone()), vec![event()]);
    let (created, error) = ((201, stored_as("7")), (500, refused(500, "InternalError")));
    for (stored, answers) in [(None, vec![created, error.clone()]), (Some(&stored), vec![error])] {
        let answered = answers.len();
        let (finished, asked) = run(plan(stored), job(stored, Some(&object)), answers).await;
        assert!(matches!(finished, Finished::Failed), "{finished:?}");
        assert_eq!(asked.len(), answered, "no status before the Event");
        assert_eq!(
            asked[answered - 1].1["metadata"]["name"],
            json!(event().named("u").metadata.name),
            "sent again after a crash between the object and its status, it has the same name"
        );
    }
}

#[tokio::test]
async fn an_event_that_may_not_be_sent_holds_nothing_up() {
    let object = object();
    let plan = Plan::new(None, Some(object.clone()), vec![event()]);
    let answers = vec![(201, stored_as("7")), (403, refused(403, "Forbidden")), (200, stored_as("8"))];
    let (finished, _) = run(plan, job(None, Some(&object)), answers).await;
    assert!(matches!(finished, Finished::Done(Some(_))), "{finished:?}");
}

#[test]
fn only_what_differs_is_written() {
    let stored = object();
    let changed = |change: fn(&mut InstrumentationHealth)| {
        let mut object = object();
        change(&mut object);
        let Plan { delete, main, status, .. } = Plan::new(Some(&stored), Some(object), Vec::new());
        (delete, main, status)
    };
    assert_eq!(changed(|_| {}), (false, false, false));
    assert_eq!(changed(|o| o.metadata.labels = None), (false, true, false));
    assert_eq!(changed(|o| o.status = None), (false, false, true));
    assert_eq!(changed(|o| o.spec.workload_ref.api_version = "apps/v2".into()), (true, true, true));
    let owner =
        |o: &mut InstrumentationHealth| o.metadata.owner_references = Some(vec![OwnerReference::default()]);
    assert_eq!(changed(owner), (false, true, false));
    assert_eq!(Plan::new(Some(&stored), None, Vec::new()).requests(), 1);
    assert_eq!(Plan::new(None, None, Vec::new()).requests(), 0);
}

#[tokio::test]
async fn an_object_is_deleted_only_if_it_is_that_one() {
    let object = object();
    let plan = Plan::new(Some(&object), None, Vec::new());
    let (finished, asked) = run(plan, job(Some(&object), None), vec![(200, stored_as("9"))]).await;
    assert!(matches!(finished, Finished::Done(None)), "{finished:?}");
    assert_eq!(asked[0].0.split('?').next().unwrap(), format!("DELETE {OBJECT}"));
    assert_eq!(asked[0].1["preconditions"]["uid"], "u");
}
