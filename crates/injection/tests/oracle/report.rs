//! What differs, and by which row of the decision table.

use std::collections::{BTreeMap, BTreeSet};

use facts::Language;
use injection::{
    Decision, LanguageOutcome, LookupError, Outcome, Sidecar, SkipReason, Target, TargetOutcome,
};
use serde_json::Value;

/// Rows of the decision table (section 11 of the notes about the operator) that the model gives a case, by number.
pub fn rows(decision: &Decision) -> Vec<&'static str> {
    let mut rows: Vec<&'static str> = match &decision.outcome {
        Outcome::NothingRequested => vec!["none: nothing requested"],
        Outcome::AlreadyInstrumented(_) => vec!["20: already instrumented"],
        Outcome::SidecarFailed(_) => vec!["21: named sidecar collector missing"],
        Outcome::LookupFailed { error, .. } => vec![match error {
            LookupError::NoneInNamespace => "5: `true`, none in the namespace",
            LookupError::SeveralInNamespace { .. } => "6: `true`, two or more",
            LookupError::NotFound { .. } => "7: named one not found",
            LookupError::NotWatched { .. } => "25: namespace not watched",
            LookupError::CrdMissing | LookupError::Unknown => "look-up failed otherwise",
        }],
        Outcome::NamesInvalid { .. } => vec!["11: bad characters in names"],
        Outcome::TlsObjectsMissing(_) => vec!["22: TLS Secret/ConfigMap missing"],
        Outcome::NamesDuplicated { .. } => vec!["13: duplicate names"],
        Outcome::NamesRequired { .. } => vec!["12: several languages, names missing"],
        Outcome::SeveralLanguages => vec!["several languages (up to 0.107)"],
        Outcome::SecretUnreadable { .. } => vec!["23: Secrets unreadable"],
        Outcome::Undecided { .. } => vec!["undecided"],
        Outcome::Processed | Outcome::AllSwitchedOff => Vec::new(),
    };
    if matches!(decision.outcome, Outcome::LookupFailed { .. }) && decision.languages.len() > 1 {
        rows.push("10: one failing lookup cancels several languages");
    }
    if matches!(decision.sidecar, Sidecar::Added { .. } | Sidecar::Refused { removed: true }) {
        rows.push("collector sidecar changed");
    }
    for language in &decision.languages {
        match &language.outcome {
            LanguageOutcome::SwitchedOff => rows.push("9: language off"),
            LanguageOutcome::NoSuchContainer => rows.push("14: names match nothing"),
            LanguageOutcome::Processed(targets) => {
                rows.extend(targets.iter().map(|target| row(language.language, target)));
                if targets.len() < language.names.len() && language.language != Language::Go {
                    rows.push("15: some names exist");
                }
            }
            LanguageOutcome::NotReached | LanguageOutcome::LookupFailed(_) => {}
        }
    }
    rows.sort_unstable();
    rows.dedup();
    rows
}

fn row(language: Language, target: &Target) -> &'static str {
    match &target.outcome {
        _ if &*target.container == "istio-proxy" => "19: target is `istio-proxy`",
        TargetOutcome::InjectedWithoutHook { .. } => "17: mount but no agent flag",
        TargetOutcome::InjectedEnvironmentOnly => "1: injected, environment only",
        TargetOutcome::Skipped(SkipReason::PythonPlatform(_)) => "18: Python without source",
        TargetOutcome::Skipped(_) if language == Language::Go => "24: Go skipped",
        TargetOutcome::Skipped(_) => "16: container skipped",
        TargetOutcome::Injected => match language {
            Language::Java => "1: injected, java",
            Language::NodeJs => "1: injected, nodejs",
            Language::Python => "1: injected, python",
            Language::DotNet => "1: injected, dotnet",
            Language::Go => "1: injected, go",
            Language::ApacheHttpd => "1: injected, apache-httpd",
            Language::Nginx => "1: injected, nginx",
            Language::Sdk => "1: injected, sdk",
        },
    }
}

/// In words, where a model's object and a recorded one differ.
pub fn diff(model: &Value, recorded: &Value) -> String {
    const MOST: usize = 8;
    let operations = json_patch::diff(model, recorded).0;
    let value = |object: &Value, path: &str| {
        object.pointer(path).map_or_else(|| "nothing".to_owned(), ToString::to_string)
    };
    let mut lines: Vec<String> = operations
        .iter()
        .take(MOST)
        .map(|operation| match operation {
            json_patch::PatchOperation::Add(add) => format!("    {}: only recorded: {}", add.path, add.value),
            json_patch::PatchOperation::Remove(remove) => {
                format!("    {}: only in the model: {}", remove.path, value(model, remove.path.as_str()))
            }
            json_patch::PatchOperation::Replace(replace) => format!(
                "    {}: model {}, recorded {}",
                replace.path,
                value(model, replace.path.as_str()),
                replace.value
            ),
            other => format!("    {other}"),
        })
        .collect();
    if operations.len() > MOST {
        lines.push(format!("    and {} more", operations.len() - MOST));
    }
    lines.join("\n")
}

/// Counts over the cases of a part.
#[derive(Default)]
pub struct Report {
    pub cases: usize,
    pub differing: usize,
    /// What was compared; Pods where nothing is given.
    pub objects: &'static str,
    /// Cases whose Pod was compared, and those of them that came out equal.
    pub pods: usize,
    pub equal_pods: usize,
    /// Things that are left out of the comparison, by name.
    pub exempt: BTreeMap<&'static str, usize>,
    /// Refusals by the API server that the model predicts, by cause.
    pub refusals: BTreeMap<&'static str, usize>,
    /// Row → cases, differing cases.
    pub rows: BTreeMap<&'static str, (usize, usize)>,
    /// What to know about the comparison.
    pub notes: BTreeSet<String>,
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
        self.notes.extend(other.notes);
        self.examples.extend(other.examples);
        self.examples.truncate(SHOWN);
    }

    /// In words, with the rows of the decision table where something differs.
    pub fn print(&self, part: &str) {
        for example in &self.examples {
            println!("{example}");
        }
        if self.differing > self.examples.len() {
            println!("… and {} cases more that differ", self.differing - self.examples.len());
        }
        for (row, (cases, differing)) in self.rows.iter().filter(|(_, (_, differing))| *differing > 0) {
            println!("  row {row}: {differing} of {cases} cases differ");
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
            "{part}: {} cases, {} differ; {} of {} {} equal, {}{exempt}",
            self.cases,
            self.differing,
            self.equal_pods,
            self.pods,
            if self.objects.is_empty() { "Pods" } else { self.objects },
            percent(self.equal_pods, self.pods),
        );
        for note in &self.notes {
            println!("  note: {note}");
        }
        let refusals: Vec<String> =
            self.refusals.iter().map(|(cause, count)| format!("{count} {cause}")).collect();
        if !refusals.is_empty() {
            println!("  refused: {}", refusals.join(", "));
        }
    }
}

/// `100 %`, or less with two digits; never rounded up to all.
fn percent(part: usize, whole: usize) -> String {
    if part == whole {
        return "100 %".to_owned();
    }
    let hundredths = part * 10_000 / whole;
    format!("{}.{:02} %", hundredths / 100, hundredths % 100)
}
