//! A12: the API server does not know Instrumentations, or knows them as an older operator had them.

use api::{Certainty, ConditionType, Severity};
use facts::InputKind;
use injection::Version;

use super::unasked::{Standing, unasked};
use crate::case::Case;
use crate::catalogue::instrumentation::used::{applied, is_owned, object, stored};
use crate::cause::{Cause, Sight};
use crate::found::Found;
use crate::operator::INSTRUMENTATION_CRD;

/// `OperatorCrdMissingOrOutdated`.
pub static CAUSE: Cause = Cause {
    code: "IH-A012",
    reason: "OperatorCrdMissingOrOutdated",
    summary: "The CustomResourceDefinition of Instrumentations is missing, so that the operator finds nothing to inject from, or older than the operator.",
    condition: ConditionType::OperatorReady,
    severities: &[Severity::Error, Severity::Warning, Severity::Info],
    certainties: &[Certainty::Certain, Certainty::Likely],
    sight: Sight::Always(
        "the CustomResourceDefinition is not there; or a field that the operator has was applied to an Instrumentation, and is not stored",
    ),
    since: "0.1.0",
    reads: &[InputKind::CustomResourceDefinitions, InputKind::Instrumentations],
    page: include_str!("operator_crd_missing_or_outdated.md"),
    check,
};

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    if !case.operator.lacks_crd() {
        return outdated(case).into_iter().collect();
    }
    let Some(hit) = unasked(case, |_| Some(((), Standing::Lasting))) else { return Vec::new() };
    let after = if case.operator.config_known { "; the operator itself ends at its next start" } else { "" };
    vec![
        hit.found(&CAUSE, Certainty::Certain)
            .message(format!(
                "{}: the cluster has no CustomResourceDefinition {INSTRUMENTATION_CRD}, so there can be no Instrumentation{after}.",
                hit.subject_phrase()
            ))
            .remedy(
                format!(
                    "Apply the CRD and the Instrumentations again, then restart {}",
                    case.subject.id.slug()
                ),
                apply_command(case),
            )
            .because(format!("CustomResourceDefinition/{INSTRUMENTATION_CRD}"), "metadata.name", "not found"),
    ]
}

fn apply_command(case: &Case<'_>) -> String {
    let version = case.operator.config.version.map(|version| format!("v{version}"));
    let release = version.as_deref().unwrap_or("main");
    format!(
        "kubectl apply --server-side -f https://raw.githubusercontent.com/open-telemetry/opentelemetry-operator/{release}/config/crd/bases/opentelemetry.io_instrumentations.yaml"
    )
}

/// Fields of the spec, and the release of the operator whose CRD had them first (CHANGELOG of the operator).
const NEWER: [(&[&str], Version); 5] = [
    (&["exporter", "tls"], Version::zero(111, 0)),
    (&["java", "volumeClaimTemplate"], Version::zero(112, 0)),
    (&["imagePullPolicy"], Version::zero(121, 0)),
    (&["initContainerSecurityContext"], Version::zero(150, 0)),
    (&["go", "securityContext"], Version::zero(150, 0)),
];

/// A field that the operator knows was applied, and the API server has dropped it: Helm does not upgrade CRDs. Whoever took it out
/// later without `kubectl apply` leaves the same behind.
fn outdated<'c>(case: &Case<'c>) -> Option<Found<'c>> {
    let version = case.operator.config.version?;
    let (instrumentation, path) = stored(case).into_iter().find_map(|(_, instrumentation)| {
        let spec =
            applied(instrumentation).filter(|_| !instrumentation.metadata.managed_fields.is_empty())?;
        let is_dropped = |path: &[&str]| {
            let (first, rest) = path.split_first()?;
            let value = rest.iter().try_fold(spec.get(*first)?, |value, part| value.get(*part))?;
            let owned: Vec<String> = ["spec"].iter().chain(path).map(|part| format!("f:{part}")).collect();
            let owned: Vec<&str> = owned.iter().map(String::as_str).collect();
            let is_empty = value.is_null() || value.as_object().is_some_and(serde_json::Map::is_empty);
            (!is_empty && !is_owned(instrumentation, &owned)).then_some(())
        };
        let newer = NEWER.iter().filter(|(_, since)| version >= *since);
        let dropped = newer.map(|(path, _)| *path).find(|path| is_dropped(path).is_some())?;
        Some((instrumentation, dropped.join(".")))
    })?;
    Some(
        Found::new(&CAUSE, Severity::Info, Certainty::Likely)
            .message(format!(
                "Instrumentation {} was applied with spec.{path}, which operator {version} knows, and it is not stored: the CustomResourceDefinition is most likely older than the operator.",
                instrumentation.full_name(),
            ))
            .remedy("Apply the CRD of the operator's version (Helm does not), then the Instrumentation again", apply_command(case))
            .because(object(case, instrumentation), format!("last applied: spec.{path}"), "not stored"),
    )
}
