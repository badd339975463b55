//! Is the model equal to a folder of recorded answers?
//!
//! `cargo run --release -p instrumentation-health-injection --example oracle -- DIR` checks `worlds.jsonl` and `cases.jsonl`
//! in the folder, every release under `releases/`, and `instrumentations.jsonl`, as far as they are there, compressed
//! (`.gz`) or not. It prints a line for each part, and exits with 1 if anything differs, with 2 if something cannot be read.

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

use recording::file;
use report::Report;

fn main() -> ExitCode {
    let mut args = std::env::args_os().skip(1);
    let (Some(folder), None) = (args.next().map(PathBuf::from), args.next()) else {
        eprintln!(
            "usage: oracle DIR (a folder with worlds.jsonl.gz and cases.jsonl.gz, releases/ or instrumentations.jsonl.gz)"
        );
        return ExitCode::from(64);
    };
    match check_all(&folder) {
        Ok(total) => {
            println!("{} cases, {} differ", total.cases, total.differing);
            if total.differing == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

/// Checks and prints every part that is there.
fn check_all(folder: &Path) -> Result<Report, String> {
    let mut total = Report::default();
    let mut parts = 0;
    let mut add = |name: &str, report: Result<Report, String>| {
        let report = report?;
        report.print(name);
        total.merge(report);
        parts += 1;
        Ok::<(), String>(())
    };
    std::fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    if file(folder, "cases").is_some() {
        add("Pods", check::pods(folder))?;
    }
    for release in releases(folder) {
        let name = release.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        add(&format!("release {name}"), check::pods(&release))?;
    }
    if let Some(file) = file(folder, "instrumentations") {
        add("Instrumentations", instrumentations::instrumentations(&file))?;
    }
    if parts == 0 {
        return Err(format!(
            "{}: no cases.jsonl.gz, no releases/*/cases.jsonl.gz and no instrumentations.jsonl.gz here",
            folder.display()
        ));
    }
    Ok(total)
}

/// Folders of releases that have recordings, oldest first.
fn releases(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder.join("releases")).into_iter().flatten().flatten();
    let mut releases: Vec<PathBuf> =
        entries.map(|entry| entry.path()).filter(|path| file(path, "cases").is_some()).collect();
    let version = |path: &PathBuf| {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        (injection::Version::parse(&name), name)
    };
    releases.sort_by_key(version);
    releases
}
