//! What would the operator do with this Pod?
//!
//! The steps in the operator's order: sidecar, earlier injection, look-ups and switches, names lists, TLS objects,
//! multi-instrumentation, then language by language (`internal/webhook/podmutation/webhookhandler.go`,
//! `internal/instrumentation/podmutator.go` `Mutate`, v0.158.0). An error of any step ends the request; the Pod is then
//! admitted as it came. Whether the API server calls the operator at all is judged by [`crate::webhook`].

use std::sync::Arc;

use facts::{ClusterView, InputKind, Instrumentation, Language, Lookup, StringMap};

use crate::annotation::{Request, effective_value};
use crate::decision::{
    Decision, InjectionMark, LanguageDecision, LanguageOutcome, MissingObject, Outcome, Sidecar, SkipReason, Target,
    TargetOutcome,
};
use crate::language::{apache_httpd, decide_target, dotnet, go, nginx, python};
use crate::lookup::{LookupError, look_up};
use crate::names::{self, CONTAINER_NAMES};
use crate::operator::OperatorConfig;
use crate::owners;
use crate::releases::Rule;
use crate::request::PodRequest;
use crate::select;
use crate::sidecar::{self, SIDECAR_CONTAINER};
use crate::units::{Slot, Units};

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

impl<'a> Run<'a> {
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
            _ => name == apache_httpd::ATTACH_CONTAINER || (clone_counts && name == apache_httpd::CLONE_CONTAINER),
        };
        if let Some(container) = spec.init_containers.iter().find(|container| is_agent(&container.name)) {
            return Some(InjectionMark::InitContainer(container.name.clone()));
        }
        spec.containers.iter().find_map(|container| {
            if &*container.name == go::SIDECAR {
                Some(InjectionMark::Container(container.name.clone()))
            } else if &*container.name != SIDECAR_CONTAINER && container.env_var(NODE_NAME_VARIABLE).is_some() {
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
                Language::Python if self.operator.release.follows(Rule::PythonPlatform) => self.effective(python::PLATFORM),
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

    /// Everything before the first container is touched.
    fn prepare(&mut self) -> Step {
        self.look_up_all()?;
        if self.active().next().is_none() {
            return Err(Outcome::AllSwitchedOff);
        }
        let multi = self.operator.switches.multi_instrumentation && self.operator.release.follows(Rule::NamedByLanguage);
        if !self.operator.release.follows(Rule::MultiByDefault) {
            return self.prepare_old(multi);
        }
        self.name_common_containers()?;
        self.find_tls_objects()?;
        if multi {
            self.name_own_containers()?;
            self.check_names()?;
        }
        Ok(())
    }

    /// Releases before 0.110, where common names and names of one's own excluded each other.
    fn prepare_old(&mut self, multi: bool) -> Step {
        let checked = self.operator.release.follows(Rule::NamesChecked);
        if checked || !multi {
            if !checked || self.active().count() > 0 {
                self.name_common_containers()?;
            }
        }
        if multi {
            self.name_own_containers()?;
            return self.check_names();
        }
        if self.operator.release.follows(Rule::NamedByLanguage) && self.active().count() > 1 {
            return Err(Outcome::SeveralLanguages);
        }
        Ok(())
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

    /// `container-names`, for every language.
    fn name_common_containers(&mut self) -> Step {
        let names = self.names_list(CONTAINER_NAMES)?;
        for decision in self.active_mut() {
            decision.names.clone_from(&names);
        }
        Ok(())
    }

    /// The lists for one language; appended to the common one. They are checked even for languages that nobody asked for.
    fn name_own_containers(&mut self) -> Step {
        for language in Language::ALL {
            let names = self.names_list(language.container_names_key())?;
            if let Some(decision) = self.active_mut().find(|decision| decision.language == language) {
                decision.names.extend(names);
            }
        }
        Ok(())
    }

    fn names_list(&self, key: &'static str) -> Result<Vec<Arc<str>>, Outcome> {
        let list = self.effective(key);
        if self.operator.release.follows(Rule::NamesChecked) && !names::is_valid_list(list) {
            return Err(Outcome::NamesInvalid { key, value: list.into() });
        }
        if !self.operator.release.follows(Rule::NamesChecked) {
            return Ok(names::split_trimmed(list).map(Arc::from).collect());
        }
        Ok(names::split(list).map(Arc::from).collect())
    }

    /// `podmutator.go` `validateInstrumentations`: Python before Node.js, as the operator has it.
    fn find_tls_objects(&self) -> Step {
        if !self.operator.release.follows(Rule::ExporterTls) {
            return Ok(());
        }
        let mut order: Vec<&LanguageDecision> = self.active().collect();
        order.sort_by_key(|decision| match decision.language {
            Language::Python => Language::NodeJs,
            Language::NodeJs => Language::Python,
            language => language,
        });
        let mut missing = Vec::new();
        for decision in order {
            let Some(tls) = decision.instrumentation.as_ref().and_then(|inst| inst.spec.exporter.tls.as_ref()) else {
                continue;
            };
            let namespace = self.request.namespace;
            let is_absent = |kind, name: &str| match kind {
                InputKind::Secrets => self.cluster.secret(namespace, name).is_absent(),
                _ => self.cluster.config_map(namespace, name).is_absent(),
            };
            for (kind, name) in [(InputKind::Secrets, &tls.secret_name), (InputKind::ConfigMaps, &tls.config_map_name)] {
                if !name.is_empty() && is_absent(kind, name) {
                    missing.push(MissingObject { kind, name: name.clone(), language: decision.language });
                }
            }
        }
        if missing.is_empty() { Ok(()) } else { Err(Outcome::TlsObjectsMissing(missing)) }
    }

    /// `podmutator.go` `areInstrumentedContainersCorrect`: Go is asked after Apache and nginx here.
    fn check_names(&self) -> Step {
        let mut order: Vec<&LanguageDecision> = self.active().collect();
        order.sort_by_key(|decision| match decision.language {
            Language::Go => (Language::Nginx, 1),
            language => (language, 0),
        });
        if self.operator.release.follows(Rule::SharedContainers) {
            for decision in &order {
                refuse_duplicates(Some(decision.language), decision.names.iter())?;
            }
        } else {
            refuse_duplicates(None, order.iter().flat_map(|decision| &decision.names))?;
        }
        let without_names: Vec<Language> =
            order.iter().filter(|decision| decision.names.is_empty()).map(|decision| decision.language).collect();
        if order.len() > 1 && !without_names.is_empty() {
            return Err(Outcome::NamesRequired { without_names });
        }
        Ok(())
    }

    /// Language by language. From here a problem concerns one language or one container only.
    fn process(&mut self, units: &mut Units<'a>) {
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
            self.decision.languages[index].outcome =
                if targets.is_empty() { LanguageOutcome::NoSuchContainer } else { LanguageOutcome::Processed(targets) };
        }
        if self.decision.injects() {
            self.decision.missing_owners = owners::missing(self.request, self.cluster, self.operator.release);
        }
    }

    fn process_language(&self, index: usize, instrumentation: &Instrumentation, units: &mut Units<'a>) -> Vec<Target> {
        let decision = &self.decision.languages[index];
        let spec = &instrumentation.spec;
        let release = self.operator.release;
        if decision.language == Language::Go {
            // 0.85 added a sidecar for every name.
            let times = if release.follows(Rule::NamedByLanguage) { 1 } else { decision.names.len().max(1) };
            return (0..times)
                .map(|skipped| go::decide(self.request, decision.names.get(skipped..).unwrap_or_default(), spec, self.operator, units))
                .collect();
        }
        let slots = select::targets(&decision.names, units, release);
        let targets: Vec<Target> = slots
            .into_iter()
            .map(|slot| {
                let outcome = match decision.language {
                    Language::ApacheHttpd | Language::Nginx => self.decide_web_server(decision.language, slot, units),
                    language => decide_target(language, units.get(slot), spec, &decision.flavour, release),
                };
                let container = units.get(slot).name.as_ref().into();
                Target { container, is_init: matches!(slot, Slot::Init(_)), outcome }
            })
            .collect();
        self.follow_init_containers(decision.language, spec, &targets, units);
        targets
    }

    /// The first target that is no init container gets the module, the others only environment.
    fn decide_web_server(&self, language: Language, slot: Slot, units: &mut Units<'a>) -> TargetOutcome {
        if matches!(slot, Slot::Init(_)) {
            return TargetOutcome::Skipped(SkipReason::InitContainer);
        }
        let attach = if language == Language::Nginx { nginx::ATTACH_CONTAINER } else { apache_httpd::ATTACH_CONTAINER };
        let missing = [apache_httpd::CLONE_CONTAINER, attach].map(|name| units.init_container(name).is_none());
        for (name, missing) in [apache_httpd::CLONE_CONTAINER, attach].into_iter().zip(missing) {
            if missing {
                units.insert_init(name, "");
            }
        }
        if missing.contains(&true) { TargetOutcome::Injected } else { TargetOutcome::InjectedEnvironmentOnly }
    }

    /// Adds the agent's init container, so that later languages find it.
    fn follow_init_containers(
        &self,
        language: Language,
        spec: &facts::InstrumentationSpec,
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
                units.insert_init(format!("opentelemetry-auto-instrumentation-extension-{index}"), &first.container);
            }
        }
    }
}

fn refuse_duplicates<'n>(language: Option<Language>, names: impl Iterator<Item = &'n Arc<str>>) -> Step {
    let names: Vec<&str> = names.map(|name| &**name).collect();
    let twice = names::duplicates(&names);
    if twice.is_empty() {
        return Ok(());
    }
    Err(Outcome::NamesDuplicated { language, names: twice.into_iter().map(Arc::from).collect() })
}
