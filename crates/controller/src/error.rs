//! Why could the controller not run?

use std::net::SocketAddr;

/// Errors that end the controller. Trouble with the API server is none: it is waited out.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address for `/healthz`, `/readyz` and `/metrics`, or that of the status page, cannot be used.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
    /// A task that must run for ever ended: a defect.
    #[error("the task {task} ended: {source}")]
    Task {
        /// Which one.
        task: &'static str,
        /// How it ended.
        source: tokio::task::JoinError,
    },
}
