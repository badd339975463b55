//! How do programs read the verdicts?

use api::InstrumentationHealth;
use serde::Serialize;

use crate::check::judge::Verdicts;

/// A `v1` `List`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct List<'v> {
    api_version: &'static str,
    kind: &'static str,
    metadata: Metadata,
    items: Vec<&'v InstrumentationHealth>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    resource_version: &'static str,
}

fn list(verdicts: &Verdicts) -> List<'_> {
    List {
        api_version: "v1",
        kind: "List",
        metadata: Metadata { resource_version: "" },
        items: verdicts.list.iter().map(|verdict| &verdict.object).collect(),
    }
}

/// The objects that the controller would write, as JSON.
pub fn json(verdicts: &Verdicts) -> String {
    let text = serde_json::to_string_pretty(&list(verdicts));
    text.expect("our own types have string keys only, and writing to memory does not fail") + "\n"
}

/// The same as YAML.
pub fn yaml(verdicts: &Verdicts) -> String {
    serde_saphyr::to_string(&list(verdicts))
        .expect("our own types have string keys only, and writing to memory does not fail")
}
