//! What ends the operator's work on a Pod before any container is looked at?

use facts::{InputKind, Language, SIDECAR_INJECT};
use injection::annotation::is_true;
use injection::names::CONTAINER_NAMES;
use injection::{InjectionMark, LookupError, MissingObject, NODE_NAME_VARIABLE, Outcome, SidecarError};

use super::{Next, Obstacle, short};
use crate::catalogue::meant;

/// Why `language` gets nothing, where the request ends for every language.
pub(super) fn obstacle(next: &Next<'_>, language: Language) -> Option<Obstacle> {
    Some(match &next.decision.outcome {
        Outcome::Processed | Outcome::NothingRequested | Outcome::AllSwitchedOff => return None,
        Outcome::AlreadyInstrumented(mark) => Obstacle::new(
            format!(
                "the template already has {}, which the operator takes for its own earlier work",
                mark_in_words(mark)
            ),
            "take out of the template what was copied from an injected Pod",
        ),
        Outcome::SidecarFailed(error) => sidecar(error),
        Outcome::LookupFailed { language: failing, error } => {
            let mut obstacle = lookup(next, *failing, error);
            if *failing != language {
                obstacle.rule = format!(
                    "one look-up that fails stops every language, and that for {failing} does: {}",
                    obstacle.rule
                );
            }
            obstacle
        }
        Outcome::NamesInvalid { key, value } => Obstacle::new(
            format!(
                "{} is {value:?}, and the operator accepts only letters, digits, '-' and ',' there",
                short(key)
            ),
            "name the containers with commas between them and nothing else",
        ),
        Outcome::TlsObjectsMissing(missing) => tls(next, missing),
        Outcome::NamesDuplicated { names, .. } => Obstacle::new(
            format!("container {} is named twice", names.join(", ")),
            format!(
                "name it in one list only: {} and {} are joined",
                short(CONTAINER_NAMES),
                short(language.container_names_key())
            ),
        ),
        Outcome::NamesRequired { without_names } => names_required(without_names),
        Outcome::SeveralLanguages => Obstacle::new(
            format!(
                "operator {} injects one language a Pod unless multi-instrumentation is on",
                next.decision.release.version()
            ),
            "ask for one language, or start the operator with --enable-multi-instrumentation",
        ),
        Outcome::SecretUnreadable { name, .. } => Obstacle::new(
            format!(
                "the operator may not read Secret {name} in namespace {} and waits for it in vain",
                next.namespace
            ),
            "let the operator list Secrets",
        ),
        Outcome::Undecided { needs } => {
            Obstacle::unknown(*needs, format!("{} would have to be known", needs.plural()))
        }
    })
}

pub(super) fn lookup(next: &Next<'_>, language: Language, error: &LookupError) -> Obstacle {
    let key = language.inject_key();
    let value = next.decision.language(language).map_or("", |decided| &decided.requested);
    let namespace = next.namespace;
    match error {
        LookupError::NoneInNamespace => {
            let elsewhere = next.cluster.instrumentations();
            let remedy = elsewhere.first().map_or_else(
                || format!("create an Instrumentation in namespace {namespace}"),
                |other| {
                    format!("create one there, or name another namespace's: {key}: {:?}", other.full_name())
                },
            );
            Obstacle::new(
                format!(
                    "{} is {value:?}, which means the only Instrumentation of namespace {namespace}, and there is none",
                    short(key)
                ),
                remedy,
            )
        }
        LookupError::SeveralInNamespace { names } => Obstacle::new(
            format!(
                "{} is {value:?}, which means the only Instrumentation of namespace {namespace}, and there are {}: {}",
                short(key),
                names.len(),
                names.join(", ")
            ),
            names.first().map_or_else(String::new, |name| format!("name one: {key}: {name:?}")),
        ),
        LookupError::NotFound { namespace: of, name } => {
            let remedy = match meant(next.cluster, namespace, value, of, name) {
                Some(meant) => format!("did you mean {key}: {meant:?}?"),
                None => format!("create Instrumentation {name} in namespace {of}, or correct the annotation"),
            };
            Obstacle::new(
                format!(
                    "{} is {value:?}, and there is no Instrumentation {name} in namespace {of}",
                    short(key)
                ),
                remedy,
            )
        }
        LookupError::NotWatched { namespace, .. } => Obstacle::new(
            format!("the operator watches only some namespaces, and {namespace} is none of them"),
            "add it to --watch-namespace (WATCH_NAMESPACE) of the operator",
        ),
        LookupError::CrdMissing => Obstacle::new(
            "the cluster does not know Instrumentations (CRD instrumentations.opentelemetry.io)",
            "install the operator's CRDs",
        ),
        LookupError::Unknown => {
            let what = if is_true(value) {
                format!("whether namespace {namespace} has exactly one Instrumentation is not known")
            } else {
                format!("whether there is an Instrumentation {value} is not known")
            };
            let mut obstacle = Obstacle::unknown(
                InputKind::Instrumentations,
                format!("{} is {value:?}, and {what}", short(key)),
            );
            if let Some(other) = next.cluster.instrumentations().first() {
                obstacle.remedy =
                    format!("if {other} is meant, say {key}: {other:?}", other = other.full_name());
            }
            obstacle
        }
    }
}

/// What the operator takes for its own earlier work.
pub fn mark_in_words(mark: &InjectionMark) -> String {
    match mark {
        InjectionMark::InitContainer(name) => format!("init container {name}"),
        InjectionMark::Container(name) => format!("container {name}"),
        InjectionMark::NodeNameVariable(container) => {
            format!("variable {NODE_NAME_VARIABLE} in container {container}")
        }
    }
}

fn sidecar(error: &SidecarError) -> Obstacle {
    match error {
        SidecarError::NotFound { namespace, name } => Obstacle::new(
            format!(
                "{SIDECAR_INJECT} names collector {name} in namespace {namespace}, which does not exist, and that ends the operator's work on the Pod"
            ),
            "create it, correct the name, or take the annotation away",
        ),
        SidecarError::NotWatched { namespace, .. } => Obstacle::new(
            format!(
                "{SIDECAR_INJECT} asks for a collector of namespace {namespace}, which the operator does not watch"
            ),
            "add it to --watch-namespace (WATCH_NAMESPACE) of the operator, or take the annotation away",
        ),
    }
}

fn tls(next: &Next<'_>, missing: &[MissingObject]) -> Obstacle {
    let of = |object: &MissingObject| {
        let kind = if object.kind == InputKind::Secrets { "Secret" } else { "ConfigMap" };
        format!("{kind} {}", object.name)
    };
    let objects: Vec<String> = missing.iter().map(of).collect();
    Obstacle::new(
        format!(
            "spec.exporter.tls of the Instrumentation names {}, which namespace {} does not have",
            objects.join(" and "),
            next.namespace
        ),
        "create it in the namespace of the Pod, not in that of the Instrumentation",
    )
}

fn names_required(without_names: &[Language]) -> Obstacle {
    let words: Vec<&str> = without_names.iter().map(|language| language.annotation_word()).collect();
    let keys: Vec<&str> = without_names.iter().map(|language| language.container_names_key()).collect();
    let verb = if words.len() == 1 { "has" } else { "have" };
    Obstacle::new(
        format!(
            "several languages are asked for, then each needs its own list of containers, and {} {verb} none",
            words.join(", ")
        ),
        format!("say which container each is for: {}", keys.join(", ")),
    )
}
