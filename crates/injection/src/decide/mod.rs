//! What would the operator do with this Pod?
//!
//! The steps in the operator's order: sidecar, earlier injection, look-ups and switches, names lists, TLS objects,
//! multi-instrumentation, then language by language (`internal/webhook/podmutation/webhookhandler.go`,
//! `internal/instrumentation/podmutator.go` `Mutate`, v0.158.0). An error of any step ends the request; the Pod is then
//! admitted as it came. Whether the API server calls the operator at all is judged by [`crate::webhook`].

mod prepare;
mod process;

use facts::{ClusterView, InputKind, Language, Lookup, StringMap};

use crate::annotation::{Request, effective_value};
use crate::decision::{Decision, InjectionMark, LanguageDecision, LanguageOutcome, Outcome};
use crate::language::{apache_httpd, dotnet, go, python};
use crate::lookup::{LookupError, look_up};
use crate::operator::OperatorConfig;
use crate::releases::Rule;
use crate::request::PodRequest;
use crate::sidecar::Sidecar;
use crate::sidecar::{self, SIDECAR_CONTAINER};
use crate::units::Units;

/// The variable that the operator takes for a mark of its own.
pub const NODE_NAME_VARIABLE: &str = "OTEL_RESOURCE_ATTRIBUTES_NODE_NAME";

/// Decides what the operator would do with a Pod, if it were asked now.
pub fn decide(request: &PodRequest<'_>, cluster: &dyn ClusterView, operator: &OperatorConfig) -> Decision {
    let mut run = Run {
        request,
        cluster,
        operator,
        namespace: StringMap::default(),
        decision: Decision {
            release: operator.release,
            sidecar: Sidecar::NotRequested,
            outcome: Outcome::NothingRequested,
            languages: Vec::new(),
            missing_owners: Vec::new(),
        },
    };
    run.decision.outcome = match cluster.namespace(request.namespace) {
        Lookup::Found(namespace) => {
            run.namespace = namespace.metadata.metadata.annotations.clone();
            run.steps()
        }
        // A Namespace that nobody supplied has no annotations that anybody knows of.
        Lookup::Absent | Lookup::Unknown => run.steps(),
    };
    run.decision
}

/// One request on its way.
struct Run<'a> {
    request: &'a PodRequest<'a>,
    cluster: &'a dyn ClusterView,
    operator: &'a OperatorConfig,
    namespace: StringMap,
    decision: Decision,
}

/// `Err` ends the request.
type Step = Result<(), Outcome>;

impl Run<'_> {
    fn steps(&mut self) -> Outcome {
        let shape = self.request.shape;
        let mut units = None;
        if !self.effective(facts::SIDECAR_INJECT).is_empty() {
            let units = units.insert(Units::of(&shape.spec));
            match sidecar::decide(self.request, &self.namespace, self.cluster, self.operator, units) {
                Ok(sidecar) => self.decision.sidecar = sidecar,
                Err(error) => {
                    self.decision.sidecar = Sidecar::Failed;
                    return Outcome::SidecarFailed(error);
                }
            }
        }
        if let Some(mark) = self.earlier_injection() {
            return Outcome::AlreadyInstrumented(mark);
        }
        if self.find_requests() {
            let mut units = units.unwrap_or_else(|| Units::of(&shape.spec));
            match self.prepare() {
                Ok(()) => self.process(&mut units),
                Err(outcome) => return outcome,
            }
            return Outcome::Processed;
        }
        Outcome::NothingRequested
    }

    fn effective(&self, key: &str) -> &str {
        effective_value(&self.namespace, &self.request.shape.annotations, key)
    }

    /// `internal/instrumentation/helper.go` `isAutoInstrumentationInjected`, v0.158.0. The containers that the sidecar step
    /// adds or removes are none of those it looks for.
    fn earlier_injection(&self) -> Option<InjectionMark> {
        let spec = &self.request.shape.spec;
        let by_language = self.operator.release.follows(Rule::NamedByLanguage);
        let clone_counts = self.operator.release.follows(Rule::CloneIsMark);
        let is_agent = |name: &str| match name.strip_prefix(go::SIDECAR) {
            Some("") => !by_language,
            Some("-java" | "-nodejs" | "-python" | "-dotnet") => by_language,
            _ => {
                name == apache_httpd::ATTACH_CONTAINER
                    || (clone_counts && name == apache_httpd::CLONE_CONTAINER)
            }
        };
        if let Some(container) = spec.init_containers.iter().find(|container| is_agent(&container.name)) {
            return Some(InjectionMark::InitContainer(container.name.clone()));
        }
        spec.containers.iter().find_map(|container| {
            if &*container.name == go::SIDECAR {
                Some(InjectionMark::Container(container.name.clone()))
            } else if &*container.name != SIDECAR_CONTAINER && container.env_var(NODE_NAME_VARIABLE).is_some()
            {
                Some(InjectionMark::NodeNameVariable(container.name.clone()))
            } else {
                None
            }
        })
    }

    /// Notes the languages asked for; whether there is any.
    fn find_requests(&mut self) -> bool {
        let nginx_known = self.operator.release.follows(Rule::NamedByLanguage);
        for language in Language::ALL {
            if language == Language::Nginx && !nginx_known {
                continue;
            }
            let requested = self.effective(language.inject_key());
            if Request::parse(requested) == Request::Nothing {
                continue;
            }
            let flavour = match language {
                Language::Python if self.operator.release.follows(Rule::PythonPlatform) => {
                    self.effective(python::PLATFORM)
                }
                Language::DotNet => self.effective(dotnet::RUNTIME),
                _ => "",
            };
            let decision = LanguageDecision {
                language,
                requested: requested.into(),
                instrumentation: None,
                names: Vec::new(),
                flavour: flavour.into(),
                outcome: LanguageOutcome::NotReached,
            };
            self.decision.languages.push(decision);
        }
        !self.decision.languages.is_empty()
    }

    /// Look-ups and switches, language by language. The look-up comes first, so that a language that is off can still
    /// end the request.
    fn look_up_all(&mut self) -> Step {
        for decision in &mut self.decision.languages {
            let request = Request::parse(&decision.requested);
            match look_up(request, self.request.namespace, self.cluster, self.operator) {
                Ok(instrumentation) => decision.instrumentation = instrumentation,
                Err(error) => {
                    decision.outcome = LanguageOutcome::LookupFailed(error.clone());
                    return Err(if error == LookupError::Unknown {
                        Outcome::Undecided { needs: InputKind::Instrumentations }
                    } else {
                        Outcome::LookupFailed { language: decision.language, error }
                    });
                }
            }
            if !self.operator.switches.is_on(decision.language) {
                decision.outcome = LanguageOutcome::SwitchedOff;
            }
        }
        Ok(())
    }

    /// Languages that are not switched off.
    fn active(&self) -> impl Iterator<Item = &LanguageDecision> {
        self.decision.languages.iter().filter(|decision| decision.outcome == LanguageOutcome::NotReached)
    }

    fn active_mut(&mut self) -> impl Iterator<Item = &mut LanguageDecision> {
        self.decision.languages.iter_mut().filter(|decision| decision.outcome == LanguageOutcome::NotReached)
    }
}
