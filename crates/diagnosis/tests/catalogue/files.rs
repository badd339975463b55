//! Which files has a cause?

use std::path::{Path, PathBuf};

use diagnosis::catalogue::CAUSES;
use diagnosis::{Cause, OUTCOMES};

use crate::fixture::Fixtures;

/// Every cause and outcome.
pub fn all() -> impl Iterator<Item = &'static Cause> {
    CAUSES.iter().chain(OUTCOMES.iter()).copied()
}

/// Every cause and outcome that is looked for, or the one that `CAUSE` names.
pub fn chosen() -> impl Iterator<Item = &'static Cause> {
    let only = std::env::var("CAUSE").ok();
    let known = only.as_ref().is_none_or(|only| all().any(|cause| cause.reason == only));
    assert!(known, "CAUSE={} names no reason", only.unwrap_or_default());
    let is_meant = move |cause: &&Cause| only.as_ref().is_none_or(|only| cause.reason == only);
    all().filter(is_meant)
}

/// The files of one cause: `x.rs`, `x.md`, `x.yaml`. Outcomes share their code.
pub struct CauseFiles {
    /// The path without extension.
    stem: PathBuf,
}

impl CauseFiles {
    /// Every file of the catalogue that holds a cause.
    pub fn of_causes() -> Vec<Self> {
        let mut found = Vec::new();
        for group in entries(&root().join("catalogue")).into_iter().filter(|path| path.is_dir()) {
            for file in entries(&group) {
                let is_code = file.extension().is_some_and(|extension| extension == "rs");
                if is_code && std::fs::read_to_string(&file).unwrap().contains("pub static CAUSE: Cause") {
                    found.push(Self { stem: file.with_extension("") });
                }
            }
        }
        found.sort_by(|a, b| a.stem.cmp(&b.stem));
        found
    }

    /// Those of a reason.
    pub fn of(reason: &str) -> Option<Self> {
        let pages = entries(&root().join("outcome")).into_iter().map(|path| path.with_extension(""));
        let outcomes = pages.map(|stem| Self { stem });
        Self::of_causes().into_iter().chain(outcomes).find(|files| files.is_of(reason))
    }

    /// Whether the name of the file is the reason's, in snake case.
    pub fn is_of(&self, reason: &str) -> bool {
        self.name().replace('_', "") == reason.to_lowercase()
    }

    /// The name, without folder and extension.
    pub fn name(&self) -> String {
        self.stem.file_name().unwrap().to_string_lossy().into_owned()
    }

    /// One of its files.
    pub fn path(&self, extension: &str) -> PathBuf {
        self.stem.with_extension(extension)
    }

    /// Its fixtures, or what is wrong with the file.
    pub fn fixtures(&self) -> Result<Fixtures, String> {
        let path = self.path("yaml");
        let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        serde_saphyr::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}
