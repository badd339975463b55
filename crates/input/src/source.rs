//! Which files are meant, and what text do they hold?

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;

use crate::error::InputError;

/// Most bytes of one file, unpacked.
const LIMIT: u64 = 2 << 30;
/// Extensions of files that are read in directories; each also with `.gz` behind it.
const EXTENSIONS: [&str; 3] = ["yaml", "yml", "json"];
/// First bytes of a gzip file.
const GZIP: [u8; 2] = [0x1f, 0x8b];
/// How much is looked at to tell text from anything else before the whole is read.
const PROBE: u64 = 64 << 10;

/// What messages call standard input.
pub const STANDARD_INPUT: &str = "standard input";

/// A file to be read.
#[derive(Debug)]
pub struct Source {
    /// None: standard input.
    path: Option<PathBuf>,
    /// Whether it was named itself, rather than found in a directory.
    pub named: bool,
}

impl Source {
    /// How messages call it.
    pub fn label(&self) -> String {
        self.path.as_ref().map_or_else(|| STANDARD_INPUT.to_owned(), |path| path.display().to_string())
    }

    /// Its text, unpacked. `stdin` is read where the source is `-`.
    pub fn read(&self, stdin: &mut dyn Read) -> Result<String, InputError> {
        let failed = |source| InputError::Read { label: self.label(), source };
        match &self.path {
            None => self.unpack(stdin),
            Some(path) => self.unpack(&mut File::open(path).map_err(failed)?),
        }
    }

    fn unpack(&self, reader: &mut dyn Read) -> Result<String, InputError> {
        let failed = |source| InputError::Read { label: self.label(), source };
        let mut head = Vec::new();
        reader.take(PROBE).read_to_end(&mut head).map_err(failed)?;
        if head.starts_with(&GZIP) {
            let mut unpacked = MultiGzDecoder::new(io::Cursor::new(head).chain(reader));
            let mut inner = Vec::new();
            (&mut unpacked).take(PROBE).read_to_end(&mut inner).map_err(failed)?;
            self.text(inner, &mut unpacked)
        } else {
            self.text(head, reader)
        }
    }

    fn text(&self, mut bytes: Vec<u8>, rest: &mut dyn Read) -> Result<String, InputError> {
        let not_text = |detail: String| InputError::NotText { label: self.label(), detail };
        if let Some(position) = bytes.iter().position(|byte| *byte == 0) {
            return Err(not_text(format!("byte {position} is NUL")));
        }
        let failed = |source| InputError::Read { label: self.label(), source };
        rest.take(LIMIT + 1 - bytes.len() as u64).read_to_end(&mut bytes).map_err(failed)?;
        if bytes.len() as u64 > LIMIT {
            return Err(InputError::TooLarge { label: self.label(), limit_mib: LIMIT >> 20 });
        }
        let text = String::from_utf8(bytes)
            .map_err(|error| not_text(format!("byte {} is not UTF-8", error.utf8_error().valid_up_to())))?;
        if self.named && text.trim().is_empty() {
            return Err(InputError::Empty { label: self.label() });
        }
        Ok(text)
    }
}

/// The files that the paths mean, in order: `-` is standard input, a directory everything below it that looks like YAML or
/// JSON. Hidden entries and links to directories are left out.
pub fn find(paths: &[PathBuf]) -> Result<Vec<Source>, InputError> {
    let mut sources = Vec::new();
    for path in paths {
        if path.as_os_str() == "-" {
            sources.push(Source { path: None, named: true });
        } else if path.is_dir() {
            let before = sources.len();
            walk(path, &mut sources)?;
            if sources.len() == before {
                return Err(InputError::NoFiles { path: path.clone() });
            }
        } else {
            sources.push(Source { path: Some(path.clone()), named: true });
        }
    }
    Ok(sources)
}

fn walk(directory: &Path, sources: &mut Vec<Source>) -> Result<(), InputError> {
    let failed = |source| InputError::Read { label: directory.display().to_string(), source };
    let mut entries: Vec<PathBuf> = fs::read_dir(directory)
        .map_err(failed)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()
        .map_err(failed)?;
    entries.sort();
    for path in entries {
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if hidden {
            continue;
        }
        if path.is_dir() {
            if !path.is_symlink() {
                walk(&path, sources)?;
            }
        } else if is_wanted(&path) {
            sources.push(Source { path: Some(path), named: false });
        }
    }
    Ok(())
}

fn is_wanted(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    name.rsplit_once('.').is_some_and(|(_, extension)| EXTENSIONS.contains(&extension))
}
