//! Which annotations are meant to silence something, and silence nothing?
//!
//! Whoever mutes or ignores looks away: a slip must not go unnoticed, in either direction.

use api::{
    ANNOTATION_IGNORE, ANNOTATION_MUTE_REASON, ANNOTATION_MUTE_UNTIL, ANNOTATION_PREFIX, Certainty, Severity,
};
use jiff::Timestamp;

use crate::annotations::{Place, listed, names, places};
use crate::case::Case;
use crate::catalogue::{CAUSES, nearest};
use crate::cause::Cause;
use crate::found::Found;
use crate::outcome::{OUTCOMES, SILENCE_ANNOTATION_INVALID};

/// The annotations that are read.
const KNOWN: [&str; 3] = [ANNOTATION_MUTE_UNTIL, ANNOTATION_MUTE_REASON, ANNOTATION_IGNORE];

/// A finding for each annotation under our prefix that does not say what it should.
pub fn invalid<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let mut found = Vec::new();
    for place in places(case) {
        let ours = place.annotations.iter().filter(|(key, _)| key.starts_with(ANNOTATION_PREFIX));
        for (key, value) in ours {
            if let Some(slip) = slip(key, value) {
                found.push(slip.found(case, place, key, value));
            }
        }
    }
    found
}

/// What is wrong with an annotation, and what it should be.
struct Slip {
    why: String,
    words: &'static str,
    /// The value that was meant; none: it is to be taken off.
    meant: Option<String>,
}

fn slip(key: &str, value: &str) -> Option<Slip> {
    match key {
        ANNOTATION_MUTE_UNTIL => value.parse::<Timestamp>().is_err().then(|| Slip {
            why: format!("is {value:?}, which is no RFC 3339 time: nothing is muted"),
            words: "Write a time such as 2026-12-01T08:00:00Z, or take it off",
            meant: None,
        }),
        ANNOTATION_IGNORE => unknown_reason(value),
        ANNOTATION_MUTE_REASON => None,
        _ => Some(Slip {
            why: match known_like(key) {
                Some(known) => format!("is not read; {known} is"),
                None => format!("is not read; those that are: {}", KNOWN.join(", ")),
            },
            words: "Take it off, and set the one that was meant",
            meant: None,
        }),
    }
}

/// The annotation that a key was most likely meant to be. All begin alike, so that only the rest of it tells.
fn known_like(key: &str) -> Option<&'static str> {
    let rest = |key: &'static str| key.strip_prefix(ANNOTATION_PREFIX).unwrap_or(key);
    let word = key.strip_prefix(ANNOTATION_PREFIX)?;
    let cut = KNOWN.iter().find(|known| !word.is_empty() && rest(known).starts_with(word));
    let near = nearest(word, KNOWN.map(rest));
    cut.or_else(|| KNOWN.iter().find(|known| Some(rest(known)) == near)).copied()
}

/// The first word of the list that is no reason, and the list without it or with what was meant.
fn unknown_reason(list: &str) -> Option<Slip> {
    let known = |word: &str| all().any(|cause| names(cause, word));
    let unknown = listed(list).find(|word| !known(word))?;
    let meant = meant(unknown);
    let hint = meant.map(|meant| format!("; did you mean {meant}?")).unwrap_or_default();
    let corrected = listed(list).filter_map(|word| if known(word) { Some(word) } else { self::meant(word) });
    let corrected = corrected.collect::<Vec<_>>().join(",");
    Some(Slip {
        why: format!("names {unknown:?}, which is no reason of a finding{hint}"),
        words: "Name reasons as they stand in the status",
        meant: (!corrected.is_empty()).then_some(corrected),
    })
}

fn all() -> impl Iterator<Item = &'static Cause> {
    CAUSES.iter().chain(OUTCOMES.iter()).copied()
}

/// The reason that a word was most likely meant to be.
fn meant(word: &str) -> Option<&'static str> {
    let lower: Vec<String> = all().map(|cause| cause.reason.to_lowercase()).collect();
    let near = nearest(word, lower.iter().map(String::as_str))?;
    all().map(|cause| cause.reason).find(|reason| reason.to_lowercase() == near)
}

impl Slip {
    fn found<'c>(self, case: &Case<'c>, place: Place<'_>, key: &str, value: &str) -> Found<'c> {
        let id = &case.subject.id;
        let (named, object, target) = if place.is_namespace {
            let name = &id.namespace;
            (format!("Namespace {name}"), format!("Namespace/{name}"), format!("namespace {name}"))
        } else {
            (id.slug(), case.object(), format!("-n {} {}", id.namespace, id.slug()))
        };
        let command = match &self.meant {
            Some(meant) => format!("kubectl annotate {target} --overwrite {key}={meant}"),
            None => format!("kubectl annotate {target} {key}-"),
        };
        Found::new(&SILENCE_ANNOTATION_INVALID, Severity::Info, Certainty::Certain)
            .message(format!(
                "Annotation {key} of {named} {}{}",
                self.why,
                if self.why.ends_with('?') { "" } else { "." }
            ))
            .remedy(self.words, command)
            .because(object, format!("metadata.annotations[{key}]"), value)
    }
}
