//! Who sends a cluster to the controller that no machine at hand could hold?
//!
//! As much of an API server as the controller asks for: streaming lists and watches of objects that are made as they are
//! sent, and server-side apply of our own objects. A process of its own, so that only the controller's memory is measured.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use futures::stream::{self, BoxStream, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::broadcast;

use crate::cluster::Cluster;

/// A path that makes all watches of Pods expire.
pub const EXPIRE: &str = "/expire";
/// The resource of our own objects.
const OWN: &str = "instrumentationhealths";
/// Changes of our own objects that a slow watch may fall behind.
const BEHIND: usize = 32_768;

#[derive(Clone)]
struct Server {
    cluster: Cluster,
    own: Arc<Mutex<Own>>,
    changes: broadcast::Sender<String>,
    expire: broadcast::Sender<()>,
}

/// The objects that the controller writes.
#[derive(Default)]
struct Own {
    objects: HashMap<String, Value>,
    version: u64,
}

/// Serves on a free port of loopback and prints it.
pub async fn serve(cluster: Cluster) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port");
    println!("{}", listener.local_addr().expect("a bound socket has an address").port());
    let (changes, expire) = (broadcast::channel(BEHIND).0, broadcast::channel(1).0);
    let server = Server { cluster, own: Arc::default(), changes, expire };
    let router = Router::new().fallback(answer).with_state(server);
    axum::serve(listener, router).await.expect("loopback stays");
}

async fn answer(State(server): State<Server>, method: Method, uri: Uri, body: Bytes) -> Response {
    let query = uri.query().unwrap_or_default();
    if uri.path() == EXPIRE {
        return (StatusCode::OK, format!("{:?}\n", server.expire.send(()))).into_response();
    }
    match method {
        Method::GET if query.contains("watch=true") => {
            Body::from_stream(server.watch(uri.path(), query).map(Ok::<_, std::convert::Infallible>))
                .into_response()
        }
        Method::PATCH => axum::Json(server.apply(uri.path(), &body)).into_response(),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

impl Server {
    /// A streaming list, then the watch that follows it.
    fn watch(&self, path: &str, query: &str) -> BoxStream<'static, Bytes> {
        let resource = path.rsplit('/').next().unwrap_or_default();
        let line =
            |kind: &str, object: &str| Bytes::from(format!("{{\"type\":\"{kind}\",\"object\":{object}}}\n"));
        let nothing = query.contains("opentelemetrycollectors") || !query.contains("sendInitialEvents=true");
        let objects = if nothing { Box::new(std::iter::empty()) } else { self.cluster.objects(resource) };
        let end = json!({"kind": "Bookmark", "apiVersion": "v1", "metadata": {"name": "", "resourceVersion": "2000000", "annotations": {"k8s.io/initial-events-end": "true"}}});
        let initial =
            objects.map(move |object| line("ADDED", &object)).chain([line("BOOKMARK", &end.to_string())]);
        let gone = json!({"kind": "Status", "status": "Failure", "reason": "Expired", "message": "too old resource version", "code": 410});
        let gone = line("ERROR", &gone.to_string());
        let tail: BoxStream<'static, Bytes> = match resource {
            "pods" => {
                let mut expire = self.expire.subscribe();
                stream::once(async move { expire.recv().await.map(|()| gone).unwrap_or_default() }).boxed()
            }
            OWN => {
                let changes = self.changes.subscribe();
                stream::unfold(changes, |mut changes| async move {
                    let change: String = changes.recv().await.ok()?;
                    Some((change, changes))
                })
                .map(move |change| line("MODIFIED", &change))
                .boxed()
            }
            _ => stream::pending().boxed(),
        };
        stream::iter(initial).chain(tail).boxed()
    }

    /// Server-side apply of an object of ours or of its status.
    fn apply(&self, path: &str, body: &[u8]) -> Value {
        let mut patch: Value = serde_json::from_slice(body).unwrap_or_default();
        let key = path.trim_end_matches("/status").to_owned();
        let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        own.version += 1;
        let version = (2_000_000 + own.version).to_string();
        let object = own.objects.entry(key.clone()).or_insert_with(|| json!({}));
        if path.ends_with("/status") {
            object["status"] = patch["status"].take();
        } else {
            let status = object["status"].take();
            *object = patch;
            if !status.is_null() {
                object["status"] = status;
            }
        }
        object["metadata"]["uid"] = json!(key);
        object["metadata"]["resourceVersion"] = json!(version);
        let object = object.clone();
        // Nobody listens before the first watch of our own objects.
        let _ = self.changes.send(object.to_string());
        object
    }
}

/// Makes all watches of Pods expire, so that they are listed again.
pub fn expire(port: u16) {
    use std::io::{Read, Write};
    let mut stream = std::net::TcpStream::connect(("127.0.0.1", port)).expect("the server runs");
    stream.set_read_timeout(Some(Duration::from_secs(5))).expect("a time above zero");
    write!(stream, "GET {EXPIRE} HTTP/1.0\r\n\r\n").expect("the server reads");
    let _ = stream.read_to_string(&mut String::new());
}
