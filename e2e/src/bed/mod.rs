//! How does a test get a Kubernetes control plane of its own?

pub(crate) mod apply;
pub mod audit;
pub(crate) mod binaries;
mod build;
pub mod certificates;
mod control_plane;
mod error;
mod kubeconfig;
mod nodes;
mod process;
mod slot;
mod stages;

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use k8s_openapi::api::core::v1::{Node, ServiceAccount};
use kube::api::{DynamicObject, ListParams};
use kube::{Api, Client};

pub use binaries::{crane, helm, kubectl, prometheus, reader};
pub use error::Error;
pub use process::Programs;

use binaries::Binaries;
use control_plane::{API_SERVER, ControlPlane};
use process::Processes;
use slot::Slot;

/// How long the programs may take to become ready; 3 seconds on an idle machine.
const PATIENCE: Duration = Duration::from_secs(90);
const PAUSE: Duration = Duration::from_millis(50);

/// What kind of bed to start.
#[derive(Debug, Clone)]
pub struct Options {
    /// Logs and kubeconfigs go to `target/bed/NAME-…`.
    pub name: String,
    /// Number of Nodes, each of 64 CPUs, 256 GiB and at most 500 Pods.
    pub nodes: u8,
    /// Environment of Go's runtime for etcd and the API server, `GOGC` and `GOMEMLIMIT`: for beds with very many Pods.
    pub go_limits: Vec<(String, String)>,
    /// Whether the API server notes every request of a `ServiceAccount`; see [`Bed::audit`].
    pub audit: bool,
}

impl Options {
    /// Two Nodes, Go's defaults.
    pub fn named(name: impl Into<String>) -> Self {
        Self { name: name.into(), nodes: 2, go_limits: Vec::new(), audit: false }
    }
}

/// A running control plane. Everything ends when this is dropped, also by a panic; if the process is killed, its
/// programs are killed too.
pub struct Bed {
    // Dropped in this order: programs, their data, the ports they used.
    processes: Arc<Mutex<Processes>>,
    control_plane: ControlPlane,
    _data: tempfile::TempDir,
    slot: Slot,
    directory: PathBuf,
    client: Client,
}

impl Bed {
    /// Builds what is missing, starts everything and waits until Pods can be created and are run.
    pub async fn start(options: Options) -> Result<Self, Error> {
        let binaries = Binaries::locate()?;
        let slot = Slot::take()?;
        let directory = output_directory(&format!("{}-{}", options.name, slot.octet()))?;
        let data = tempfile::tempdir().map_err(Error::file("create", &std::env::temp_dir()))?;
        let kubeconfig = directory.join("kubeconfig");
        let audit = options.audit.then(|| directory.join("logs").join(audit::LOG));
        let control_plane =
            ControlPlane::prepare(binaries, &slot, data.path(), &kubeconfig, options.go_limits, audit)?;
        let stages = directory.join("stages.yaml");
        std::fs::write(&stages, stages::kwok_configuration()?).map_err(Error::file("write", &stages))?;

        let mut processes = Processes::new(&directory.join("logs"), data.path())?;
        processes.start("etcd", control_plane.etcd(&slot))?;
        processes.start(API_SERVER, control_plane.api_server(&slot))?;
        let client = kubeconfig::client_for(&kubeconfig).await?;
        let bed = Self {
            processes: Arc::new(Mutex::new(processes)),
            control_plane,
            _data: data,
            slot,
            directory,
            client,
        };
        bed.until_api_server_ready().await?;
        bed.apply_yaml(&nodes::manifests(options.nodes)).await?;
        {
            let mut processes = bed.processes();
            processes.start("kube-controller-manager", bed.control_plane.controller_manager())?;
            processes.start("kube-scheduler", bed.control_plane.scheduler())?;
            processes.start("kwok", bed.control_plane.kwok(&stages))?;
        }
        bed.until_service_account("default", "default").await?;
        bed.until_nodes_ready().await?;
        Ok(bed)
    }

    /// A client with all rights. The controller under test never uses it.
    pub fn client(&self) -> Client {
        self.client.clone()
    }

    /// Path of a kubeconfig with all rights.
    pub fn kubeconfig(&self) -> PathBuf {
        self.directory.join("kubeconfig")
    }

    /// Path of a kubeconfig that acts as a `ServiceAccount`, with a real token and so with exactly its RBAC. Waits until the
    /// `ServiceAccount` exists.
    pub async fn kubeconfig_for(&self, namespace: &str, service_account: &str) -> Result<PathBuf, Error> {
        self.until_service_account(namespace, service_account).await?;
        kubeconfig::kubeconfig_for(self.client(), &self.kubeconfig(), namespace, service_account).await
    }

    /// A client that acts as a `ServiceAccount`; see [`Bed::kubeconfig_for`].
    pub async fn client_for(&self, namespace: &str, service_account: &str) -> Result<Client, Error> {
        kubeconfig::client_for(&self.kubeconfig_for(namespace, service_account).await?).await
    }

    /// Applies every object of a YAML or JSON text, in order, by server-side apply. Returns them as stored; when this returns,
    /// a `CustomResourceDefinition` among them can be used.
    pub async fn apply_yaml(&self, manifests: &str) -> Result<Vec<DynamicObject>, Error> {
        apply::apply_yaml(&self.client, manifests).await
    }

