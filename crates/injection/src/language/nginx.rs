//! nginx: a module, and a copy of the configuration that loads it.
//!
//! `internal/instrumentation/nginx.go`, v0.158.0.

/// Init container that adds the module.
pub(crate) const ATTACH_CONTAINER: &str = "otel-agent-attach-nginx";
