//! What is said about a preview, line by line?

use ::preview::{LanguagePreview, Preview, Standing};
use anstyle::Style;
use api::command_of;
use diagnosis::catalogue::obstacle::Obstacle;
use diagnosis::harmless;
use facts::InputKind;

use crate::paint::{BOLD, GREEN, RED, YELLOW};
use crate::wrap::wrap;

/// What all previews of one run share.
pub struct Around {
    /// The operator, in words.
    pub by: String,
    /// Whether the cluster was looked at, so that what is not known could not be read.
    pub live: bool,
}

/// A line: a word in colour, and what it is about.
struct Remark {
    style: Style,
    head: &'static str,
    text: String,
    remedy: String,
}

/// All remarks about a preview as lines, each after `margin`.
pub fn lines(preview: &Preview, around: &Around, margin: &str) -> String {
    let mut text = String::new();
    for Remark { style, head, text: words, remedy } in remarks(preview, around.live) {
        text.push_str(&wrap(&format!("{margin}{style}{head}:{style:#} "), &format!("{margin}  "), &words));
        text.push_str(&fix(&remedy, margin));
    }
    text
}

/// The remedy, with a command on a line of its own.
fn fix(remedy: &str, margin: &str) -> String {
    match command_of(remedy) {
        _ if remedy.is_empty() => String::new(),
        None => wrap(&format!("{margin}  Fix: "), &format!("{margin}    "), remedy),
        Some((words, command)) => {
            let first = wrap(&format!("{margin}  Fix: "), &format!("{margin}    "), words);
            format!("{}\n{margin}    {}\n", first.trim_end(), harmless(command))
        }
    }
}

fn remarks(preview: &Preview, live: bool) -> Vec<Remark> {
    let mut remarks: Vec<Remark> = Vec::new();
    if let Some(Obstacle { rule, remedy, .. }) = &preview.refused {
        remarks.push(Remark { style: RED, head: "refused", text: rule.clone(), remedy: remedy.clone() });
    }
    remarks.extend(preview.languages.iter().filter_map(reached));
    for (obstacle, languages) in by_obstacle(&preview.languages) {
        let (style, head) =
            if obstacle.needs.is_some() { (YELLOW, "cannot tell") } else { (RED, "not injected") };
        let text = format!("{} — {}", languages.join(", "), obstacle.rule);
        let remedy = remedy(obstacle, live);
        remarks.push(Remark { style, head, text, remedy });
    }
    for language in preview.languages.iter().filter(|l| l.obstacles.is_empty() && l.containers.is_empty()) {
        let text = format!("{} — the operator finds no container to inject into", language.language);
        remarks.push(Remark { style: RED, head: "not injected", text, remedy: String::new() });
    }
    for (message, remedy) in &preview.hints {
        remarks.push(Remark { style: RED, head: "not asked", text: message.clone(), remedy: remedy.clone() });
    }
    if preview.standing() == Standing::NothingAsked {
        let text = "no annotation asks for injection".to_owned();
        remarks.push(Remark { style: BOLD, head: "nothing to do", text, remedy: String::new() });
    }
    let note =
        |text: &String| Remark { style: BOLD, head: "note", text: text.clone(), remedy: String::new() };
    remarks.extend(preview.notes.iter().map(note));
    remarks
}

/// What mends it; where it cannot be told, what would have to be given.
fn remedy(obstacle: &Obstacle, live: bool) -> String {
    let Some(needs) = obstacle.needs else { return obstacle.remedy.clone() };
    let (what, absent) = match needs {
        InputKind::Instrumentations => ("the Instrumentation", ", or say with --complete that there is none"),
        InputKind::Collectors => {
            ("the OpenTelemetryCollector", ", or say with --complete that there is none")
        }
        InputKind::Deployments => ("the operator's Deployment", ""),
        other => (other.plural(), ""),
    };
    let own = if obstacle.remedy.is_empty() { String::new() } else { format!("{}; or ", obstacle.remedy) };
    if live {
        return format!("{own}let yourself {}", needs.needed_rule().replace(", list, watch", " and list"));
    }
    let or = if absent.is_empty() { " or" } else { "," };
    format!("{own}give {what} beside the manifests{or} look into the cluster with --live{absent}")
}

fn reached(language: &LanguagePreview) -> Option<Remark> {
    let containers = match language.containers.as_slice() {
        [] => return None,
        [one] => format!("container {one}"),
        several => format!("containers {}", several.join(", ")),
    };
    let from = language.instrumentation.as_ref().map_or_else(
        || "the operator's configuration file".to_owned(),
        |name| format!("Instrumentation {name}"),
    );
    let text = format!("{} into {containers}, from {from}", language.language);
    Some(Remark { style: GREEN, head: "injected", text, remedy: String::new() })
}

/// Each obstacle once, with the languages that it stops.
fn by_obstacle(languages: &[LanguagePreview]) -> Vec<(&Obstacle, Vec<&'static str>)> {
    let mut found: Vec<(&Obstacle, Vec<&'static str>)> = Vec::new();
    for language in languages {
        for obstacle in &language.obstacles {
            let word = language.language.annotation_word();
            match found.iter_mut().find(|(known, _)| *known == obstacle) {
                Some((_, words)) => words.push(word),
                None => found.push((obstacle, vec![word])),
            }
        }
    }
    found
}
