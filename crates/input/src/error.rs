//! What can be wrong with a file, and where?

use std::path::PathBuf;

use facts::DecodeError;

/// Why nothing could be loaded. One is enough to stop: a verdict on half an input would be a guess.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// A file or directory cannot be read.
    #[error("cannot read {label}: {source}")]
    Read {
        /// The file, or `standard input`.
        label: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// A file has no content but blanks.
    #[error("{label} is empty")]
    Empty {
        /// The file.
        label: String,
    },
    /// A file is larger than can be checked at once.
    #[error("{label} is larger than {limit_mib} MiB; check it in parts, one namespace at a time")]
    TooLarge {
        /// The file.
        label: String,
        /// The limit, in MiB.
        limit_mib: u64,
    },
    /// A file is neither YAML nor JSON.
    #[error("{label} is not text: {detail}")]
    NotText {
        /// The file.
        label: String,
        /// What gave it away.
        detail: String,
    },
    /// A document is not well-formed.
    #[error("{label}, document {document}, line {line}: {detail}")]
    Syntax {
        /// The file.
        label: String,
        /// Number of the document in the file, from 1.
        document: usize,
        /// Line in the file, from 1.
        line: usize,
        /// What the parser says.
        detail: String,
    },
    /// A document is something else than a mapping.
    #[error("{label}, document {document}, line {line}: not a Kubernetes object but {what}")]
    NotAnObject {
        /// The file.
        label: String,
        /// Number of the document in the file, from 1.
        document: usize,
        /// Line in the file, from 1.
        line: usize,
        /// What it is.
        what: &'static str,
    },
    /// A directory holds no file that could be read.
    #[error("{} holds no .yaml, .yml or .json file", path.display())]
    NoFiles {
        /// The directory.
        path: PathBuf,
    },
    /// Nothing in all the files is a Kubernetes object.
    #[error("no Kubernetes object in {labels}")]
    NoObjects {
        /// The files.
        labels: String,
    },
}

/// An object that was left out because it does not read as the API describes it.
#[derive(Debug, thiserror::Error)]
#[error("{label}, document {document}, line {line}: {source}; left out")]
pub struct Problem {
    /// The file.
    pub label: String,
    /// Number of the document in the file, from 1.
    pub document: usize,
    /// Line on which the document begins, from 1.
    pub line: usize,
    /// What is wrong.
    pub source: DecodeError,
}
