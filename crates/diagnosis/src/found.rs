//! How does a check say what it found?

use api::{Certainty, Evidence, MAX_EVIDENCE, MAX_EXAMPLE_PODS, MAX_SENTENCE, Severity};
use facts::Pod;
use jiff::Timestamp;

use crate::cause::Cause;
use crate::harmless::{can_be_pasted, line, variable};

/// Most characters of a value quoted as evidence.
const MAX_VALUE: usize = 400;
/// In the place of the value of a variable that is not there.
const NOT_SET: &str = "not set";

/// One finding, before precedence and suppression.
#[derive(Clone, Debug)]
pub struct Found<'a> {
    /// Of which cause.
    pub cause: &'static Cause,
    /// The effect on this workload.
    pub severity: Severity,
    /// How sure.
    pub certainty: Certainty,
    /// One sentence with the names filled in.
    pub message: String,
    /// What mends it.
    pub remedy: String,
    /// What proves it.
    pub evidence: Vec<Evidence>,
    /// Pods that show it; empty where it concerns the workload as a whole.
    pub pods: Vec<&'a Pod>,
    /// When it may be gone although nothing happens; none where only a change ends it.
    pub until: Option<Timestamp>,
    /// Whether users call it intended, so that it is no more than Info.
    pub ignored: bool,
}

impl<'a> Found<'a> {
    /// A finding of a cause with its effect and certainty. Both must be among those that the cause declares.
    pub fn new(cause: &'static Cause, severity: Severity, certainty: Certainty) -> Self {
        debug_assert!(cause.severities.contains(&severity), "{} declares no {severity:?}", cause.reason);
        debug_assert!(cause.certainties.contains(&certainty), "{} declares no {certainty:?}", cause.reason);
        Self {
            cause,
            severity,
            certainty,
            message: String::new(),
            remedy: String::new(),
            evidence: Vec::new(),
            pods: Vec::new(),
            until: None,
            ignored: false,
        }
    }

    /// Says when it may be gone although nothing happens.
    #[must_use]
    pub fn until(mut self, until: Option<Timestamp>) -> Self {
        self.until = until;
        self
    }

    /// The sentence. One line; cut where too long.
    #[must_use]
    pub fn message(mut self, text: impl AsRef<str>) -> Self {
        self.message = sentence(text.as_ref());
        self
    }

    /// What mends it: words, then a command where there is one. The command is never cut, as half of one may do harm: where both
    /// are too long the words lose what stands in parentheses, then all of them are left out, and where it is too long by itself,
    /// the command is.
    #[must_use]
    pub fn remedy(mut self, words: impl AsRef<str>, command: impl AsRef<str>) -> Self {
        let (words, mut command) = (words.as_ref(), command.as_ref());
        if !can_be_pasted(command) {
            command = "";
        }
        let join = |words: &str| match (words.is_empty(), command.is_empty()) {
            (_, true) => line(words.trim_end_matches(", then")),
            (true, false) => command.to_owned(),
            (false, false) => format!("{}: {command}", line(words)),
        };
        let fits = |text: &str| text.chars().count() <= MAX_SENTENCE;
        let (joined, shorter) = (join(words), join(&without_parentheses(words)));
        self.remedy = if fits(&joined) {
            joined
        } else if fits(&shorter) {
            shorter
        } else if command.is_empty() {
            cut(&joined, MAX_SENTENCE)
        } else if fits(command) {
            command.to_owned()
        } else {
            sentence(words.trim_end_matches(", then"))
        };
        self
    }

    /// A piece of evidence. `object` is `Kind/name`, or `Kind/namespace/name` outside the workload's namespace.
    #[must_use]
    pub fn because(
        mut self,
        object: impl Into<String>,
        field: impl Into<String>,
        value: impl AsRef<str>,
    ) -> Self {
        if self.evidence.len() < MAX_EVIDENCE {
            let (object, field) = (line(&object.into()), cut(&line(&field.into()), MAX_VALUE));
            let value = match variable_of(&field) {
                Some(name) if value.as_ref() != NOT_SET => variable(name, value.as_ref()),
                _ => line(value.as_ref()),
            };
            self.evidence.push(Evidence { object, field, value: cut(&value, MAX_VALUE) });
        }
        self
    }

    /// The Pods that show it.
    #[must_use]
    pub fn pods(mut self, pods: impl IntoIterator<Item = &'a Pod>) -> Self {
        self.pods.extend(pods);
        self
    }

    /// Takes in a less grave finding of the same cause: its Pods, and its evidence as far as there is room.
    pub(crate) fn absorb(&mut self, other: Self) {
        self.pods.extend(other.pods);
        for evidence in other.evidence {
            if self.evidence.len() < MAX_EVIDENCE && !self.evidence.contains(&evidence) {
                self.evidence.push(evidence);
            }
        }
    }

    /// The finding as the API shows it, without `since`.
    pub fn into_finding(self, documentation: &str) -> api::Finding {
        let mut names: Vec<&str> = self.pods.iter().map(|pod| &*pod.name).collect();
        names.sort_unstable();
        names.dedup();
        let pods = (!names.is_empty()).then(|| api::FindingPods {
            count: i32::try_from(names.len()).unwrap_or(i32::MAX),
            examples: names.iter().take(MAX_EXAMPLE_PODS).map(|name| (*name).to_owned()).collect(),
        });
        api::Finding {
            reason: self.cause.reason.to_owned(),
            code: self.cause.code.to_owned(),
            severity: self.severity,
            certainty: self.certainty,
            ignored: self.ignored,
            message: self.message,
            remedy: self.remedy,
            documentation: documentation.to_owned(),
            evidence: self.evidence,
            pods,
            since: None,
        }
    }
}

/// One line of at most [`MAX_SENTENCE`] characters.
pub(crate) fn sentence(text: &str) -> String {
    cut(&line(text), MAX_SENTENCE)
}

/// A sentence without its asides.
fn without_parentheses(text: &str) -> String {
    let mut parts = text.split(" (");
    let mut rest = parts.next().unwrap_or_default().to_owned();
    parts.for_each(|part| rest.push_str(part.split_once(')').map_or("", |(_, after)| after)));
    rest
}

/// The variable whose value a field is.
fn variable_of(field: &str) -> Option<&str> {
    let (_, name) = field.strip_suffix(']')?.rsplit_once("env[")?;
    Some(name)
}

fn cut(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(max - 1).collect();
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue;

    #[test]
    fn a_command_is_whole_or_left_out() {
        let cause = catalogue::CAUSES[0];
        let found = || Found::new(cause, cause.severities[0], cause.certainties[0]);
        let command = |length: usize| format!("kubectl -n shop delete pod {}", "n".repeat(length));
        let words = "Correct the image, then";
        assert_eq!(found().remedy(words, command(5)).remedy, format!("{words}: {}", command(5)));
        assert_eq!(found().remedy(words, command(265)).remedy, command(265));
        assert_eq!(found().remedy(words, command(300)).remedy, "Correct the image");
        let aside = "Correct the image (Helm: image), then";
        assert_eq!(found().remedy(aside, command(5)).remedy, format!("{aside}: {}", command(5)));
        assert_eq!(found().remedy(aside, command(245)).remedy, format!("{words}: {}", command(245)));
    }
}
