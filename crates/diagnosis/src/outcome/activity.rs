//! Is there a process at all in which the agent could do something?

use api::{Certainty, Severity};
use facts::{ContainerStatus, Language};
use injection::marks::hook_variable;
use jiff::Timestamp;

use super::ACTIVITY_NOT_VISIBLE;
use crate::case::Case;
use crate::catalogue::application::with_crash;
use crate::catalogue::crash::{crashes, ended, failing};
use crate::found::Found;
use crate::progress::is_hopeless;

/// Said of the application where nothing else is: the evaluator takes it out otherwise.
pub(super) fn unseen<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    fails_with_agent(case).or_else(|| does_not_run(case)).into_iter().collect()
}

/// It fails again and again, and the agent may be why.
fn fails_with_agent<'c>(case: &Case<'c>) -> Option<Found<'c>> {
    let in_process = |language: &Language| hook_variable(*language).is_some();
    // Where the application says in its last words what is wrong, that is its own matter.
    let crash = crashes(case)
        .into_iter()
        .find(|crash| crash.terminated.message.trim().is_empty() && crash.languages.iter().any(in_process))?;
    let pod = crash.pods.first()?;
    let languages: Vec<String> = crash.languages.iter().map(ToString::to_string).collect();
    let compared = match crash.compared() {
        Some(_) => "while Pods without this agent run; the API does not say why",
        None => "and the API does not say whether that is the agent's doing: no Pod without it runs beside",
    };
    let found = Found::new(&ACTIVITY_NOT_VISIBLE, Severity::Warning, Certainty::Hint)
        .message(format!(
            "Container {} of Pod {} fails again and again with the {} agent in it, {compared}.",
            crash.container,
            pod.name,
            languages.join(" and ")
        ))
        .remedy(
            "Read its log",
            format!("kubectl -n {} logs {} -c {} --previous", pod.namespace, pod.name, crash.container),
        );
    Some(with_crash(found, &crash))
}

/// None of its Pods gets ready, because a container that has the agent does not start or fails by itself. Only a note: that is
/// not the injection's doing.
fn does_not_run<'c>(case: &Case<'c>) -> Option<Found<'c>> {
    let mut idle = Vec::new();
    let mut first = None;
    for group in case.injected_groups().filter(|group| group.current) {
        let target = group.marks.containers.iter().find(|target| !target.is_init)?;
        for pod in &group.pods {
            match pod.status.container(&target.name).and_then(|status| state(status, case.now)) {
                Some(state) => {
                    idle.push(*pod);
                    first.get_or_insert((*pod, &target.name, state));
                }
                // Ready for a moment between two failures is not ready.
                None if pod.status.is_ready() => return None,
                None => {}
            }
        }
    }
    let (pod, container, State { field, value, command }) = first?;
    Some(
        Found::new(&ACTIVITY_NOT_VISIBLE, Severity::Info, Certainty::Likely)
            .message(format!(
                "Container {container} of Pod {} does not run ({value}), so its agent has nothing to do; nothing points to the injection.",
                pod.name
            ))
            .remedy("See why", format!("kubectl -n {} {}", pod.namespace, command(&pod.name, container)))
            .because(
                format!("Pod/{}", pod.name),
                format!("status.containerStatuses[{container}].{field}"),
                value,
            )
            .pods(idle),
    )
}

/// Why a container does not run and will not by waiting.
struct State {
    /// The field that says so.
    field: &'static str,
    /// What it says.
    value: String,
    /// What tells more, of a Pod and a container.
    command: fn(&str, &str) -> String,
}

fn state(status: &ContainerStatus, now: Timestamp) -> Option<State> {
    if is_hopeless(status) {
        let value = status.waiting_reason().unwrap_or_default().to_owned();
        return Some(State {
            field: "state.waiting",
            value,
            command: |pod, _| format!("describe pod {pod}"),
        });
    }
    let value = ended(failing(status, now)?.terminated);
    let command = |pod: &str, container: &str| format!("logs {pod} -c {container} --previous");
    Some(State { field: "lastState.terminated", value, command })
}
