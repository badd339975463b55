//! Which files of the repository are generated, are they current, and do the links in its pages lead somewhere?
//!
//! `cargo run -p xtask -- gen` writes the generated ones; `-- check` fails where one differs from what would be written, and where a
//! link leads nowhere.

mod alerts;
mod bill;
mod causes;
mod chart;
mod crd;
mod events;
mod generated;
mod image;
mod links;
mod metrics;
mod reference;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;

use crate::bill::BillArguments;
use crate::generated::{Generated, Mode, settle};
use crate::image::ImageArguments;

/// Folders that hold generated files only.
const FOLDERS: [&str; 2] = [causes::FOLDER, chart::FOLDER];

/// Generated files of this repository.
#[derive(Debug, Parser)]
enum Arguments {
    /// Write every generated file
    Gen,
    /// Fail where a generated file is not what would be written, or a link leads nowhere
    Check,
    /// Make the container image of a program that deploy/build-static has built
    Image(ImageArguments),
    /// Write the bill of materials of that program (CycloneDX)
    Sbom(BillArguments),
}

fn main() -> anyhow::Result<ExitCode> {
    let root = root()?;
    let made = match Arguments::parse() {
        Arguments::Gen => return settled(&root, Mode::Write),
        Arguments::Check => return settled(&root, Mode::Check),
        Arguments::Image(arguments) => image::make(&root, &arguments)?,
        Arguments::Sbom(arguments) => bill::write(&root, &arguments)?,
    };
    println!("{made}");
    Ok(ExitCode::SUCCESS)
}

/// Writes or compares what is generated, and follows links.
fn settled(root: &Path, mode: Mode) -> anyhow::Result<ExitCode> {
    let stale = settle(root, &files(root)?, &FOLDERS, mode)?;
    for line in &stale {
        eprintln!("{line}");
    }
    if !stale.is_empty() {
        eprintln!("run: make gen");
        return Ok(ExitCode::FAILURE);
    }
    let dead = links::dead(root)?;
    for line in &dead {
        eprintln!("{line}");
    }
    Ok(if dead.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn root() -> std::io::Result<PathBuf> {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize()
}

/// Every generated file of the repository.
fn files(root: &Path) -> anyhow::Result<Vec<Generated>> {
    let mut files = vec![crd::file()?, metrics::file(), reference::file(), causes::what_is_checked()];
    files.extend(chart::files(root, &files[0])?);
    files.push(alerts::file(root)?);
    files.extend(causes::files());
    files.extend(events::files());
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generated_files_are_current() {
        let root = root().unwrap();
        let stale = settle(&root, &files(&root).unwrap(), &FOLDERS, Mode::Check).unwrap();
        assert!(stale.is_empty(), "run make gen: {stale:?}");
    }

    #[test]
    fn every_link_leads_somewhere() {
        let dead = links::dead(&root().unwrap()).unwrap();
        assert!(dead.is_empty(), "\n{}", dead.join("\n"));
    }

    #[test]
    fn every_reason_is_documented() {
        let reference = std::fs::read_to_string(root().unwrap().join("docs/reference.md")).unwrap();
        let causes = diagnosis::catalogue::CAUSES.iter().chain(diagnosis::OUTCOMES.iter());
        let causes = causes.map(|cause| format!("| [`{}`](", cause.reason));
        let outcomes = api::Outcome::ALL.iter().map(|outcome| format!("`{}`", outcome.as_str()));
        let stages = api::StageReason::ALL.iter().map(|reason| format!("| `{}`", reason.as_str()));
        for reason in causes.chain(outcomes).chain(stages) {
            assert!(reference.contains(&reason), "{reason} is missing in docs/reference.md");
        }
    }
}
