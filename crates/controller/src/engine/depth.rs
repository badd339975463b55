//! Which closer looks do the verdicts ask for, and what becomes of the answers?

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ahash::AHashMap;
use diagnosis::{TrialKey, Wants};
use facts::{DataRef, OptIn, WorkloadRef};
use tokio::sync::watch;

use super::Engine;
use crate::depth::{Answer, Named, TrialTarget};

/// What is wanted of the tasks that look. Without such a task, nothing is.
#[derive(Debug)]
pub struct Looks {
    /// Names of `ConfigMap`s and Secrets whose keys are read.
    pub names: Option<watch::Sender<BTreeSet<DataRef>>>,
    /// Workloads of whose Pods one is tried to be created.
    pub trials: Option<watch::Sender<BTreeSet<TrialTarget>>>,
}

/// What the verdicts ask for.
#[derive(Debug)]
pub(super) struct Depth {
    looks: Looks,
    wants: AHashMap<WorkloadRef, Wants>,
    /// How many workloads name it.
    names: BTreeMap<DataRef, usize>,
    trials: BTreeMap<WorkloadRef, (TrialKey, u64)>,
    /// What may not be done although it was asked for.
    forbidden: BTreeSet<OptIn>,
    changed: bool,
}

impl Depth {
    pub(super) fn new(looks: Looks) -> Self {
        Self {
            looks,
            wants: AHashMap::new(),
            names: BTreeMap::new(),
            trials: BTreeMap::new(),
            forbidden: BTreeSet::new(),
            changed: false,
        }
    }

    /// Checks that are not made, and what they need.
    pub(super) fn off(&self) -> Vec<(OptIn, Arc<str>)> {
        let is_off = |check: &OptIn| match check {
            OptIn::ReferencedKeys => self.looks.names.is_none(),
            OptIn::AdmissionProbe => self.looks.trials.is_none(),
        };
        let needs = |check: OptIn| {
            if is_off(&check) {
                Some((check, check.needs().into()))
            } else {
                self.forbidden.contains(&check).then(|| (check, check.rule().into()))
            }
        };
        OptIn::ALL.into_iter().filter_map(needs).collect()
    }

    /// Notes what the verdict on a workload asks for. Answers names that nobody asks for any more.
    fn set(&mut self, workload: &WorkloadRef, wants: Wants, epoch: u64) -> Vec<DataRef> {
        let trial = wants.trial.clone().filter(|_| self.looks.trials.is_some());
        let target = trial.map(|key| (key, epoch));
        if self.trials.get(workload) != target.as_ref() {
            self.changed = true;
            match target {
                Some(target) => self.trials.insert(workload.clone(), target),
                None => self.trials.remove(workload),
            };
        }
        if self.looks.names.is_none() {
            return Vec::new();
        }
        let before = self.wants.get(workload).map(|wants| wants.data.clone()).unwrap_or_default();
        for name in wants.data.difference(&before) {
            *self.names.entry(name.clone()).or_default() += 1;
            self.changed = true;
        }
        let mut gone = Vec::new();
        for name in before.difference(&wants.data) {
            let Some(count) = self.names.get_mut(name) else { continue };
            *count -= 1;
            if *count == 0 {
                self.names.remove(name);
                self.changed = true;
                gone.push(name.clone());
            }
        }
        if wants.data.is_empty() {
            self.wants.remove(workload);
        } else {
            self.wants.insert(workload.clone(), wants);
        }
        gone
    }

    /// Tells the tasks what is wanted, where that has changed.
    pub(super) fn publish(&mut self) {
        if !std::mem::take(&mut self.changed) {
            return;
        }
        if let Some(names) = &self.looks.names {
            names.send_replace(self.names.keys().cloned().collect());
        }
        if let Some(trials) = &self.looks.trials {
            let target = |(workload, (key, epoch)): (&WorkloadRef, &(TrialKey, u64))| {
                (workload.clone(), key.clone(), *epoch)
            };
            trials.send_replace(self.trials.iter().map(target).collect());
        }
    }
}

impl Engine {
    /// Takes in what the verdict on a workload was made without.
    pub(super) fn want(&mut self, workload: &WorkloadRef, wants: Wants) {
        let epoch = self.world.operator_epoch();
        let before = self.depth.trials.get(workload).cloned();
        for gone in self.depth.set(workload, wants, epoch) {
            self.world.forget_named(&gone);
        }
        // An answer about what was there before is no answer about what is there now.
        if before.is_some() && self.depth.trials.get(workload) != before.as_ref() {
            self.world.set_trial(workload, None);
        }
    }

    /// Takes in what was found under a name.
    pub(super) fn take_named(&mut self, name: &DataRef, found: Named) {
        if !self.depth.names.contains_key(name) {
            return;
        }
        let is_forbidden = found == Named::Forbidden;
        match found {
            Named::Found(object) => self.world.set_named(name, Some(object)),
            Named::Absent => self.world.set_named(name, None),
            Named::Forbidden => self.world.forget_named(name),
        }
        self.note_right(OptIn::ReferencedKeys, is_forbidden);
    }

    /// Takes in what became of a trial.
    pub(super) fn take_trial(&mut self, (workload, key, epoch): &TrialTarget, answer: Answer) {
        if self.depth.trials.get(workload) != Some(&(key.clone(), *epoch)) {
            return;
        }
        let is_forbidden = answer == Answer::Forbidden;
        match answer {
            Answer::Created(pod) => self.world.set_trial(workload, Some(Ok(*pod))),
            Answer::Refused(words) => self.world.set_trial(workload, Some(Err(words))),
            Answer::Forbidden => self.world.set_trial(workload, None),
        }
        self.note_right(OptIn::AdmissionProbe, is_forbidden);
    }

    fn note_right(&mut self, check: OptIn, is_forbidden: bool) {
        let changed = if is_forbidden {
            self.depth.forbidden.insert(check)
        } else {
            self.depth.forbidden.remove(&check)
        };
        if changed {
            self.world.set_switched_off(self.depth.off());
        }
    }
}
