//! G1: the agent brings Python packages that do not go with the application's.

use api::{Certainty, ConditionType, Severity};
use facts::Language;

use super::python_path_shadowed::missing_own_module;
use super::{comparison, ended_by_itself, libc_mismatch, runtime_version_unsupported, who, with_crash};
use crate::case::Case;
use crate::catalogue::crash::{Crash, crashes};
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `PythonDependencyConflict`.
pub static CAUSE: Cause = Cause {
    code: "IH-G001",
    reason: "PythonDependencyConflict",
    summary: "A Python application crashes since injection, most likely because packages do not go together.",
    condition: ConditionType::ApplicationStable,
    severities: &[Severity::Error, Severity::Warning],
    certainties: &[Certainty::Likely, Certainty::Hint],
    sight: Sight::Always(
        "the application crashes with the agent and not without it; its words only where it writes a termination message, and where no Pod lacks the agent: a hint",
    ),
    since: "0.1.0",
    reads: &[],
    page: include_str!("python_dependency_conflict.md"),
    check,
};

/// What Python says when packages do not go together.
const IMPORT_ERRORS: [&str; 7] = [
    "ImportError",
    "ModuleNotFoundError",
    "cannot import name",
    "VersionConflict",
    "DistributionNotFound",
    "Descriptors cannot be created directly",
    "AttributeError: module",
];

/// Packages that the agent brings along (`autoinstrumentation/python/requirements.txt`, operator v0.158.0, and what they need).
const OF_THE_AGENT: [&str; 12] = [
    "google.protobuf",
    "google.rpc",
    "grpc",
    "opentelemetry",
    "typing_extensions",
    "urllib3",
    "requests",
    "wrapt",
    "deprecated",
    "importlib_metadata",
    "packaging",
    "googleapis",
];

/// The shape that an error in Python's last words has: whether packages are its subject.
enum Words {
    Silent,
    OfTheAgent,
    OtherImport,
    SomethingElse,
}

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let suspects = crashes(case)
        .into_iter()
        .filter(|crash| crash.has(Language::Python) && ended_by_itself(crash.terminated));
    let mut suspects = suspects.filter_map(|crash| certainty(&crash).map(|certainty| (crash, certainty)));
    let Some((crash, certainty)) = suspects.next() else { return Vec::new() };
    let last_words = crash.terminated.message.trim().lines().last().unwrap_or_default().to_owned();
    let said = match last_words.as_str() {
        "" if crash.compared().is_none() => "; packages of the two may not go together".to_owned(),
        "" => "; most likely packages of the two do not go together".to_owned(),
        words => format!(": {words}"),
    };
    let log = crash.pods.first().map_or_else(String::new, |pod| {
        format!("kubectl -n {} logs {} -c {} --previous", pod.namespace, pod.name, crash.container)
    });
    // Where nothing can be compared and nothing is said, the application alone may be broken.
    let open = certainty == Certainty::Hint && crash.compared().is_none();
    let (severity, effect) = if open {
        let effect =
            "crashes with the Python agent in it, and no Pod without it tells whether it would otherwise";
        (Severity::Warning, effect)
    } else {
        (Severity::Error, "crashes since the Python agent is in it")
    };
    let found = Found::new(&CAUSE, severity, certainty)
        .message(format!("{} {effect}{}{said}.", who(&crash), comparison(&crash)))
        .remedy(
            "Align the versions of the packages, or name an agent image with other ones; the log tells which",
            log,
        );
    vec![with_crash(found, &crash)]
}

fn certainty(crash: &Crash<'_, '_>) -> Option<Certainty> {
    // More is known then.
    let other_cause = libc_mismatch::mismatch(crash.group, crash.container, &crash.languages).is_some()
        || runtime_version_unsupported::unsupported(crash.group, crash.container, &crash.languages).is_some()
        || missing_own_module(crash).is_some();
    if other_cause {
        return None;
    }
    match (words(&crash.terminated.message), crash.compared().is_some()) {
        (Words::OfTheAgent, _) | (Words::OtherImport, true) => Some(Certainty::Likely),
        (Words::Silent, _) => Some(Certainty::Hint),
        _ => None,
    }
}

fn words(message: &str) -> Words {
    if message.trim().is_empty() {
        return Words::Silent;
    }
    if !IMPORT_ERRORS.iter().any(|error| message.contains(error)) {
        return Words::SomethingElse;
    }
    if names_package_of_agent(message) { Words::OfTheAgent } else { Words::OtherImport }
}

/// Whether Python's words name a package that the agent brings.
pub(super) fn names_package_of_agent(message: &str) -> bool {
    OF_THE_AGENT.iter().any(|package| message.contains(package))
}
