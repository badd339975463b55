//! How does the product behave on a real Kubernetes control plane?
//!
//! [`Bed`] starts real etcd, kube-apiserver, kube-controller-manager, kube-scheduler and KWOK on loopback
//! ports. KWOK plays the kubelets of two Nodes: it runs init containers one after the other and plays the
//! failures a Pod asks for (see [`play`]). Nothing is mocked between a manifest and a Pod's status.
//!
//! ```no_run
//! # async fn example() -> Result<(), e2e::Error> {
//! let bed = e2e::Bed::start(e2e::Options::named("example")).await?;
//! bed.apply_yaml("{apiVersion: v1, kind: Namespace, metadata: {name: shop}}").await?;
//! bed.stop();
//! # Ok(())
//! # }
//! ```

pub mod bed;
pub mod cli;
pub mod demo;
pub mod following;
pub mod operator;
pub mod page;
pub mod play;
pub mod product;
pub mod readers;
pub mod soak;
pub mod verdicts;

pub use bed::{Bed, Error, Options};

/// Says what is not tested on this machine, and what it would take. Unlike by `eprintln!`, it is seen although the test passes.
pub fn untested(what: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr(), "\nNOT TESTED: {what}");
}
