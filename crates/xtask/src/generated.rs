//! How is a generated file written, or compared?

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

/// A generated file.
pub struct Generated {
    /// Path in the repository.
    pub path: PathBuf,
    /// What it holds.
    pub content: String,
}

/// What to do with generated files.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Write those that differ, remove those that are no longer made.
    Write,
    /// Only say which.
    Check,
}

/// Writes or compares. `folders` hold generated files only: any other file in them is stale. Returns a line for each stale
/// file, none in [`Mode::Write`].
pub fn settle(root: &Path, files: &[Generated], folders: &[&str], mode: Mode) -> anyhow::Result<Vec<String>> {
    let mut stale = Vec::new();
    for file in files {
        let path = root.join(&file.path);
        let current = fs::read_to_string(&path).ok();
        if current.as_deref() == Some(&file.content) {
            continue;
        }
        match mode {
            Mode::Write => write(&path, &file.content)?,
            Mode::Check if current.is_none() => stale.push(format!("{} is missing", file.path.display())),
            Mode::Check => stale.push(format!("{} is not current", file.path.display())),
        }
    }
    for path in leftovers(root, files, folders)? {
        match mode {
            Mode::Write => fs::remove_file(root.join(&path)).with_context(|| path.display().to_string())?,
            Mode::Check => stale.push(format!("{} is not made any more", path.display())),
        }
    }
    Ok(stale)
}

fn write(path: &Path, content: &str) -> anyhow::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    }
    fs::write(path, content).with_context(|| path.display().to_string())?;
    println!("wrote {}", path.display());
    Ok(())
}

fn leftovers(root: &Path, files: &[Generated], folders: &[&str]) -> anyhow::Result<Vec<PathBuf>> {
    let made: BTreeSet<&Path> = files.iter().map(|file| file.path.as_path()).collect();
    let mut left = Vec::new();
    for folder in folders {
        let Ok(entries) = fs::read_dir(root.join(folder)) else { continue };
        for entry in entries {
            let path = Path::new(folder).join(entry?.file_name());
            if !made.contains(path.as_path()) {
                left.push(path);
            }
        }
    }
    Ok(left)
}
