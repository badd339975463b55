//! Apache HTTP server: a module, and a copy of the configuration that loads it.
//!
//! `internal/instrumentation/apachehttpd.go`, v0.158.0.

/// Init container that copies the configuration out of the application's image; nginx uses the same name.
pub(crate) const CLONE_CONTAINER: &str = "otel-agent-source-container-clone";
/// Init container that adds the module.
pub(crate) const ATTACH_CONTAINER: &str = "otel-agent-attach-apache";
