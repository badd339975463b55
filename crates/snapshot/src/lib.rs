//! What of a cluster may leave it in one file, so that a diagnosis elsewhere comes out the same?
//!
//! A file for a bug report holds what a diagnosis of this version reads and nothing else: objects go through the slim views of
//! [`facts`], values of variables that nobody reads are taken out, and so is what looks like a credential. What could not be
//! read in the cluster is noted in a [`Header`], so that nobody takes it for absent. Pure: no I/O, no clock.

mod header;
mod list;
mod reduction;
mod references;
mod scope;

pub use header::{Header, InputState, SwitchedOff};
pub use list::{entry, list};
pub use reduction::{REDACTED, Reduction};
pub use scope::Scope;
