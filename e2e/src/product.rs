//! How does the product itself run on the bed?
//!
//! Installed as the README says (`kubectl apply -k config/default`). The bed's Nodes are played, so the Deployment's Pod does
//! nothing; the real program runs beside the cluster instead, with the token of the ServiceAccount that was installed and
//! so with exactly the permissions that `config/` grants.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use tokio::process::Command as AsyncCommand;

use crate::page::page;
use crate::{Bed, Error};

/// Namespace into which `config/default` installs.
pub const NAMESPACE: &str = "instrumentation-health";
/// ServiceAccount of the controller.
pub const SERVICE_ACCOUNT: &str = "instrumentation-health";
/// Name of the program's log among those of the bed.
const PROGRAM: &str = "instrumentation-health";
/// How long a stopped controller may take to write what is pending.
const PATIENCE: Duration = Duration::from_secs(15);

/// The controller's program beside a bed.
#[derive(Debug)]
pub struct Product {
    name: &'static str,
    program: PathBuf,
    kubeconfig: PathBuf,
    port: u16,
    arguments: Vec<&'static str>,
}

impl Product {
    /// Installs `config/default` and prepares the program; it is not started yet.
    pub async fn install(bed: &Bed) -> Result<Self, Error> {
        Self::install_from(bed, "default").await
    }

    /// Installs another folder of `config/`.
    pub async fn install_from(bed: &Bed, folder: &str) -> Result<Self, Error> {
        apply_configuration(bed, folder).await?;
        let kubeconfig = bed.kubeconfig_for(NAMESPACE, SERVICE_ACCOUNT).await?;
        let (program, port) = (program()?, free_port()?);
        Ok(Self { name: PROGRAM, program, kubeconfig, port, arguments: Vec::new() })
    }

    /// A further process of the same installation: its name, which is also that of its log, and its arguments after `run`.
    pub fn replica(&self, name: &'static str, arguments: &[&'static str]) -> Result<Self, Error> {
        let (program, kubeconfig) = (self.program.clone(), self.kubeconfig.clone());
        Ok(Self { name, program, kubeconfig, port: free_port()?, arguments: arguments.to_vec() })
    }

    /// Name of the process.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Starts the controller.
    pub fn start(&self, bed: &Bed) -> Result<(), Error> {
        let mut command = Command::new(&self.program);
        command.arg("run").args(&self.arguments).arg("--listen").arg(self.address());
        command
            .env("KUBECONFIG", &self.kubeconfig)
            .env("POD_NAME", self.name)
            .env("POD_NAMESPACE", NAMESPACE);
        bed.run(self.name, command)
    }

    /// Stops the controller as Kubernetes does, with SIGTERM.
    pub fn stop(&self, bed: &Bed) {
        bed.stop_program(self.name, PATIENCE);
    }

    /// Kills the controller, with SIGKILL.
    pub fn kill(&self, bed: &Bed) {
        bed.kill_program(self.name);
    }

    /// Where the controller serves `/healthz`, `/readyz` and `/metrics`.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// What a page of the controller says, with the code.
    pub async fn page(&self, path: &str) -> std::io::Result<(u16, String)> {
        page(&self.address(), path).await
    }

    /// Runs the program with other arguments, as a user of the bed with all rights; returns exit code, stdout and stderr.
    pub async fn command(&self, bed: &Bed, arguments: &[&str]) -> Result<(i32, String, String), Error> {
        self.command_as(&bed.kubeconfig(), arguments).await
    }

    /// The same as the user of that kubeconfig.
    pub async fn command_as(
        &self,
        kubeconfig: &Path,
        arguments: &[&str],
    ) -> Result<(i32, String, String), Error> {
        run(&self.program, kubeconfig, arguments).await
    }
}

/// Runs the program where nothing of it is installed, as a user of the bed with all rights.
pub async fn run_uninstalled(bed: &Bed, arguments: &[&str]) -> Result<(i32, String, String), Error> {
    run(&program()?, &bed.kubeconfig(), arguments).await
}

async fn run(program: &Path, kubeconfig: &Path, arguments: &[&str]) -> Result<(i32, String, String), Error> {
    let mut command = AsyncCommand::new(program);
    command.args(arguments).env("KUBECONFIG", kubeconfig);
    output(command).await
}

async fn apply_configuration(bed: &Bed, folder: &str) -> Result<(), Error> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../config").join(folder);
    let mut command = AsyncCommand::new(bed.kubectl());
    command.args(["apply", "--server-side", "-k"]).arg(path).env("KUBECONFIG", bed.kubeconfig());
    let (code, _, errors) = output(command).await?;
    match code {
        0 => Ok(()),
        _ => Err(Error::Manifest { what: format!("config/{folder}"), problem: errors }),
    }
}

/// Runs `kubectl` with all rights and returns what it prints.
pub async fn kubectl(bed: &Bed, arguments: &[&str]) -> Result<String, Error> {
    let mut command = AsyncCommand::new(bed.kubectl());
    command.args(arguments).env("KUBECONFIG", bed.kubeconfig());
    let (code, printed, errors) = output(command).await?;
    match code {
        0 => Ok(printed),
        _ => Err(Error::Manifest { what: format!("kubectl {}", arguments.join(" ")), problem: errors }),
    }
}

/// Runs a program to its end; answers exit code, stdout and stderr.
pub async fn output(mut command: AsyncCommand) -> Result<(i32, String, String), Error> {
    let program = command.as_std().get_program().display().to_string();
    // Where nobody waits any more, it has to end as well.
    let output =
        command.kill_on_drop(true).output().await.map_err(|source| Error::Spawn { program, source })?;
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Ok((output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr)))
}

/// The program: `INSTRUMENTATION_HEALTH_BIN`, or the one built beside this one.
pub fn program() -> Result<PathBuf, Error> {
    if let Some(path) = std::env::var_os("INSTRUMENTATION_HEALTH_BIN") {
        return Ok(path.into());
    }
    let own = std::env::current_exe().map_err(Error::file("find", Path::new("the running program")))?;
    let beside = own.ancestors().skip(1).take(2).map(|folder| folder.join("instrumentation-health"));
    beside.into_iter().find(|path| path.is_file()).ok_or_else(|| Error::Manifest {
        what: "instrumentation-health".into(),
        problem:
            "is not built; run `cargo build -p instrumentation-health`, or set INSTRUMENTATION_HEALTH_BIN"
                .into(),
    })
}

/// A port of 127.0.0.1 that nobody listens on.
pub fn free_port() -> Result<u16, Error> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0")
        .map_err(Error::file("listen on", Path::new("127.0.0.1:0")))?;
    let address = listener.local_addr().map_err(Error::file("read", Path::new("the address of a socket")))?;
    Ok(address.port())
}
