//! Who injects agents on the bed?
//!
//! A stand-in for the OpenTelemetry Operator: the model of `crates/injection` behind a real TLS webhook, reached through a
//! real Service and `caBundle` and registered as the operator registers its own. So a stopped process, a wrong bundle or a
//! missing Service fails as it does in a cluster. Its Deployment and Pod are objects that KWOK plays. With
//! `OTEL_OPERATOR_BIN` set, that program answers in its place.

mod alone;
mod model;
mod program;
pub mod review;
mod server;
mod trouble;
mod upgrade;
mod view;

use std::net::SocketAddr;
use std::time::Duration;

use base64::Engine as _;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::discovery::v1::EndpointSlice;
use kube::api::{ListParams, Patch, PatchParams};
use kube::{Api, Client};
use serde_json::json;

use crate::bed::certificates::{Authority, ServingCertificate, Validity};
use crate::{Bed, Error};
use model::{Model, certificates};

pub use alone::serve;
pub use program::Program;

/// Namespace of the operator.
pub const NAMESPACE: &str = "opentelemetry-operator-system";
/// Deployment of the operator.
pub const DEPLOYMENT: &str = "opentelemetry-operator-controller-manager";
/// Service of its webhooks.
pub const SERVICE: &str = "opentelemetry-operator-webhook-service";
/// Its mutating webhook configuration.
pub const CONFIGURATION: &str = "opentelemetry-operator-mutating-webhook-configuration";

const PORT: u16 = 9443;
const IMAGE: &str = "ghcr.io/open-telemetry/opentelemetry-operator/opentelemetry-operator:0.158.0";
const PATIENCE: Duration = Duration::from_secs(60);
/// What its manifests set in the environment of its container, as far as it decides anything.
const ENVIRONMENT: [(&str, &str); 1] = [("ENABLE_NGINX_AUTO_INSTRUMENTATION", "true")];

/// The operator of a bed: the stand-in, or a program in its place. Dropping it stops its webhooks, but leaves its objects.
pub struct StandIn {
    client: Client,
    answers: Answers,
}

/// Who answers the webhooks.
#[derive(Debug)]
enum Answers {
    /// The model, in this process.
    Model(Box<Model>),
    /// A program.
    Program(program::Running),
}

impl StandIn {
    /// Installs the operator as its plain manifests do, with these arguments, and waits until its webhooks answer: the
    /// stand-in's, or where `OTEL_OPERATOR_BIN` is set those of that program.
    pub async fn install(bed: &Bed, args: &[&str]) -> Result<Self, Error> {
        match Program::from_environment() {
            Some(program) => Self::install_program(bed, args, program).await,
            None => Self::install_model(bed, args).await,
        }
    }

    /// The same with the stand-in whatever is set: only it can be taken through what `trouble.rs` has.
    pub async fn install_model(bed: &Bed, args: &[&str]) -> Result<Self, Error> {
        let model = Model::new(bed.reserve_cluster_ip(), args)?;
        bed.apply_operator_crds().await?;
        bed.apply_yaml(&model.manifests()).await?;
        Self::run(bed, Answers::Model(Box::new(model))).await
    }

    /// The same with a program that is an operator.
    pub async fn install_program(bed: &Bed, args: &[&str], program: Program) -> Result<Self, Error> {
        let address = bed.reserve_cluster_ip();
        let (authority, certificate) = certificates(address, Validity::Current)?;
        program.apply_crds(bed).await?;
        let running = program::Running::prepare(bed, program, args, address, &certificate)?;
        let address = SocketAddr::from((address, running.port()));
        bed.apply_yaml(&manifests(address, &authority, &certificate, args)).await?;
        Self::run(bed, Answers::Program(running)).await
    }

    async fn run(bed: &Bed, answers: Answers) -> Result<Self, Error> {
        let mut operator = Self { client: bed.client(), answers };
        operator.listen().await?;
        operator.until_endpoints(true).await?;
        Ok(operator)
    }

    /// The operator goes down: no process answers, and its Service has no ready endpoint.
    pub async fn go_down(&mut self) -> Result<(), Error> {
        self.scale(0).await?;
        match &mut self.answers {
            Answers::Model(model) => model.stop().await,
            Answers::Program(running) => running.stop(),
        }
        self.until_endpoints(false).await
    }

    /// The operator comes back: a new Pod, ready later than everything that was created meanwhile.
    pub async fn come_back(&mut self) -> Result<(), Error> {
        self.listen().await?;
        self.scale(1).await?;
        self.until_endpoints(true).await
    }

    async fn listen(&mut self) -> Result<(), Error> {
        match &mut self.answers {
            Answers::Model(model) => model.listen(&self.client).await,
            Answers::Program(running) => running.start().await,
        }
    }

    async fn scale(&self, replicas: i32) -> Result<(), Error> {
        let api: Api<Deployment> = Api::namespaced(self.client.clone(), NAMESPACE);
        let patch = Patch::Merge(json!({"spec": {"replicas": replicas}}));
        api.patch(DEPLOYMENT, &PatchParams::default(), &patch)
            .await
            .map_err(Error::api("scale the operator"))?;
        Ok(())
    }

    async fn until_endpoints(&self, wanted: bool) -> Result<(), Error> {
        let api: Api<EndpointSlice> = Api::namespaced(self.client.clone(), NAMESPACE);
        let of_service = ListParams::default().labels(&format!("kubernetes.io/service-name={SERVICE}"));
        let deadline = tokio::time::Instant::now() + PATIENCE;
        while tokio::time::Instant::now() < deadline {
            let slices = api.list(&of_service).await.map_err(Error::api("list EndpointSlices"))?;
            let endpoints = slices.items.iter().flat_map(|slice| &slice.endpoints);
            let ready = endpoints
                .filter(|endpoint| endpoint.conditions.as_ref().is_some_and(|c| c.ready == Some(true)))
                .count();
            if (ready > 0) == wanted {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let what = format!("endpoints of Service {SERVICE}");
        Err(Error::NotReady { what, seconds: PATIENCE.as_secs(), logs: std::path::PathBuf::new() })
    }
}

impl std::fmt::Debug for StandIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StandIn").field("answers", &self.answers).finish_non_exhaustive()
    }
}

fn manifests(
    address: SocketAddr,
    authority: &Authority,
    certificate: &ServingCertificate,
    args: &[&str],
) -> String {
    let bundle = base64::engine::general_purpose::STANDARD.encode(authority.certificate());
    include_str!("../../testbed/operator.yaml")
        .replace("${CLUSTER_IP}", &address.ip().to_string())
        .replace("${PORT}", &address.port().to_string())
        .replace("${CA_BUNDLE}", &bundle)
        .replace("${CA}", &json!(authority.certificate()).to_string())
        .replace("${CERTIFICATE}", &json!(certificate.certificate).to_string())
        .replace("${KEY}", &json!(certificate.key).to_string())
        .replace("${ARGS}", &json!(args).to_string())
}
