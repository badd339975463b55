//! D8: `OTEL_DOTNET_AUTO_HOME` is set already, so the operator takes the container for instrumented by its image.

use api::{Certainty, ConditionType, Severity};
use facts::{InputKind, Language};
use injection::SkipReason;

use crate::case::Case;
use crate::catalogue::remedy::remove_variable;
use crate::catalogue::stopped::{run, skipped, who};
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `DotNetHomeAlreadySet`.
pub static CAUSE: Cause = Cause {
    code: "IH-D008",
    reason: "DotNetHomeAlreadySet",
    summary: "OTEL_DOTNET_AUTO_HOME is set already, so the .NET container is skipped.",
    condition: ConditionType::Injected,
    severities: &[Severity::Error, Severity::Warning],
    certainties: &[Certainty::Certain],
    sight: Sight::Always("the variable in the container or Instrumentation"),
    since: "0.1.0",
    reads: &[InputKind::Instrumentations],
    page: include_str!("dotnet_home_already_set.md"),
    check,
};

const HOME: &str = "OTEL_DOTNET_AUTO_HOME";

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let is_home = |reason: &SkipReason| {
        matches!(reason, SkipReason::DotNetHomeInContainer | SkipReason::DotNetHomeInInstrumentation)
    };
    let skipped = skipped(case, is_home);
    let Some(first) = skipped.first() else { return Vec::new() };
    let container = first.container;
    let instrumentation = case.instrumentation_of(Language::DotNet);
    let named = instrumentation.as_deref().and_then(|name| name.split_once('/'));
    let (place, object, field, command) = match (first.reason, named) {
        (SkipReason::DotNetHomeInInstrumentation, Some((namespace, name))) => (
            format!("in Instrumentation {namespace}/{name}"),
            format!("Instrumentation/{namespace}/{name}"),
            format!("spec.dotnet.env[{HOME}]"),
            format!("kubectl -n {namespace} edit instrumentation {name}"),
        ),
        _ => (
            format!("in container {container}"),
            case.object(),
            format!("spec.template.spec.containers[{container}].env[{HOME}]"),
            remove_variable(case, container, HOME).unwrap_or_else(|| case.restart_command()),
        ),
    };
    vec![
        Found::new(&CAUSE, case.severity_of_lack_in(&first.pods), Certainty::Certain)
            .message(format!(
                "{} {} without the .NET agent in container {container}: {HOME} is already set {place}, so the operator skips it.",
                who(case, &first.pods),
                run(&first.pods),
            ))
            .remedy("Remove the variable (or, if the image brings the agent itself, the annotation)", command)
            .because(object, field, "set")
            .pods(skipped.iter().flat_map(|skipped| skipped.pods.iter().copied())),
    ]
}
