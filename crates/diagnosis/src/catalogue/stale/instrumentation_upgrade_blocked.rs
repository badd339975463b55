//! I3: the operator did not raise the image, because the newer agent breaks something.

use api::{Certainty, ConditionType, Severity};
use facts::InputKind;
use serde_json::json;

use super::{blocked, images, noted_default};
use crate::case::Case;
use crate::catalogue::remedy::patch_instrumentation;
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `InstrumentationUpgradeBlocked`.
pub static CAUSE: Cause = Cause {
    code: "IH-I003",
    reason: "InstrumentationUpgradeBlocked",
    summary: "The operator keeps an older agent image, because the newer one has breaking changes.",
    condition: ConditionType::UpToDate,
    severities: &[Severity::Info],
    certainties: &[Certainty::Certain],
    sight: Sight::Always("status.upgradeBlockedVersions of the Instrumentation"),
    since: "0.1.0",
    reads: &[InputKind::Instrumentations],
    page: include_str!("instrumentation_upgrade_blocked.md"),
    check,
};

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let held = images(case).find_map(|(language, instrumentation, image)| {
        Some((language, instrumentation, image, blocked(instrumentation, language)?))
    });
    let Some((language, instrumentation, image, why)) = held else { return Vec::new() };
    let name = instrumentation.full_name();
    let default =
        noted_default(instrumentation, language).or_else(|| case.operator.config.images.get(language));
    let field = language.spec_field().unwrap_or_default();
    let command = default
        .and_then(|default| patch_instrumentation(case, language, &json!({ field: { "image": default } })));
    vec![
        Found::new(&CAUSE, Severity::Info, Certainty::Certain)
            .message(format!(
                "The operator left {image} in Instrumentation {name}: the {language} agent after it has breaking changes."
            ))
            .remedy("Read the breaking changes, then", command.unwrap_or_default())
            .because(format!("Instrumentation/{name}"), format!("status.upgradeBlockedVersions.{field}"), why)
            .because(format!("Instrumentation/{name}"), format!("spec.{field}.image"), image),
    ]
}
