//! A12: the API server does not know Instrumentations.

use api::{Certainty, ConditionType, Severity};
use facts::InputKind;

use super::unasked::{Standing, unasked};
use crate::case::Case;
use crate::cause::{Cause, Sight};
use crate::found::Found;
use crate::operator::INSTRUMENTATION_CRD;

/// `OperatorCrdMissingOrOutdated`.
pub static CAUSE: Cause = Cause {
    code: "IH-A012",
    reason: "OperatorCrdMissingOrOutdated",
    summary: "The CustomResourceDefinition of Instrumentations is missing, so the operator finds nothing to inject from.",
    condition: ConditionType::OperatorReady,
    severities: &[Severity::Error, Severity::Warning, Severity::Info],
    certainties: &[Certainty::Certain],
    sight: Sight::Always("the CustomResourceDefinition is not there"),
    since: "0.1.0",
    reads: &[InputKind::CustomResourceDefinitions],
    page: include_str!("operator_crd_missing_or_outdated.md"),
    check,
};

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    if !case.operator.lacks_crd() {
        return Vec::new();
    }
    let Some(hit) = unasked(case, |_| Some(((), Standing::Lasting))) else { return Vec::new() };
    let version = case.operator.config.version.map(|version| format!("v{version}"));
    let release = version.as_deref().unwrap_or("main");
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
                format!(
                    "kubectl apply --server-side -f https://raw.githubusercontent.com/open-telemetry/opentelemetry-operator/{release}/config/crd/bases/opentelemetry.io_instrumentations.yaml"
                ),
            )
            .because(format!("CustomResourceDefinition/{INSTRUMENTATION_CRD}"), "metadata.name", "not found"),
    ]
}
