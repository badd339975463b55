//! I4: the image was set by hand, and is older than the operator's default.

use api::{Certainty, ConditionType, Severity};
use facts::InputKind;
use serde_json::json;

use super::{blocked, images, noted_default};
use crate::case::Case;
use crate::catalogue::protocol::agent_version;
use crate::catalogue::remedy::patch_instrumentation;
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `InstrumentationImagePinned`.
pub static CAUSE: Cause = Cause {
    code: "IH-I004",
    reason: "InstrumentationImagePinned",
    summary: "The agent image is set by hand to an older one, so the operator never raises it.",
    condition: ConditionType::UpToDate,
    severities: &[Severity::Info],
    certainties: &[Certainty::Certain],
    sight: Sight::Always("the image in the Instrumentation, against its annotation with the default"),
    since: "0.1.0",
    reads: &[InputKind::Instrumentations],
    page: include_str!("instrumentation_image_pinned.md"),
    check,
};

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let pinned = images(case).find_map(|(language, instrumentation, image)| {
        let default = noted_default(instrumentation, language)?;
        // A mirror of the same version is no pin to speak of; an image of another make cannot be compared.
        let older = agent_version(language, image)? < agent_version(language, default)?;
        (older && blocked(instrumentation, language).is_none()).then_some((
            language,
            instrumentation,
            image,
            default,
        ))
    });
    let Some((language, instrumentation, image, default)) = pinned else { return Vec::new() };
    let name = instrumentation.full_name();
    let field = language.spec_field().unwrap_or_default();
    let patch = json!({ field: { "image": default } });
    let command = patch_instrumentation(case, language, &patch).unwrap_or_default();
    vec![
        Found::new(&CAUSE, Severity::Info, Certainty::Certain)
            .message(format!(
                "Instrumentation {name} names {image} by hand, older than the operator's default {default}; the operator never raises such an image."
            ))
            .remedy("If that is not meant, name the default", command)
            .because(format!("Instrumentation/{name}"), format!("spec.{field}.image"), image)
            .because(
                format!("Instrumentation/{name}"),
                format!("metadata.annotations[instrumentation.opentelemetry.io/default-auto-instrumentation-{}-image]", language.annotation_word()),
                default,
            ),
    ]
}
