//! A bad way between the controller and the API server.
//!
//! Requests go through a server in the test that forwards them, until it is told to answer itself, to be slow, or to cut what is open.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use futures::StreamExt as _;
use http::header::{ACCEPT, CONTENT_TYPE};
use kube::{Client, Config};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Largest request taken, in bytes.
const LARGEST: usize = 4 * 1024 * 1024;

/// What happens to requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// They are forwarded.
    None,
    /// They are all answered with this code.
    Refused(u16),
    /// Watches from a version are told that it is too old; everything else is forwarded.
    Expired,
    /// They are forwarded after so long.
    Slow(Duration),
}

struct Way {
    upstream: Client,
    fault: Mutex<Fault>,
    cut: Mutex<CancellationToken>,
    faults: AtomicUsize,
}

/// The server; it ends when it is dropped.
pub struct Proxy {
    way: Arc<Way>,
    address: std::net::SocketAddr,
    task: JoinHandle<()>,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Proxy {
    /// Forwards with the rights of `upstream`.
    pub async fn start(upstream: Client) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let way = Arc::new(Way {
            upstream,
            fault: Mutex::new(Fault::None),
            cut: Mutex::default(),
            faults: AtomicUsize::new(0),
        });
        let router = Router::new().fallback(forward).with_state(way.clone());
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { way, address, task }
    }

    /// A client that goes this way.
    pub fn client(&self) -> Client {
        Client::try_from(Config::new(format!("http://{}", self.address).parse().unwrap())).unwrap()
    }

    /// From now on this happens to requests; what is open is cut, so that everything has to be asked for anew.
    pub fn becomes(&self, fault: Fault) {
        *self.way.fault.lock().unwrap() = fault;
        self.way.faults.store(0, Ordering::Relaxed);
        std::mem::take(&mut *self.way.cut.lock().unwrap()).cancel();
    }

    /// Requests that were not simply forwarded since the last change.
    pub fn faults(&self) -> usize {
        self.way.faults.load(Ordering::Relaxed)
    }
}

async fn forward(State(way): State<Arc<Way>>, request: Request) -> Response {
    let (fault, cut) = (*way.fault.lock().unwrap(), way.cut.lock().unwrap().clone());
    let query = request.uri().query().unwrap_or_default();
    let resumes = query.contains("watch=true") && !query.contains("sendInitialEvents");
    match fault {
        Fault::Refused(code) => return refused(&way, code),
        Fault::Expired if resumes => return refused(&way, 410),
        Fault::Slow(delay) => {
            way.faults.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(delay).await;
        }
        Fault::None | Fault::Expired => {}
    }
    let (parts, body) = request.into_parts();
    let mut forwarded = http::Request::builder().method(parts.method).uri(parts.uri);
    for name in [ACCEPT, CONTENT_TYPE] {
        if let Some(value) = parts.headers.get(&name) {
            forwarded = forwarded.header(name, value);
        }
    }
    let body = to_bytes(body, LARGEST).await.unwrap().to_vec();
    let Ok(answer) = way.upstream.send(forwarded.body(body.into()).unwrap()).await else {
        return refused(&way, 502);
    };
    let (parts, body) = answer.into_parts();
    let whole = Body::new(body).into_data_stream().map(|chunk| chunk.map_err(|error| error.to_string()));
    let end = futures::stream::once(async move {
        cut.cancelled().await;
        Err("cut".to_owned())
    });
    let body = Body::from_stream(until_error(whole, end));
    let mut response = Response::builder().status(parts.status);
    if let Some(value) = parts.headers.get(CONTENT_TYPE) {
        response = response.header(CONTENT_TYPE, value);
    }
    response.body(body).unwrap()
}

/// A stream up to its end, or up to the error of another one.
fn until_error<T>(
    stream: impl futures::Stream<Item = Result<T, String>>,
    error: impl futures::Stream<Item = Result<T, String>>,
) -> impl futures::Stream<Item = Result<T, String>> {
    let ended = stream.map(Some).chain(futures::stream::once(async { None }));
    futures::stream::select(ended, error.map(Some)).scan(false, |over, item| {
        let item = item.filter(|_| !*over);
        *over |= item.as_ref().is_none_or(Result::is_err);
        futures::future::ready(item)
    })
}

fn refused(way: &Way, code: u16) -> Response {
    way.faults.fetch_add(1, Ordering::Relaxed);
    let status = json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code,
                        "reason": "Trouble", "message": "trouble on the way"});
    Response::builder()
        .status(code)
        .header(CONTENT_TYPE, "application/json")
        .body(Body::from(status.to_string()))
        .unwrap()
}
