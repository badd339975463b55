//! H14: the process does not see, or does not honour, the variable that loads the agent.

use api::{Certainty, ConditionType, Severity};
use facts::Language;

use super::hint::{Clue, command_line, look};
use crate::case::Case;
use crate::catalogue::targets::TargetContainer;
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `AgentNotLoadedByProcess`.
pub static CAUSE: Cause = Cause {
    code: "IH-H014",
    reason: "AgentNotLoadedByProcess",
    summary: "The command clears the environment or replaces the variable that loads the agent, or the program is none that loads agents.",
    condition: ConditionType::AgentWired,
    severities: &[Severity::Warning],
    certainties: &[Certainty::Hint],
    sight: Sight::HintOnly(
        "what a process does with its environment does not show; named where the command clears or replaces it, or the image is a native one",
    ),
    since: "0.1.0",
    reads: &[],
    page: include_str!("agent_not_loaded_by_process.md"),
    check,
};

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let languages = [Language::Java, Language::NodeJs, Language::Python, Language::DotNet];
    let words = "Start the program without what clears or replaces these variables, and look for the agent's first line in its log";
    look(case, &CAUSE, &languages, Severity::Warning, (words, case.edit_command()), clue)
}

fn clue(target: &TargetContainer<'_, '_>) -> Option<Clue> {
    clears_environment(target).or_else(|| replaces_hook(target)).or_else(|| native_image(target))
}

/// A command that gives the variable which loads the agent another value, or none: `NODE_OPTIONS=--inspect node app.js`.
fn replaces_hook(target: &TargetContainer<'_, '_>) -> Option<Clue> {
    let hook = match target.language {
        Language::Java => "JAVA_TOOL_OPTIONS",
        Language::NodeJs => "NODE_OPTIONS",
        Language::Python => "PYTHONPATH",
        _ => return None,
    };
    let words = command_line(target);
    let keeps = |word: &String| word.contains(&format!("${hook}")) || word.contains(&format!("${{{hook}"));
    let is_set = |word: &String| word.trim_start_matches(['"', '\'']).starts_with(&format!("{hook}="));
    let is_unset =
        words.windows(2).any(|pair| pair[0].ends_with("unset") && pair[1].trim_end_matches(';') == hook);
    if words.iter().any(keeps) || !(is_unset || words.iter().any(is_set)) {
        return None;
    }
    Some(Clue {
        field: "command".to_owned(),
        value: words.join(" "),
        means: format!(
            "gives {hook} another value in its command, and so loses the one that loads the agent"
        ),
    })
}

fn clears_environment(target: &TargetContainer<'_, '_>) -> Option<Clue> {
    let words = command_line(target);
    let program = |word: &str| word.rsplit('/').next().unwrap_or_default().to_owned();
    let wrapper = words.windows(2).find_map(|pair| match (program(&pair[0]).as_str(), pair[1].as_str()) {
        ("env", "-i" | "--ignore-environment" | "-") => Some("env -i"),
        ("su", "-" | "-l" | "--login") => Some("su -"),
        ("sudo", option) if option != "-E" && option != "--preserve-env" => Some("sudo"),
        _ => None,
    })?;
    Some(Clue {
        field: "command".to_owned(),
        value: words.join(" "),
        means: format!("starts its program by {wrapper}, which takes away the variables that load the agent"),
    })
}

fn native_image(target: &TargetContainer<'_, '_>) -> Option<Clue> {
    let image = &*target.container.image;
    let last = image.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    let native =
        target.language == Language::Java && (last.contains("-native") || last.contains("native-image"));
    native.then(|| Clue {
        field: "image".to_owned(),
        value: image.to_owned(),
        means: "seems to run a native image, which loads no Java agent".to_owned(),
    })
}
