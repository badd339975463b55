//! G2: the application's own modules are not found any more.

use api::{Certainty, ConditionType, Severity};
use facts::Language;

use super::python_dependency_conflict::names_package_of_agent;
use super::{comparison, ended_by_itself, who, with_crash};
use crate::case::Case;
use crate::catalogue::crash::{Crash, crashes};
use crate::catalogue::export::hint::{Clue, command_line, look};
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `PythonPathShadowed`.
pub static CAUSE: Cause = Cause {
    code: "IH-G002",
    reason: "PythonPathShadowed",
    summary: "The injected PYTHONPATH hides where the application's own modules are.",
    condition: ConditionType::ApplicationStable,
    severities: &[Severity::Error, Severity::Warning],
    certainties: &[Certainty::Likely, Certainty::Hint],
    sight: Sight::Always(
        "the application's last words name a package of its own; seen only where it writes a termination message",
    ),
    since: "0.1.0",
    reads: &[],
    page: include_str!("python_path_shadowed.md"),
    check,
};

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    for crash in crashes(case) {
        let Some(module) = missing_own_module(&crash) else { continue };
        let command = case.edit_command();
        let (severity, certainty, since, may) = match crash.compared() {
            Some(_) => (Severity::Error, Certainty::Likely, "since the Python agent is in it", "lacks"),
            None => (Severity::Warning, Certainty::Hint, "with the Python agent in it", "may lack"),
        };
        let found = Found::new(&CAUSE, severity, certainty)
            .message(format!(
                "{} does not find its own module {module} {since}{}: the injected PYTHONPATH {may} its folder.",
                who(&crash),
                comparison(&crash)
            ))
            .remedy("Set PYTHONPATH (and DJANGO_SETTINGS_MODULE for Django) in the template; the operator extends it", command);
        return vec![with_crash(found, &crash)];
    }
    without_settings(case)
}

/// Django as its own commands start it, without the variable that tells the agent where its settings are: `manage.py` sets it
/// too late for an agent that is there before it.
fn without_settings<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let words = "Set DJANGO_SETTINGS_MODULE in the Pod template, and PYTHONPATH to the application's folder";
    look(case, &CAUSE, &[Language::Python], Severity::Warning, (words, case.edit_command()), |target| {
        let is_django = |word: &String| {
            ["manage.py", "django-admin"].contains(&word.rsplit('/').next().unwrap_or_default())
        };
        let command = command_line(target).into_iter().find(is_django)?;
        let is_set = target.env.entry(SETTINGS).is_some() || !target.container.env_from.is_empty();
        (!is_set).then(|| Clue {
            field: "command".to_owned(),
            means: format!("starts Django ({command}) without {SETTINGS}, which the agent needs to instrument it; only the image may set it"),
            value: command,
        })
    })
}

const SETTINGS: &str = "DJANGO_SETTINGS_MODULE";

/// The application's own module that Python does not find since the agent is there.
pub(super) fn missing_own_module(crash: &Crash<'_, '_>) -> Option<String> {
    if !crash.has(Language::Python) || !ended_by_itself(crash.terminated) {
        return None;
    }
    let message = &*crash.terminated.message;
    let (_, rest) = message.split_once("No module named ")?;
    let module = rest.trim_start_matches(['\'', '"']).split(['\'', '"', '\n', ' ']).next()?;
    (!module.is_empty() && !names_package_of_agent(module)).then(|| module.to_owned())
}
