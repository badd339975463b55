//! What can a user read about every field, condition and reason of our resource?

use std::fmt::Write as _;

use api::{ConditionType, InstrumentationHealth, Outcome, StageReason};
use diagnosis::OUTCOMES;
use diagnosis::catalogue::CAUSES;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{
    CustomResourceDefinition, JSONSchemaProps, JSONSchemaPropsOrArray,
};
use kube::CustomResourceExt as _;

use crate::generated::Generated;

/// The reference of `InstrumentationHealth`.
pub fn file() -> Generated {
    let crd = InstrumentationHealth::crd();
    let mut text = String::from(
        "<!-- Generated from crates/api and crates/diagnosis by `make gen`. -->\n# InstrumentationHealth\n\n\
         `instrumentation-health.dev/v1alpha1`, namespaced, short names `ih` and `insthealth`. One object a workload, named `<kind>-<name>`.\n",
    );
    fields(&mut text, &crd);
    conditions(&mut text);
    reasons(&mut text);
    annotations(&mut text);
    Generated { path: "docs/reference.md".into(), content: text }
}

fn fields(text: &mut String, crd: &CustomResourceDefinition) {
    text.push_str("\n## Fields\n\n| Field | Type | What it is |\n|---|---|---|\n");
    for version in &crd.spec.versions {
        let schema = version.schema.as_ref().and_then(|schema| schema.open_api_v3_schema.as_ref());
        if let Some(schema) = schema {
            below(text, "", schema);
        }
    }
}

/// The fields below a schema, in alphabetical order, as the schema has them.
fn below(text: &mut String, path: &str, schema: &JSONSchemaProps) {
    for (name, field) in schema.properties.iter().flatten() {
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        let kind = field.type_.as_deref().unwrap_or_default();
        let what = field.description.as_deref().unwrap_or_default().replace('\n', " ").replace('|', "\\|");
        let _ = writeln!(text, "| `{path}` | {kind} | {what} |");
        below(text, &path, field);
        if let Some(JSONSchemaPropsOrArray::Schema(items)) = &field.items {
            below(text, &format!("{path}[]"), items);
        }
    }
}

fn conditions(text: &mut String) {
    text.push_str(
        "\n## Conditions\n\nAll are always there, in this order.\n\n| Type | True means |\n|---|---|\n",
    );
    for condition in ConditionType::ALL {
        let _ = writeln!(text, "| `{}` | {} |", condition.as_str(), condition.meaning());
    }
}

fn reasons(text: &mut String) {
    text.push_str(
        "\n## Reasons\n\nThe same word stands in `findings[].reason`, in conditions, in Events, in the label `instrumentation-health.dev/reason` and in metrics. \
         A reason never comes back with another meaning.\n\n| Reason | Code | Condition | What it is |\n|---|---|---|---|\n",
    );
    for cause in CAUSES.iter().chain(OUTCOMES.iter()) {
        let (reason, code, condition) = (cause.reason, cause.code, cause.condition.as_str());
        let _ = writeln!(
            text,
            "| [`{reason}`](causes/{reason}.md) | {code} | `{condition}` | {} |",
            cause.summary
        );
    }
    let is_listed = |reason: &str| OUTCOMES.iter().any(|outcome| outcome.reason == reason);
    for outcome in Outcome::ALL.iter().filter(|outcome| !is_listed(outcome.as_str())) {
        let _ = writeln!(text, "| `{}` | | `Healthy` | {} |", outcome.as_str(), outcome.meaning());
    }
    for reason in StageReason::ALL {
        let of = if reason == StageReason::Judged { "`Ready`" } else { "each stage" };
        let _ = writeln!(text, "| `{}` | | {of} | {} |", reason.as_str(), reason.meaning());
    }
}

fn annotations(text: &mut String) {
    let rows = [
        (
            api::ANNOTATION_MUTE_UNTIL,
            "No Events until this time (RFC 3339); the status is written all the same.",
        ),
        (api::ANNOTATION_MUTE_REASON, "Why, in your words."),
        (
            api::ANNOTATION_IGNORE,
            "Reasons, separated by commas, that are intended: their findings become Info.",
        ),
    ];
    text.push_str("\n## Annotations that are read\n\nOn a workload or on its Namespace.\n\n| Annotation | What it does |\n|---|---|\n");
    for (annotation, what) in rows {
        let _ = writeln!(text, "| `{annotation}` | {what} |");
    }
}
