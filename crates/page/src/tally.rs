//! How many workloads stand how, by cause and by namespace?

use std::collections::BTreeMap;

use api::{Severity, Standing};

use crate::row::Row;

/// Workloads by standing, in the order of [`Standing::ALL`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standings([usize; Standing::ALL.len()]);

impl Standings {
    /// Counts one more.
    pub fn add(&mut self, standing: Standing) {
        self.0[standing as usize] += 1;
    }

    /// How many stand so.
    pub fn count(&self, standing: Standing) -> usize {
        self.0[standing as usize]
    }

    /// How many there are.
    pub fn total(&self) -> usize {
        self.0.iter().sum()
    }

    /// Those that there are.
    pub fn present(&self) -> impl Iterator<Item = (Standing, usize)> {
        Standing::ALL.into_iter().zip(self.0).filter(|(_, count)| *count > 0)
    }

    /// The worse, the greater: by those that fail, then by those that are uncertain, and so on.
    pub fn badness(&self) -> [usize; 4] {
        [self.0[0], self.0[1], self.0[2], self.0[3]]
    }
}

/// One cause over all workloads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CauseTally {
    /// Workloads that show it as an Error.
    pub errors: usize,
    /// As a Warning.
    pub warnings: usize,
    /// As an Info.
    pub notes: usize,
    /// Of the notes, those that users call intended.
    pub ignored: usize,
    /// The first few workloads that show it in its worst form, as namespace, kind, name.
    pub examples: Vec<(Severity, [String; 3])>,
}

/// Workloads named with a cause.
const EXAMPLES: usize = 3;

impl CauseTally {
    /// All workloads that show it.
    pub fn total(&self) -> usize {
        self.errors + self.warnings + self.notes
    }

    fn add(&mut self, severity: Severity, ignored: bool, row: &Row) {
        match severity {
            Severity::Error => self.errors += 1,
            Severity::Warning => self.warnings += 1,
            Severity::Info => self.notes += 1,
        }
        self.ignored += usize::from(ignored);
        let name = [row.namespace.clone(), row.kind.clone(), row.name.clone()];
        // Worst first, then by name: the same three whatever the order in which objects come.
        let place = self
            .examples
            .iter()
            .position(|(other, named)| severity > *other || (severity == *other && name < *named));
        self.examples.insert(place.unwrap_or(self.examples.len()), (severity, name));
        self.examples.truncate(EXAMPLES);
    }
}

/// Everything, counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// All workloads.
    pub all: Standings,
    /// By namespace.
    pub namespaces: BTreeMap<String, Standings>,
    /// By reason.
    pub causes: BTreeMap<String, CauseTally>,
    /// Main reasons of failing workloads.
    pub failing: BTreeMap<String, usize>,
    /// Workloads of which no Events are sent.
    pub muted: usize,
    /// Workloads with a finding that users call intended.
    pub ignored: usize,
    /// Pods for which injection is asked.
    pub pods: usize,
}

impl Tally {
    /// Counts a workload.
    pub fn add(&mut self, row: &Row) {
        self.all.add(row.standing);
        self.namespaces.entry(row.namespace.clone()).or_default().add(row.standing);
        if row.standing == Standing::Failing {
            *self.failing.entry(row.reason.clone()).or_default() += 1;
        }
        for cause in &row.causes {
            self.causes.entry(cause.reason.clone()).or_default().add(cause.severity, cause.ignored, row);
        }
        self.pods += usize::try_from(row.pods.total).unwrap_or_default();
        self.muted += usize::from(row.muted);
        self.ignored += usize::from(row.causes.iter().any(|cause| cause.ignored));
    }

    /// Causes, those of the most failing workloads first.
    pub fn causes(&self) -> Vec<(&str, &CauseTally)> {
        let mut causes: Vec<_> = self.causes.iter().map(|(reason, tally)| (&**reason, tally)).collect();
        causes.sort_by_key(|(_, tally)| std::cmp::Reverse((tally.errors, tally.warnings, tally.notes)));
        causes
    }

    /// Namespaces, the worst first.
    pub fn namespaces(&self) -> Vec<(&str, Standings)> {
        let mut namespaces: Vec<_> = self.namespaces.iter().map(|(name, count)| (&**name, *count)).collect();
        namespaces.sort_by_key(|(_, count)| std::cmp::Reverse(count.badness()));
        namespaces
    }
}
