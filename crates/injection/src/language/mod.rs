//! What does each language do to a container, and what keeps it from it?
//!
//! One file a language. Each holds the operator's names, the check that may skip a container, and what is put into the
//! Pod.

pub(crate) mod agent;
pub(crate) mod apache_httpd;
pub(crate) mod dotnet;
pub(crate) mod go;
pub(crate) mod java;
pub(crate) mod nginx;
pub(crate) mod nodejs;
pub(crate) mod python;
pub(crate) mod sdk;
pub(crate) mod web_server;

use facts::{InstrumentationSpec, Language};

use crate::releases::{Release, Rule};
use crate::target::{SkipReason, TargetOutcome};
use crate::units::{Source, Unit};

/// Decides about one target of Java, Node.js, Python or .NET and follows what it adds. Others are never skipped here.
pub(crate) fn decide_target(
    language: Language,
    unit: &mut Unit<'_>,
    spec: &InstrumentationSpec,
    flavour: &str,
    release: Release,
) -> TargetOutcome {
    let checked = match language {
        Language::Java => java::check(unit, release),
        Language::NodeJs => nodejs::check(unit),
        Language::Python => python::check(unit, flavour),
        Language::DotNet => dotnet::check(unit, spec, flavour),
        Language::Go | Language::ApacheHttpd | Language::Nginx | Language::Sdk => Ok(()),
    };
    if let Err(reason) = checked {
        return TargetOutcome::Skipped(reason);
    }
    let (hook, made) = match language {
        Language::Java => (Some(java::HOOK), &java::MADE[..]),
        Language::NodeJs => (Some(nodejs::HOOK), &nodejs::MADE[..]),
        Language::Python => (None, &python::MADE[..]),
        Language::DotNet => (Some(dotnet::HOOK), &dotnet::MADE[..]),
        Language::Go | Language::ApacheHttpd | Language::Nginx | Language::Sdk => (None, &[][..]),
    };
    // Python's own entry is there before the common variables; up to 0.139 every language's was.
    let made_first = language == Language::Python || !release.follows(Rule::SpecEnvKept);
    unit.inject(language, spec, made, made_first);
    match hook {
        // Up to 0.139 a reference got a value beside it, and in three releases Java's a second entry.
        Some(variable) if leaves_references(release) && unit.source(variable) == Some(Source::Reference) => {
            TargetOutcome::InjectedWithoutHook { variable }
        }
        _ => TargetOutcome::Injected,
    }
}

fn leaves_references(release: Release) -> bool {
    release.follows(Rule::SpecEnvKept)
}

/// Refuses a container that has one of these variables from a reference
/// (`internal/instrumentation/sdk.go` `validateContainerEnv`, v0.158.0).
pub(crate) fn refuse_references(unit: &mut Unit<'_>, variables: &[&'static str]) -> Result<(), SkipReason> {
    match variables.iter().find(|variable| unit.source(variable) == Some(Source::Reference)) {
        Some(variable) => Err(SkipReason::ValueFrom(variable)),
        None => Ok(()),
    }
}
