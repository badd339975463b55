//! H12: workers forked after the agent was loaded may send nothing.

use api::{Certainty, ConditionType, Severity};
use facts::Language;

use super::hint::{Clue, command_line, look};
use crate::case::Case;
use crate::catalogue::targets::TargetContainer;
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `PythonForkedWorkers`.
pub static CAUSE: Cause = Cause {
    code: "IH-H012",
    reason: "PythonForkedWorkers",
    summary: "A Python server forks several workers, in which the SDK's threads do not run.",
    condition: ConditionType::AgentWired,
    severities: &[Severity::Warning],
    certainties: &[Certainty::Hint],
    sight: Sight::HintOnly(
        "whether workers are forked does not show; named where command or variables ask for several",
    ),
    since: "0.1.0",
    reads: &[],
    page: include_str!("python_forked_workers.md"),
    check,
};

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let words = "Run one worker in each Pod and more Pods, or start the SDK in a post_fork hook";
    look(case, &CAUSE, &[Language::Python], Severity::Warning, (words, case.edit_command()), clue)
}

const SERVERS: [&str; 4] = ["gunicorn", "uvicorn", "uwsgi", "hypercorn"];

fn clue(target: &TargetContainer<'_, '_>) -> Option<Clue> {
    let words = command_line(target);
    let is_server = |word: &String| SERVERS.contains(&word.rsplit('/').next().unwrap_or_default());
    let server =
        words.iter().find(|word| is_server(word)).map(|word| word.rsplit('/').next().unwrap_or_default());
    let several = |text: &str| text.parse::<u32>().is_ok_and(|workers| workers > 1);
    let more = target.env.get("GUNICORN_CMD_ARGS").and_then(|(value, place)| {
        let words: Vec<String> = value.text.split_whitespace().map(str::to_owned).collect();
        Some((place.field(), by_arguments(&words)?))
    });
    let (field, value) = match (server, by_arguments(&words), more) {
        (Some(_), Some(argument), _) => ("command".to_owned(), argument),
        (Some("gunicorn"), None, Some(more)) => more,
        (None, _, Some(more)) if target.container.command.is_empty() => more,
        (server, ..) => {
            let (value, place) =
                target.env.get("WEB_CONCURRENCY").filter(|(value, _)| several(&value.text))?;
            // Without a server in sight the variable may be anybody's, but it is gunicorn's and uvicorn's by custom.
            server.map_or_else(|| target.container.command.is_empty().then_some(()), |_| Some(()))?;
            (place.field(), value.text)
        }
    };
    Some(Clue {
        means: format!(
            "runs several forked workers ({value}); telemetry of forked Python processes often gets lost, metrics above all"
        ),
        field,
        value,
    })
}

/// `--workers 4`, `--workers=4`, `-w 4` or `-w4`.
fn by_arguments(words: &[String]) -> Option<String> {
    let several = |text: &str| text.parse::<u32>().is_ok_and(|workers| workers > 1);
    words.iter().enumerate().find_map(|(i, word)| {
        let next = words.get(i + 1).map(String::as_str).unwrap_or_default();
        let joined = ["--workers=", "--processes=", "-w"].iter().find_map(|start| word.strip_prefix(start));
        match word.as_str() {
            "--workers" | "-w" | "--processes" if several(next) => Some(format!("{word} {next}")),
            _ if joined.is_some_and(several) => Some(word.clone()),
            _ => None,
        }
    })
}
