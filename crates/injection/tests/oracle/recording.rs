//! Reading a folder of recorded answers.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
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
    pub fn read(pod: &Value) -> Self {
        let PodView { metadata, spec, .. } = PodView::deserialize(pod).expect("a recorded Pod fits the view");
        Self {
            name: metadata.name.to_string(),
            generate_name: metadata.generate_name.as_deref().unwrap_or_default().to_owned(),
            owners: metadata.owner_references,
            shape: PodShape { annotations: metadata.annotations, labels: metadata.labels, spec },
        }
    }
}

/// Lines of a file that may be compressed.
pub fn lines(path: &Path) -> impl Iterator<Item = String> + use<> {
    let file = File::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let reader: Box<dyn Read> = if path.extension().is_some_and(|extension| extension == "gz") {
        Box::new(GzDecoder::new(file))
    } else {
        Box::new(file)
    };
    BufReader::new(reader).lines().map(|line| line.expect("recordings are text"))
}

/// The worlds of a folder, by id.
pub fn worlds(folder: &Path) -> BTreeMap<String, World> {
    lines(&folder.join("worlds.jsonl.gz"))
        .map(|line| {
            let world: Value = serde_json::from_str(&line).expect("a world is JSON");
            (world["id"].as_str().unwrap_or_default().to_owned(), World::read(&world))
        })
        .collect()
}
