//! Does never more than one replica lead, and how soon does another follow?

use std::sync::{Mutex, PoisonError};

use http::{Method, Request, Response};
use kube::Client;
use kube::client::Body;
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tower_test::mock::{self, Handle};

use super::*;
use crate::lease::{LeaseSettings, NAME};

/// One Lease, with the rules of the API server: who writes must have read what is there.
#[derive(Clone, Default)]
struct ApiServer(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    lease: Option<Value>,
    version: u32,
    down: bool,
}

impl ApiServer {
    fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn client(&self) -> Client {
        let (service, handle) = mock::pair::<Request<Body>, Response<Body>>();
        tokio::spawn(self.clone().serve(handle));
        Client::new(service, "ns")
    }

    async fn serve(self, mut handle: Handle<Request<Body>, Response<Body>>) {
        while let Some((request, send)) = handle.next_request().await {
            let (parts, body) = request.into_parts();
            let body = body.collect_bytes().await.unwrap();
            let is_list = parts.uri.path().ends_with("leases") && parts.method == Method::GET;
            let body = serde_json::from_slice(&body).unwrap_or_default();
            let (code, answer) = self.with(|state| match () {
                // Without a watch the replicas look by themselves.
                () if is_list => refused(403),
                () if state.down => refused(500),
                () => state.answer(&parts.method, body),
            });
            let answer = Body::from(serde_json::to_vec(&answer).unwrap());
            send.send_response(Response::builder().status(code).body(answer).unwrap());
        }
    }
}

impl State {
    fn answer(&mut self, method: &Method, mut body: Value) -> (u16, Value) {
        match (method, &self.lease) {
            (&Method::GET, None) => refused(404),
            (&Method::GET, Some(lease)) => (200, lease.clone()),
            (&Method::POST, Some(_)) => refused(409),
            (&Method::PUT, Some(lease))
                if lease["metadata"]["resourceVersion"] != body["metadata"]["resourceVersion"] =>
            {
                refused(409)
            }
            _ => {
                self.version += 1;
                body["metadata"]["resourceVersion"] = self.version.to_string().into();
                self.lease = Some(body.clone());
                (200, body)
            }
        }
    }
}

fn refused(code: u16) -> (u16, Value) {
    let reason = match code {
        403 => "Forbidden",
        404 => "NotFound",
        409 => "Conflict",
        _ => "InternalError",
    };
    let status = json!({"apiVersion": "v1", "kind": "Status", "status": "Failure", "code": code, "reason": reason, "message": reason});
    (code, status)
}

struct Candidate {
    leadership: watch::Receiver<Leadership>,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Candidate {
    fn start(server: &ApiServer, name: &str) -> Self {
        let duration = Duration::from_secs(10);
        let settings =
            LeaseSettings { namespace: "ns".to_owned(), name: NAME.to_owned(), elect: true, duration };
        let store = Store::new(&server.client(), &settings, name.to_owned());
        let (sender, leadership) = watch::channel(Leadership::Standby { problem: None });
        let stop = CancellationToken::new();
        let task = tokio::spawn(elect(store, sender, Arc::default(), stop.clone()));
        Self { leadership, stop, task }
    }

    fn may_write(&self) -> bool {
        self.leadership.borrow().time_left(Instant::now()).is_some()
    }

    /// As SIGKILL does: from now on nothing is renewed, and nothing is written.
    fn kill(self) {
        self.task.abort();
    }
}

/// Waits until `done`, and answers how long that took. At no time may two write.
async fn until(candidates: &[&Candidate], done: impl Fn() -> bool) -> Duration {
    let start = Instant::now();
    while !done() {
        let writers = candidates.iter().filter(|candidate| candidate.may_write()).count();
        assert!(writers <= 1, "{writers} replicas may write");
        assert!(start.elapsed() < Duration::from_secs(60), "not within a minute");
        sleep(Duration::from_millis(10)).await;
    }
    start.elapsed()
}

fn in_seconds(time: Duration, from: f64, to: f64) {
    assert!(time.as_secs_f64() >= from && time.as_secs_f64() <= to, "{time:?}");
}

#[tokio::test(start_paused = true)]
async fn a_standby_follows_a_crash_after_the_lease_and_a_clean_stop_at_once() {
    let server = ApiServer::default();
    let first = Candidate::start(&server, "a");
    until(&[&first], || first.may_write()).await;
    let second = Candidate::start(&server, "b");
    sleep(Duration::from_secs(60)).await;
    assert!(first.may_write() && !second.may_write(), "nobody takes a Lease that is renewed");
    first.kill();
    in_seconds(until(&[&second], || second.may_write()).await, 7.0, 12.0);
    let third = Candidate::start(&server, "c");
    sleep(Duration::from_secs(5)).await;
    second.stop.cancel();
    in_seconds(until(&[&third], || third.may_write()).await, 0.0, 2.0);
    let transitions = server.with(|state| state.lease.as_ref().unwrap()["spec"]["leaseTransitions"].clone());
    assert_eq!(transitions, 2);
}

#[tokio::test(start_paused = true)]
async fn a_leader_that_cannot_renew_stops_before_another_starts() {
    let server = ApiServer::default();
    let first = Candidate::start(&server, "a");
    until(&[&first], || first.may_write()).await;
    let second = Candidate::start(&server, "b");
    sleep(Duration::from_secs(5)).await;
    server.with(|state| state.down = true);
    in_seconds(until(&[&first, &second], || !first.may_write()).await, 6.0, 10.0);
    sleep(Duration::from_secs(30)).await;
    assert!(!first.may_write() && !second.may_write(), "nobody can lead");
    server.with(|state| state.down = false);
    until(&[&first, &second], || first.may_write() || second.may_write()).await;
}

#[tokio::test(start_paused = true)]
async fn a_leader_that_hangs_may_not_write_although_nobody_told_it() {
    let server = ApiServer::default();
    let first = Candidate::start(&server, "a");
    until(&[&first], || first.may_write()).await;
    let second = Candidate::start(&server, "b");
    sleep(Duration::from_secs(3)).await;
    // Its task runs no more, but what it published is still there to be asked.
    first.task.abort();
    assert!(first.may_write());
    until(&[&first, &second], || second.may_write()).await;
    assert!(!first.may_write() && first.leadership.borrow().leads());
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_somebody_takes_or_deletes_is_lost_at_once() {
    let server = ApiServer::default();
    let first = Candidate::start(&server, "a");
    until(&[&first], || first.may_write()).await;
    server.with(|state| {
        state.version += 1;
        let lease = state.lease.as_mut().unwrap();
        lease["spec"]["holderIdentity"] = "somebody".into();
        lease["metadata"]["resourceVersion"] = state.version.to_string().into();
    });
    in_seconds(until(&[&first], || !first.may_write()).await, 0.0, 2.1);
    in_seconds(until(&[&first], || first.may_write()).await, 8.0, 12.0);
    server.with(|state| state.lease = None);
    in_seconds(until(&[&first], || !server.with(|state| state.lease.is_none())).await, 0.0, 3.1);
}
