//! I2: the operator was upgraded, and the Instrumentation still has the former default image.

use api::{Certainty, ConditionType, Severity};
use facts::InputKind;

use super::former_default;
use crate::case::Case;
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `InstrumentationImageNotUpgraded`.
pub static CAUSE: Cause = Cause {
    code: "IH-I002",
    reason: "InstrumentationImageNotUpgraded",
    summary: "The Instrumentation still has the default image of an earlier operator.",
    condition: ConditionType::UpToDate,
    severities: &[Severity::Info],
    certainties: &[Certainty::Certain],
    sight: Sight::Always(
        "the image in the Instrumentation, against its annotation with the default and the operator's default",
    ),
    since: "0.1.0",
    reads: &[InputKind::Instrumentations],
    page: include_str!("instrumentation_image_not_upgraded.md"),
    check,
};

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let Some((language, instrumentation, image, default)) = former_default(case) else { return Vec::new() };
    let name = instrumentation.full_name();
    let field = format!("spec.{}.image", language.spec_field().unwrap_or_default());
    let command = case.operator.deployment.as_ref().map_or_else(String::new, |deployment| {
        format!("kubectl -n {} rollout restart {}", deployment.namespace, deployment.slug())
    });
    vec![
        Found::new(&CAUSE, Severity::Info, Certainty::Certain)
            .message(format!(
                "Instrumentation {name} still has {image}, the default of an earlier operator; that of this one is {default}."
            ))
            .remedy("The operator raises it when it starts: restart the operator, then the workload", command)
            .because(format!("Instrumentation/{name}"), field, image)
            .because("operator", format!("default image for {language}"), default),
    ]
}
