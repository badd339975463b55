//! H11: an application of ES modules needs a loader hook that the operator does not set.

use api::{Certainty, ConditionType, Severity};
use facts::Language;

use super::hint::{Clue, command_line, look};
use crate::case::Case;
use crate::catalogue::targets::TargetContainer;
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `NodeEsmNotHooked`.
pub static CAUSE: Cause = Cause {
    code: "IH-H011",
    reason: "NodeEsmNotHooked",
    summary: "A Node.js application of ES modules is started without the loader hook of OpenTelemetry.",
    condition: ConditionType::AgentWired,
    severities: &[Severity::Warning],
    certainties: &[Certainty::Hint],
    sight: Sight::HintOnly(
        "what kind of modules an application is made of does not show; named where the command starts a .mjs file",
    ),
    since: "0.1.0",
    reads: &[],
    page: include_str!("node_esm_not_hooked.md"),
    check,
};

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let words = "Add --experimental-loader=@opentelemetry/instrumentation/hook.mjs to NODE_OPTIONS of the template (the package must be in the image)";
    look(case, &CAUSE, &[Language::NodeJs], Severity::Warning, (words, case.edit_command()), clue)
}

fn clue(target: &TargetContainer<'_, '_>) -> Option<Clue> {
    let mut words = command_line(target);
    let options = target.env.get("NODE_OPTIONS").map(|(value, _)| value.text).unwrap_or_default();
    let hooked = |text: &str| text.contains("hook.mjs") || text.contains("import-in-the-middle");
    if hooked(&options) || words.iter().any(|word| hooked(word)) {
        return None;
    }
    words.extend(options.split_whitespace().map(str::to_owned));
    let is_module = |word: &String| {
        std::path::Path::new(word).extension().is_some_and(|end| end == "mjs")
            || word == "--input-type=module"
    };
    let entry = words.into_iter().find(is_module)?;
    Some(Clue {
        field: "command".to_owned(),
        means: format!(
            "starts ES modules ({entry}), which the agent loaded by --require does not see without a loader hook"
        ),
        value: entry,
    })
}
