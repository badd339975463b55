//! Which rule of the operator keeps a language from a new Pod, in words that a user can act on?
//!
//! A [`Decision`] holds typed reasons; here each becomes a clause, and what mends it another. The causes say the same about
//! Pods that run, with evidence; this is said about Pods that are yet to be: by `preview`, and where a restart would not help.

mod language;
mod refusal;
mod request;
mod webhook;

use facts::{ClusterView, INSTRUMENTATION_PREFIX, InputKind, Language, Lookup, PodShape};
use injection::annotation::effective_value;
use injection::{Decision, Outcome};

pub use language::skipped;
pub use request::mark_in_words;
pub use webhook::not_called;

/// What stands in the way of a language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obstacle {
    /// The rule that stops it: a clause without full stop.
    pub rule: String,
    /// What mends it, likewise; empty where the rule says it all.
    pub remedy: String,
    /// The container that is left out; none where the language reaches no container at all.
    pub container: Option<String>,
    /// What would have to be known to tell; none where the rule certainly applies.
    pub needs: Option<InputKind>,
}

impl Obstacle {
    fn new(rule: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { rule: rule.into(), remedy: remedy.into(), container: None, needs: None }
    }

    fn unknown(needs: InputKind, rule: impl Into<String>) -> Self {
        Self { needs: Some(needs), ..Self::new(rule, "") }
    }
}

/// A Pod that is yet to be, and what the operator would decide about it.
#[derive(Clone, Copy)]
pub struct Next<'a> {
    /// Its namespace.
    pub namespace: &'a str,
    /// Its annotations and spec.
    pub shape: &'a PodShape,
    /// The decision.
    pub decision: &'a Decision,
    /// The cluster that the decision was made in.
    pub cluster: &'a dyn ClusterView,
}

impl<'a> Next<'a> {
    /// Everything that stands in the way of a language that is asked for. Empty: it reaches every container it is to reach.
    pub fn obstacles(&self, language: Language) -> Vec<Obstacle> {
        let Some(decided) = self.decision.language(language) else {
            return request::obstacle(self, language).into_iter().collect();
        };
        if self.decision.outcome == Outcome::Processed || self.decision.outcome == Outcome::AllSwitchedOff {
            return language::obstacles(self, decided);
        }
        let own = language::obstacles(self, decided);
        if own.is_empty() { request::obstacle(self, language).into_iter().collect() } else { own }
    }

    /// The value of an annotation in effect; empty where it stands nowhere.
    fn effective(&self, key: &'a str) -> &'a str {
        match self.cluster.namespace(self.namespace) {
            Lookup::Found(namespace) => {
                effective_value(&namespace.metadata.metadata.annotations, &self.shape.annotations, key)
            }
            Lookup::Absent | Lookup::Unknown => self.shape.annotations.get(key).unwrap_or_default(),
        }
    }

    /// The containers of the Pod, init containers last.
    fn containers(&self) -> Vec<&'a str> {
        let spec = &self.shape.spec;
        spec.containers.iter().chain(&spec.init_containers).map(|container| &*container.name).collect()
    }
}

/// An annotation without the prefix that all of them have.
fn short(key: &str) -> &str {
    key.strip_prefix(INSTRUMENTATION_PREFIX).unwrap_or(key)
}
