//! D5: the Pod also asks for a collector that does not exist, and that ends the whole request.

use api::{Certainty, ConditionType, Severity};
use facts::{InputKind, SIDECAR_INJECT};
use injection::{Outcome, SidecarError};

use crate::case::Case;
use crate::catalogue::blocked;
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `SidecarCollectorReferenceMissing`.
pub static CAUSE: Cause = Cause {
    code: "IH-D005",
    reason: "SidecarCollectorReferenceMissing",
    summary: "The Pod also names a sidecar collector that does not exist, which cancels the injection.",
    condition: ConditionType::Injected,
    severities: &[Severity::Error, Severity::Warning],
    certainties: &[Certainty::Certain],
    sight: Sight::Always("the collector that the sidecar annotation names is not there"),
    since: "0.1.0",
    reads: &[InputKind::Collectors],
    page: include_str!("sidecar_collector_reference_missing.md"),
    check,
};

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let is_missing =
        |outcome: &Outcome| matches!(outcome, Outcome::SidecarFailed(SidecarError::NotFound { .. }));
    let Some(blocked) = blocked(case, is_missing) else { return Vec::new() };
    let Outcome::SidecarFailed(SidecarError::NotFound { namespace, name }) = &blocked.decision.outcome else {
        return Vec::new();
    };
    let origin = blocked.origin(case, SIDECAR_INJECT);
    vec![
        Found::new(&CAUSE, case.severity_of_lack_in(&blocked.pods), Certainty::Certain)
            .message(format!(
                "{} {} without any agent: {SIDECAR_INJECT} names collector {name} in namespace {namespace}{}, which does not exist, and that ends the operator's work on the Pod.",
                blocked.who(case),
                blocked.run(),
                origin.place(),
            ))
            .remedy("Create the collector, or drop the annotation", origin.remove_command(case))
            .because(&*origin.object, origin.field(), origin.value)
            .because(format!("OpenTelemetryCollector/{namespace}/{name}"), "metadata.name", "not found")
            .pods(blocked.pods),
    ]
}
