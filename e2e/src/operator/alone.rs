//! How does the stand-in run as a program of its own?
//!
//! With the real operator's command line, environment and certificate folder, so that what starts a real operator is itself
//! tested where there is none.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use facts::EnvVar;
use injection::{OperatorConfig, OperatorSource};
use kube::Client;

use super::program::CERTIFICATES;
use super::server::Server;
use super::{DEPLOYMENT, IMAGE};
use crate::Error;
use crate::bed::certificates::ServingCertificate;

/// Port of the webhooks where no flag gives one, as controller-runtime has it.
const WEBHOOK_PORT: u16 = 9443;
/// Where `/healthz` and `/readyz` are served where no flag says so.
const PROBES: &str = ":8081";

/// Serves the operator's webhooks and probes, for ever.
///
/// # Errors
/// [`Error`] when something that the real operator needs is missing: the certificate, the cluster, its Deployment.
pub async fn serve(arguments: &[String]) -> Result<(), Error> {
    let client = Client::try_default().await.map_err(Error::api("talk to the cluster"))?;
    let namespace = std::env::var("POD_NAMESPACE").unwrap_or_default();
    find_own_deployment(&client, &namespace).await?;
    let certificate = read_certificate(&std::env::temp_dir().join(CERTIFICATES))?;
    let port = flag(arguments, "webhook-port").map_or(Some(WEBHOOK_PORT), |port| port.parse().ok());
    let port = port.ok_or_else(|| wrong("--webhook-port", "is not a port"))?;
    let address = SocketAddr::from((Ipv4Addr::UNSPECIFIED, port));
    let _server = Server::start(address, &certificate, client, config(arguments)).await?;
    serve_probes(flag(arguments, "health-probe-addr").unwrap_or(PROBES)).await
}

/// The value of `--name=value`.
fn flag<'a>(arguments: &'a [String], name: &str) -> Option<&'a str> {
    let mut given = arguments.iter().filter_map(|argument| argument.trim_start_matches('-').split_once('='));
    given.rfind(|(flag, _)| *flag == name).map(|(_, value)| value)
}

fn config(arguments: &[String]) -> OperatorConfig {
    let args: Vec<Arc<str>> = arguments.iter().map(|argument| argument.as_str().into()).collect();
    let literal = |(name, value): (String, String)| EnvVar {
        name: name.into(),
        value: Some(value.into()),
        value_from: None,
    };
    let env: Vec<EnvVar> = std::env::vars().map(literal).collect();
    OperatorConfig::read(&OperatorSource {
        image: IMAGE,
        args: &args,
        env: &env,
        ..OperatorSource::default()
    })
}

/// The real one reads its own Deployment when it starts.
async fn find_own_deployment(client: &Client, namespace: &str) -> Result<(), Error> {
    if namespace.is_empty() {
        return Err(wrong("POD_NAMESPACE", "is not set"));
    }
    let api: kube::Api<k8s_openapi::api::apps::v1::Deployment> =
        kube::Api::namespaced(client.clone(), namespace);
    api.get(DEPLOYMENT).await.map_err(Error::api(format!("read Deployment {namespace}/{DEPLOYMENT}")))?;
    Ok(())
}

fn read_certificate(folder: &Path) -> Result<ServingCertificate, Error> {
    let read = |name: &str| {
        let path = folder.join(name);
        std::fs::read_to_string(&path).map_err(Error::file("read", &path))
    };
    Ok(ServingCertificate { certificate: read("tls.crt")?, key: read("tls.key")? })
}

/// Serves `/healthz` and `/readyz`, on all addresses where only a port is given.
async fn serve_probes(address: &str) -> Result<(), Error> {
    let address = if address.starts_with(':') { format!("0.0.0.0{address}") } else { address.to_owned() };
    let listener = tokio::net::TcpListener::bind(&address).await.map_err(Error::Webhook)?;
    let routes =
        Router::new().route("/healthz", get(|| async { "ok" })).route("/readyz", get(|| async { "ok" }));
    axum::serve(listener, routes).await.map_err(Error::Webhook)
}

fn wrong(what: &str, problem: &str) -> Error {
    Error::Manifest { what: what.to_owned(), problem: problem.to_owned() }
}
