//! Why is there nothing to show?

use std::collections::BTreeMap;

use input::{InputError, Manifest};

use crate::check::CheckError;

/// Why no preview can be made. Each says what failed, and [`PreviewError::needed`] what would help.
#[derive(Debug, thiserror::Error)]
pub enum PreviewError {
    /// Files.
    #[error(transparent)]
    Input(#[from] InputError),
    /// The cluster.
    #[error(transparent)]
    Cluster(#[from] CheckError),
    /// No object in the files makes Pods.
    #[error("no object in the files makes Pods{found}")]
    NothingToPreview {
        /// What they have instead, in brackets and with a blank before it.
        found: String,
    },
}

impl PreviewError {
    /// What would help, where that is known.
    pub fn needed(&self) -> Option<String> {
        match self {
            Self::Input(InputError::Empty { .. } | InputError::NoObjects { .. }) | Self::NothingToPreview { .. } => {
                Some(
                    "a Deployment, StatefulSet, DaemonSet, ReplicaSet, Job, CronJob or Pod, with the Namespace and the Instrumentations beside it (helm template … | instrumentation-health preview -f -)"
                        .to_owned(),
                )
            }
            Self::Input(_) => None,
            Self::Cluster(CheckError::NoCluster(_)) => Some(
                "a kubeconfig (KUBECONFIG, or ~/.kube/config); without --live the files alone are looked at"
                    .to_owned(),
            ),
            Self::Cluster(error) => error.needed(),
        }
    }
}

/// ` (found 2 Service, 1 ConfigMap)`
pub fn kinds(manifests: &[Manifest]) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for manifest in manifests {
        let kind = manifest.object["kind"]
            .as_str()
            .filter(|kind| !kind.is_empty())
            .unwrap_or("document without kind");
        *counts.entry(kind).or_default() += 1;
    }
    let listed: Vec<String> = counts.into_iter().map(|(kind, count)| format!("{count} {kind}")).collect();
    if listed.is_empty() { String::new() } else { format!(" (found {})", listed.join(", ")) }
}
