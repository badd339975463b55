//! What is known of a cause, before any cluster is looked at?

use std::fmt::Write as _;

use api::{Outcome, StageReason};
use diagnosis::Cause;
use diagnosis::known::{all, named};

use crate::exit::Exit;
use crate::paint::BOLD;
use crate::terminal::Terminal;
use crate::wrap::{COLUMNS, wrap, wrap_painted};

/// Likeness from which a name counts as a misspelling of another.
const NEAR: f64 = 0.8;

/// Prints the page of a cause, what another reason means, or the list of all.
pub fn run(wanted: Option<&str>, terminal: &mut Terminal) -> Exit {
    let Some(wanted) = wanted else {
        terminal.say(&list());
        return Exit::Fine;
    };
    if let Some(text) = named(wanted).map(page).or_else(|| meaning(wanted)) {
        terminal.say(&text);
        return Exit::Fine;
    }
    let near = nearest(wanted)
        .map(|cause| format!("one of those that `explain` lists; did you mean {}?", cause.reason));
    let needed =
        near.unwrap_or_else(|| "one of those that `instrumentation-health explain` lists".to_owned());
    terminal.error(&format!("no cause is called {wanted:?}"), Some(&needed));
    Exit::WrongUsage
}

/// The cause whose reason is most like a misspelt one.
pub fn nearest(wanted: &str) -> Option<&'static Cause> {
    let wanted = wanted.to_lowercase();
    let likeness = |cause: &Cause| {
        let reason = cause.reason.to_lowercase();
        if reason.contains(&wanted) && wanted.len() > 3 {
            1.0
        } else {
            strsim::jaro_winkler(&reason, &wanted)
        }
    };
    all()
        .map(|cause| (likeness(cause), cause))
        .filter(|(likeness, _)| *likeness > NEAR)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, cause)| cause)
}

/// Reasons of conditions that are no causes and have no page, with what they mean.
fn plain() -> impl Iterator<Item = (&'static str, &'static str)> {
    let outcomes = Outcome::ALL.iter().map(|outcome| (outcome.as_str(), outcome.meaning()));
    let stages = StageReason::ALL.iter().map(|reason| (reason.as_str(), reason.meaning()));
    outcomes.chain(stages).filter(|(reason, _)| named(reason).is_none())
}

fn meaning(wanted: &str) -> Option<String> {
    let (reason, meaning) = plain().find(|(reason, _)| reason.eq_ignore_ascii_case(wanted))?;
    let more = match reason {
        "Instrumented" => "Whether data arrives does not show: see `explain ActivityNotVisible`.",
        "Progressing" => "It ends by itself, as Instrumented or with a cause.",
        "NotChecked" => {
            "status.notChecked names each check that could not be made, and the right that it needs."
        }
        _ => "It is told of a stage, not as a cause: the condition Healthy names that.",
    };
    let mut text = format!("{BOLD}{reason}{BOLD:#}\n");
    text.push_str(&wrap("", "", &format!("{meaning} {more}")));
    Some(text)
}

fn list() -> String {
    let mut text = String::new();
    let causes = all().map(|cause| (cause.code, cause.reason, cause.summary));
    for (code, reason, summary) in causes.chain(plain().map(|(reason, meaning)| ("", reason, meaning))) {
        let code = if code.is_empty() { "-" } else { code };
        let _ = writeln!(text, "{code:<8} {BOLD}{reason}{BOLD:#}");
        text.push_str(&wrap("         ", "         ", summary));
    }
    text
}

