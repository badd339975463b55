//! H13: the application sets an SDK up itself.

use api::{Certainty, ConditionType, Severity};
use facts::Language;

use super::hint::{Clue, command_line, look};
use crate::case::Case;
use crate::catalogue::targets::TargetContainer;
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `ApplicationHasOwnSdk`.
pub static CAUSE: Cause = Cause {
    code: "IH-H013",
    reason: "ApplicationHasOwnSdk",
    summary: "The application seems to set OpenTelemetry up itself, beside the injected agent.",
    condition: ConditionType::AgentWired,
    severities: &[Severity::Warning],
    certainties: &[Certainty::Hint],
    sight: Sight::HintOnly("what an application loads does not show; named where its command does so"),
    since: "0.1.0",
    reads: &[],
    page: include_str!("application_has_own_sdk.md"),
    check,
};

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let languages = [Language::NodeJs, Language::Python, Language::DotNet];
    let key = Language::Sdk.inject_key();
    let words = format!(
        "Use one of the two: drop the application's own set-up, or ask for configuration only with {key}"
    );
    look(case, &CAUSE, &languages, Severity::Warning, (&words, case.edit_command()), clue)
}

/// Words in file names by which set-up code of OpenTelemetry goes.
const SET_UP: [&str; 6] = ["tracing", "tracer", "instrumentation", "instrument", "otel", "opentelemetry"];

fn clue(target: &TargetContainer<'_, '_>) -> Option<Clue> {
    let (field, value) = if target.language == Language::NodeJs {
        preloaded(target)?
    } else {
        let wrapped = |word: &String| word.rsplit('/').next() == Some("opentelemetry-instrument");
        ("command".to_owned(), command_line(target).into_iter().find(wrapped)?)
    };
    Some(Clue {
        means: format!(
            "loads {value} by its own template, which looks like a set-up of OpenTelemetry beside the injected agent: spans may be doubled or missing"
        ),
        field,
        value,
    })
}

/// A file that Node.js loads before the application, by `--require` or `--import`, and that is not the operator's.
fn preloaded(target: &TargetContainer<'_, '_>) -> Option<(String, String)> {
    let options = target.env.get("NODE_OPTIONS").map(|(value, _)| value.text).unwrap_or_default();
    let from_options: Vec<String> = options.split_whitespace().map(str::to_owned).collect();
    let found = |words: &[String]| {
        words.iter().enumerate().find_map(|(i, word)| {
            let joined = ["--require=", "--import="].iter().find_map(|flag| word.strip_prefix(flag));
            let file = match word.as_str() {
                "--require" | "-r" | "--import" => words.get(i + 1)?.as_str(),
                _ => joined?,
            };
            let name = file.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
            let injected = file.contains("/otel-auto-instrumentation");
            let other_agent = super::super::other_agents::node_module(file).is_some();
            (!injected && !other_agent && SET_UP.iter().any(|word| name.contains(word)))
                .then(|| file.to_owned())
        })
    };
    let by_options = found(&from_options).map(|file| ("env[NODE_OPTIONS]".to_owned(), file));
    by_options.or_else(|| found(&command_line(target)).map(|file| ("command".to_owned(), file)))
}
