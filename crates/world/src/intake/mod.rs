//! What does one object that comes, changes or goes mean for the workloads?
//!
//! One file a kind: what is kept of it, and whom a change of that touches.

mod cluster_scoped;
mod instrumentation;
mod kept;
mod namespaced_data;
mod pod;
mod replica_set;
mod service;
mod workload;

pub(crate) use service::external;
