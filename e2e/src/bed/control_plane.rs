//! With which arguments do the programs of the control plane run?

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::Error;
use super::audit;
use super::binaries::{Binaries, hexadecimal};
use super::certificates::{Authority, Validity};
use super::kubeconfig::{Credentials, write_kubeconfig};
use super::slot::Slot;

/// The name of the API server among the bed's processes, logs and errors.
pub(super) const API_SERVER: &str = "kube-apiserver";

const AUDIT_POLICY: &str = "audit-policy.yaml";

/// Everything the programs read from files, written once; a restarted API server reads the same.
#[derive(Debug)]
pub(super) struct ControlPlane {
    binaries: Binaries,
    data: PathBuf,
    kubeconfig: PathBuf,
    go_limits: Vec<(String, String)>,
    audit: Option<PathBuf>,
}

impl ControlPlane {
    /// Writes keys, certificates, the admin token and its kubeconfig. `go_limits` are environment variables of Go's
    /// runtime for etcd and the API server (`GOGC`, `GOMEMLIMIT`); `audit` is where the API server notes requests.
    pub fn prepare(
        binaries: Binaries,
        slot: &Slot,
        data: &Path,
        kubeconfig: &Path,
        go_limits: Vec<(String, String)>,
        audit: Option<PathBuf>,
    ) -> Result<Self, Error> {
        let authority = Authority::new("instrumentation-health test bed")?;
        let names = ["127.0.0.1", "localhost", "kubernetes.default.svc"].map(String::from);
        let serving = authority.issue(&names, Validity::Current)?;
        let service_accounts = rcgen::KeyPair::generate()?;
        let token = random_token()?;

        let write = |name: &str, content: &str| {
            let path = data.join(name);
            std::fs::write(&path, content).map_err(Error::file("write", &path))
        };
        write("ca.crt", authority.certificate())?;
        write("serving.crt", &serving.certificate)?;
        write("serving.key", &serving.key)?;
        write("service-accounts.key", &service_accounts.serialize_pem())?;
        write("service-accounts.pub", &service_accounts.public_key_pem())?;
        write("tokens.csv", &format!("{token},admin,admin,system:masters\n"))?;
        let server = format!("https://{}:{}", Ipv4Addr::LOCALHOST, slot.api_port());
        let credentials =
            Credentials { server: &server, authority: authority.certificate(), user: "admin", token: &token };
        write_kubeconfig(kubeconfig, &credentials)?;
        write(AUDIT_POLICY, audit::POLICY)?;
        Ok(Self {
            binaries,
            data: data.to_path_buf(),
            kubeconfig: kubeconfig.to_path_buf(),
            go_limits,
            audit,
        })
    }

    /// Path of `kubectl` of the same version.
    pub fn kubectl(&self) -> PathBuf {
        self.binaries.kubernetes("kubectl")
    }

    /// etcd with one member and no durability: the data is thrown away.
    pub fn etcd(&self, slot: &Slot) -> Command {
        let client = format!("http://127.0.0.1:{}", slot.etcd_port());
        let peer = format!("http://127.0.0.1:{}", slot.etcd_peer_port());
        let mut command = Command::new(self.binaries.etcd());
        command
            .args(["--name=bed", "--unsafe-no-fsync", "--log-level=warn", "--quota-backend-bytes=8589934592"])
            .arg(format!("--data-dir={}", self.data.join("etcd").display()))
            .arg(format!("--listen-client-urls={client}"))
            .arg(format!("--advertise-client-urls={client}"))
            .arg(format!("--listen-peer-urls={peer}"))
            .arg(format!("--initial-advertise-peer-urls={peer}"))
            .arg(format!("--initial-cluster=bed={peer}"))
            .envs(self.go_limits.iter().cloned());
        command
    }

    /// The API server. No endpoint is reconciled for the Service `kubernetes`: loopback addresses are not allowed there.
    pub fn api_server(&self, slot: &Slot) -> Command {
        let file = |flag: &str, name: &str| format!("--{flag}={}", self.data.join(name).display());
        let mut command = Command::new(self.binaries.kubernetes(API_SERVER));
        command
            .arg(format!("--etcd-servers=http://127.0.0.1:{}", slot.etcd_port()))
            .arg(format!("--secure-port={}", slot.api_port()))
            .arg(format!("--service-cluster-ip-range={}", slot.service_range()))
            .args([
                "--bind-address=127.0.0.1",
                "--advertise-address=127.0.0.1",
                "--endpoint-reconciler-type=none",
            ])
            .args(["--authorization-mode=RBAC", "--allow-privileged", "--profiling=false"])
            .arg("--service-account-issuer=https://kubernetes.default.svc")
            .arg(file("tls-cert-file", "serving.crt"))
            .arg(file("tls-private-key-file", "serving.key"))
            .arg(file("service-account-key-file", "service-accounts.pub"))
            .arg(file("service-account-signing-key-file", "service-accounts.key"))
            .arg(file("token-auth-file", "tokens.csv"))
            .arg(file("cert-dir", "apiserver"))
            .envs(self.go_limits.iter().cloned());
        if let Some(log) = &self.audit {
            command.arg(file("audit-policy-file", AUDIT_POLICY));
            command.arg(format!("--audit-log-path={}", log.display()));
        }
        command
    }

    /// The controller manager without the node lifecycle controller: Nodes stay ready however slow the machine is.
    pub fn controller_manager(&self) -> Command {
        let mut command = self.client("kube-controller-manager");
        command
            .arg("--controllers=*,-node-lifecycle-controller")
            .arg(format!(
                "--service-account-private-key-file={}",
                self.data.join("service-accounts.key").display()
            ))
            .arg(format!("--root-ca-file={}", self.data.join("ca.crt").display()))
            .args(["--kube-api-qps=500", "--kube-api-burst=1000"]);
        command
    }

    /// The scheduler.
    pub fn scheduler(&self) -> Command {
        let mut command = self.client("kube-scheduler");
        command.args(["--kube-api-qps=500", "--kube-api-burst=1000"]);
        command
    }

    /// KWOK with our stages. No node leases: nobody reads them here.
    pub fn kwok(&self, stages: &Path) -> Command {
        let mut command = Command::new(self.binaries.kwok());
        command
            .arg(format!("--kubeconfig={}", self.kubeconfig.display()))
            .args(["--manage-all-nodes", "--node-lease-duration-seconds=0", "--config"])
            .arg(stages);
        command
    }

    fn client(&self, program: &str) -> Command {
        let mut command = Command::new(self.binaries.kubernetes(program));
        command
            .arg(format!("--kubeconfig={}", self.kubeconfig.display()))
            .args(["--leader-elect=false", "--secure-port=0"]);
        command
    }
}

/// A token nobody can guess: the raw public key of a fresh key pair, in hexadecimal.
fn random_token() -> Result<String, Error> {
    let key = rcgen::KeyPair::generate()?;
    Ok(hexadecimal(key.public_key_raw()))
}
