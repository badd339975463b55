//! How does an injection look as a unified diff?

use std::fmt::Write as _;

use ::preview::{Preview, Standing};
use similar::{ChangeTag, TextDiff};

use crate::paint::{BOLD, CYAN, GREEN, RED_LINE};
use crate::preview::remarks::{self, Around};
use crate::preview::yaml;

/// Unchanged lines around a change, as `diff -u` has them.
const CONTEXT: usize = 3;

/// All previews, and where there are several, how many stand how.
pub fn report(previews: &[Preview], around: &Around) -> String {
    let mut text = String::new();
    for (index, preview) in previews.iter().enumerate() {
        if index > 0 {
            text.push('\n');
        }
        text.push_str(&one(preview, around));
    }
    if previews.len() > 1 {
        text.push_str(&summary(previews));
    }
    text
}

fn one(preview: &Preview, around: &Around) -> String {
    let by = &around.by;
    let id = &preview.id;
    let mut text = String::new();
    if preview.standing() == Standing::NothingAsked {
        return format!("{BOLD}    {id}{BOLD:#}: nothing asks for injection\n");
    }
    if preview.before == preview.after {
        let _ = writeln!(text, "{BOLD}    {id}: no change by {by}{BOLD:#}");
    } else {
        let _ = writeln!(text, "{BOLD}--- {id}{BOLD:#}");
        let names = preview.instrumentations();
        let from =
            if names.is_empty() { String::new() } else { format!(" (Instrumentation {})", names.join(", ")) };
        let _ = writeln!(text, "{BOLD}+++ {id} after injection by {by}{from}{BOLD:#}");
        text.push_str(&hunks(preview));
    }
    text.push_str(&remarks::lines(preview, around, ""));
    text
}

fn hunks(preview: &Preview) -> String {
    let (before, after) = (yaml::template(&preview.before), yaml::template(&preview.after));
    let lines: Vec<&str> = after.lines().collect();
    let diff = TextDiff::from_lines(&before, &after);
    let mut text = String::new();
    for hunk in diff.unified_diff().context_radius(CONTEXT).iter_hunks() {
        let changed = hunk.iter_changes().find(|change| change.tag() != ChangeTag::Equal);
        let place = changed.and_then(|change| change.new_index().or_else(|| change.old_index()));
        let path = place.map(|line| path(preview.path, &lines, line)).unwrap_or_default();
        let _ = writeln!(text, "{CYAN}{} {path}{CYAN:#}", hunk.header());
        for change in hunk.iter_changes() {
            let line = change.value().trim_end_matches('\n');
            let _ = match change.tag() {
                ChangeTag::Equal => writeln!(text, " {line}"),
                ChangeTag::Insert => writeln!(text, "{GREEN}+{line}{GREEN:#}"),
                ChangeTag::Delete => writeln!(text, "{RED_LINE}-{line}{RED_LINE:#}"),
            };
        }
    }
    text
}

/// The field that a line of block-style YAML belongs to: `spec.template.spec.containers[app].env`.
fn path(root: &str, lines: &[&str], line: usize) -> String {
    let mut open: Vec<(usize, String)> = Vec::new();
    let mut is_item = false;
    for text in &lines[..=line.min(lines.len().saturating_sub(1))] {
        let content = text.trim_start();
        let mut indent = text.len() - content.len();
        let mut key = content;
        if let Some(item) = content.strip_prefix("- ") {
            let name = item.strip_prefix("name: ").unwrap_or_default();
            // Items of a list are not indented below its key.
            open.retain(|(other, key)| *other < indent || (*other == indent && key.starts_with('.')));
            open.push((indent, format!("[{name}]")));
            indent += content.len() - item.len();
            key = item;
        } else {
            open.retain(|(other, _)| *other < indent);
        }
        is_item = key.len() < content.len();
        if let Some((key, _)) = key.split_once(':') {
            open.push((indent, format!(".{key}")));
        }
    }
    open.pop();
    // A new item is a change of its list.
    if is_item {
        open.pop();
    }
    let inner: String = open.into_iter().map(|(_, key)| key).collect();
    format!("{root}{inner}").trim_start_matches('.').to_owned()
}

fn summary(previews: &[Preview]) -> String {
    let count = |standing| previews.iter().filter(|preview| preview.standing() == standing).count();
    let mut parts = Vec::new();
    for (standing, words) in [
        (Standing::Injected, "injected"),
        (Standing::Lacking, "not, or not fully"),
        (Standing::Unknown, "cannot be told"),
        (Standing::NothingAsked, "not asked for"),
    ] {
        if count(standing) > 0 {
            parts.push(format!("{} {words}", count(standing)));
        }
    }
    format!("\n{} workloads: {}.\n", previews.len(), parts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::path;

    #[test]
    fn a_line_is_found_in_its_field() {
        let text = "metadata:\n  labels:\n    app: a\nspec:\n  containers:\n  - name: app\n    env:\n    - name: A\n      value: b\n    image: x\n  volumes: []\n";
        let lines: Vec<&str> = text.lines().collect();
        for (line, want) in [
            (2, "spec.template.metadata.labels"),
            (4, "spec.template.spec"),
            (5, "spec.template.spec.containers"),
            (6, "spec.template.spec.containers[app]"),
            (7, "spec.template.spec.containers[app].env"),
            (8, "spec.template.spec.containers[app].env[A]"),
            (9, "spec.template.spec.containers[app]"),
            (10, "spec.template.spec"),
        ] {
            assert_eq!(path("spec.template", &lines, line), want, "line {line}");
        }
    }
}