fn page(cause: &Cause) -> String {
    let code = if cause.code.is_empty() { String::new() } else { format!("{} ", cause.code) };
    let severities: Vec<_> = cause.severities.iter().map(|severity| severity.as_str()).collect();
    let certainties: Vec<_> = cause.certainties.iter().map(|certainty| certainty.as_str()).collect();
    let weight = format!("{} · {}", severities.join(", "), certainties.join(", "));
    let name = format!("{code}{}", cause.reason);
    let width = name.chars().count() + weight.chars().count();
    let gap = COLUMNS.checked_sub(width).filter(|gap| *gap > 1);
    // At the right edge of the same line where both fit, else at that of the next.
    let between = gap.map_or_else(|| "\n".to_owned(), |gap| " ".repeat(gap));
    let mut text = format!("{BOLD}{name}{BOLD:#}{between}{weight}\n");
    text.push_str(&wrap("", "", cause.summary));
    text.push_str(&markdown(cause.page));
    text.push('\n');
    text.push_str(&wrap("", "  ", &format!("Checked {}: {}.", cause.sight.as_str(), cause.sight.why())));
    let _ = writeln!(text, "Condition {}; since {}", cause.condition.as_str(), cause.since);
    text
}

/// Markdown as a terminal shows it: headings bold, paragraphs and list items wrapped, code as it stands.
fn markdown(page: &str) -> String {
    let mut text = String::new();
    let mut paragraph = Paragraph::default();
    let mut in_code = false;
    for line in page.trim().lines() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
            paragraph.end(&mut text);
        } else if in_code {
            let _ = writeln!(text, "    {line}");
        } else if let Some(heading) = line.strip_prefix('#') {
            paragraph.end(&mut text);
            let gap = if text.ends_with("\n\n") { "" } else { "\n" };
            let _ = writeln!(text, "{gap}{BOLD}{}{BOLD:#}", heading.trim_start_matches('#').trim());
        } else if line.trim().is_empty() {
            paragraph.end(&mut text);
            if !text.ends_with("\n\n") && !text.ends_with(&format!("{BOLD:#}\n")) {
                text.push('\n');
            }
        } else if line.starts_with('|') || line.starts_with("    ") {
            paragraph.end(&mut text);
            let _ = writeln!(text, "{line}");
        } else {
            paragraph.add(line, &mut text);
        }
    }
    paragraph.end(&mut text);
    text.trim_end().to_owned() + "\n"
}

/// Lines that belong together.
#[derive(Default)]
struct Paragraph {
    indent: &'static str,
    first: String,
    words: String,
}

impl Paragraph {
    fn add(&mut self, line: &str, text: &mut String) {
        let content = line.trim_start();
        let number = content.split_once(". ").map(|(number, _)| number.chars().all(|c| c.is_ascii_digit()));
        if content.starts_with("- ") || content.starts_with("* ") || number == Some(true) {
            self.end(text);
            let (bullet, rest) = content.split_once(' ').unwrap_or((content, ""));
            self.first = format!("{bullet} ");
            self.indent = if bullet.len() > 1 { "   " } else { "  " };
            self.words.push_str(rest);
        } else {
            self.words.push(' ');
            self.words.push_str(content);
        }
    }

    fn end(&mut self, text: &mut String) {
        if !self.words.trim().is_empty() {
            text.push_str(&wrap_painted(&self.first, self.indent, &joined(&self.words)).replace(JOINED, " "));
        }
        *self = Self::default();
    }
}

/// Stands for a blank at which a line must not be broken.
const JOINED: char = '\u{1}';

/// Keeps what stands in backticks together: a command that is broken cannot be pasted.
fn joined(text: &str) -> String {
    let pieces = text.split('`').enumerate();
    let kept = pieces.map(|(place, piece)| match place % 2 {
        0 => piece.to_owned(),
        _ => piece.split_whitespace().collect::<Vec<_>>().join(&JOINED.to_string()),
    });
    kept.collect::<Vec<_>>().join("`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_in_a_sentence_is_not_broken() {
        let command = "`kubectl -n shop get pods -o wide`";
        for words in 0..20 {
            let text = markdown(&format!("{}{command}, then wait.", "word ".repeat(words)));
            assert!(text.contains(command), "{text}");
        }
    }
}
