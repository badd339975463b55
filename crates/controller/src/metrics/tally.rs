//! How do the figures of all workloads add up?
//!
//! Each workload's figures are kept, so that a new verdict replaces the old one's share: nothing is counted again from the
//! start.

use std::collections::BTreeMap;
use std::sync::Arc;

use ahash::AHashMap;
use diagnosis::{Figures, LanguagePods};
use facts::{Language, WorkloadRef};

type Namespace = Arc<str>;

/// How many workloads [`Tally::worst`] names. Few, because each is a series of its own.
pub const WORST: usize = 20;

/// Sums over all workloads.
#[derive(Debug, Default)]
pub struct Tally {
    workloads: AHashMap<WorkloadRef, Figures>,
    sums: Sums,
}

/// The sums. What is 0 is not there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Workloads by namespace, status and reason of `Healthy`.
    pub workloads: BTreeMap<(Namespace, &'static str, &'static str), i64>,
    /// Pods by namespace and language.
    pub pods: BTreeMap<(Namespace, Language), Pods>,
    /// Workloads by reason and severity of a finding.
    pub findings: BTreeMap<(&'static str, &'static str), i64>,
    /// Workloads by reason of a finding that users call intended.
    pub ignored: BTreeMap<&'static str, i64>,
    /// Muted workloads by namespace.
    pub muted: BTreeMap<Namespace, i64>,
}

/// Pods that ask for one language.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pods {
    /// All of them.
    pub asked: i64,
    /// Those that carry it.
    pub injected: i64,
    /// Those of them that are fine.
    pub healthy: i64,
}

impl Tally {
    /// Puts the figures of a workload in the place of its earlier ones. `None`: there is nothing to be said of it any more.
    pub fn set(&mut self, workload: &WorkloadRef, figures: Option<Figures>) {
        if self.workloads.get(workload) == figures.as_ref() {
            return;
        }
        let before = match &figures {
            Some(figures) => self.workloads.insert(workload.clone(), figures.clone()),
            None => self.workloads.remove(workload),
        };
        for (figures, sign) in [(before, -1), (figures, 1)] {
            if let Some(figures) = figures {
                self.sums.add(&workload.namespace, &figures, sign);
            }
        }
    }

    /// The workloads with most Pods that lose telemetry, with the reason of `Healthy` and the number of those Pods: most first,
    /// and among equals always the same ones, so that series last.
    pub fn worst(&self) -> Vec<(WorkloadRef, &'static str, u32)> {
        let failing = self.workloads.iter().filter(|(_, figures)| figures.failed > 0);
        let mut failing: Vec<_> = failing.collect();
        failing.sort_unstable_by(|(a, of_a), (b, of_b)| of_b.failed.cmp(&of_a.failed).then_with(|| a.cmp(b)));
        failing.truncate(WORST);
        failing
            .into_iter()
            .map(|(workload, figures)| (workload.clone(), figures.reason, figures.failed))
            .collect()
    }

    /// The sums as they are now.
    pub fn sums(&self) -> &Sums {
        &self.sums
    }
}

impl Sums {
    fn add(&mut self, namespace: &Namespace, figures: &Figures, sign: i64) {
        add(&mut self.workloads, &(namespace.clone(), figures.healthy, figures.reason), sign);
        for (reason, severity) in &figures.findings {
            add(&mut self.findings, &(*reason, severity.as_str()), sign);
        }
        for reason in &figures.ignored {
            add(&mut self.ignored, reason, sign);
        }
        if figures.muted {
            add(&mut self.muted, namespace, sign);
        }
        for pods in &figures.pods {
            let key = (namespace.clone(), pods.language);
            let sum = self.pods.entry(key.clone()).or_default();
            sum.add(pods, sign);
            if sum.asked == 0 {
                self.pods.remove(&key);
            }
        }
    }
}

impl Pods {
    fn add(&mut self, pods: &LanguagePods, sign: i64) {
        self.asked += sign * i64::from(pods.asked);
        self.injected += sign * i64::from(pods.injected);
        self.healthy += sign * i64::from(pods.healthy);
    }
}

fn add<K: Ord + Clone>(sums: &mut BTreeMap<K, i64>, key: &K, sign: i64) {
    let sum = sums.entry(key.clone()).or_default();
    *sum += sign;
    if *sum == 0 {
        sums.remove(key);
    }
}

#[cfg(test)]
mod tests {
    use api::Severity;

    use super::*;

    fn figures(reason: &'static str, healthy: u32) -> Figures {
        let pods = LanguagePods { language: Language::Java, asked: 3, injected: 3, healthy };
        Figures {
            healthy: if healthy == 3 { "True" } else { "False" },
            reason,
            findings: if healthy == 3 { Box::default() } else { [(reason, Severity::Error)].into() },
            ignored: Box::default(),
            pods: [pods].into(),
            failed: 3 - healthy,
            muted: healthy < 3,
        }
    }

    #[test]
    fn a_new_verdict_replaces_the_old_one_and_nothing_is_left_of_what_is_gone() {
        let workload = |name: &str| WorkloadRef {
            namespace: "shop".into(),
            name: name.into(),
            ..WorkloadRef::default()
        };
        let mut tally = Tally::default();
        for name in ["a", "b"] {
            tally.set(&workload(name), Some(figures("AgentImagePullFailed", 1)));
        }
        let key = ("shop".into(), "False", "AgentImagePullFailed");
        assert_eq!(tally.sums().workloads.get(&key), Some(&2));
        assert_eq!(tally.sums().findings.get(&("AgentImagePullFailed", "Error")), Some(&2));
        assert_eq!(tally.sums().muted.get("shop"), Some(&2));
        tally.set(&workload("a"), Some(figures("Instrumented", 3)));
        assert_eq!(tally.sums().workloads.get(&key), Some(&1));
        let pods = tally.sums().pods[&("shop".into(), Language::Java)];
        assert_eq!((pods.asked, pods.injected, pods.healthy), (6, 6, 4));
        for name in ["a", "b", "never seen"] {
            tally.set(&workload(name), None);
        }
        assert_eq!(*tally.sums(), Sums::default());
    }

    #[test]
    fn the_worst_workloads_are_few_and_the_same_each_time() {
        let mut tally = Tally::default();
        for number in 10..60 {
            let name = format!("app-{number}").into();
            let workload = WorkloadRef { namespace: "shop".into(), name, ..WorkloadRef::default() };
            tally.set(
                &workload,
                Some(figures("AgentImagePullFailed", if number == 55 { 0 } else { number % 2 + 2 })),
            );
        }
        let worst = tally.worst();
        let names: Vec<&str> = worst.iter().map(|(workload, ..)| &*workload.name).collect();
        assert_eq!((names.len(), worst[0].2, &names[..3]), (WORST, 3, &["app-55", "app-10", "app-12"][..]));
        assert_eq!(worst, tally.worst());
    }
}
