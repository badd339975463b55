//! What can come out of a decision?
//!
//! A [`Decision`] says how the request ended ([`Outcome`]) and, for every language that was asked for, how far it got
//! ([`LanguageDecision`]). It holds no Pod name, so that one decision serves every Pod of a shape; what the operator
//! would log or answer for a certain Pod is put together by [`Decision::log_lines`] and [`Decision::answer`].

use std::sync::Arc;

use facts::{InputKind, Instrumentation, Language};

use crate::go_text::quote;
use crate::lookup::LookupError;
use crate::releases::{Release, Rule};
use crate::sidecar::{Sidecar, SidecarError};
use crate::target::{Target, TargetOutcome};

/// What the operator would do with a Pod that it is asked about.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// The release whose rules were followed.
    pub release: Release,
    /// What becomes of the collector sidecar.
    pub sidecar: Sidecar,
    /// How the request ends.
    pub outcome: Outcome,
    /// The languages asked for, in the operator's order. Where the request ended early, the later ones are
    /// [`LanguageOutcome::NotReached`].
    pub languages: Vec<LanguageDecision>,
    /// Owners that the operator would look for in vain: 6 seconds each and for every target.
    pub missing_owners: Vec<MissingOwner>,
}

/// How the request ends.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Languages were processed, each with its own outcome. The Pod may still be unchanged.
    Processed,
    /// No annotation asks for a language.
    NothingRequested,
    /// Every language asked for is switched off.
    AllSwitchedOff,
    /// The Pod has marks of an earlier injection, so the annotations are not looked at.
    AlreadyInstrumented(InjectionMark),
    /// The collector that the sidecar annotation names cannot be had; this ends the request without a trace.
    SidecarFailed(SidecarError),
    /// A language's Instrumentation cannot be told; nothing is injected for any language.
    LookupFailed {
        /// The first language whose look-up fails.
        language: Language,
        /// Why.
        error: LookupError,
    },
    /// A names list has characters that the operator refuses; nothing is logged.
    NamesInvalid {
        /// The annotation.
        key: &'static str,
        /// Its value in effect.
        value: Arc<str>,
    },
    /// Secrets or `ConfigMap`s with TLS material are missing in the Pod's namespace.
    TlsObjectsMissing(Vec<MissingObject>),
    /// A name stands more than once in a names list (up to 0.148: in the lists of all languages together).
    NamesDuplicated {
        /// The language whose list it is; none where the lists of all languages are judged together.
        language: Option<Language>,
        /// The names.
        names: Vec<Arc<str>>,
    },
    /// Several languages, at least one of them without a names list.
    NamesRequired {
        /// The languages without names.
        without_names: Vec<Language>,
    },
    /// Several languages without multi-instrumentation (up to 0.107).
    SeveralLanguages,
    /// The operator waits for a Secret that it may not list, until the API server gives up and takes the Pod as it is. With
    /// such rights it makes no difference whether the Secret exists.
    SecretUnreadable {
        /// The Secret with TLS material, in the Pod's namespace.
        name: Arc<str>,
        /// The language whose Instrumentation names it.
        language: Language,
    },
    /// Cannot be told, because something cannot be read.
    Undecided {
        /// What would have to be read.
        needs: InputKind,
    },
}

/// A language that was asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct LanguageDecision {
    /// The language.
    pub language: Language,
    /// Value in effect of its `inject-*` annotation.
    pub requested: Arc<str>,
    /// The Instrumentation that it resolves to.
    pub instrumentation: Option<Arc<Instrumentation>>,
    /// The names list in effect; empty where there is none.
    pub names: Vec<Arc<str>>,
    /// Python: platform, .NET: runtime, as annotated. Empty where not annotated.
    pub flavour: Arc<str>,
    /// How far it got.
    pub outcome: LanguageOutcome,
}

