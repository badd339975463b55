//! G9: the application and its agent together need more memory than the container may have.

use api::{Certainty, ConditionType, Severity};
use facts::Terminated;
use jiff::SignedDuration;

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
        "the container is killed for its memory, with the agent and not without it; where there is nothing to compare with, within two minutes of its start, else a hint",
    ),
    since: "0.1.0",
    reads: &[],
    page: include_str!("app_memory_too_tight.md"),
    check,
};

/// How long a container may take to start with an agent.
const START: SignedDuration = SignedDuration::from_mins(2);

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let killed = crashes(case).into_iter().find(|crash| &*crash.terminated.reason == "OOMKilled");
    let Some(crash) = killed else { return Vec::new() };
    let limit = container(&crash.group.shape.spec, crash.container)
        .and_then(|container| container.resources.limits.get("memory"))
        .unwrap_or("none");
    // Without a Pod to compare with, the application alone may need as much; but never to have come past its start with the
    // agent in it is trouble enough, whoever of the two takes more.
    let (severity, certainty) = if crash.compared().is_some() || is_killed_at_start(crash.terminated) {
        (Severity::Error, Certainty::Likely)
    } else {
        (Severity::Warning, Certainty::Hint)
    };
    // Without one it is the node, or another container of the Pod, that has no more.
    let at = match limit {
        "none" => "for its memory, which has no limit,".to_owned(),
        limit => format!("at its memory limit of {limit}"),
    };
    let words = match limit {
        "none" => "Give the application's container a memory request that fits it with the agent",
        _ => "Raise the memory limit of the application's container",
    };
    let id = &case.subject.id;
    let command = match (&*id.kind, doubled(limit)) {
        ("Deployment" | "StatefulSet" | "DaemonSet", Some(more)) => {
            format!(
                "kubectl -n {} set resources {} -c {} --limits=memory={more}",
                id.namespace,
                id.slug(),
                crash.container
            )
        }
        _ => case.edit_command(),
    };
    let agents: Vec<String> = crash.languages.iter().map(ToString::to_string).collect();
    let found = Found::new(&CAUSE, severity, certainty)
        .message(format!(
            "{} is killed again and again {at} with the {} agent in it{}.",
            who(&crash),
            agents.join(" and "),
            comparison(&crash)
        ))
        .remedy(words, command)
        .because(
            format!("{}/{}", id.kind, id.name),
            format!("spec.template.spec.containers[{}].resources.limits.memory", crash.container),
            limit,
        );
    vec![with_crash(found, &crash)]
}

/// Whether a container was killed while agent and application were still loading, and not by what it gathered later.
fn is_killed_at_start(terminated: &Terminated) -> bool {
    let ran = terminated.finished_at.zip(terminated.started_at).map(|(end, start)| end.duration_since(start));
    ran.is_some_and(|ran| ran < START)
}

/// Twice a quantity that is a whole number with a unit, as a first try.
fn doubled(quantity: &str) -> Option<String> {
    let end = quantity.find(|c: char| !c.is_ascii_digit()).unwrap_or(quantity.len());
    let (number, unit) = quantity.split_at(end);
    let twice = number.parse::<u64>().ok()?.checked_mul(2)?;
    unit.chars().all(char::is_alphabetic).then(|| format!("{twice}{unit}"))
}

#[cfg(test)]
mod tests {
    use super::doubled;

    #[test]
    fn whole_numbers_are_doubled() {
        for (limit, want) in [
            ("256Mi", Some("512Mi")),
            ("1G", Some("2G")),
            ("128", Some("256")),
            ("1.5Gi", None),
            ("none", None),
        ] {
            assert_eq!(doubled(limit).as_deref(), want, "{limit}");
        }
    }
}
