//! What did users ask not to be told of, and was it asked for well?

use std::collections::{BTreeMap, BTreeSet};

use api::{Finding, Outcome};

use crate::check::judge::Verdicts;
use crate::check::report::plural;
use crate::wrap::wrap;

/// So many slips are told.
const TOLD: usize = 5;

/// Findings that are called intended, workloads of which no Events are sent, and annotations that silence nothing.
pub fn silenced(verdicts: &Verdicts) -> String {
    let mut text = String::new();
    let mut line = |line: &str| text.push_str(&wrap("- ", "  ", line));
    let mut ignored: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in findings(verdicts).filter(|finding| finding.ignored) {
        *ignored.entry(&finding.reason).or_default() += 1;
    }
    if !ignored.is_empty() {
        let reasons: Vec<_> = ignored.iter().map(|(reason, count)| format!("{reason} ({count})")).collect();
        let count = plural(ignored.values().sum(), "finding");
        line(&format!("{count} ignored by annotation: {} (-v tells them)", reasons.join(", ")));
    }
    let statuses = verdicts.list.iter().filter_map(|verdict| verdict.object.status.as_ref());
    let muted = statuses.filter(|status| status.muted_until.is_some()).count();
    if muted > 0 {
        line(&format!("{} muted: the controller sends no Events about them", plural(muted, "workload")));
    }
    let invalid = Outcome::SilenceAnnotationInvalid.as_str();
    let slips: BTreeSet<&str> = findings(verdicts)
        .filter(|finding| finding.reason == invalid)
        .map(|finding| finding.message.as_str())
        .collect();
    for slip in slips.iter().take(TOLD) {
        line(slip);
    }
    if slips.len() > TOLD {
        line(&format!("{} more with {invalid} (-v tells them)", plural(slips.len() - TOLD, "workload")));
    }
    text
}

fn findings(verdicts: &Verdicts) -> impl Iterator<Item = &Finding> {
    verdicts
        .list
        .iter()
        .filter_map(|verdict| verdict.object.status.as_ref())
        .flat_map(|status| &status.findings)
}
