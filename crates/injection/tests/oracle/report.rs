//! What differs, and by which row of the decision table.

use std::collections::BTreeMap;

use injection::{Decision, LanguageOutcome, Outcome, Sidecar, TargetOutcome};

/// Rows of the decision table that the model gives a case.
pub fn rows(decision: &Decision) -> Vec<&'static str> {
    let mut rows = vec![match &decision.outcome {
        Outcome::Processed => "processed",
        Outcome::NothingRequested => "nothing requested",
        Outcome::AllSwitchedOff => "all switched off",
        Outcome::AlreadyInstrumented(_) => "already instrumented",
        Outcome::SidecarFailed(_) => "sidecar collector missing",
        Outcome::LookupFailed { .. } => "look-up failed",
        Outcome::NamesInvalid { .. } => "names invalid",
        Outcome::TlsObjectsMissing(_) => "TLS object missing",
        Outcome::NamesDuplicated { .. } => "names duplicated",
        Outcome::NamesRequired { .. } => "names required",
        Outcome::SeveralLanguages => "several languages",
        Outcome::SecretUnreadable { .. } => "Secret unreadable",
        Outcome::Undecided { .. } => "undecided",
    }];
    if matches!(decision.sidecar, Sidecar::Added { .. } | Sidecar::Refused { removed: true }) {
        rows.push("sidecar changed");
    }
    for language in &decision.languages {
        match &language.outcome {
            LanguageOutcome::SwitchedOff => rows.push("switched off"),
            LanguageOutcome::NoSuchContainer => rows.push("names fit nothing"),
            LanguageOutcome::Processed(targets) => {
                rows.extend(targets.iter().map(|target| match &target.outcome {
                    TargetOutcome::Injected => language.language.annotation_word(),
                    TargetOutcome::InjectedWithoutHook { .. } => "without hook",
                    TargetOutcome::InjectedEnvironmentOnly => "environment only",
                    TargetOutcome::Skipped(_) => "skipped",
                }));
            }
            LanguageOutcome::NotReached | LanguageOutcome::LookupFailed(_) => {}
        }
    }
    rows.sort_unstable();
    rows.dedup();
    rows
}

/// Counts over the cases of a part.
#[derive(Default)]
pub struct Report {
    pub cases: usize,
    pub differing: usize,
    /// Cases whose Pod was compared, and those of them that came out equal.
    pub pods: usize,
    pub equal_pods: usize,
    /// Things that are left out of the comparison, by name.
    pub exempt: BTreeMap<&'static str, usize>,
    /// Refusals by the API server that the model predicts, by cause.
    pub refusals: BTreeMap<&'static str, usize>,
    /// Row → cases, differing cases.
    pub rows: BTreeMap<&'static str, (usize, usize)>,
    /// The first differences, in words.
    pub examples: Vec<String>,
}

/// How many differences are shown.
const SHOWN: usize = 12;

impl Report {
    pub fn add(&mut self, id: &str, rows: &[&'static str], differences: &[String]) {
        self.cases += 1;
        self.differing += usize::from(!differences.is_empty());
        for row in rows {
            let count = self.rows.entry(row).or_default();
            count.0 += 1;
            count.1 += usize::from(!differences.is_empty());
        }
        if !differences.is_empty() && self.examples.len() < SHOWN {
            self.examples.push(format!("{id}\n  {}", differences.join("\n  ")));
        }
    }

    pub fn merge(&mut self, other: Self) {
        self.cases += other.cases;
        self.differing += other.differing;
        self.pods += other.pods;
        self.equal_pods += other.equal_pods;
        for (name, count) in other.exempt {
            *self.exempt.entry(name).or_default() += count;
        }
        for (cause, count) in other.refusals {
            *self.refusals.entry(cause).or_default() += count;
        }
        for (row, (cases, differing)) in other.rows {
            let count = self.rows.entry(row).or_default();
            count.0 += cases;
            count.1 += differing;
        }
        self.examples.extend(other.examples);
        self.examples.truncate(SHOWN);
    }

    /// In words, with the rows where something differs.
    pub fn print(&self, part: &str) {
        for example in &self.examples {
            println!("{example}");
        }
        for (row, (cases, differing)) in self.rows.iter().filter(|(_, (_, differing))| *differing > 0) {
            println!("  row {row}: {cases} cases, {differing} differ");
        }
        let exempt: Vec<String> = self
            .exempt
            .iter()
            .filter(|(_, count)| **count > 0)
            .map(|(name, count)| format!("{count} {name}"))
            .collect();
        let exempt =
            if exempt.is_empty() { String::new() } else { format!(" (exempt: {})", exempt.join(", ")) };
        println!(
            "{part}: {} cases, {} differ; {} of {} Pods equal{exempt}",
            self.cases, self.differing, self.equal_pods, self.pods
        );
        let refusals: Vec<String> =
            self.refusals.iter().map(|(cause, count)| format!("{count} {cause}")).collect();
        if !refusals.is_empty() {
            println!("  refused: {}", refusals.join(", "));
        }
    }
}
