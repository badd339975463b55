//! How does a request for the status page get its answer?
//!
//! What may be asked and what the pages say is decided in the crate `page`. Here a request becomes a message to the engine, which
//! answers with everything it holds, packed and shared; one request at a time unpacks it, on a thread of its own.

use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;
use std::sync::Arc;

use api::InstrumentationHealth;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{ALLOW, CONTENT_TYPE, HOST};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use page::{Answer, HEADERS, Page};
use tokio::net::TcpListener;
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::task::spawn_blocking;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::{error, info};

use crate::error::Error;
use crate::ledger::ObjectKey;
use crate::message::{Delivery, Message};
use crate::packed::Packed;

/// An address that only this machine, or this Pod, reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoopbackAddress(SocketAddr);

/// Why an address is none for the status page.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// It is no address and port.
    #[error("expected ADDRESS:PORT, for example 127.0.0.1:8081, or none")]
    Form,
    /// Others could reach it.
    #[error(
        "{0} is not a loopback address: whoever reaches the page can read it; listen on 127.0.0.1 or [::1] and use `kubectl port-forward`"
    )]
    Reachable(SocketAddr),
}

impl FromStr for LoopbackAddress {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let address: SocketAddr = text.parse().map_err(|_| AddressError::Form)?;
        if address.ip().is_loopback() { Ok(Self(address)) } else { Err(AddressError::Reachable(address)) }
    }
}

impl fmt::Display for LoopbackAddress {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(to)
    }
}

/// What the engine knew at a moment.
#[derive(Debug)]
pub struct Snapshot {
    /// Of itself.
    pub controller: page::Controller,
    /// Of the workloads: the verdicts as they were last wished, shared with the ledger.
    pub verdicts: Vec<(ObjectKey, Packed<InstrumentationHealth>)>,
}

#[derive(Clone)]
struct Desk {
    deliveries: mpsc::Sender<Delivery>,
    /// Held while an answer is made: many requests together take no more memory than one.
    turn: Arc<Mutex<()>>,
}

/// Listens. Serving is left to the future that comes back, which ends with the token.
pub async fn listen(
    address: LoopbackAddress,
    deliveries: mpsc::Sender<Delivery>,
    shutdown: CancellationToken,
) -> Result<impl Future<Output = ()> + Send + 'static, Error> {
    let LoopbackAddress(address) = address;
    let listener = TcpListener::bind(address).await.map_err(|source| Error::Listen { address, source })?;
    info!(address = %listener.local_addr().unwrap_or(address), "serving the status page");
    let desk = Desk { deliveries, turn: Arc::default() };
    let routes = Router::new().fallback(answer).with_state(desk);
    Ok(async move {
        let server = axum::serve(listener, routes).with_graceful_shutdown(shutdown.cancelled_owned());
        if let Err(error) = server.await {
            error!(%error, "the server of the status page ended");
        }
    })
}

async fn answer(State(desk): State<Desk>, request: Request) -> Response {
    let asked = match asked(&request) {
        Ok(page) => page,
        Err(refusal) => return response(refusal.answer()),
    };
    if let Some(answer) = asked.fixed() {
        return response(answer);
    }
    let turn = desk.turn.clone().lock_owned().await;
    let Some(snapshot) = desk.snapshot().await else {
        return with_headers(
            (StatusCode::SERVICE_UNAVAILABLE, "The controller is stopping.\n").into_response(),
        );
    };
    let made = spawn_blocking(move || {
        let _turn = turn;
        let wanted = snapshot.verdicts.iter().filter(|(key, _)| asked.wants(&key.namespace, &key.name));
        asked.render(&snapshot.controller, wanted.map(|(_, verdict)| verdict.unpack()))
    });
    match made.await {
        Ok(answer) => response(answer),
        Err(error) => {
            error!(%error, "a page could not be made. This is a defect of instrumentation-health");
            let sentence = "This page could not be made; the log of the controller says more.\n";
            with_headers((StatusCode::INTERNAL_SERVER_ERROR, sentence).into_response())
        }
    }
}

fn asked(request: &Request) -> Result<Page, page::Refusal> {
    let uri = request.uri();
    let mut hosts = request.headers().get_all(HOST).iter();
    // An absolute URI names the host itself. Of two names one would be a lie.
    let named = match (uri.authority(), hosts.next(), hosts.next()) {
        (Some(authority), None, _) => Some(authority.as_str()),
        (None, Some(host), None) => host.to_str().ok(),
        (Some(authority), Some(host), None) if authority.as_str() == host => Some(authority.as_str()),
        _ => None,
    };
    Page::of(&page::Request {
        method: request.method().as_str(),
        host: named,
        path: uri.path(),
        query: uri.query().unwrap_or_default(),
    })
}

impl Desk {
    async fn snapshot(&self) -> Option<Snapshot> {
        let (sender, snapshot) = oneshot::channel();
        let delivery = Delivery { received: Instant::now(), message: Message::Snapshot(sender) };
        self.deliveries.send(delivery).await.ok()?;
        snapshot.await.ok()
    }
}

fn response(answer: Answer) -> Response {
    let code = StatusCode::from_u16(answer.code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = with_headers((code, answer.body).into_response());
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(answer.kind.content_type()));
    if code == StatusCode::METHOD_NOT_ALLOWED {
        response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
    }
    response
}

fn with_headers(mut response: Response) -> Response {
    for (name, value) in HEADERS {
        response.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_is_listened_on() {
        for (text, problem) in [
            ("127.0.0.1:8081", None),
            ("127.3.2.1:0", None),
            ("[::1]:8081", None),
            ("0.0.0.0:8081", Some("0.0.0.0:8081 is not a loopback address")),
            ("[::]:8081", Some("[::]:8081 is not a loopback address")),
            ("10.0.0.7:80", Some("10.0.0.7:80 is not a loopback address")),
            ("localhost:8081", Some("expected ADDRESS:PORT")),
            ("8081", Some("expected ADDRESS:PORT")),
        ] {
            let parsed = text.parse::<LoopbackAddress>();
            let told = parsed.err().map(|error| error.to_string());
            assert_eq!(told.is_some(), problem.is_some(), "{text}: {told:?}");
            assert!(told.unwrap_or_default().starts_with(problem.unwrap_or_default()), "{text}");
        }
    }
}
