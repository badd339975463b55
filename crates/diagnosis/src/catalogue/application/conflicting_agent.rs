//! G7: another vendor's agent is in the same process.

use api::{Certainty, ConditionType, Severity};
use facts::{Language, Pod};

use super::with_crash;
use crate::case::Case;
use crate::catalogue::crash::crashes;
use crate::catalogue::environment::{Environment, container};
use crate::catalogue::other_agents::{OtherAgent, beside};
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `ConflictingAgent`.
pub static CAUSE: Cause = Cause {
    code: "IH-G007",
    reason: "ConflictingAgent",
    summary: "Another vendor's agent is in the same process.",
    condition: ConditionType::ApplicationStable,
    severities: &[Severity::Error, Severity::Warning],
    certainties: &[Certainty::Likely, Certainty::Hint],
    sight: Sight::Always(
        "flags, variables, init containers, labels and annotations of another agent; what is built into an image does not show",
    ),
    since: "0.1.0",
    reads: &[],
    page: include_str!("conflicting_agent.md"),
    check,
};

/// Agents that share a process with the application. Modules of web servers, eBPF and plain variables do not get in the way.
const IN_PROCESS: [Language; 4] = [Language::Java, Language::NodeJs, Language::Python, Language::DotNet];

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let mut pods: Vec<&'c Pod> = Vec::new();
    let mut first: Option<(&'c Pod, String, Language, OtherAgent)> = None;
    for group in case.injected_groups().filter(|group| group.current) {
        for target in &group.marks.containers {
            let Some(application) = container(&group.shape.spec, &target.name) else { continue };
            let env = Environment::new(application, &case.subject.id.namespace, case.cluster);
            let languages = target
                .agents
                .iter()
                .filter_map(|agent| agent.language)
                .filter(|language| IN_PROCESS.contains(language));
            for language in languages {
                let Some(other) = beside(group.shape, application, language, env) else { continue };
                pods.extend(&group.pods);
                if let Some(pod) = group.pods.first() {
                    first.get_or_insert((pod, target.name.to_string(), language, other));
                }
            }
        }
    }
    let Some((pod, container, language, other)) = first else { return Vec::new() };
    let crash =
        crashes(case).into_iter().find(|crash| **crash.container == *container && crash.compared().is_some());
    let severity = if crash.is_some() { Severity::Error } else { Severity::Warning };
    let certainty = if other.is_loaded { Certainty::Likely } else { Certainty::Hint };
    let whose = format!("the agent of {}", other.vendor);
    let present = if other.is_loaded { "is loaded beside" } else { "is configured beside" };
    let found = Found::new(&CAUSE, severity, certainty)
        .message(format!(
            "In container {container} of Pod {}, {whose} {present} the {language} agent: the application may crash, spans may be doubled or missing.",
            pod.name
        ))
        .remedy(
            "Keep one agent in the process: take the other one out of the template, or set the inject annotation to false",
            case.annotate_template_command(language.inject_key(), "false"),
        )
        .because(format!("Pod/{}", pod.name), other.field, other.value);
    vec![match crash {
        Some(crash) => with_crash(found, &crash),
        None => found.pods(pods),
    }]
}
