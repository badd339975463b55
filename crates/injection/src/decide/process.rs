//! What does each language do, container by container?
//!
//! `internal/instrumentation/sdk.go` `inject` and what it calls, v0.158.0.

use facts::{Instrumentation, InstrumentationSpec, Language};

use super::Run;
use crate::decision::LanguageOutcome;
use crate::language::{apache_httpd, decide_target, go, nginx};
use crate::owners;
use crate::releases::Rule;
use crate::select;
use crate::target::{SkipReason, Target, TargetOutcome};
use crate::units::{Slot, Units};

impl<'a> Run<'a> {
    /// Language by language. From here a problem concerns one language or one container only.
    pub(super) fn process(&mut self, units: &mut Units<'a>) {
        if units.containers.is_empty() {
            return;
        }
        for index in 0..self.decision.languages.len() {
            let decision = &self.decision.languages[index];
            if decision.outcome != LanguageOutcome::NotReached {
                continue;
            }
            let Some(instrumentation) = decision.instrumentation.clone() else { continue };
            let targets = self.process_language(index, &instrumentation, units);
            self.decision.languages[index].outcome = if targets.is_empty() {
                LanguageOutcome::NoSuchContainer
            } else {
                LanguageOutcome::Processed(targets)
            };
        }
        if self.decision.injects() {
            self.decision.missing_owners = owners::missing(self.request, self.cluster, self.operator.release);
        }
    }

    fn process_language(
        &self,
        index: usize,
        instrumentation: &Instrumentation,
        units: &mut Units<'a>,
    ) -> Vec<Target> {
        let decision = &self.decision.languages[index];
        let spec = &instrumentation.spec;
        let release = self.operator.release;
        if decision.language == Language::Go {
            // 0.85 added a sidecar for every name.
            let times = if release.follows(Rule::NamedByLanguage) { 1 } else { decision.names.len().max(1) };
            return (0..times)
                .map(|skipped| {
                    go::decide(
                        self.request,
                        decision.names.get(skipped..).unwrap_or_default(),
                        spec,
                        self.operator,
                        units,
                    )
                })
                .collect();
        }
        let slots = select::targets(&decision.names, units, release);
        let targets: Vec<Target> = slots
            .into_iter()
            .map(|slot| {
                let outcome = match decision.language {
                    Language::ApacheHttpd | Language::Nginx => {
                        decide_web_server(decision.language, slot, units)
                    }
                    language => decide_target(language, units.get(slot), spec, &decision.flavour, release),
                };
                let container = units.get(slot).name.as_ref().into();
                Target { container, is_init: matches!(slot, Slot::Init(_)), outcome }
            })
            .collect();
        self.follow_init_containers(decision.language, spec, &targets, units);
        targets
    }

    /// Adds the agent's init container, so that later languages find it.
    fn follow_init_containers(
        &self,
        language: Language,
        spec: &InstrumentationSpec,
        targets: &[Target],
        units: &mut Units<'a>,
    ) {
        let agent = match language {
            Language::Java => "opentelemetry-auto-instrumentation-java",
            Language::NodeJs => "opentelemetry-auto-instrumentation-nodejs",
            Language::Python => "opentelemetry-auto-instrumentation-python",
            Language::DotNet => "opentelemetry-auto-instrumentation-dotnet",
            Language::Go | Language::ApacheHttpd | Language::Nginx | Language::Sdk => return,
        };
        let Some(first) = targets.first() else { return };
        if !self.operator.release.follows(Rule::InitTargets) || units.init_container(agent).is_some() {
            return;
        }
        units.insert_init(agent, &first.container);
        if language == Language::Java {
            for index in 0..spec.java.extensions.len() {
                units.insert_init(
                    format!("opentelemetry-auto-instrumentation-extension-{index}"),
                    &first.container,
                );
            }
        }
    }
}

/// The first target that is no init container gets the module, the others only environment.
fn decide_web_server(language: Language, slot: Slot, units: &mut Units<'_>) -> TargetOutcome {
    if matches!(slot, Slot::Init(_)) {
        return TargetOutcome::Skipped(SkipReason::InitContainer);
    }
    let attach =
        if language == Language::Nginx { nginx::ATTACH_CONTAINER } else { apache_httpd::ATTACH_CONTAINER };
    let missing = [apache_httpd::CLONE_CONTAINER, attach].map(|name| units.init_container(name).is_none());
    for (name, missing) in [apache_httpd::CLONE_CONTAINER, attach].into_iter().zip(missing) {
        if missing {
            units.insert_init(name, "");
        }
    }
    if missing.contains(&true) { TargetOutcome::Injected } else { TargetOutcome::InjectedEnvironmentOnly }
}
