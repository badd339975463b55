//! Which cluster is meant?

use std::error::Error;

use kube::config::{Config, KubeConfigOptions};

/// There is no way to a cluster.
#[derive(Debug, thiserror::Error)]
#[error("no cluster to talk to: {0}")]
pub struct NoCluster(String);

/// The configuration of a context; without one that of the current context, or of the Pod that this runs in.
pub async fn config(context: Option<&str>) -> Result<Config, NoCluster> {
    match context {
        None => Config::infer().await.map_err(|error| NoCluster(chain(&error))),
        Some(context) => {
            let options = KubeConfigOptions { context: Some(context.to_owned()), ..Default::default() };
            Config::from_kubeconfig(&options).await.map_err(|error| NoCluster(chain(&error)))
        }
    }
}

/// An error with its sources, each said once.
pub fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let words = cause.to_string();
        if !text.contains(&words) {
            text.push_str(": ");
            text.push_str(&words);
        }
        source = cause.source();
    }
    text
}
