//! Does the program say what it should, in the form it should, with the exit code it should?

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod bad_input;
mod check;
mod ci;
mod documented;
mod explain;
mod formats;
mod help;
mod preview;
mod program;
mod same_objects;
mod silence;
