//! How do verdicts get out of a cluster's own data into the cluster?
//!
//! Watches feed a [`world::World`], `diagnosis` judges, writers bring statuses and Events to the API server. Nothing is
//! decided here.

pub mod list;
pub mod sources;
pub mod watched;

pub use list::{ListError, Scope, list_into};
