//! How does the stand-in answer, and with which certificate?

use std::net::{Ipv4Addr, SocketAddr};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use injection::{OperatorConfig, OperatorSource};
use kube::Client;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::server::Server;
use super::{ENVIRONMENT, IMAGE, NAMESPACE, PORT, SERVICE, manifests};
use crate::Error;
use crate::bed::certificates::{Authority, ServingCertificate, Validity};

/// The model of `crates/injection` behind a TLS webhook in this process.
pub(super) struct Model {
    pub(super) address: SocketAddr,
    pub(super) authority: Authority,
    pub(super) certificate: ServingCertificate,
    args: Vec<String>,
    config: OperatorConfig,
    server: Option<Server>,
    /// Takes connections and never answers.
    silence: Option<JoinHandle<()>>,
}

impl Model {
    /// One that does not answer yet.
    pub(super) fn new(address: Ipv4Addr, args: &[&str]) -> Result<Self, Error> {
        let (authority, certificate) = certificates(address, Validity::Current)?;
        let mut model = Self {
            address: SocketAddr::from((address, PORT)),
            authority,
            certificate,
            args: args.iter().map(|arg| (*arg).to_owned()).collect(),
            config: OperatorConfig::default(),
            server: None,
            silence: None,
        };
        model.configure_as_installed()?;
        Ok(model)
    }

    /// Its objects, as its manifests have them.
    pub(super) fn manifests(&self) -> String {
        let args: Vec<&str> = self.args.iter().map(String::as_str).collect();
        manifests(self.address, &self.authority, &self.certificate, &args)
    }

    /// What the `caBundle` of its webhooks has to be, in base64.
    pub(super) fn bundle(&self) -> String {
        STANDARD.encode(self.authority.certificate())
    }

    /// How it is set up now.
    pub(super) fn config(&self) -> &OperatorConfig {
        &self.config
    }

    /// From now on it is set up as the installed Deployment shows.
    pub(super) fn configure_as_installed(&mut self) -> Result<(), Error> {
        let env: Vec<Value> =
            ENVIRONMENT.iter().map(|(name, value)| json!({"name": name, "value": value})).collect();
        self.configure(&json!({"image": IMAGE, "args": self.args, "env": env}))
    }

    /// From now on it is set up as its container says.
    pub(super) fn configure(&mut self, container: &Value) -> Result<(), Error> {
        let problem = |error: serde_json::Error| Error::Manifest {
            what: "container of the operator".into(),
            problem: error.to_string(),
        };
        let container: facts::Container = serde_json::from_value(container.clone()).map_err(problem)?;
        self.config = OperatorConfig::read(&OperatorSource {
            image: &container.image,
            args: &container.args,
            env: &container.env,
            ..OperatorSource::default()
        });
        Ok(())
    }

    /// Changes the certificate, and with it the authority; takes effect when it listens anew.
    pub(super) fn renew_certificate(&mut self, validity: Validity) -> Result<(), Error> {
        let std::net::IpAddr::V4(address) = self.address.ip() else {
            unreachable!("made from an IPv4 address in `new`")
        };
        (self.authority, self.certificate) = certificates(address, validity)?;
        Ok(())
    }

    /// Answers from now on.
    pub(super) async fn listen(&mut self, client: &Client) -> Result<(), Error> {
        self.stop().await;
        let (client, config) = (client.clone(), self.config.clone());
        self.server = Some(Server::start(self.address, &self.certificate, client, config).await?);
        Ok(())
    }

    /// Takes connections from now on and never answers, as behind a firewall that drops packets.
    pub(super) async fn fall_silent(&mut self) -> Result<(), Error> {
        self.stop().await;
        let listener = TcpListener::bind(self.address).await.map_err(Error::Webhook)?;
        self.silence = Some(tokio::spawn(async move {
            let mut held = Vec::new();
            while let Ok((connection, _)) = listener.accept().await {
                held.push(connection);
            }
        }));
        Ok(())
    }

    /// Its process is gone, and every connection cut.
    pub(super) async fn stop(&mut self) {
        if let Some(server) = self.server.take() {
            server.stop().await;
        }
        if let Some(silence) = self.silence.take() {
            silence.abort();
            // Ends by being aborted; the address is free then.
            let _ = silence.await;
        }
    }
}

impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Model")
            .field("address", &self.address)
            .field("running", &self.server.is_some())
            .finish_non_exhaustive()
    }
}

/// A new authority and what it issues for the webhooks, under the names of their Service and its address.
pub(super) fn certificates(
    address: Ipv4Addr,
    validity: Validity,
) -> Result<(Authority, ServingCertificate), Error> {
    let authority = Authority::new("opentelemetry-operator-ca")?;
    let names = [
        format!("{SERVICE}.{NAMESPACE}.svc"),
        format!("{SERVICE}.{NAMESPACE}.svc.cluster.local"),
        address.to_string(),
    ];
    let certificate = authority.issue(&names, validity)?;
    Ok((authority, certificate))
}
