//! I5: a restart to come brings an agent with other defaults.
//!
//! Either the Instrumentation names it already and the Pods are older; or the operator has another default than the one it
//! once wrote into the Instrumentation, which it raises when it starts.

use api::{Certainty, ConditionType, Severity};
use facts::{InputKind, Language, Pod};
use injection::Version;

use super::drift::drifts;
use super::former_default;
use crate::case::Case;
use crate::catalogue::endpoint::{Signal, exports};
use crate::catalogue::protocol::{Protocol, agent_version, default_of};
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `DefaultsChangedByOperatorUpgrade`.
pub static CAUSE: Cause = Cause {
    code: "IH-I005",
    reason: "DefaultsChangedByOperatorUpgrade",
    summary: "Running Pods and the Instrumentation have agents with different defaults.",
    condition: ConditionType::UpToDate,
    severities: &[Severity::Warning, Severity::Info],
    certainties: &[Certainty::Likely],
    sight: Sight::Always(
        "the versions of the agent's image, in the Pods and now; what an application makes of it does not show, so it is likely, not certain",
    ),
    since: "0.1.0",
    reads: &[InputKind::Instrumentations],
    page: include_str!("defaults_changed_by_operator_upgrade.md"),
    check,
};

/// Language, first version with other defaults, and what is other (release notes of the agents; operator 0.122, 0.150, 0.151).
const BREAKS: [(Language, Version, &str); 3] = [
    (
        Language::Java,
        Version { major: 2, minor: 0, patch: 0 },
        "OTLP over HTTP (port 4318) and other names of HTTP attributes",
    ),
    (Language::NodeJs, Version { major: 0, minor: 56, patch: 0 }, "OTLP over HTTP (port 4318)"),
    (Language::DotNet, Version { major: 1, minor: 3, patch: 0 }, "other names of HTTP attributes"),
];

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let next = next_restart(case);
    if next.is_empty() { once_raised(case) } else { next }
}

/// The Instrumentation names another agent than the Pods have, over a version with breaking changes.
fn next_restart<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    for drift in drifts(case) {
        let Some(image) = &drift.image else { continue };
        let Some(change) = crossed(drift.language, &image.has, &image.would_get) else { continue };
        let mismatch = next_protocol_misses(case, drift.language, &image.would_get);
        let severity = if mismatch { Severity::Warning } else { Severity::Info };
        let then = if mismatch { "; the endpoint's port does not fit that" } else { "" };
        let pods: Vec<&'c Pod> = drift.pods.clone();
        let name = drift.instrumentation.full_name();
        let object = format!("Pod/{}", pods.first().map(|pod| &*pod.name).unwrap_or_default());
        return vec![
            Found::new(&CAUSE, severity, Certainty::Likely)
                .message(format!(
                    "The next restart of {} brings agent {} in place of {}, with {change}{then}.",
                    case.subject.id.slug(),
                    last(&image.would_get),
                    last(&image.has)
                ))
                .remedy(
                    format!(
                        "Make endpoint and dashboards fit, or name the older image in Instrumentation {name}, before"
                    ),
                    case.restart_command(),
                )
                .because(object, &image.field, &image.has)
                .because(format!("Instrumentation/{name}"), "image", &image.would_get)
                .pods(pods),
        ];
    }
    Vec::new()
}

/// The operator will raise the image, and a restart after that brings it.
fn once_raised<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let Some((language, instrumentation, image, default)) = former_default(case) else { return Vec::new() };
    let name = instrumentation.full_name();
    let change =
        crossed(language, image, default).map_or_else(String::new, |change| format!(", with {change}"));
    vec![
        Found::new(&CAUSE, Severity::Info, Certainty::Likely)
            .message(format!(
                "The operator's default {language} agent is {} by now; once it raises Instrumentation {name} from {}, the next restart brings that agent{change}.",
                last(default),
                last(image)
            ))
            .remedy(
                format!("Read the agent's release notes; to keep the present one, name another image than a default in Instrumentation {name}"),
                "",
            )
            .because(format!("Instrumentation/{name}"), "image", image)
            .because("operator", format!("default image for {language}"), default),
    ]
}

fn last(image: &str) -> &str {
    image.rsplit('/').next().unwrap_or_default()
}

/// What changes between two versions of an agent.
fn crossed(language: Language, from: &str, to: &str) -> Option<&'static str> {
    let (from, to) = (agent_version(language, from)?, agent_version(language, to)?);
    let found = BREAKS.iter().find(|(of, since, _)| *of == language && from < *since && to >= *since);
    found.map(|(.., change)| *change)
}

/// Whether the new agent's default protocol does not fit the port in use, where no variable chooses the protocol.
fn next_protocol_misses(case: &Case<'_>, language: Language, image: &str) -> bool {
    let Some(next) = default_of(language, image) else { return false };
    exports(case).iter().any(|export| {
        let port = export.address.as_ref().and_then(super::super::address::Address::effective_port);
        export.language == language
            && export.signal == Signal::Traces
            && export.protocol_place.is_none()
            && port.and_then(Protocol::of_port).is_some_and(|taken| taken != next)
    })
}
