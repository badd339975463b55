//! How is a real operator started in the place of the stand-in?
//!
//! As a program beside the cluster, with the flags and the environment that its container would have: the arguments of its
//! Deployment, its ports, `POD_NAMESPACE`, and the serving certificate in `$TMPDIR/k8s-webhook-server/serving-certs`, where
//! controller-runtime looks for it (`pkg/webhook/server.go`, v0.24.1).

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::NAMESPACE;
use crate::bed::certificates::ServingCertificate;
use crate::bed::{Bed, Programs};
use crate::{Error, product};

/// Name of its log among those of the bed.
const NAME: &str = "opentelemetry-operator";
/// How long a stopped operator may take to end.
const PATIENCE: Duration = Duration::from_secs(15);
/// Where controller-runtime looks for the serving certificate, below the folder for temporary files.
pub(super) const CERTIFICATES: &str = "k8s-webhook-server/serving-certs";

/// A program that is an operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// The executable.
    pub path: PathBuf,
    /// Folder with the operator's `CustomResourceDefinitions`; none: those of the bed.
    pub crds: Option<PathBuf>,
}

impl Program {
    /// What `OTEL_OPERATOR_BIN` and `OTEL_OPERATOR_CRDS` name; none where the stand-in is wanted.
    pub fn from_environment() -> Option<Self> {
        let path = std::env::var_os("OTEL_OPERATOR_BIN").filter(|path| !path.is_empty())?;
        let crds = std::env::var_os("OTEL_OPERATOR_CRDS").filter(|path| !path.is_empty());
        Some(Self { path: path.into(), crds: crds.map(Into::into) })
    }

    /// Applies its `CustomResourceDefinitions`, in the order of their file names.
    pub(super) async fn apply_crds(&self, bed: &Bed) -> Result<(), Error> {
        let Some(folder) = &self.crds else { return bed.apply_operator_crds().await };
        let entries = std::fs::read_dir(folder).map_err(Error::file("read", folder))?;
        let mut files: Vec<PathBuf> = entries
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<Result<_, _>>()
            .map_err(Error::file("read", folder))?;
        files.retain(|file| {
            file.extension().is_some_and(|extension| extension == "yaml" || extension == "yml")
        });
        files.sort();
        if files.is_empty() {
            let what = folder.display().to_string();
            return Err(Error::Manifest { what, problem: "holds no .yaml file (OTEL_OPERATOR_CRDS)".into() });
        }
        for file in files {
            let manifest = std::fs::read_to_string(&file).map_err(Error::file("read", &file))?;
            bed.apply_yaml(&manifest).await?;
        }
        Ok(())
    }
}

/// An operator's program on a bed, running or not.
#[derive(Debug)]
pub(super) struct Running {
    program: Program,
    programs: Programs,
    arguments: Vec<String>,
    environment: Vec<(&'static str, PathBuf)>,
    webhook: SocketAddr,
    probes: SocketAddr,
    logs: PathBuf,
}

impl Running {
    /// Writes what the program reads, and chooses its ports. `address`: that of its Service; the port is the Service's as
    /// well, because nothing translates it.
    pub(super) fn prepare(
        bed: &Bed,
        program: Program,
        arguments: &[&str],
        address: Ipv4Addr,
        certificate: &ServingCertificate,
    ) -> Result<Self, Error> {
        let temporary = bed.logs().with_file_name("operator");
        let folder = temporary.join(CERTIFICATES);
        std::fs::create_dir_all(&folder).map_err(Error::file("create", &folder))?;
        for (name, text) in [("tls.crt", &certificate.certificate), ("tls.key", &certificate.key)] {
            let path = folder.join(name);
            std::fs::write(&path, text).map_err(Error::file("write", &path))?;
        }
        let local = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let (port, metrics, probes) = (product::free_port()?, product::free_port()?, product::free_port()?);
        let mut all: Vec<String> = arguments.iter().map(ToString::to_string).collect();
        all.push(format!("--webhook-port={port}"));
        all.push(format!("--metrics-addr={}", local(metrics)));
        all.push(format!("--health-probe-addr={}", local(probes)));
        Ok(Self {
            program,
            programs: bed.programs(),
            arguments: all,
            environment: vec![("TMPDIR", temporary), ("KUBECONFIG", bed.kubeconfig())],
            webhook: SocketAddr::from((address, port)),
            probes: local(probes),
            logs: bed.logs(),
        })
    }

    /// Port of the webhooks, and of the Service.
    pub(super) const fn port(&self) -> u16 {
        self.webhook.port()
    }

    /// Starts the program and waits until it says that it is ready and its webhooks are listened to.
    pub(super) async fn start(&self) -> Result<(), Error> {
        let mut command = Command::new(&self.program.path);
        command
            .args(&self.arguments)
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .envs(super::ENVIRONMENT)
            .env("POD_NAMESPACE", NAMESPACE);
        self.programs.start(NAME, command)?;
        let deadline = tokio::time::Instant::now() + super::PATIENCE;
        while tokio::time::Instant::now() < deadline {
            self.programs.check()?;
            if is_ready(self.probes).await && TcpStream::connect(self.webhook).await.is_ok() {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let what = format!("{} (its log is {NAME}.log)", self.program.path.display());
        Err(Error::NotReady { what, seconds: super::PATIENCE.as_secs(), logs: self.logs.clone() })
    }

    /// Asks the program to end, and waits for it.
    pub(super) fn stop(&self) {
        self.programs.stop(NAME, PATIENCE);
    }
}

/// Whether `/readyz` answers 200.
async fn is_ready(address: SocketAddr) -> bool {
    let ask = async {
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await?;
        std::io::Result::Ok(answer.starts_with(b"HTTP/1.1 200"))
    };
    matches!(tokio::time::timeout(Duration::from_secs(3), ask).await, Ok(Ok(true)))
}
