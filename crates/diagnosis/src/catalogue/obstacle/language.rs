//! What keeps one language from its containers although the Pod is processed?

use facts::{Container, Language, PodSpec};
use injection::names::CONTAINER_NAMES;
use injection::{LanguageDecision, LanguageOutcome, SkipReason, Switches, Target, TargetOutcome};

use super::{Next, Obstacle, request, short};
use crate::catalogue::{nearest, reference_in_words};

/// What of a language does not happen.
pub(super) fn obstacles(next: &Next<'_>, decided: &LanguageDecision) -> Vec<Obstacle> {
    match &decided.outcome {
        LanguageOutcome::NotReached => Vec::new(),
        LanguageOutcome::LookupFailed(error) => vec![request::lookup(next, decided.language, error)],
        LanguageOutcome::SwitchedOff => vec![switched_off(decided.language)],
        LanguageOutcome::NoSuchContainer => strays(next, decided),
        LanguageOutcome::Processed(targets) => {
            let mut found: Vec<Obstacle> =
                targets.iter().filter_map(|target| about_target(next, decided, target)).collect();
            // Go takes a name that fits nothing for a name all the same.
            if decided.language != Language::Go {
                found.extend(strays(next, decided));
            }
            found
        }
    }
}

fn switched_off(language: Language) -> Obstacle {
    let flag = Switches::flag(language).unwrap_or_default();
    Obstacle::new(
        format!("support for {language} is switched off in the operator"),
        format!("start the operator with --{flag}"),
    )
}

/// Names of the lists that no container has.
fn strays(next: &Next<'_>, decided: &LanguageDecision) -> Vec<Obstacle> {
    let there = next.containers();
    let strays = decided.names.iter().filter(|name| !name.is_empty() && !there.contains(&&***name));
    let strays: Vec<&str> = strays.map(|name| &**name).collect();
    let keys = [CONTAINER_NAMES, decided.language.container_names_key()];
    strays
        .into_iter()
        .map(|stray| {
            let names = |key: &&&str| next.effective(key).split(',').any(|name| name.trim() == stray);
            let key = keys.iter().find(names).map_or(CONTAINER_NAMES, |key| *key);
            let remedy = nearest(stray, there.iter().copied())
                .map_or_else(String::new, |meant| format!("did you mean {meant:?}?"));
            Obstacle {
                container: Some(stray.to_owned()),
                ..Obstacle::new(
                    format!(
                        "container {stray:?} named in {} does not exist (containers: {})",
                        short(key),
                        there.join(", ")
                    ),
                    remedy,
                )
            }
        })
        .collect()
}

fn about_target(next: &Next<'_>, decided: &LanguageDecision, target: &Target) -> Option<Obstacle> {
    let container = &*target.container;
    let (rule, remedy) = match &target.outcome {
        TargetOutcome::Injected => return None,
        TargetOutcome::Skipped(reason) => (
            skipped(
                decided.language,
                container,
                reason,
                source(&next.shape.spec, container, reason).as_deref(),
            ),
            skipped_remedy(container, reason),
        ),
        TargetOutcome::InjectedWithoutHook { variable } => (
            format!(
                "the agent is mounted into container {container} but never loaded: the Instrumentation sets {variable} from a reference, which the operator does not extend"
            ),
            format!("give {variable} as a plain value in the Instrumentation"),
        ),
        TargetOutcome::InjectedEnvironmentOnly => (
            format!(
                "container {container} gets environment only: of several {} containers the first gets the module",
                decided.language
            ),
            "run the other servers in Pods of their own".to_owned(),
        ),
    };
    Some(Obstacle { container: Some(container.to_owned()), ..Obstacle::new(rule, remedy) })
}

/// Why a container is skipped. `source`: where a variable that must be plain comes from instead.
pub fn skipped(language: Language, container: &str, reason: &SkipReason, source: Option<&str>) -> String {
    match reason {
        SkipReason::ValueFrom(variable) => format!(
            "variable {variable} of container {container} comes from {}, and the operator can only extend a plain value",
            source.unwrap_or("a reference")
        ),
        SkipReason::PythonPlatform(value) => {
            format!("otel-python-platform is {value:?}, and only glibc and musl are known")
        }
        SkipReason::DotNetRuntime(value) => {
            format!("otel-dotnet-auto-runtime is {value:?}, and only linux-x64 and linux-musl-x64 are known")
        }
        SkipReason::DotNetHomeInContainer => {
            format!("OTEL_DOTNET_AUTO_HOME is already set in container {container}")
        }
        SkipReason::DotNetHomeInInstrumentation => {
            "OTEL_DOTNET_AUTO_HOME is already set in the Instrumentation".to_owned()
        }
        SkipReason::InitContainer => {
            format!("{container} is an init container, and those cannot be instrumented for {language}")
        }
        SkipReason::ProcessNamespaceNotShared => {
            "the Pod says shareProcessNamespace: false, and the agent must see the program's process"
                .to_owned()
        }
        SkipReason::GoSeveralContainers => {
            "the Pod names several containers, and the Go agent can watch one only".to_owned()
        }
        SkipReason::GoTargetMissing => {
            "nothing says which program to watch (OTEL_GO_AUTO_TARGET_EXE)".to_owned()
        }
    }
}

fn skipped_remedy(container: &str, reason: &SkipReason) -> String {
    match reason {
        SkipReason::ValueFrom(variable) => format!("give {variable} as a plain value"),
        SkipReason::PythonPlatform(_) => "say glibc, or musl for Alpine images".to_owned(),
        SkipReason::DotNetRuntime(_) => "say linux-x64, or linux-musl-x64 for Alpine images".to_owned(),
        SkipReason::DotNetHomeInContainer => format!("take the variable out of container {container}"),
        SkipReason::DotNetHomeInInstrumentation => {
            "take the variable out of spec.dotnet.env and spec.env".to_owned()
        }
        SkipReason::InitContainer => "name a container that is none".to_owned(),
        SkipReason::ProcessNamespaceNotShared => {
            "take shareProcessNamespace: false out of the template".to_owned()
        }
        SkipReason::GoSeveralContainers => "name one container".to_owned(),
        SkipReason::GoTargetMissing => {
            "name its path in the container: instrumentation.opentelemetry.io/otel-go-auto-target-exe: \"/path/of/the/program\"".to_owned()
        }
    }
}

/// Where a variable with `valueFrom` takes its value from, in words.
fn source(spec: &PodSpec, name: &str, reason: &SkipReason) -> Option<String> {
    let SkipReason::ValueFrom(variable) = reason else { return None };
    let is_named = |container: &&Container| &*container.name == name;
    let container = spec.containers.iter().chain(&spec.init_containers).find(is_named)?;
    container.env_var(variable)?.value_from.as_deref().map(reference_in_words)
}
