//! How do all verdicts together look on a terminal?

use std::collections::BTreeMap;
use std::fmt::Write as _;

use api::{Standing, command_of, common_cause};
use diagnosis::catalogue::ADMITTED_BARE;
use diagnosis::harmless;
use diagnosis::operator::Presence;
use diagnosis::restart::commands;

use crate::check::block::{Widths, block, headline};
use crate::check::judge::{Verdict, Verdicts};
use crate::check::silence::silenced;
use crate::paint::BOLD;
use crate::wrap::wrap;

/// So many workloads with one cause are told in full; of the others only how to mend them.
const FULL: usize = 3;
/// So many of those others are listed.
const LISTED: usize = 20;
/// How the needed rule of a kind begins. To check, nothing need be watched.
const RIGHTS: &str = "list, watch ";

/// The whole report: the answer, what fails, what may fail, what was not checked, the summary. `verbose`: healthy workloads and
/// notes too, and nothing shortened.
pub fn report(verdicts: &Verdicts, verbose: bool) -> String {
    let mut text = checked(verdicts);
    if verdicts.list.is_empty() {
        text.push_str(&skipped(verdicts));
        return text;
    }
    let shown: Vec<&Verdict> =
        ordered(verdicts).into_iter().filter(|v| verbose || v.standing != Standing::Healthy).collect();
    let widths = Widths::of(&shown);
    for cause in shown.chunk_by(|a, b| a.standing == b.standing && a.reason() == b.reason()) {
        let in_full = if verbose || cause.len() <= FULL + 1 { cause.len() } else { FULL };
        for verdict in &cause[..in_full] {
            if verdict.standing == Standing::Healthy && verdict.findings(true).next().is_none() {
                text.push_str(&headline(verdict, widths));
            } else {
                let _ = write!(text, "\n{}", block(verdict, widths, verbose));
            }
        }
        text.push_str(&others(&cause[in_full..]));
    }
    text.push_str(&restarts(verdicts));
    let left_out = skipped(verdicts) + &silenced(verdicts);
    if !left_out.is_empty() {
        let _ = write!(text, "\n{left_out}");
    }
    let _ = write!(text, "\n{}", summary(verdicts));
    text
}

/// Failing first; of those the cause with the most workloads first.
fn ordered(verdicts: &Verdicts) -> Vec<&Verdict> {
    let counts = counts(verdicts.list.iter());
    let mut list: Vec<&Verdict> = verdicts.list.iter().collect();
    list.sort_by_key(|verdict| {
        let count = counts.get(&(verdict.standing, verdict.reason())).copied().unwrap_or_default();
        (verdict.standing, usize::MAX - count, verdict.reason())
    });
    list
}

fn counts<'v>(verdicts: impl Iterator<Item = &'v Verdict>) -> BTreeMap<(Standing, &'v str), usize> {
    let mut counts = BTreeMap::new();
    for verdict in verdicts {
        *counts.entry((verdict.standing, verdict.reason())).or_default() += 1;
    }
    counts
}

/// The first line: the answer to "what did you look at".
fn checked(verdicts: &Verdicts) -> String {
    let operator = match &verdicts.operator {
        Presence::Version(version) => format!(", operator {version}"),
        Presence::SomeVersion => ", operator of unknown version".to_owned(),
        Presence::None => ", no operator found".to_owned(),
        Presence::Unknown => String::new(),
    };
    if verdicts.list.is_empty() {
        let nothing =
            if verdicts.not_checked.is_empty() { "Nothing asks" } else { "Nothing that can be read asks" };
        return format!(
            "{nothing} for injection: looked at {} in {}{operator}.\n",
            plural(verdicts.looked_at, "workload"),
            plural(verdicts.namespaces, "namespace"),
        );
    }
    let mut namespaces: Vec<_> = verdicts.list.iter().map(|verdict| &verdict.id.namespace).collect();
    namespaces.dedup();
    let pods: i32 = verdicts
        .list
        .iter()
        .filter_map(|verdict| verdict.object.status.as_ref())
        .map(|status| status.pods.total)
        .sum();
    format!(
        "Checked {} asking for injection in {} ({pods} {}){operator}.\n",
        plural(verdicts.list.len(), "workload"),
        plural(namespaces.len(), "namespace"),
        if pods == 1 { "Pod" } else { "Pods" },
    )
}

