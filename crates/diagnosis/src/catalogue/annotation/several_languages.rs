//! Which languages collide for want of container names, and who asks for each?

use facts::Language;
use injection::Outcome;

use super::names::container_for;
use crate::case::{Asked, Case};
use crate::catalogue::{Blocked, blocked};

/// Several languages of which at least one has no names list.
pub struct SeveralLanguages<'b, 'c> {
    /// The Pods and the decision about them.
    pub blocked: Blocked<'b, 'c>,
    /// The languages, those that are switched off left out.
    pub languages: Vec<&'b Asked>,
    /// Those without names.
    pub without_names: &'b [Language],
}

/// Finds Pods that are skipped because of it.
pub fn several_languages<'b, 'c>(case: &'b Case<'c>) -> Option<SeveralLanguages<'b, 'c>> {
    let blocked = blocked(case, |outcome| matches!(outcome, Outcome::NamesRequired { .. }))?;
    let Outcome::NamesRequired { without_names } = &blocked.decision.outcome else { return None };
    let group = case.groups.iter().find(|group| {
        let first = group.pods.first();
        first.is_some_and(|first| blocked.pods.first().is_some_and(|pod| std::ptr::eq(*pod, *first)))
    });
    let asked = group.map_or(&case.asked, |group| &group.asked);
    let is_on = |language: Language| {
        let decision = blocked.decision.language(language);
        decision.is_some_and(|decision| decision.outcome != injection::LanguageOutcome::SwitchedOff)
    };
    let languages = asked.iter().filter(|asked| is_on(asked.language)).collect();
    Some(SeveralLanguages { blocked, languages, without_names })
}

impl SeveralLanguages<'_, '_> {
    /// Whether the Namespace adds one language and the Pod another: neither side sees the collision.
    pub fn add_up(&self) -> bool {
        self.of_pod().next().is_some() && self.of_namespace().next().is_some()
    }

    /// The languages that only the Namespace asks for.
    pub fn of_namespace(&self) -> impl Iterator<Item = &Asked> {
        self.languages.iter().copied().filter(|asked| !says(asked))
    }

    /// The languages that the Pod asks for.
    pub fn of_pod(&self) -> impl Iterator<Item = &Asked> {
        self.languages.iter().copied().filter(|asked| says(asked))
    }

    /// The command that names a container for every language that has none.
    pub fn name_command(&self, case: &Case<'_>) -> String {
        let pod = self.blocked.pods.first().copied();
        let mut annotations = Vec::new();
        for (place, asked) in self.languages.iter().enumerate() {
            if self.without_names.contains(&asked.language) {
                let container = container_for(case, pod, asked.language, place);
                annotations.push((asked.language.container_names_key(), container));
            }
        }
        case.patch_template_command(&annotations)
    }
}

/// Whether the Pod itself says something about a language.
fn says(asked: &Asked) -> bool {
    asked.on_pod.as_deref().is_some_and(|value| !value.is_empty())
}

/// `java, python and go`
pub fn listed<'a>(languages: impl IntoIterator<Item = &'a Language>) -> String {
    let names: Vec<String> = languages.into_iter().map(Language::to_string).collect();
    match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => String::new(),
    }
}
