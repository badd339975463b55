//! A10: the operator does not watch the namespace of the Pod or of its Instrumentation.

use api::{Certainty, ConditionType, Severity};
use injection::{Decision, LookupError, Outcome, SidecarError};

use crate::case::Case;
use crate::catalogue::blocked_by;
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `OperatorScopedToOtherNamespaces`.
pub static CAUSE: Cause = Cause {
    code: "IH-A010",
    reason: "OperatorScopedToOtherNamespaces",
    summary: "The operator watches some namespaces only, and not the one it would have to look into.",
    condition: ConditionType::OperatorReady,
    severities: &[Severity::Error, Severity::Warning],
    certainties: &[Certainty::Likely],
    sight: Sight::Always("WATCH_NAMESPACE of the operator's Deployment"),
    since: "0.1.0",
    reads: &[],
    page: include_str!("operator_scoped_to_other_namespaces.md"),
    check,
};

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let Some(blocked) = blocked_by(case, |decision| unwatched(decision).is_some()) else {
        return Vec::new();
    };
    let (Some(namespace), Some(operator)) = (unwatched(blocked.decision), &case.operator.deployment) else {
        return Vec::new();
    };
    let watched = case.operator.config.watched.join(",");
    let object = case.object_name(&operator.kind, &operator.namespace, &operator.name);
    let wider = if watched.is_empty() { namespace.to_owned() } else { format!("{watched},{namespace}") };
    let (field, command) = match &case.operator.watch_variable {
        Some(_) => (
            "spec.template.spec.containers[].env[WATCH_NAMESPACE]",
            format!("kubectl -n {} set env {} WATCH_NAMESPACE={wider}", operator.namespace, operator.slug()),
        ),
        None => (
            "spec.template.spec.containers[].args[--watch-namespace]",
            format!("kubectl -n {} get {} -o yaml", operator.namespace, operator.slug()),
        ),
    };
    vec![
        Found::new(&CAUSE, case.severity_of_lack_in(&blocked.pods), Certainty::Likely)
            .message(format!(
                "{} {} without the {} agent: the operator watches {watched} only, so it cannot look into namespace {namespace}.",
                blocked.who(case),
                blocked.run(),
                case.languages_phrase()
            ))
            .remedy(
                format!("Let it watch {namespace} (or every namespace), then restart {}", case.subject.id.slug()),
                command,
            )
            .because(object, field, &watched)
            .pods(blocked.pods),
    ]
}

/// The namespace that the operator would have to watch.
fn unwatched(decision: &Decision) -> Option<&str> {
    match &decision.outcome {
        Outcome::LookupFailed { error: LookupError::NotWatched { namespace, .. }, .. }
        | Outcome::SidecarFailed(SidecarError::NotWatched { namespace, .. }) => Some(namespace),
        _ => None,
    }
}