/// How far a language got.
#[derive(Clone, Debug, PartialEq)]
pub enum LanguageOutcome {
    /// The request ended before its turn.
    NotReached,
    /// Its Instrumentation cannot be told.
    LookupFailed(LookupError),
    /// It is switched off in the operator.
    SwitchedOff,
    /// None of the names fits a container: it does nothing, silently (≥ 0.143).
    NoSuchContainer,
    /// Its containers were processed one by one. For the languages with an agent init container, that and the volume are
    /// added even where every target is skipped (≥ 0.146).
    Processed(Vec<Target>),
}

/// A Secret or `ConfigMap` that is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingObject {
    /// [`InputKind::Secrets`] or [`InputKind::ConfigMaps`].
    pub kind: InputKind,
    /// Name, in the Pod's namespace.
    pub name: Arc<str>,
    /// The language whose Instrumentation names it.
    pub language: Language,
}

impl MissingObject {
    /// The operator's own words (`podmutator.go` `validateInstrumentation`, v0.158.0).
    pub fn operator_text(&self, namespace: &str) -> String {
        let Self { name, .. } = self;
        match self.kind {
            InputKind::Secrets => {
                format!(
                    "secret {namespace}/{name} with certificates does not exists: Secret {} not found",
                    quote(name)
                )
            }
            _ => format!(
                "configmap {namespace}/{name} with CA certificate does not exists: ConfigMap {} not found",
                quote(name)
            ),
        }
    }
}

/// An owner that is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingOwner {
    /// Whether it is a `ReplicaSet`; a Job otherwise.
    pub is_replica_set: bool,
    /// Name.
    pub name: Arc<str>,
}

/// What made the operator believe that the Pod is instrumented already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InjectionMark {
    /// An init container of this name.
    InitContainer(Arc<str>),
    /// A container of this name.
    Container(Arc<str>),
    /// The variable `OTEL_RESOURCE_ATTRIBUTES_NODE_NAME` in this container.
    NodeNameVariable(Arc<str>),
}

impl Decision {
    /// What is decided about a language; none where it was not asked for.
    pub fn language(&self, language: Language) -> Option<&LanguageDecision> {
        self.languages.iter().find(|decision| decision.language == language)
    }

    /// Languages and containers that are injected, in the operator's order.
    pub fn injected(&self) -> impl Iterator<Item = (Language, &Target)> {
        self.languages
            .iter()
            .flat_map(|decision| decision.targets().iter().map(move |target| (decision.language, target)))
            .filter(|(_, target)| target.outcome.is_injected())
    }

    /// Whether at least one language is injected into at least one container.
    pub fn injects(&self) -> bool {
        self.injected().next().is_some()
    }

    /// Whether the Pod would come out changed: injected, an agent without target, or a collector sidecar.
    pub fn changes_pod(&self) -> bool {
        let by_sidecar = matches!(self.sidecar, Sidecar::Added { .. } | Sidecar::Refused { removed: true });
        let by_language = self.languages.iter().any(|language| language.changes_pod(self.release));
        self.answer().code == 200 && (by_sidecar || by_language)
    }
}

impl LanguageDecision {
    /// The containers that were processed.
    pub fn targets(&self) -> &[Target] {
        match &self.outcome {
            LanguageOutcome::Processed(targets) => targets,
            _ => &[],
        }
    }

    /// Whether every target was injected, with hook and agent.
    pub fn is_complete(&self) -> bool {
        let targets = self.targets();
        !targets.is_empty() && targets.iter().all(|target| target.outcome == TargetOutcome::Injected)
    }

    /// Whether the language leaves anything on the Pod: since 0.146 the agent even where every target was skipped.
    fn changes_pod(&self, release: Release) -> bool {
        let agent_first =
            matches!(self.language, Language::Java | Language::NodeJs | Language::Python | Language::DotNet)
                && release.follows(Rule::InitTargets);
        !self.targets().is_empty()
            && (agent_first || self.targets().iter().any(|target| target.outcome.is_injected()))
    }
}
