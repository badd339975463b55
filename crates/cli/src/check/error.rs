//! Why could nothing be checked, or no snapshot be taken?

use input::InputError;

use crate::connect::NoCluster;

/// Why there are no verdicts. Each says what failed, for what, and [`CheckError::needed`] what would help.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// Files.
    #[error(transparent)]
    Input(#[from] InputError),
    /// No workload of that name.
    #[error("no {name}{place}")]
    NoSuchWorkload {
        /// What was asked for.
        name: String,
        /// Where, with a blank before it; empty: anywhere.
        place: String,
        /// A workload of nearly that name.
        near: Option<String>,
    },
    /// Nothing in that namespace.
    #[error("no namespace {name:?}")]
    NoSuchNamespace {
        /// What was asked for.
        name: String,
        /// Those that there are.
        others: Vec<String>,
    },
    /// There is no way to a cluster.
    #[error(transparent)]
    NoCluster(#[from] NoCluster),
    /// The connection cannot even be prepared.
    #[error("cannot connect: {0}")]
    Start(String),
    /// A list failed.
    #[error("cannot list {what}: {why}")]
    List {
        /// Kind, and where.
        what: String,
        /// What the API server says.
        why: String,
        /// The right that is missing.
        needed: Option<String>,
    },
    /// A file cannot be written.
    #[error("cannot write {file}: {source}")]
    Write {
        /// Which.
        file: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// An object cannot be written as JSON.
    #[error("cannot write an object: {0}")]
    Encode(serde_json::Error),
}

/// Most namespaces named in an error.
const FEW: usize = 8;

impl CheckError {
    /// What would help, where that is known.
    pub fn needed(&self) -> Option<String> {
        match self {
            Self::Input(InputError::Read { source, label }) if looks_like_a_workload(label, source) => {
                Some(format!("a file; to name a workload, put it before -f: check {label} -f FILE"))
            }
            Self::Input(InputError::Empty { .. } | InputError::NoObjects { .. }) => {
                Some("a dump of a cluster or manifests; `check --help` shows how to make a dump".to_owned())
            }
            Self::Input(_) | Self::Start(_) | Self::Encode(_) => None,
            Self::Write { .. } => Some("a file in a folder that is there and may be written to".to_owned()),
            Self::NoSuchWorkload { near, .. } => {
                near.as_ref().map(|near| format!("a name that is there; did you mean {near}?"))
            }
            Self::NoSuchNamespace { others, .. } => {
                let more = if others.len() > FEW { ", …" } else { "" };
                let named = others[..others.len().min(FEW)].join(", ");
                (!others.is_empty()).then(|| format!("one of {named}{more}"))
            }
            Self::NoCluster(_) => {
                Some("a kubeconfig (KUBECONFIG, or ~/.kube/config), or files: check -f FILE".to_owned())
            }
            Self::List { needed, .. } => needed.clone(),
        }
    }
}

fn looks_like_a_workload(label: &str, source: &std::io::Error) -> bool {
    source.kind() == std::io::ErrorKind::NotFound && label.split('/').count() == 2 && !label.contains('.')
}
