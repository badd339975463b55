//! What is said of the Pods of one manifest?

use diagnosis::catalogue::obstacle::Obstacle;
use facts::{Language, WorkloadRef};
use serde_json::Value;

/// The Pods of one manifest, before and after injection.
#[derive(Clone, Debug)]
pub struct Preview {
    /// The object.
    pub id: WorkloadRef,
    /// Where it stands.
    pub place: String,
    /// Where in the object the template stands; empty for a Pod.
    pub path: &'static str,
    /// The template as it was written.
    pub before: Value,
    /// The template as the operator would have it.
    pub after: Value,
    /// The languages that are asked for, in the operator's order.
    pub languages: Vec<LanguagePreview>,
    /// Why the API server would refuse the Pod for what the injection adds to it; none where it would take it.
    pub refused: Option<Obstacle>,
    /// What was most likely meant and is not asked for, with what mends it.
    pub hints: Vec<(String, String)>,
    /// Whether the Namespace is known, which may ask for injection or override what the template asks for.
    pub namespace_known: bool,
    /// What else should be known.
    pub notes: Vec<String>,
}

/// What a language would come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LanguagePreview {
    /// The language.
    pub language: Language,
    /// The containers that it reaches.
    pub containers: Vec<String>,
    /// The Instrumentation that it resolves to, as `namespace/name`.
    pub instrumentation: Option<String>,
    /// What stands in its way.
    pub obstacles: Vec<Obstacle>,
}

/// How it stands with what is asked for, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Nothing is asked for.
    NothingAsked,
    /// Everything is injected.
    Injected,
    /// Cannot be told.
    Unknown,
    /// Something is not injected.
    Lacking,
}

impl LanguagePreview {
    /// How it stands with this language.
    pub fn standing(&self) -> Standing {
        if self.obstacles.iter().any(|obstacle| obstacle.needs.is_none()) {
            Standing::Lacking
        } else if !self.obstacles.is_empty() {
            Standing::Unknown
        } else if self.containers.is_empty() {
            Standing::Lacking
        } else {
            Standing::Injected
        }
    }
}

impl Preview {
    /// How it stands with all languages together.
    pub fn standing(&self) -> Standing {
        if self.refused.is_some() || !self.hints.is_empty() {
            return Standing::Lacking;
        }
        self.languages.iter().map(LanguagePreview::standing).max().unwrap_or(Standing::NothingAsked)
    }

    /// The Instrumentations in use, each once.
    pub fn instrumentations(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        let reached = self.languages.iter().filter(|language| !language.containers.is_empty());
        for name in reached.filter_map(|language| language.instrumentation.as_deref()) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }
}
