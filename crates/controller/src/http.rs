//! How do a kubelet and a Prometheus ask how we are?

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tracing::info;

use crate::error::Error;
use crate::metrics::Metrics;

/// What is still missing before statuses are right and can be written; empty: ready.
pub type Missing = Vec<String>;

#[derive(Clone)]
struct Answers {
    metrics: Arc<Metrics>,
    missing: watch::Receiver<Missing>,
}

/// Listens. Serving is left to the future that comes back, which ends with the token.
pub async fn listen(
    address: SocketAddr,
    metrics: Arc<Metrics>,
    missing: watch::Receiver<Missing>,
    shutdown: CancellationToken,
) -> Result<impl Future<Output = ()> + Send + 'static, Error> {
    let listener = TcpListener::bind(address).await.map_err(|source| Error::Listen { address, source })?;
    info!(address = %listener.local_addr().unwrap_or(address), "serving /healthz, /readyz and /metrics");
    let routes = Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics_page))
        .with_state(Answers { metrics, missing });
    Ok(async move {
        let server = axum::serve(listener, routes).with_graceful_shutdown(shutdown.cancelled_owned());
        if let Err(error) = server.await {
            tracing::error!(%error, "the HTTP server ended");
        }
    })
}

async fn ready(State(answers): State<Answers>) -> impl IntoResponse {
    let missing = answers.missing.borrow();
    if missing.is_empty() {
        return (StatusCode::OK, "ok\n".to_owned());
    }
    (StatusCode::SERVICE_UNAVAILABLE, format!("not ready:\n{}\n", missing.join("\n")))
}

async fn metrics_page(State(answers): State<Answers>) -> impl IntoResponse {
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], answers.metrics.encode())
}
