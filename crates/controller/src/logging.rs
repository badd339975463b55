//! What is logged, and how does it look?

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

/// Form of a log line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// Why logging could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum LoggingError {
    /// The filter does not parse.
    #[error("log filter {filter:?}: {source}")]
    Filter {
        /// The filter.
        filter: String,
        /// What is wrong with it.
        source: tracing_subscriber::filter::ParseError,
    },
    /// Another subscriber has been installed already.
    #[error("logging is set up already")]
    AlreadySetUp,
}

/// The default filter. `kube_client` logs whole bodies that it cannot decode at WARN, Secrets of a careless user among them;
/// `kube_runtime` says again what the watches say themselves.
pub const DEFAULT_FILTER: &str = "info,kube_client=off,kube_runtime=off";

/// Starts logging to stderr. `filter` in the form of `tracing-subscriber`; empty: [`DEFAULT_FILTER`].
pub fn init(format: Format, filter: &str) -> Result<(), LoggingError> {
    let filter = if filter.is_empty() { DEFAULT_FILTER } else { filter };
    let parsed = EnvFilter::try_new(filter);
    let env = parsed.map_err(|source| LoggingError::Filter { filter: filter.to_owned(), source })?;
    let is_terminal = std::io::stderr().is_terminal();
    let builder =
        tracing_subscriber::fmt().with_env_filter(env).with_writer(std::io::stderr).with_ansi(is_terminal);
    let installed = match format {
        Format::Text => builder.with_target(false).try_init(),
        Format::Json => builder.json().flatten_event(true).try_init(),
    };
    installed.map_err(|_| LoggingError::AlreadySetUp)
}
