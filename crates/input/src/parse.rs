//! How is a text with YAML or JSON documents taken apart?

use std::fmt;

use serde::de::DeserializeSeed;
use serde_saphyr::options::DuplicateKeyPolicy;

use crate::error::InputError;
use crate::list::{Document, Shape, Sink};

/// Where in the input we are.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The file.
    pub label: &'a str,
    /// Number of the document, from 1.
    pub document: usize,
    /// First line of the document, from 1.
    pub line: usize,
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, document {}, line {}", self.label, self.document, self.line)
    }
}

/// Takes the objects of documents, told where each document stands.
pub trait Reader {
    /// The sink of the next document.
    fn begin(&mut self, place: Place<'_>) -> impl Sink;
}

/// Reads every document of a text. Returns what the last document with content was, for those who expect one.
///
/// # Errors
/// [`InputError::Syntax`] at the first place that is neither YAML nor JSON; [`InputError::NotAnObject`] for a document of
/// another shape, if `strict`.
pub fn read(label: &str, text: &str, strict: bool, reader: &mut impl Reader) -> Result<(), InputError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim_start().starts_with(['{', '[']) {
        match read_json(label, text, strict, reader) {
            // A YAML flow mapping begins like JSON.
            Err((error, 0)) => return read_yaml(label, text, strict, reader).map_err(|_| error),
            Err((error, _)) => return Err(error),
            Ok(()) => return Ok(()),
        }
    }
    read_yaml(label, text, strict, reader)
}

/// Reads JSON values one after the other. An error comes with the number of documents that had been read before it.
fn read_json(
    label: &str,
    text: &str,
    strict: bool,
    reader: &mut impl Reader,
) -> Result<(), (InputError, usize)> {
    let mut rest = text;
    let mut document = 0;
    while !rest.trim_start().is_empty() {
        document += 1;
        let skipped = text.len() - rest.trim_start().len();
        let line = 1 + count_lines(&text[..skipped]);
        rest = &text[skipped..];
        let place = Place { label, document, line };
        let mut deserializer = serde_json::Deserializer::from_str(rest).into_iter::<serde::de::IgnoredAny>();
        // The first pass finds the end and every error, so that the second hands over whole documents only.
        if let Some(Err(error)) = deserializer.next() {
            let syntax = InputError::Syntax {
                label: label.to_owned(),
                document,
                line: line + error.line().saturating_sub(1),
                detail: without_position(&error.to_string()),
            };
            return Err((syntax, document - 1));
        }
        let (value, after) = rest.split_at(deserializer.byte_offset());
        rest = after;
        let shape = Document(&mut reader.begin(place))
            .deserialize(&mut serde_json::Deserializer::from_str(value))
            .map_err(|error| (syntax(place, error.line(), &error.to_string()), document))?;
        check_shape(place, shape, strict).map_err(|error| (error, document))?;
    }
    Ok(())
}

fn read_yaml(label: &str, text: &str, strict: bool, reader: &mut impl Reader) -> Result<(), InputError> {
    for (number, (line, document)) in documents(text).into_iter().enumerate() {
        let place = Place { label, document: number + 1, line };
        let mut sink = reader.begin(place);
        let shape = serde_saphyr::with_deserializer_from_str_with_options(document, options(), |yaml| {
            Document(&mut sink).deserialize(yaml)
        })
        .map_err(|error| {
            let inner = error.location().map_or(1, |location| location.line());
            syntax(place, usize::try_from(inner).unwrap_or(1), &error.without_snippet().to_string())
        })?;
        check_shape(place, shape, strict)?;
    }
    Ok(())
}

/// A dump is large, but its structure is not deep: only what grows without bound in small files is bounded.
fn options() -> serde_saphyr::Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_reader_input_bytes: None,
            max_depth: 128,
            max_events: usize::MAX,
            max_nodes: usize::MAX,
            max_total_scalar_bytes: usize::MAX,
            max_total_comment_bytes: usize::MAX,
        },
        duplicate_keys: DuplicateKeyPolicy::LastWins,
        with_snippet: false,
    }
}

/// The documents of a YAML text, each with its first line. Those without content are left out.
fn documents(text: &str) -> Vec<(usize, &str)> {
    let mut documents = Vec::new();
    let mut begin = (1, 0);
    let mut offset = 0;
    let mut push = |(line, from): (usize, usize), to: usize| {
        let document = &text[from..to];
        if document.lines().any(has_content) {
            documents.push((line, document));
        }
    };
    for (index, line) in text.split_inclusive('\n').enumerate() {
        // In column 0 this is a document marker even inside a block scalar (YAML 1.2.2, 9.1.2).
        if is_marker(line, "---") && offset > begin.1 {
            push(begin, offset);
            begin = (index + 1, offset);
        }
        offset += line.len();
        if is_marker(line, "...") {
            push(begin, offset);
            begin = (index + 2, offset);
        }
    }
    push(begin, text.len());
    documents
}

fn is_marker(line: &str, marker: &str) -> bool {
    line.strip_prefix(marker).is_some_and(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace))
}

fn has_content(line: &str) -> bool {
    let line = line.strip_prefix("---").unwrap_or(line).trim();
    !line.is_empty() && !line.starts_with('#') && !line.starts_with('%') && line != "..."
}

fn check_shape(place: Place<'_>, shape: Shape, strict: bool) -> Result<(), InputError> {
    match shape {
        Shape::Other(what) if strict => Err(InputError::NotAnObject {
            label: place.label.to_owned(),
            document: place.document,
            line: place.line,
            what,
        }),
        _ => Ok(()),
    }
}

fn syntax(place: Place<'_>, line: usize, detail: &str) -> InputError {
    InputError::Syntax {
        label: place.label.to_owned(),
        document: place.document,
        line: place.line + line.saturating_sub(1),
        detail: without_position(detail),
    }
}

/// The parsers' messages without their own idea of the position, which is that within the document.
fn without_position(message: &str) -> String {
    if message.starts_with("budget breached") {
        return "nested too deeply, or aliases that expand too far, for Kubernetes objects".to_owned();
    }
    let line = message.lines().next().unwrap_or_default();
    let cut = line.rfind(" at line ").unwrap_or(line.len());
    line[..cut].trim_end_matches([':', ',', ' ']).to_owned()
}

fn count_lines(text: &str) -> usize {
    text.bytes().filter(|byte| *byte == b'\n').count()
}
