//! SDK: configuration for an SDK that the application brings along; environment only.
//!
//! `internal/instrumentation/sdk.go` `injectSdk`, v0.158.0.
