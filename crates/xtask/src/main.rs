//! Which files of the repository are generated, and are they current?
//!
//! `cargo run -p xtask -- gen` writes them, `-- check` fails where one differs from what would be written.

mod causes;
mod crd;
mod generated;
mod metrics;

use std::path::Path;
use std::process::ExitCode;

use clap::Parser;

use crate::generated::{Mode, settle};

/// Generated files of this repository.
#[derive(Debug, Parser)]
enum Arguments {
    /// Write every generated file
    Gen,
    /// Fail where a generated file is not what would be written
    Check,
}

fn main() -> anyhow::Result<ExitCode> {
    let mode = match Arguments::parse() {
        Arguments::Gen => Mode::Write,
        Arguments::Check => Mode::Check,
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize()?;
    let mut files = vec![crd::file()?, metrics::file()];
    files.extend(causes::files());
    let stale = settle(&root, &files, &[causes::FOLDER], mode)?;
    for line in &stale {
        eprintln!("{line}");
    }
    if stale.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!("run: make gen");
    Ok(ExitCode::FAILURE)
}
