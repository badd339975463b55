//! What does the operator make of an Instrumentation that a user writes, and would it take it?
//!
//! Its defaulting and validating webhooks (`internal/webhook/instrumentation_webhook.go`, v0.158.0). Enums and patterns of
//! the CRD's schema are the API server's part and not judged here.

mod decode;
mod default;
mod go_number;
mod go_types;
mod upgrade;
mod validate;

pub use default::default_instrumentation;
pub use validate::{Validation, validate_instrumentation};
