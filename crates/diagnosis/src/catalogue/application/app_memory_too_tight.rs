//! G9: the application and its agent together need more memory than the container may have.

use api::{Certainty, ConditionType, Severity};

use super::{comparison, who, with_crash};
use crate::case::Case;
use crate::catalogue::crash::crashes;
use crate::catalogue::environment::container;
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `AppMemoryTooTight`.
pub static CAUSE: Cause = Cause {
    code: "IH-G009",
    reason: "AppMemoryTooTight",
    summary: "The application is killed for memory since the agent is in it.",
    condition: ConditionType::ApplicationStable,
    severities: &[Severity::Error, Severity::Warning],
    certainties: &[Certainty::Likely, Certainty::Hint],
    sight: Sight::Always(
        "the container is killed for its memory, with the agent and not without it; where there is nothing to compare with, a hint",
    ),
    since: "0.1.0",
    reads: &[],
    page: include_str!("app_memory_too_tight.md"),
    check,
};

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let killed = crashes(case).into_iter().find(|crash| &*crash.terminated.reason == "OOMKilled");
    let Some(crash) = killed else { return Vec::new() };
    let limit = container(&crash.group.shape.spec, crash.container)
        .and_then(|container| container.resources.limits.get("memory"))
        .unwrap_or("none");
    // Without a Pod to compare with, the application alone may need as much.
    let (severity, certainty) = match crash.compared() {
        Some(_) => (Severity::Error, Certainty::Likely),
        None => (Severity::Warning, Certainty::Hint),
    };
    let id = &case.subject.id;
    let command = match &*id.kind {
        "Deployment" | "StatefulSet" | "DaemonSet" => {
            format!(
                "kubectl -n {} set resources {} -c {} --limits=memory=<more than {limit}>",
                id.namespace,
                id.slug(),
                crash.container
            )
        }
        _ => case.restart_command(),
    };
    let agents: Vec<String> = crash.languages.iter().map(ToString::to_string).collect();
    let found = Found::new(&CAUSE, severity, certainty)
        .message(format!(
            "{} is killed again and again at its memory limit of {limit} with the {} agent in it{}.",
            who(&crash),
            agents.join(" and "),
            comparison(&crash)
        ))
        .remedy("Raise the memory limit of the application's container", command)
        .because(
            format!("{}/{}", id.kind, id.name),
            format!("spec.template.spec.containers[{}].resources.limits.memory", crash.container),
            limit,
        );
    vec![with_crash(found, &crash)]
}