    /// Applies the `CustomResourceDefinitions` of the OpenTelemetry Operator (`e2e/testbed/crds`).
    pub async fn apply_operator_crds(&self) -> Result<(), Error> {
        apply::apply_operator_crds(&self.client).await
    }

    /// A cluster IP of this bed's Service range that was not handed out yet, for a Service whose server runs in
    /// this process: listen on that address and the Service's port (above 1023), and the API server reaches it through
    /// `clientConfig.service`. Certificates for it: [`certificates::Authority::issue_for_service`].
    pub fn reserve_cluster_ip(&self) -> Ipv4Addr {
        self.slot.reserve_cluster_ip()
    }

    /// Stops the API server only; etcd keeps the data. It is asked to end, and killed when after 3 seconds watches still keep it.
    pub fn stop_apiserver(&self) {
        self.processes().stop(API_SERVER, Duration::from_secs(3));
    }

    /// Starts the API server again on the same port and waits until it is ready.
    pub async fn start_apiserver(&self) -> Result<(), Error> {
        self.processes().start(API_SERVER, self.control_plane.api_server(&self.slot))?;
        self.until_api_server_ready().await
    }

    /// Runs a further program beside the control plane; it ends with the bed. Its output goes to `NAME.log` among the logs.
    pub fn run(&self, name: &'static str, command: std::process::Command) -> Result<(), Error> {
        self.processes().start(name, command)
    }

    /// The programs of this bed, for whoever starts and stops some of them.
    pub fn programs(&self) -> Programs {
        Programs::of(&self.processes)
    }

    /// Asks a program that [`Bed::run`] started to end (SIGTERM), and kills it after `patience`.
    pub fn stop_program(&self, name: &'static str, patience: Duration) {
        self.processes().stop(name, patience);
    }

    /// Kills a program that [`Bed::run`] started, without warning (SIGKILL).
    pub fn kill_program(&self, name: &'static str) {
        self.processes().kill(name);
    }

    /// An error if a program of the control plane has ended by itself, with the end of its log.
    pub fn check(&self) -> Result<(), Error> {
        self.processes().check()
    }

    /// Directory of the logs, one file a program. They stay after the end.
    pub fn logs(&self) -> PathBuf {
        self.directory.join("logs")
    }

    /// The requests of a `ServiceAccount` so far. Of a bed with [`Options::audit`]; of another one there are none.
    pub fn audit(&self, namespace: &str, service_account: &str) -> Result<Vec<audit::Request>, Error> {
        audit::requests(&self.logs(), namespace, service_account)
    }

    /// Path of the `kubectl` that goes with the API server.
    pub fn kubectl(&self) -> PathBuf {
        self.control_plane.kubectl()
    }

    /// The process ids of everything that runs for this bed.
    pub fn process_ids(&self) -> Vec<u32> {
        self.processes().ids()
    }

    /// Ends everything and waits for it; the same as dropping the bed, said aloud.
    pub fn stop(self) {
        drop(self);
    }

    async fn until_api_server_ready(&self) -> Result<(), Error> {
        self.until("kube-apiserver", async || {
            let request = http::Request::get("/readyz").body(Vec::new()).ok()?;
            self.client.request_text(request).await.ok().filter(|answer| answer == "ok")
        })
        .await
    }

    async fn until_service_account(&self, namespace: &str, name: &str) -> Result<(), Error> {
        let api: Api<ServiceAccount> = Api::namespaced(self.client(), namespace);
        self.until(&format!("ServiceAccount {namespace}/{name}"), async || {
            api.get_opt(name).await.ok().flatten()
        })
        .await
    }

    /// Until Pods can be scheduled: a new Node has a taint as long as it is not ready.
    async fn until_nodes_ready(&self) -> Result<(), Error> {
        let api: Api<Node> = Api::all(self.client());
        self.until("Nodes", async || {
            let nodes = api.list(&ListParams::default()).await.ok()?;
            let tainted =
                |node: &Node| node.spec.iter().any(|spec| spec.taints.iter().flatten().next().is_some());
            (!nodes.items.iter().any(tainted)).then_some(())
        })
        .await
    }

    /// Asks again and again until there is an answer, a program has died, or patience is exhausted.
    async fn until<T>(&self, what: &str, ask: impl AsyncFn() -> Option<T>) -> Result<(), Error> {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        while tokio::time::Instant::now() < deadline {
            // One question must not hang for ever, as happens while the API server takes connections but is not ready.
            if let Ok(Some(_)) = tokio::time::timeout(Duration::from_secs(3), ask()).await {
                return Ok(());
            }
            self.check()?;
            tokio::time::sleep(PAUSE).await;
        }
        Err(Error::NotReady { what: what.to_owned(), seconds: PATIENCE.as_secs(), logs: self.logs() })
    }

    fn processes(&self) -> MutexGuard<'_, Processes> {
        self.processes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Bed {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Bed")
            .field("slot", &self.slot)
            .field("directory", &self.directory)
            .finish_non_exhaustive()
    }
}

/// An empty `target/bed/NAME` with a `logs` folder.
fn output_directory(name: &str) -> Result<PathBuf, Error> {
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../target"), PathBuf::from);
    let directory = target.join("bed").join(name);
    if directory.exists() {
        std::fs::remove_dir_all(&directory).map_err(Error::file("remove", &directory))?;
    }
    let logs = directory.join("logs");
    std::fs::create_dir_all(&logs).map_err(Error::file("create", &logs))?;
    directory.canonicalize().map_err(Error::file("find", &directory))
}
