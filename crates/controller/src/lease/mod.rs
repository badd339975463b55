//! Which replica may write, and how is it seen from outside that one lives?
//!
//! Both by a `coordination.k8s.io/v1` Lease. With election, the one that holds it writes, and a standby that has read and
//! judged everything takes over when it is released, or was not renewed for its duration. Without, the only replica writes it
//! as a sign of life: an unchanged cluster costs no other write, so that nothing else shows whether the controller is dead.
//!
//! Own code and not a crate, because of two points of safety that kube-lease-manager (0.13) does not have: a standby measures
//! the age of a Lease by its own clock, from when it saw it change, so that clocks which differ let no two lead; and the
//! leader knows until when it may write ([`Leadership`]), so that it stops before another can start, even if it hangs.

mod elect;
mod heartbeat;
mod leadership;
mod predecessor;
mod record;
mod store;

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use kube::Client;

pub(crate) use elect::elect;
pub(crate) use heartbeat::heartbeat;
pub(crate) use leadership::Leadership;
pub(crate) use predecessor::Predecessor;
pub(crate) use store::Store;

/// How the Lease is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeaseSettings {
    /// Namespace; that of the controller.
    pub namespace: String,
    /// Name.
    pub name: String,
    /// Whether replicas elect a leader by it; else it is a sign of life only.
    pub elect: bool,
    /// How long it is valid after it was renewed, with election. A standby takes over that long after a crash.
    pub duration: Duration,
}

impl LeaseSettings {
    /// A sign of life in the namespace of the connection.
    pub fn new(client: &Client) -> Self {
        Self {
            namespace: client.default_namespace().to_owned(),
            name: NAME.to_owned(),
            elect: false,
            duration: DURATION,
        }
    }
}

/// Name of the Lease.
pub const NAME: &str = "instrumentation-health";
/// Label by which the Leases of all installations are found, with the value [`NAME`].
pub const LABEL: &str = "app.kubernetes.io/name";
/// Default of [`LeaseSettings::duration`].
const DURATION: Duration = Duration::from_secs(10);

/// A name for this process that no other has: two containers of one Pod, one after the other, are two holders.
pub(crate) fn identity(instance: &str) -> String {
    let chance = RandomState::new().hash_one(std::process::id());
    format!("{instance}_{:08x}", chance & 0xffff_ffff)
}
