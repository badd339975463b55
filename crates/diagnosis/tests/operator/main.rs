//! Do the causes that sit in the operator, and those that times explain, fire where they should and nowhere else?
//!
//! Each case is a recorded cluster in which one thing is changed.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod faults;
mod figures;
mod prospect;
mod recorded;
mod times;
