//! Does a watch go on?

use facts::{InputKind, PodView};
use http::{Request, Response};
use kube::client::Body;
use serde_json::{Value, json};
use tower_test::mock::{self, Handle};

use super::*;

type Server = Handle<Request<Body>, Response<Body>>;

const PODS: Source =
    Source { input: InputKind::Pods, name: None, namespace: None, field_selector: None, namespaced: true };

/// A watch of Pods, the API server that it asks, and what it tells.
fn pods() -> (Server, mpsc::Receiver<Delivery>) {
    let (service, server) = mock::pair::<Request<Body>, Response<Body>>();
    let (deliveries, received) = mpsc::channel(64);
    let surroundings = Surroundings {
        deliveries,
        shutdown: CancellationToken::new(),
        metrics: Arc::default(),
        streaming_lists: true,
    };
    let client = Client::new(service, "default");
    tokio::spawn(follow_source::<PodView>(client, PODS, Arc::default(), surroundings));
    (server, received)
}

/// Answers the next request; gives back its address.
async fn answer(server: &mut Server, code: u16, lines: &[Value]) -> String {
    let (request, send) = server.next_request().await.expect("another request");
    send.send_response(response(code, lines));
    request.uri().to_string()
}

fn response(code: u16, lines: &[Value]) -> Response<Body> {
    let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
    let text = lines.join("\n") + "\n";
    Response::builder().status(code).body(Body::from(text.into_bytes())).unwrap()
}

fn refusal(code: u16) -> Value {
    json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "message": "no", "reason": "no"})
}

fn pod(name: &str, version: u32) -> Value {
    json!({"kind": "Pod", "apiVersion": "v1", "metadata": {"name": name, "namespace": "shop", "uid": name, "resourceVersion": version.to_string()}})
}

fn list(items: &[Value]) -> Value {
    json!({"kind": "PodList", "apiVersion": "v1", "metadata": {"resourceVersion": "9"}, "items": items})
}

fn event(kind: &str, object: &Value) -> Value {
    json!({"type": kind, "object": object})
}

fn end_of_list() -> Value {
    let annotations = json!({"k8s.io/initial-events-end": "true"});
    json!({"type": "BOOKMARK", "object": {"kind": "Pod", "apiVersion": "v1", "metadata": {"resourceVersion": "9", "annotations": annotations}}})
}

/// The next message, in short.
async fn next(received: &mut mpsc::Receiver<Delivery>) -> String {
    match received.recv().await.expect("another message").message {
        Message::Input(_, Change::Begin) => "begin".to_owned(),
        Message::Input(_, Change::Apply(object)) => format!("apply {}", object.metadata().name),
        Message::Input(_, Change::Delete(object)) => format!("delete {}", object.metadata().name),
        Message::Input(_, Change::Unparsable(odd, _)) => format!("unparsable {}", odd.name),
        Message::Input(_, Change::Complete) => "complete".to_owned(),
        Message::Input(_, Change::Absent(known)) => format!("{known:?}"),
        other => format!("{other:?}"),
    }
}

async fn told(received: &mut mpsc::Receiver<Delivery>, expected: &[&str]) {
    for line in expected {
        assert_eq!(next(received).await, *line);
    }
}

#[tokio::test(start_paused = true)]
async fn a_streamed_list_goes_over_into_the_watch_and_resumes() {
    let (mut server, mut received) = pods();
    let lines = [
        event("ADDED", &pod("a", 7)),
        end_of_list(),
        event("MODIFIED", &pod("a", 10)),
        event("DELETED", &pod("a", 11)),
    ];
    assert!(answer(&mut server, 200, &lines).await.contains("sendInitialEvents=true"));
    told(&mut received, &["begin", "apply a", "complete", "apply a", "delete a"]).await;
    let resumed = answer(&mut server, 200, &[event("ADDED", &pod("b", 12))]).await;
    assert!(resumed.contains("resourceVersion=11"), "{resumed}");
    told(&mut received, &["apply b"]).await;
    answer(&mut server, 200, &[event("ERROR", &refusal(410))]).await;
    answer(&mut server, 200, &[event("ADDED", &pod("b", 12)), end_of_list()]).await;
    told(&mut received, &["begin", "apply b", "complete"]).await;
}

#[tokio::test(start_paused = true)]
async fn an_api_server_that_does_not_stream_lists_is_asked_for_pages() {
    let (mut server, mut received) = pods();
    answer(&mut server, 422, &[refusal(422)]).await;
    let listed = answer(&mut server, 200, &[list(&[pod("a", 7)])]).await;
    assert!(listed.contains("limit=500") && !listed.contains("watch"), "{listed}");
    told(&mut received, &["begin", "apply a", "complete"]).await;
    assert!(!answer(&mut server, 200, &[]).await.contains("sendInitialEvents"));
}

#[tokio::test(start_paused = true)]
async fn an_object_that_does_not_parse_is_named_and_the_others_arrive() {
    let (mut server, mut received) = pods();
    let mut odd = pod("odd", 8);
    odd["spec"] = json!("no object");
    let lines =
        [event("ADDED", &pod("a", 7)), event("ADDED", &odd), event("ADDED", &pod("b", 7)), end_of_list()];
    answer(&mut server, 200, &lines).await;
    told(&mut received, &["begin", "apply a"]).await;
    answer(&mut server, 200, &lines).await;
    told(&mut received, &["begin", "apply a", "unparsable odd", "apply b", "complete"]).await;
}

#[tokio::test(start_paused = true)]
async fn a_right_that_comes_late_lists_anew() {
    let (mut server, mut received) = pods();
    let needs = "Unreadable { needs: \"list, watch pods\" }";
    let serve = tokio::spawn(async move {
        for _ in 0..6 {
            answer(&mut server, 403, &[refusal(403)]).await;
        }
        answer(&mut server, 200, &[event("ADDED", &pod("a", 7)), end_of_list()]).await;
        server
    });
    let mut last = next(&mut received).await;
    while last == needs {
        last = next(&mut received).await;
    }
    assert_eq!(last, "begin");
    told(&mut received, &["apply a", "complete"]).await;
    drop(serve.await);
}

#[tokio::test(start_paused = true)]
async fn a_right_that_is_lost_is_named_and_everything_is_listed_anew_when_it_is_back() {
    let (mut server, mut received) = pods();
    answer(&mut server, 200, &[event("ADDED", &pod("a", 7)), end_of_list()]).await;
    told(&mut received, &["begin", "apply a", "complete"]).await;
    let serve = tokio::spawn(async move {
        let mut resumed = 0;
        loop {
            let (request, send) = server.next_request().await.expect("another request");
            let anew = request.uri().to_string().contains("sendInitialEvents");
            resumed += usize::from(!anew);
            let (code, lines) = if anew {
                (200, vec![event("ADDED", &pod("a", 7)), end_of_list()])
            } else {
                (403, vec![refusal(403)])
            };
            send.send_response(response(code, &lines));
            if anew {
                return (server, resumed);
            }
        }
    });
    told(&mut received, &["Unreadable { needs: \"list, watch pods\" }", "begin", "apply a", "complete"])
        .await;
    let (_, resumed) = serve.await.unwrap();
    assert!(resumed > 2, "the first refusals may be those of an API server that has just started");
}
