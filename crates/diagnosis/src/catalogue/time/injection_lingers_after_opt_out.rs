//! I7: nothing asks for injection any more, or its Instrumentation is gone, and the agent is still in the Pod.

use api::{Certainty, ConditionType, Severity};
use facts::InputKind;
use injection::{LookupError, Outcome, marks};

use crate::case::Case;
use crate::catalogue::left_behind::who;
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `InjectionLingersAfterOptOut`.
pub static CAUSE: Cause = Cause {
    code: "IH-I007",
    reason: "InjectionLingersAfterOptOut",
    summary: "The annotation or the Instrumentation is gone, but running Pods still carry the agent.",
    condition: ConditionType::UpToDate,
    severities: &[Severity::Warning],
    certainties: &[Certainty::Certain],
    sight: Sight::Always(
        "the operator's marks on a Pod for which nothing asks, or whose Instrumentation is gone",
    ),
    since: "0.1.0",
    reads: &[InputKind::Instrumentations],
    page: include_str!("injection_lingers_after_opt_out.md"),
    check,
};

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    if case.is_manifest() || case.namespace.is_unknown() {
        return Vec::new();
    }
    nobody_asks(case).or_else(|| instrumentation_gone(case)).into_iter().collect()
}

/// No annotation asks. Marks that stand in the template too were put there by hand, and stay.
fn nobody_asks<'c>(case: &Case<'c>) -> Option<Found<'c>> {
    if case.template.is_some_and(|shape| case.subject.template().is_some() && !marks(shape).is_empty()) {
        return None;
    }
    let lingering = case.injected_groups().filter(|group| group.asked.is_empty());
    let lingering: Vec<_> =
        lingering.flat_map(|group| group.pods.iter().map(move |pod| (group, *pod))).collect();
    let (group, first) = lingering.first()?;
    let languages: Vec<String> = group.marks.languages().iter().map(ToString::to_string).collect();
    let pods: Vec<_> = lingering.iter().map(|(_, pod)| *pod).collect();
    Some(
        Found::new(&CAUSE, Severity::Warning, Certainty::Certain)
            .message(format!(
                "{} still {} the {} agent, although neither the Pod nor Namespace {} asks for it any more.",
                who(case, &pods),
                if pods.len() == 1 { "carries" } else { "carry" },
                languages.join(", "),
                case.subject.id.namespace
            ))
            .remedy("Running Pods are never changed; if the agent is to go, restart", case.restart_command())
            .because(format!("Pod/{}", first.name), "spec", "carries the agent")
            .because(
                format!("Namespace/{}", case.subject.id.namespace),
                "metadata.annotations",
                "no instrumentation.opentelemetry.io/inject-* in effect",
            )
            .pods(pods),
    )
}

/// The annotation asks, but what it asks for has been deleted: the next Pods will be bare.
fn instrumentation_gone<'c>(case: &Case<'c>) -> Option<Found<'c>> {
    let Outcome::LookupFailed { error, .. } = &case.restart.as_ref()?.outcome else { return None };
    let gone = match error {
        LookupError::NotFound { namespace, name } => format!("Instrumentation {namespace}/{name} is gone"),
        LookupError::NoneInNamespace => {
            format!("namespace {} has no Instrumentation any more", case.subject.id.namespace)
        }
        _ => return None,
    };
    let injected = case.injected_groups().filter(|group| group.current && !group.asked.is_empty());
    let pods: Vec<_> = injected.flat_map(|group| group.pods.iter().copied()).collect();
    let first = pods.first()?;
    Some(
        Found::new(&CAUSE, Severity::Warning, Certainty::Certain)
            .message(format!(
                "{} still {} the {} agent, but {gone}: the next Pods will run without it.",
                who(case, &pods),
                if pods.len() == 1 { "carries" } else { "carry" },
                case.languages_phrase()
            ))
            .remedy(
                "Before the next restart, create it again, or name another one in the annotation; those there are",
                "kubectl get instrumentations -A",
            )
            .because(format!("Pod/{}", first.name), "spec", "carries the agent")
            .because(
                format!("Namespace/{}", case.subject.id.namespace),
                "instrumentations.opentelemetry.io",
                &gone,
            )
            .pods(pods.iter().copied()),
    )
}
