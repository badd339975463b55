//! Is our resource one that an API server can hold to its bounds?

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use api::InstrumentationHealth;
use kube::CustomResourceExt as _;
use serde_json::Value;

fn crd() -> Value {
    serde_json::to_value(InstrumentationHealth::crd()).unwrap()
}

/// Every schema in the CRD, with its path.
fn schemas(crd: &Value) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    walk("", &crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"], &mut found);
    found
}

fn walk(path: &str, schema: &Value, found: &mut Vec<(String, Value)>) {
    found.push((path.to_owned(), schema.clone()));
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        walk(&format!("{path}.{name}"), property, found);
    }
    if schema["items"].is_object() {
        walk(&format!("{path}[]"), &schema["items"], found);
    }
}

#[test]
fn every_array_is_bounded_and_says_how_it_merges() {
    for (path, schema) in schemas(&crd()) {
        if schema["type"] != "array" {
            continue;
        }
        assert!(schema["maxItems"].is_u64(), "{path} has no maxItems");
        let keys = &schema["x-kubernetes-list-map-keys"];
        match schema["x-kubernetes-list-type"].as_str() {
            Some("map") => {
                assert!(keys.as_array().is_some_and(|keys| !keys.is_empty()), "{path} has no keys");
            }
            Some("set" | "atomic") => assert!(keys.is_null(), "{path} has keys"),
            other => panic!("{path} has list type {other:?}"),
        }
    }
}

#[test]
fn keys_of_lists_are_required_fields_of_their_items() {
    for (path, schema) in schemas(&crd()) {
        for key in schema["x-kubernetes-list-map-keys"].as_array().into_iter().flatten() {
            let required = schema["items"]["required"].as_array().unwrap();
            assert!(required.contains(key), "{path}: {key} is not required");
        }
    }
}

#[test]
fn every_string_is_bounded() {
    for (path, schema) in schemas(&crd()) {
        if schema["type"] == "string" && schema["format"] != "date-time" && schema["enum"].is_null() {
            assert!(schema["maxLength"].is_u64(), "{path} has no maxLength");
        }
    }
}

#[test]
fn every_field_is_described_and_typed() {
    for (path, schema) in schemas(&crd()) {
        assert!(schema["type"].is_string(), "{path} has no type: the schema is not structural");
        if !path.ends_with("[]") {
            assert!(schema["description"].is_string(), "{path} has no description for kubectl explain");
        }
        assert!(schema["default"].is_null(), "{path} has a default");
    }
}

#[test]
fn columns_names_and_fields_are_those_that_are_documented() {
    let crd = crd();
    let names = &crd["spec"]["names"];
    assert_eq!(names["shortNames"], serde_json::json!(["ih", "insthealth"]));
    assert_eq!(names["categories"], serde_json::json!(["observability"]));
    let version = &crd["spec"]["versions"][0];
    let columns = version["additionalPrinterColumns"].as_array().unwrap();
    let columns: Vec<_> = columns.iter().map(|column| column["name"].as_str().unwrap()).collect();
    assert_eq!(
        columns,
        ["Workload", "Healthy", "Reason", "Languages", "Pods", "Instrumentation", "Age", "Message"]
    );
    let fields = version["selectableFields"].as_array().unwrap();
    let fields: Vec<_> = fields.iter().map(|field| field["jsonPath"].as_str().unwrap()).collect();
    assert_eq!(fields, [".spec.workloadRef.kind", ".spec.workloadRef.name"]);
    assert!(version["subresources"]["status"].is_object());
}

/// Bounds in the schema, and the constants by which we cut.
#[test]
fn the_bounds_are_those_by_which_texts_are_cut() {
    let schemas = schemas(&crd());
    let bound = |path: &str, field: &str| {
        let found = schemas.iter().find(|(other, _)| other == path);
        usize::try_from(found.unwrap_or_else(|| panic!("no {path}")).1[field].as_u64().unwrap()).unwrap()
    };
    assert_eq!(bound(".status.findings", "maxItems"), api::MAX_FINDINGS);
    assert_eq!(bound(".status.findings[].message", "maxLength"), api::MAX_SENTENCE);
    assert_eq!(bound(".status.findings[].remedy", "maxLength"), api::MAX_SENTENCE);
    assert_eq!(bound(".status.findings[].evidence", "maxItems"), api::MAX_EVIDENCE);
    assert_eq!(bound(".status.findings[].pods.examples", "maxItems"), api::MAX_EXAMPLE_PODS);
    assert_eq!(bound(".status.history", "maxItems"), api::MAX_HISTORY);
    assert!(bound(".status.conditions", "maxItems") >= api::ConditionType::ALL.len());
}
