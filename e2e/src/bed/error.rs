//! What can go wrong while a bed is built, started or used?

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;

/// Why the test bed could not do what was asked. Messages name the file, program or object.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or directory of the bed could not be read, written or locked.
    #[error("cannot {action} {}", path.display())]
    File {
        /// What was tried, as a verb.
        action: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// A program could not be run at all.
    #[error("cannot run {program}")]
    Spawn {
        /// The program as it was called.
        program: String,
        /// Why it failed.
        source: io::Error,
    },
    /// `go build` of one program family failed.
    #[error("building {family} failed ({status}):\n{output}")]
    Build {
        /// Folder name below `e2e/testbed`.
        family: &'static str,
        /// How `go` ended.
        status: ExitStatus,
        /// Its last lines.
        output: String,
    },
    /// So many beds run at once that no ports and no Service range are left.
    #[error("no free ports and Service range: too many test beds run on this machine")]
    NoFreeSlot,
    /// A program of the control plane ended while it was needed.
    #[error("{program} ended early ({status}); its log {} ends with:\n{tail}", log.display())]
    Ended {
        /// The program's name.
        program: &'static str,
        /// How it ended.
        status: ExitStatus,
        /// Its log.
        log: PathBuf,
        /// The last lines of the log.
        tail: String,
    },
    /// Something did not become true in time.
    #[error("{what} not ready after {seconds} s; logs are in {}", logs.display())]
    NotReady {
        /// What was waited for.
        what: String,
        /// How long.
        seconds: u64,
        /// Where to look.
        logs: PathBuf,
    },
    /// The API server refused a request.
    #[error("the API server refused to {what}")]
    Api {
        /// What was asked, as a verb with its object.
        what: String,
        /// Its answer.
        source: Box<kube::Error>,
    },
    /// A kubeconfig of the bed does not load.
    #[error("the kubeconfig of the bed does not load")]
    Kubeconfig(#[from] kube::config::KubeconfigError),
    /// A certificate could not be made.
    #[error("cannot make a certificate")]
    Certificate(#[from] rcgen::Error),
    /// A manifest or stage file is not what it should be.
    #[error("{what}: {problem}")]
    Manifest {
        /// Which document.
        what: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The stand-in operator cannot listen.
    #[error("the stand-in operator cannot serve its webhooks")]
    Webhook(#[source] io::Error),
    /// The handlers for Ctrl-C and SIGTERM could not be set.
    #[error("cannot listen for signals")]
    Signals(#[source] io::Error),
}

impl Error {
    /// For `map_err`: a failed action on `path`.
    pub(crate) fn file(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::File { action, path: path.to_path_buf(), source }
    }

    /// For `map_err`: a refused request.
    pub(crate) fn api(what: impl Into<String>) -> impl FnOnce(kube::Error) -> Self {
        move |source| Self::Api { what: what.into(), source: Box::new(source) }
    }
}
