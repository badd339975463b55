//! G8: the application starts slower with the agent, and a probe does not wait for it.

use api::{Certainty, ConditionType, Severity};
use facts::{Event, InputKind};

use super::{TOLD_TO_END, comparison, who, with_crash};
use crate::case::Case;
use crate::catalogue::crash::{Crash, crashes};
use crate::catalogue::environment::container;
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `StartupProbeTooShort`.
pub static CAUSE: Cause = Cause {
    code: "IH-G008",
    reason: "StartupProbeTooShort",
    summary: "A probe kills the application before it has started with the agent.",
    condition: ConditionType::ApplicationStable,
    severities: &[Severity::Error, Severity::Warning],
    certainties: &[Certainty::Likely, Certainty::Hint],
    sight: Sight::Always("Events of a failed startup probe, and the end of the container that followed"),
    since: "0.1.0",
    reads: &[InputKind::Events],
    page: include_str!("startup_probe_too_short.md"),
    check,
};

/// What a probe meets before the application has opened its port.
const NOBODY_LISTENS: &str = "connection refused";

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    for crash in crashes(case) {
        let killed =
            TOLD_TO_END.contains(&crash.terminated.exit_code) && &*crash.terminated.reason != "OOMKilled";
        if !killed {
            continue;
        }
        let said = failed_probe(case, &crash);
        // Where no Event tells, they may have expired or are not there: who else kills a container again and again?
        let silent = crash.pods.iter().all(|pod| case.cluster.events_about(&pod.uid).is_empty());
        if said.is_none() && !silent {
            continue;
        }
        let cpu = container(&crash.group.shape.spec, crash.container)
            .and_then(|container| container.resources.limits.get("cpu"));
        let limit = cpu.map_or_else(String::new, |cpu| format!(" (CPU limit {cpu})"));
        let agents: Vec<String> = crash.languages.iter().map(ToString::to_string).collect();
        let id = &case.subject.id;
        let severity = match (said, crash.compared()) {
            (None, None) => Severity::Warning,
            _ => Severity::Error,
        };
        let (certainty, by) = match said {
            Some((probe, _)) => (Certainty::Likely, format!("by its {probe} probe before it has started")),
            None => (
                Certainty::Hint,
                "again and again, most likely by a probe that does not wait long enough".to_owned(),
            ),
        };
        let found = Found::new(&CAUSE, severity, certainty)
            .message(format!(
                "{} is killed {by}{limit}{}: with the {} agent it starts slower.",
                who(&crash),
                comparison(&crash),
                agents.join(" and ")
            ))
            .remedy(
                match said {
                    Some(("liveness", _)) => "Give the container a startupProbe that waits longer (or its livenessProbe a longer initialDelaySeconds), or raise the CPU limit, in the template",
                    _ => "Raise failureThreshold or periodSeconds of the startupProbe, or the CPU limit, in the template",
                },
                format!("kubectl -n {} edit {}", id.namespace, id.slug()),
            );
        let found = match said {
            Some((_, event)) => {
                found.because(format!("Event/{}", event.metadata.name), "message", words(event))
            }
            None => found,
        };
        return vec![with_crash(found, &crash)];
    }
    Vec::new()
}

/// The kubelet's words without what differs from try to try.
fn words(event: &Event) -> &str {
    event.message.split(':').next().unwrap_or_default()
}

/// The probe that failed, by the kubelet's Events (`Startup probe failed: …`). A liveness probe kills for other reasons too: it
/// counts where nobody listens yet, or where Pods without the agent live.
fn failed_probe<'k>(case: &'k Case<'_>, crash: &Crash<'_, '_>) -> Option<(&'static str, &'k Event)> {
    let field = format!("{{{}}}", crash.container);
    let of_container = |event: &&Event| {
        &*event.reason == "Unhealthy"
            && (event.involved_object.field_path.is_empty()
                || event.involved_object.field_path.ends_with(&field))
    };
    crash.pods.iter().find_map(|pod| {
        let events = case.cluster.events_about(&pod.uid);
        let mut events = events.into_iter().filter(of_container);
        events.find_map(|event| match &*event.message {
            message if message.starts_with("Startup probe") => Some(("startup", event)),
            message
                if message.starts_with("Liveness probe")
                    && (crash.compared().is_some() || message.contains(NOBODY_LISTENS)) =>
            {
                Some(("liveness", event))
            }
            _ => None,
        })
    })
}
