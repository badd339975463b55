//! Is the model equal to a folder of recorded answers?
//!
//! `cargo run --release -p instrumentation-health-injection --example oracle -- DIR` checks `worlds.jsonl.gz` and
//! `cases.jsonl.gz` in the folder, every release under `releases/`, and `instrumentations.jsonl.gz`, as far as they are there.
//! It prints a line for each part, and exits with 1 if anything differs.

#[path = "../tests/oracle/check.rs"]
mod check;
#[path = "../tests/oracle/instrumentations.rs"]
mod instrumentations;
#[path = "../tests/oracle/recording.rs"]
mod recording;
#[path = "../tests/oracle/report.rs"]
mod report;
#[path = "../tests/oracle/world.rs"]
mod world;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use report::Report;

fn main() -> ExitCode {
    let Some(folder) = std::env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("usage: oracle DIR");
        return ExitCode::from(64);
    };
    let mut total = Report::default();
    let mut parts = 0;
    let mut add = |name: &str, report: Report| {
        report.print(name);
        total.merge(report);
        parts += 1;
    };
    if folder.join("cases.jsonl.gz").exists() {
        add("Pods", check::pods(&folder));
    }
    for release in releases(&folder) {
        let name = release.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        add(&name, check::pods(&release));
    }
    let file = folder.join("instrumentations.jsonl.gz");
    if file.exists() {
        add("Instrumentations", instrumentations::instrumentations(&file));
    }
    if parts == 0 {
        eprintln!("{}: no recordings here", folder.display());
        return ExitCode::from(2);
    }
    println!("{} cases, {} differ", total.cases, total.differing);
    if total.differing == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Folders of releases that have recordings, by name.
fn releases(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder.join("releases")).into_iter().flatten().flatten();
    let mut releases: Vec<PathBuf> =
        entries.map(|entry| entry.path()).filter(|path| path.join("cases.jsonl.gz").exists()).collect();
    releases.sort();
    releases
}
