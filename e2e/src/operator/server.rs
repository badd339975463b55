//! Where does the stand-in operator listen?

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use injection::OperatorConfig;
use kube::Client;
use serde_json::Value;

use super::review;
use super::view::View;
use crate::Error;
use crate::bed::certificates::ServingCertificate;

/// Largest AdmissionReview taken, in bytes: an object of 1.5 MB twice, with room.
const LARGEST: usize = 8 * 1024 * 1024;

struct Shared {
    client: Client,
    config: OperatorConfig,
    view: View,
}

/// A TLS server that answers the webhooks until it is stopped or dropped.
#[derive(Debug)]
pub(super) struct Server {
    handle: Handle<SocketAddr>,
    task: tokio::task::JoinHandle<()>,
}

impl Server {
    /// Listens on `address` with a certificate.
    pub(super) async fn start(
        address: SocketAddr,
        certificate: &ServingCertificate,
        client: Client,
        config: OperatorConfig,
    ) -> Result<Self, Error> {
        // Fails only where a provider is installed already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let tls =
            RustlsConfig::from_pem(certificate.certificate.clone().into(), certificate.key.clone().into());
        let tls = tls.await.map_err(Error::Webhook)?;
        let handle = Handle::new();
        let server = axum_server::bind_rustls(address, tls).handle(handle.clone());
        let routes = routes(Arc::new(Shared { client, config, view: View::default() }));
        let task = tokio::spawn(async move {
            // An address that is taken shows as a server that never listens, below.
            let _ = server.serve(routes.into_make_service()).await;
        });
        match handle.listening().await {
            Some(_) => Ok(Self { handle, task }),
            None => Err(Error::Webhook(std::io::Error::other(format!("cannot listen on {address}")))),
        }
    }

    /// Stops listening and cuts every connection, as a process that dies does.
    pub(super) async fn stop(self) {
        self.handle.graceful_shutdown(Some(Duration::ZERO));
        let _ = self.task.await;
    }
}

fn routes(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/mutate-v1-pod", post(pod))
        .route("/mutate-opentelemetry-io-v1alpha1-instrumentation", post(default_instrumentation))
        .route("/validate-opentelemetry-io-v1alpha1-instrumentation", post(validate_instrumentation))
        .layer(axum::extract::DefaultBodyLimit::max(LARGEST))
        .with_state(shared)
}

async fn pod(State(shared): State<Arc<Shared>>, Json(review): Json<Value>) -> Json<Value> {
    let world = shared.view.now(&shared.client).await;
    Json(review::pod(&review, &world, &shared.config))
}

async fn default_instrumentation(
    State(shared): State<Arc<Shared>>,
    Json(review): Json<Value>,
) -> Json<Value> {
    Json(review::defaulted(&review, &shared.config))
}

async fn validate_instrumentation(
    State(shared): State<Arc<Shared>>,
    Json(review): Json<Value>,
) -> Json<Value> {
    Json(review::validated(&review, &shared.config))
}
