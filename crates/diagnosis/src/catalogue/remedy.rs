//! Which command mends an Instrumentation, and what has to follow it?

use facts::{Instrumentation, Language};

use crate::case::Case;

/// Longest command that fits a remedy together with a few words.
const FITS: usize = 285;

/// The Instrumentation that a language resolves to now.
pub fn object<'k>(case: &'k Case<'_>, language: Language) -> Option<&'k Instrumentation> {
    let decisions = case.restart.iter().chain(case.groups.iter().filter_map(|group| group.decision.as_ref()));
    let mut chosen = decisions.filter_map(|decision| decision.language(language)?.instrumentation.as_deref());
    chosen.next()
}

/// Namespace and name of the Instrumentation that a language resolves to now.
pub fn instrumentation(case: &Case<'_>, language: Language) -> Option<(String, String)> {
    let full = case.instrumentation_of(language)?;
    full.split_once('/').map(|(namespace, name)| (namespace.to_owned(), name.to_owned()))
}

/// The command that merges JSON into the spec of a language's Instrumentation, and restarts the workload.
pub fn patch_instrumentation(case: &Case<'_>, language: Language, spec: &str) -> Option<String> {
    let (namespace, name) = instrumentation(case, language)?;
    let patch =
        format!(r#"kubectl -n {namespace} patch instrumentation {name} --type merge -p '{{"spec":{spec}}}'"#);
    Some(and_restart(case, patch))
}

/// A command and the restart after it, as far as both fit.
pub fn and_restart(case: &Case<'_>, command: String) -> String {
    let both = format!("{command} && {}", case.restart_command());
    if both.chars().count() <= FITS { both } else { command }
}

/// How a message names the Instrumentation of a language.
pub fn named(case: &Case<'_>, language: Language) -> String {
    case.instrumentation_of(language)
        .map_or_else(|| "the Instrumentation".to_owned(), |name| format!("Instrumentation {name}"))
}
