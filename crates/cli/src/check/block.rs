//! How does one workload look on a terminal?

use std::fmt::Write as _;

use anstyle::Style;
use api::{Finding, Severity, Standing, command_of};
use diagnosis::harmless;

use crate::check::judge::Verdict;
use crate::paint::{BOLD, CYAN, DIM, GREEN, RED, YELLOW};
use crate::wrap::wrap;

/// Widths of the columns that line up.
#[derive(Clone, Copy, Debug)]
pub struct Widths {
    name: usize,
    languages: usize,
}

/// A name that is longer pushes its own line only.
const WIDEST_NAME: usize = 44;

impl Widths {
    /// Those that fit the workloads shown.
    pub fn of(verdicts: &[&Verdict]) -> Self {
        let widest =
            |width: &dyn Fn(&&Verdict) -> usize| verdicts.iter().map(width).max().unwrap_or_default();
        Self {
            name: widest(&|verdict| verdict.id.to_string().chars().count()).min(WIDEST_NAME),
            languages: widest(&|verdict| languages(verdict).chars().count()),
        }
    }
}

fn languages(verdict: &Verdict) -> &str {
    verdict.object.status.as_ref().map_or("", |status| &status.summary.languages)
}

/// The sign and colour of a standing.
pub fn sign(standing: Standing) -> (&'static str, Style) {
    let style = match standing {
        Standing::Failing => RED,
        Standing::Uncertain | Standing::NotJudged => YELLOW,
        Standing::Starting => CYAN,
        Standing::Healthy => GREEN,
    };
    (standing.sign(), style)
}

/// The workload's line: `✗ shop/deployment/checkout  java  2 of 3 Pods healthy`.
pub fn headline(verdict: &Verdict, widths: Widths) -> String {
    let (sign, style) = sign(verdict.standing);
    let line = format!(
        "{style}{sign}{style:#} {BOLD}{name:<name_width$}{BOLD:#}  {languages:<language_width$}  {pods}",
        name = harmless(&verdict.id.to_string()),
        name_width = widths.name,
        languages = languages(verdict),
        language_width = widths.languages,
        pods = pods(verdict),
    );
    line.trim_end().to_owned() + "\n"
}

fn pods(verdict: &Verdict) -> String {
    let Some(status) = &verdict.object.status else { return String::new() };
    let pods = status.pods;
    match (verdict.standing, pods.total) {
        (_, 0) => "no Pods".to_owned(),
        (Standing::Uncertain, total) => format!("{} of {total} Pods injected", pods.healthy),
        (Standing::NotJudged, 1) => "1 Pod".to_owned(),
        (Standing::NotJudged, total) => format!("{total} Pods"),
        (_, total) => format!("{} of {total} Pods healthy", pods.healthy),
    }
}

/// Everything about a workload; `with_notes`: what is merely worth knowing as well.
pub fn block(verdict: &Verdict, widths: Widths, with_notes: bool) -> String {
    let mut text = headline(verdict, widths);
    text.push_str(&muted(verdict));
    let mut findings = verdict.findings(with_notes).peekable();
    if findings.peek().is_none() && verdict.standing != Standing::Healthy {
        let reason = format!("  {BOLD}{}:{BOLD:#} ", verdict.reason());
        text.push_str(&wrap(&reason, "  ", verdict.message()));
    }
    for finding in findings {
        text.push_str(&one(finding, with_notes));
    }
    let omitted = verdict.object.status.as_ref().map_or(0, |status| status.omitted_findings);
    if omitted > 0 {
        let _ = writeln!(text, "  {omitted} more findings, less grave");
    }
    text
}

/// Until when no Events are wanted, and why.
fn muted(verdict: &Verdict) -> String {
    let Some(status) = &verdict.object.status else { return String::new() };
    let Some(until) = status.muted_until else { return String::new() };
    let why = if status.mute_reason.is_empty() { "" } else { ": " };
    wrap("  ", "  ", &format!("Muted until {until}{why}{}", status.mute_reason))
}

/// So many characters of a value are proof enough; `-v` shows the rest.
const VALUE: usize = 160;

fn one(finding: &Finding, whole: bool) -> String {
    let certainty = finding.certainty.as_str().to_lowercase();
    let weight = match finding.severity {
        Severity::Error => certainty,
        Severity::Warning => format!("warning, {certainty}"),
        Severity::Info if finding.ignored => format!("ignored, {certainty}"),
        Severity::Info => format!("note, {certainty}"),
    };
    let reason = &finding.reason;
    let mut text = wrap(&format!("  {BOLD}{reason}{BOLD:#} ({weight}): "), "  ", &finding.message);
    for evidence in &finding.evidence {
        let value = match evidence.value.char_indices().nth(VALUE) {
            _ if evidence.value.is_empty() => String::new(),
            Some((end, _)) if !whole => format!(" = {}…", &evidence.value[..end]),
            _ => format!(" = {}", evidence.value),
        };
        let line = format!("{} {}{value}", evidence.object, evidence.field);
        let _ = write!(text, "{DIM}{}{DIM:#}", wrap("    ", "      ", &line));
    }
    text.push_str(&fix(&finding.remedy));
    if !finding.documentation.is_empty() {
        let _ = writeln!(text, "  More: {}", finding.documentation);
    }
    text
}

/// The remedy: words, and the command on a line of its own, whole, to be pasted.
fn fix(remedy: &str) -> String {
    if remedy.is_empty() {
        return String::new();
    }
    match command_of(remedy) {
        None => wrap("  Fix: ", "    ", remedy),
        Some((words, command)) => {
            let first = if words.is_empty() { "  Fix:\n".to_owned() } else { wrap("  Fix: ", "    ", words) };
            format!("{first}    {}\n", harmless(command))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_stands_alone() {
        for (remedy, want) in [
            ("kubectl get pods", "  Fix:\n    kubectl get pods\n"),
            (
                "Restart: kubectl -n a rollout restart deployment/b",
                "  Fix: Restart:\n    kubectl -n a rollout restart deployment/b\n",
            ),
            ("Ask whoever runs kubectl for you.", "  Fix: Ask whoever runs kubectl for you.\n"),
            ("", ""),
        ] {
            assert_eq!(fix(remedy), want);
        }
    }
}
