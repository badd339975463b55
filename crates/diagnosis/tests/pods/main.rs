//! Do the causes that sit in the Pods themselves (agent container, application, export, staleness) fire where they should and
//! nowhere else?
//!
//! Each case is a recorded cluster in which one thing is changed.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod agent;
mod application;
mod change;
mod endpoint;
mod export;
mod receiver;
#[path = "../operator/recorded.rs"]
#[allow(dead_code, reason = "shared with other tests")]
mod recorded;
mod refused;
mod revision;
mod stale;

use recorded::Recorded;

/// Said of an application that does not run, where nothing points to the injection.
const NOTE: &str = "ActivityNotVisible Info Likely";

/// Holds the findings and `Healthy` of a changed cluster to what is right.
#[track_caller]
fn is(what: &str, cluster: &Recorded, healthy: &str, findings: &[&str]) {
    let said = cluster.judge();
    let want: Vec<String> = findings.iter().map(ToString::to_string).collect();
    assert_eq!((said.healthy.as_str(), &said.findings), (healthy, &want), "{what}");
}
