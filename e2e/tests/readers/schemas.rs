//! Does what is written for machines fit its schema?

use std::io::Read as _;
use std::path::{Path, PathBuf};

use e2e::readers::read;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::file;
use crate::judged::{CLUSTERS, check};

/// The schema of the standard, by OASIS.
const SARIF: &[u8] = include_bytes!("sarif-2.1.0.json.gz");

/// A folder with a schema in it.
struct Schema {
    _folder: TempDir,
    path: PathBuf,
}

impl Schema {
    fn new(text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("schema.json");
        std::fs::write(&path, text).unwrap();
        Self { _folder: folder, path }
    }

    /// Formats such as `date-time` count as well.
    fn complaints(&self, instance: &str) -> Result<String, String> {
        read("jv", &[Path::new("--assert-format"), &self.path, Path::new("-")], instance)
    }
}

#[test]
fn sarif_fits_the_schema_of_the_standard() {
    let mut text = String::new();
    flate2::read::GzDecoder::new(SARIF).read_to_string(&mut text).unwrap();
    let schema = Schema::new(&text);
    for cluster in CLUSTERS {
        let log = check(cluster, "sarif");
        schema.complaints(&log).unwrap_or_else(|complaint| panic!("{cluster}: {complaint}"));
    }
    let log = check("messy-cluster-one", "sarif");
    for (right, wrong) in [("\"level\": \"error\"", "\"level\": \"grave\""), ("\"message\"", "\"msg\"")] {
        assert!(schema.complaints(&log.replace(right, wrong)).is_err(), "{wrong}");
    }
}

#[test]
fn json_fits_the_definition_of_the_objects() {
    let text = std::fs::read_to_string(file("crds/instrumentation-health.dev_instrumentationhealths.yaml"));
    let mut definition: Value = serde_saphyr::from_str(&text.unwrap()).unwrap();
    let mut objects = definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"].take();
    refuse_what_is_not_named(&mut objects);
    objects["properties"]["apiVersion"] = json!({"const": "instrumentation-health.dev/v1alpha1"});
    objects["properties"]["kind"] = json!({"const": "InstrumentationHealth"});
    objects["properties"]["metadata"] = json!({"type": "object", "required": ["name", "namespace"]});
    let list = json!({
        "type": "object",
        "required": ["apiVersion", "kind", "items"],
        "properties": {"items": {"type": "array", "minItems": 1, "items": objects}},
    });
    let schema = Schema::new(&list.to_string());
    for cluster in CLUSTERS {
        let list = check(cluster, "json");
        schema.complaints(&list).unwrap_or_else(|complaint| panic!("{cluster}: {complaint}"));
    }
    let list = check("messy-cluster-one", "json");
    for (right, wrong) in
        [("\"findings\"", "\"finding\""), ("\"severity\": \"Error\"", "\"severity\": \"Bad\"")]
    {
        assert!(list.contains(right) && schema.complaints(&list.replace(right, wrong)).is_err(), "{wrong}");
    }
}

/// A server would leave out what its schema does not name.
fn refuse_what_is_not_named(schema: &mut Value) {
    if schema["properties"].is_object() {
        schema["additionalProperties"] = json!(false);
    }
    match schema {
        Value::Object(fields) => fields.values_mut().for_each(refuse_what_is_not_named),
        Value::Array(items) => items.iter_mut().for_each(refuse_what_is_not_named),
        _ => {}
    }
}

#[test]
fn the_schema_of_the_charts_values_is_one() {
    let path = file("deploy/chart/values.schema.json");
    read("jv", &[&path], "").unwrap();
    let schema = std::fs::read_to_string(path).unwrap();
    let broken = Schema::new(&schema.replace("\"type\": \"object\"", "\"type\": \"map\""));
    assert!(read("jv", &[&broken.path], "").is_err());
}
