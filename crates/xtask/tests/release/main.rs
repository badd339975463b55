//! Is the repository fit to be released: does everything name one version, and may its dependencies be shipped?

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod dependencies;
mod versions;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// Path of a file of the repository.
fn path(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(file)
}

/// A file of the repository.
fn read(file: &str) -> String {
    fs::read_to_string(path(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// What is not tested on this machine, said past the test runner, which keeps what passing tests print to itself.
fn say_loudly(what: &str) {
    let _ = writeln!(io::stderr(), "NOT TESTED: {what}");
}
