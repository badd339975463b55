//! Does the configuration for kube-state-metrics ask for fields that an `InstrumentationHealth` has?
//!
//! Its keys are those that kube-state-metrics reads strictly; the program itself is not run here.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::helm::objects_of;

const FILE: &str = "config/kube-state-metrics/custom_resource_state.yaml";

type Path = Vec<String>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    kind: String,
    spec: Spec,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Spec {
    resources: Vec<Resource>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Resource {
    group_version_kind: BTreeMap<String, String>,
    metric_name_prefix: String,
    labels_from_path: BTreeMap<String, Path>,
    metrics: Vec<Metric>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Metric {
    name: String,
    help: String,
    #[serde(rename = "errorLogV", default)]
    _error_log_v: u8,
    each: Each,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Each {
    r#type: String,
    gauge: Option<Source>,
    info: Option<Source>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Source {
    #[serde(default)]
    path: Path,
    label_from_key: Option<String>,
    #[serde(default)]
    labels_from_path: BTreeMap<String, Path>,
    #[serde(default)]
    value_from: Path,
    #[serde(default)]
    nil_is_zero: bool,
}

fn resource() -> Resource {
    let mut config: Config = serde_json::from_value(objects_of(FILE)[0].clone()).unwrap();
    assert_eq!((config.kind.as_str(), config.spec.resources.len()), ("CustomResourceStateMetrics", 1));
    config.spec.resources.remove(0)
}

#[test]
fn every_path_is_one_of_the_definition_and_leads_to_a_number() {
    let definition = &objects_of("crds/instrumentation-health.dev_instrumentationhealths.yaml")[0]["spec"];
    let version = &definition["versions"][0];
    let mut schema = version["schema"]["openAPIV3Schema"].clone();
    schema["properties"]["metadata"] =
        json!({"properties": {"name": {"type": "string"}, "namespace": {"type": "string"}}});
    let resource = resource();
    let known = json!({"group": definition["group"], "version": version["name"], "kind": definition["names"]["kind"]});
    assert_eq!(json!(resource.group_version_kind), known);
    for path in resource.labels_from_path.values() {
        at(&schema, path);
    }
    for metric in &resource.metrics {
        assert!(!metric.help.is_empty(), "{}", metric.name);
        let source = metric.source();
        let mut each = at(&schema, &source.path);
        if each["type"] == "array" {
            each = &each["items"];
        } else if source.label_from_key.is_some() {
            let properties = each["properties"].as_object().unwrap();
            each = properties.values().next().unwrap();
            assert!(properties.values().all(|property| property["type"] == each["type"]), "{}", metric.name);
        }
        for path in source.labels_from_path.values() {
            at(each, path);
        }
        if metric.each.r#type == "Gauge" {
            let value = at(each, &source.value_from);
            let is_status = source.path.last().is_some_and(|last| last == "conditions");
            let counts = value["type"] == "integer" || value["format"] == "date-time" || is_status;
            assert!(counts, "{}: {value}", metric.name);
        }
    }
}

impl Metric {
    fn source(&self) -> &Source {
        match (self.each.r#type.as_str(), &self.each.gauge, &self.each.info) {
            ("Gauge", Some(source), None) | ("Info", None, Some(source)) => source,
            (other, ..) => panic!("{}: {other}", self.name),
        }
    }
}

fn at<'s>(schema: &'s Value, path: &[String]) -> &'s Value {
    path.iter().fold(schema, |schema, part| {
        schema["properties"].get(part).unwrap_or_else(|| panic!("no such field: {path:?}"))
    })
}

/// Holds that each metric says something of at least one of these objects.
pub fn says_something_of(objects: &[Value]) {
    for metric in resource().metrics {
        let source = metric.source();
        let says = objects.iter().any(|object| {
            let value = follow(object, &source.path);
            let each = value.as_array().map_or_else(|| vec![value], |values| values.iter().collect());
            each.into_iter().any(|each| {
                let labelled = source.labels_from_path.values().all(|path| !follow(each, path).is_null());
                labelled && (source.nil_is_zero || !follow(each, &source.value_from).is_null())
            })
        });
        assert!(says, "{} {}: nothing", resource().metric_name_prefix, metric.name);
    }
}

fn follow<'o>(object: &'o Value, path: &[String]) -> &'o Value {
    path.iter().fold(object, |object, part| &object[part.as_str()])
}
