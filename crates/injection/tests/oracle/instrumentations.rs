//! Does the model default and validate Instrumentations as the operator did?

use std::path::Path;

use injection::{default_instrumentation, validate_instrumentation};
use serde::Deserialize;
use serde_json::Value;

use super::recording::{lines, parse};
use super::report::{Report, diff};
use super::world::World;

/// One recorded request about an Instrumentation.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
struct Case {
    id: String,
    r#gen: String,
    operation: String,
    before: Option<Value>,
    submitted: Value,
    seen: Option<Value>,
    mutate: Option<Mutated>,
    validate: Option<Validated>,
    stored: Option<Value>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Mutated {
    allowed: bool,
    patch: Option<json_patch::Patch>,
    code: u16,
    message: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Validated {
    allowed: bool,
    code: u16,
    message: Option<String>,
    warnings: Option<Vec<String>>,
}

/// Checks all cases of a file.
pub fn instrumentations(file: &Path) -> Result<Report, String> {
    let mut report = Report { objects: "Instrumentations", ..Report::default() };
    for line in lines(file)? {
        let (place, line) = line?;
        let world: Value = parse(&place, &line)?;
        let case: Case = parse(&place, &line)?;
        let mut differences = Vec::new();
        check(&case, &World::read_operator(&world), &mut differences, &mut report)
            .map_err(|error| format!("{place}, case {}: {error}", case.id))?;
        report.add(&case.id, &[known(&case.r#gen)], &differences);
    }
    Ok(report)
}

/// Generator families, as rows.
fn known(family: &str) -> &'static str {
    const FAMILIES: [&str; 8] =
        ["update", "patch", "apply", "delete", "sampler", "resources", "image", "mixture"];
    FAMILIES.into_iter().find(|known| *known == family).unwrap_or("other family")
}

fn check(
    case: &Case,
    operator: &injection::OperatorConfig,
    differences: &mut Vec<String>,
    report: &mut Report,
) -> Result<(), String> {
    if case.operation == "DELETE" {
        let before = case.before.as_ref().ok_or("deleted, but nothing was there before")?;
        check_validation(case, before, operator, differences);
        return Ok(());
    }
    let Some(mutate) = &case.mutate else {
        *report.exempt.entry("refused or taken without the operator").or_default() += 1;
        return Ok(());
    };
    let seen = case.seen.as_ref().unwrap_or(&case.submitted);
    let defaulted = match default_instrumentation(seen, operator) {
        Ok(defaulted) => defaulted,
        Err(error) => {
            if mutate.allowed || mutate.code != 400 || mutate.message.as_ref() != Some(&error) {
                differences.push(format!("refused: model {error:?}, recorded {:?}", mutate.message));
            }
            return Ok(());
        }
    };
    if !mutate.allowed {
        differences.push(format!("refused: model no, recorded {:?}", mutate.message));
        return Ok(());
    }
    report.pods += 1;
    let mut recorded = seen.clone();
    if let Some(patch) = &mutate.patch {
        json_patch::patch(&mut recorded, patch).map_err(|error| format!("patch: {error}"))?;
    }
    if let Some(recorded) = recorded.as_object_mut() {
        recorded.remove("status");
    }
    if recorded != defaulted {
        differences.push(format!("object:\n{}", diff(&defaulted, &recorded)));
        return Ok(());
    }
    report.equal_pods += 1;
    if let Some(stored) = &case.stored {
        let parts = |object: &Value| [object["spec"].clone(), object["metadata"]["annotations"].clone()];
        if parts(stored) != parts(&defaulted) {
            differences.push(format!("stored:\n{}", diff(&defaulted, stored)));
        }
    }
    if case.validate.is_none() {
        *report.exempt.entry("refused by the schema").or_default() += 1;
        return Ok(());
    }
    check_validation(
        case,
        case.stored.as_ref().unwrap_or(&with_namespace(case, &defaulted)),
        operator,
        differences,
    );
    Ok(())
}

/// What was sent may lack the namespace that the request had.
fn with_namespace(case: &Case, object: &Value) -> Value {
    let mut object = object.clone();
    if object["metadata"]["namespace"].is_null() {
        object["metadata"]["namespace"] =
            case.submitted["metadata"]["namespace"].as_str().unwrap_or("apps").into();
    }
    object
}

fn check_validation(
    case: &Case,
    object: &Value,
    operator: &injection::OperatorConfig,
    differences: &mut Vec<String>,
) {
    let Some(validated) = &case.validate else {
        differences.push("validation: model yes, recorded none".to_owned());
        return;
    };
    let validation = validate_instrumentation(object, operator);
    // Two blocked images are warned about in random order.
    let sorted = |warnings: &[String]| {
        let mut warnings = warnings.to_vec();
        let blocked = warnings.iter().take_while(|warning| warning.starts_with("Instrumentation ")).count();
        warnings[..blocked].sort();
        warnings
    };
    let recorded = sorted(validated.warnings.as_deref().unwrap_or_default());
    if sorted(&validation.warnings) != recorded {
        differences.push(format!("warnings: model {:?}, recorded {recorded:?}", validation.warnings));
    }
    let code = if validation.error.is_some() { 403 } else { 200 };
    if (validation.error.is_none(), &validation.error, code)
        != (validated.allowed, &validated.message, validated.code)
    {
        differences.push(format!("refused: model {:?}, recorded {:?}", validation.error, validated.message));
    }
}
