//! What the API cannot prove, but is worth naming where its preconditions hold.

use api::{Certainty, Severity};
use facts::{Language, Pod};

use crate::case::Case;
use crate::catalogue::targets::{TargetContainer, targets};
use crate::cause::Cause;
use crate::found::Found;

/// What speaks for a hint.
pub(in crate::catalogue) struct Clue {
    /// Field of the container, and what stands in it.
    pub(in crate::catalogue) field: String,
    pub(in crate::catalogue) value: String,
    /// The sentence after "`container app of Pod x` ".
    pub(in crate::catalogue) means: String,
}

/// Looks for a clue on every container with one of these agents.
pub(in crate::catalogue) fn look<'c>(
    case: &Case<'c>,
    of: &'static Cause,
    languages: &[Language],
    severity: Severity,
    (words, command): (&str, String),
    clue: impl Fn(&TargetContainer<'_, 'c>) -> Option<Clue>,
) -> Vec<Found<'c>> {
    let mut pods: Vec<&'c Pod> = Vec::new();
    let mut first = None;
    for target in targets(case).into_iter().filter(|target| languages.contains(&target.language)) {
        let Some(clue) = clue(&target) else { continue };
        pods.extend(target.pods());
        first.get_or_insert((target.who(), target.object(), target.name, clue));
    }
    let Some((who, object, container, clue)) = first else { return Vec::new() };
    let mut who = who;
    if let Some(start) = who.get_mut(..1) {
        start.make_ascii_uppercase();
    }
    vec![
        Found::new(of, severity, Certainty::Hint)
            .message(format!("{who} {}.", clue.means))
            .remedy(words, command)
            .because(object, format!("spec.containers[{container}].{}", clue.field), clue.value)
            .pods(pods),
    ]
}

/// Command and arguments as one line, with the words inside a shell's string taken apart.
pub(in crate::catalogue) fn command_line(target: &TargetContainer<'_, '_>) -> Vec<String> {
    let words = target.container.command.iter().chain(&target.container.args);
    words.flat_map(|word| word.split_whitespace().map(str::to_owned)).collect()
}
