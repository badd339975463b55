//! What did the author of a manifest most likely mean, although it asks for nothing?

use diagnosis::{OperatorState, Options, diagnose};
use facts::WorkloadRef;
use jiff::Timestamp;
use world::World;

/// Causes that say that something was meant and does not reach the operator. What reaches it is judged by its own rules.
const TELLING: [&str; 3] =
    ["AnnotationNotOnPodTemplate", "AnnotationUnknownKey", "SidecarAnnotationMistakenForInjection"];

/// What the catalogue of causes says of annotations that the operator does not read: the sentence, and what mends it.
pub(crate) fn hints(
    world: &World,
    id: &WorkloadRef,
    operator: &OperatorState,
    now: Timestamp,
) -> Vec<(String, String)> {
    let Some(subject) = world.subject(id) else { return Vec::new() };
    let Some(diagnosis) = diagnose(&subject, world, operator, None, now, &Options::default()) else {
        return Vec::new();
    };
    let findings = diagnosis.status.findings.into_iter();
    let telling = findings.filter(|finding| TELLING.contains(&&*finding.reason));
    // The command is for objects that exist already.
    let words = |remedy: &str| remedy.split(": kubectl ").next().unwrap_or_default().to_owned();
    telling.map(|finding| (finding.message, words(&finding.remedy))).collect()
}
