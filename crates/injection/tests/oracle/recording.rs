//! Reading a folder of recorded answers.
//!
//! Whatever does not fit is an error that names the file and the line; nothing panics.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use facts::{OwnerReference, PodShape, PodView};
use flate2::read::GzDecoder;
use serde::Deserialize;
use serde_json::Value;

use super::world::World;

/// One recorded request.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
pub struct Case {
    pub id: String,
    pub world: String,
    pub namespace: String,
    pub webhook_called: bool,
    pub timed_out: bool,
    pub submitted: Value,
    pub admission: Option<Admission>,
    pub patch: Option<json_patch::Patch>,
    pub outcome: String,
    pub error: Option<String>,
    pub log: Vec<Value>,
}

/// The webhook's recorded answer.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Admission {
    pub allowed: Option<bool>,
    pub code: Option<u16>,
    pub message: Option<String>,
}

/// A recorded Pod, taken apart for the model.
pub struct Submitted {
    pub name: String,
    pub generate_name: String,
    pub owners: Arc<[OwnerReference]>,
    pub shape: PodShape,
}

impl Submitted {
    pub fn read(pod: &Value) -> Result<Self, String> {
        let view = PodView::deserialize(pod).map_err(|error| format!("submitted is no Pod: {error}"))?;
        let PodView { metadata, spec, .. } = view;
        Ok(Self {
            name: metadata.name.to_string(),
            generate_name: pod["metadata"]["generateName"].as_str().unwrap_or_default().to_owned(),
            owners: metadata.owner_references,
            shape: PodShape { annotations: metadata.annotations, labels: metadata.labels, spec },
        })
    }
}

/// The file of that name in a folder, compressed or not.
pub fn file(folder: &Path, name: &str) -> Option<PathBuf> {
    [format!("{name}.jsonl.gz"), format!("{name}.jsonl")]
        .into_iter()
        .map(|name| folder.join(name))
        .find(|path| path.exists())
}

/// Lines of a file that may be compressed, with what to call them in an error. Empty ones are left out.
pub fn lines(path: &Path) -> Result<impl Iterator<Item = Result<(String, String), String>> + use<>, String> {
    let name = path.display().to_string();
    let file = File::open(path).map_err(|error| format!("{name}: {error}"))?;
    let reader: Box<dyn Read> = if path.extension().is_some_and(|extension| extension == "gz") {
        Box::new(GzDecoder::new(file))
    } else {
        Box::new(file)
    };
    let lines = BufReader::new(reader).lines().enumerate().map(move |(index, line)| {
        let place = format!("{name}, line {}", index + 1);
        line.map_err(|error| format!("{place}: {error}")).map(|line| (place, line))
    });
    Ok(lines.filter(|line| !line.as_ref().is_ok_and(|(_, text)| text.trim().is_empty())))
}

/// Reads a line.
pub fn parse<T: serde::de::DeserializeOwned>(place: &str, line: &str) -> Result<T, String> {
    serde_json::from_str(line).map_err(|error| format!("{place}: {error}"))
}

/// The worlds of a folder, by id.
pub fn worlds(folder: &Path) -> Result<BTreeMap<String, World>, String> {
    let path = file(folder, "worlds")
        .ok_or_else(|| format!("{}: cases without a worlds.jsonl.gz or worlds.jsonl", folder.display()))?;
    lines(&path)?
        .map(|line| {
            let (place, line) = line?;
            let world: Value = parse(&place, &line)?;
            let id = world["id"].as_str().ok_or_else(|| format!("{place}: a world without id"))?;
            Ok((id.to_owned(), World::read(&world).map_err(|error| format!("{place}, world {id}: {error}"))?))
        })
        .collect()
}
