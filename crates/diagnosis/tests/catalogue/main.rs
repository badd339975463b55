//! Is every cause of the catalogue whole: fixtures on which it fires and stays silent, a page, a place in every list?
//!
//! The fixtures stand beside each cause (`src/catalogue/GROUP/CAUSE.yaml`); `fixture.rs` says how they read. `CAUSE=Reason` runs
//! those of one cause; `SHOW=1` (with `--nocapture`) prints what is said of them.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod edit;
mod files;
mod fixture;
mod fixtures;
mod hostile;
mod messages;
#[path = "../operator/recorded.rs"]
#[allow(dead_code, reason = "shared with other tests")]
mod recorded;
mod registry;
mod silence;
mod watching;
