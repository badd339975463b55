//! G6: a variable names agent files that nothing puts into the container.

use api::{Certainty, ConditionType, Severity};
use facts::{Container, Pod};

use crate::case::Case;
use crate::catalogue::environment::is_own;
use crate::catalogue::remedy::remove_variable;
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `AgentFilesMissing`.
pub static CAUSE: Cause = Cause {
    code: "IH-G006",
    reason: "AgentFilesMissing",
    summary: "A variable names agent files in a folder that is not mounted into the container.",
    condition: ConditionType::AgentWired,
    severities: &[Severity::Error, Severity::Warning],
    certainties: &[Certainty::Certain],
    sight: Sight::Always("the path in the hook variable is in no volume of the container"),
    since: "0.1.0",
    reads: &[],
    page: include_str!("agent_files_missing.md"),
    check,
};

/// Start of every folder that the operator mounts an agent to.
const FOLDER: &str = "/otel-auto-instrumentation";

/// Variables by which a runtime loads agent files, and whether it refuses to start without them.
const LOADERS: [(&str, bool); 7] = [
    ("JAVA_TOOL_OPTIONS", true),
    ("JDK_JAVA_OPTIONS", true),
    ("_JAVA_OPTIONS", true),
    ("NODE_OPTIONS", true),
    ("DOTNET_STARTUP_HOOKS", true),
    ("CORECLR_PROFILER_PATH", false),
    ("PYTHONPATH", false),
];

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let mut pods: Vec<&'c Pod> = Vec::new();
    let mut first = None;
    for group in case.groups.iter().filter(|group| group.current && group.concerns_us()) {
        for container in &group.shape.spec.containers {
            let Some((variable, fatal, path)) = unmounted(container) else { continue };
            pods.extend(&group.pods);
            first.get_or_insert((container.name.clone(), variable, fatal, path));
        }
    }
    let Some((container, variable, fatal, path)) = first else { return Vec::new() };
    let object = pods.first().map_or_else(|| "Pod".to_owned(), |pod| format!("Pod/{}", pod.name));
    let severity = if fatal { Severity::Error } else { Severity::Warning };
    let effect = if fatal { "the application cannot start" } else { "the agent is not loaded" };
    let id = &case.subject.id;
    let own = is_own(case.template, &container, variable);
    let command = own.then(|| remove_variable(case, &container, variable)).flatten();
    let command = command.unwrap_or_else(|| case.restart_command());
    vec![
        Found::new(&CAUSE, severity, Certainty::Certain)
            .message(format!("{variable} in container {container} of {} names {path}, but no volume is mounted there, so {effect}.", id.slug()))
            .remedy("Take the agent's flags out of the template: the operator writes them itself", command)
            .because(object.clone(), format!("spec.containers[{container}].env[{variable}]"), &path)
            .because(object, format!("spec.containers[{container}].volumeMounts"), format!("none for {}", folder(&path)))
            .pods(pods),
    ]
}

/// A path of agent files that no mount of the container covers.
fn unmounted(container: &Container) -> Option<(&'static str, bool, String)> {
    LOADERS.iter().find_map(|(variable, fatal)| {
        let value = container.env_var(variable)?.literal();
        let words = value.split([' ', ':', ';', '=', '\t']).filter(|word| word.starts_with(FOLDER));
        let covered = |path: &str| {
            container.volume_mounts.iter().any(|mount| {
                path.strip_prefix(&*mount.mount_path)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            })
        };
        let mut missing = words.filter(|word| !covered(word));
        missing.next().map(|path| (*variable, *fatal, path.to_owned()))
    })
}

/// The first part of a path.
fn folder(path: &str) -> &str {
    let end = path[1..].find('/').map_or(path.len(), |slash| slash + 1);
    &path[..end]
}
