//! Does anything stop the request before the first container is touched?
//!
//! Names lists, TLS objects and the rules of multi-instrumentation (`internal/instrumentation/podmutator.go`, v0.158.0:
//! `setCommonInstrumentedContainers`, `validateInstrumentations`, `setLanguageSpecificContainers`,
//! `areInstrumentedContainersCorrect`).

use std::sync::Arc;

use facts::{InputKind, Language};

use super::{Run, Step};
use crate::decision::{LanguageDecision, MissingObject, Outcome};
use crate::names::{self, CONTAINER_NAMES};
use crate::releases::Rule;

impl Run<'_> {
    /// Everything before the first container is touched.
    pub(super) fn prepare(&mut self) -> Step {
        self.look_up_all()?;
        if self.active().next().is_none() {
            return Err(Outcome::AllSwitchedOff);
        }
        let multi = self.operator.switches.multi_instrumentation
            && self.operator.release.follows(Rule::NamedByLanguage);
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
            self.name_common_containers()?;
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

    /// `podmutator.go` `validateInstrumentations`. Only an object that is not found counts: what the operator cannot see,
    /// because it does not watch the namespace, is taken for there.
    fn find_tls_objects(&self) -> Step {
        let namespace = self.request.namespace;
        if !self.operator.release.follows(Rule::ExporterTls) || !self.operator.watches(namespace) {
            return Ok(());
        }
        let mut missing = Vec::new();
        for decision in self.in_tls_order() {
            let Some(tls) =
                decision.instrumentation.as_ref().and_then(|inst| inst.spec.exporter.tls.as_ref())
            else {
                continue;
            };
            if !self.operator.reads_secrets && !tls.secret_name.is_empty() {
                return Err(Outcome::SecretUnreadable {
                    name: tls.secret_name.clone(),
                    language: decision.language,
                });
            }
            let is_absent = |kind, name: &str| match kind {
                InputKind::Secrets => self.cluster.secret(namespace, name).is_absent(),
                _ => self.cluster.config_map(namespace, name).is_absent(),
            };
            for (kind, name) in
                [(InputKind::Secrets, &tls.secret_name), (InputKind::ConfigMaps, &tls.config_map_name)]
            {
                if !name.is_empty() && is_absent(kind, name) {
                    missing.push(MissingObject { kind, name: name.clone(), language: decision.language });
                }
            }
        }
        if missing.is_empty() { Ok(()) } else { Err(Outcome::TlsObjectsMissing(missing)) }
    }

    fn in_tls_order(&self) -> Vec<&LanguageDecision> {
        if self.operator.release.follows(Rule::TlsObjectsInListOrder) {
            return self.in_list_order();
        }
        let mut order: Vec<&LanguageDecision> = self.active().collect();
        order.sort_by_key(|decision| match decision.language {
            Language::Python => Language::NodeJs,
            Language::NodeJs => Language::Python,
            language => language,
        });
        order
    }

    /// `podmutator.go` `instrumentationsList`: Go comes after Apache and nginx here.
    fn in_list_order(&self) -> Vec<&LanguageDecision> {
        let mut order: Vec<&LanguageDecision> = self.active().collect();
        order.sort_by_key(|decision| match decision.language {
            Language::Go => (Language::Nginx, 1),
            language => (language, 0),
        });
        order
    }

    /// `podmutator.go` `areInstrumentedContainersCorrect`.
    fn check_names(&self) -> Step {
        let order = self.in_list_order();
        if self.operator.release.follows(Rule::SharedContainers) {
            for decision in &order {
                refuse_duplicates(Some(decision.language), decision.names.iter())?;
            }
        } else {
            refuse_duplicates(None, order.iter().flat_map(|decision| &decision.names))?;
        }
        let without_names: Vec<Language> = order
            .iter()
            .filter(|decision| decision.names.is_empty())
            .map(|decision| decision.language)
            .collect();
        if order.len() > 1 && !without_names.is_empty() {
            return Err(Outcome::NamesRequired { without_names });
        }
        Ok(())
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