/// Workloads that have the cause of the ones before them: their commands, to be pasted. One command may mend several.
fn others(rest: &[&Verdict]) -> String {
    let Some(first) = rest.first() else { return String::new() };
    let mut text =
        format!("\n  {BOLD}and {} with {}{BOLD:#}", plural(rest.len(), "more workload"), first.reason());
    text.push_str(" (-v tells them all):\n");
    let mut commands: Vec<&str> = Vec::new();
    for verdict in rest {
        let remedy = verdict.findings(false).next().map(|finding| finding.remedy.as_str());
        if let Some((_, command)) = remedy.and_then(command_of)
            && !commands.contains(&command)
        {
            commands.push(command);
        }
    }
    if commands.len() < rest.len() {
        let names: Vec<String> = rest.iter().take(LISTED).map(|verdict| verdict.id.to_string()).collect();
        let more = if rest.len() > LISTED { ", …" } else { "" };
        text.push_str(&wrap("    ", "    ", &format!("{}{more}", names.join(", "))));
    }
    for command in commands.iter().take(LISTED) {
        let _ = writeln!(text, "    {}", harmless(command));
    }
    if commands.len() > LISTED {
        let _ = writeln!(text, "    … and {} more commands", commands.len() - LISTED);
    }
    text
}

/// What an outage of the operator has left behind in several workloads, and the fewest commands that mend it.
fn restarts(verdicts: &Verdicts) -> String {
    let is_bare = |verdict: &&Verdict| {
        verdict.standing == Standing::Failing && verdict.reason() == ADMITTED_BARE.reason
    };
    let bare: Vec<(&str, String)> = verdicts
        .list
        .iter()
        .filter(is_bare)
        .map(|verdict| (&*verdict.id.namespace, verdict.id.slug()))
        .collect();
    if bare.len() < 2 {
        return String::new();
    }
    let told = format!(
        "{} run without an agent since the operator's webhook was away. To restart them:",
        plural(bare.len(), "workload")
    );
    let mut text = format!("\n{}", wrap("", "", &told));
    for command in commands(bare.iter().map(|(namespace, slug)| (*namespace, slug.as_str()))) {
        let _ = writeln!(text, "  {command}");
    }
    text
}

/// What could not be read. Rights are asked for together: people who lack one mostly lack several.
fn skipped(verdicts: &Verdicts) -> String {
    let mut resources = Vec::new();
    let mut text = String::new();
    for (check, needs) in &verdicts.not_checked {
        match needs.strip_prefix(RIGHTS) {
            Some(resource) => resources.push(resource),
            None => text.push_str(&wrap("- ", "  ", &format!("{check} not checked (needs: {needs})"))),
        }
    }
    if !resources.is_empty() {
        let line = format!(
            "{} skipped: reading is not permitted (needs: get, list on {})",
            plural(resources.len(), "check"),
            resources.join(", ")
        );
        text.push_str(&wrap("- ", "  ", &line));
    }
    text
}

/// The last line: how many stand how.
pub fn summary(verdicts: &Verdicts) -> String {
    if verdicts.list.is_empty() {
        return checked(verdicts);
    }
    let count = |standing| verdicts.list.iter().filter(|verdict| verdict.standing == standing).count();
    let failing = count(Standing::Failing);
    let mut parts = vec![format!("{} healthy", count(Standing::Healthy)), format!("{failing} failing")];
    for standing in [Standing::Uncertain, Standing::NotJudged, Standing::Starting] {
        if count(standing) > 0 {
            parts.push(format!("{} {}", count(standing), standing.as_str()));
        }
    }
    let mut text = format!("{}.", parts.join(", "));
    let fails = |verdict: &&Verdict| verdict.standing == Standing::Failing;
    if let Some((reason, most)) = common_cause(verdicts.list.iter().filter(fails).map(Verdict::reason)) {
        let _ = write!(text, " One cause explains {most} of {failing}: {reason}.");
    }
    wrap("", "", &text)
}

/// `1 workload`, `2 workloads`.
pub fn plural(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
