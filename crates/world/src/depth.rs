//! What have looks told that are made only where somebody asks for them?

use std::sync::Arc;

use ahash::{AHashMap, AHashSet};
use facts::{DataRef, InputKind, Object, OptIn, Pod, PodView, Trial, WorkloadRef};

use crate::world::World;

/// Answers of such looks, and which of them are not made.
#[derive(Debug, Default)]
pub(crate) struct Depth {
    /// Checks that are not made, and what they need.
    pub(crate) off: Vec<(OptIn, Arc<str>)>,
    /// `ConfigMap`s and Secrets that were looked for and are not there.
    pub(crate) absent: AHashSet<DataRef>,
    /// What became of trial creations.
    pub(crate) trials: AHashMap<WorkloadRef, Trial>,
}

impl World {
    /// Says which checks are not made, and what they need.
    pub fn set_switched_off(&mut self, off: Vec<(OptIn, Arc<str>)>) {
        if self.depth.off != off {
            self.depth.off = off;
            self.pending.concerned = true;
        }
    }

    /// Takes in what a `ConfigMap` or Secret that something names holds; `None`: it is not there.
    pub fn set_named(&mut self, name: &DataRef, found: Option<Object>) {
        if let Some(object) = found {
            self.depth.absent.remove(name);
            self.apply(object);
            return;
        }
        self.take_out(name);
        if self.depth.absent.insert(name.clone()) {
            self.data_changed(&name.namespace);
        }
    }

    /// Nothing names it any more: what was known of it may be wrong by now.
    pub fn forget_named(&mut self, name: &DataRef) {
        self.depth.absent.remove(name);
        self.take_out(name);
    }

    /// Notes what became of the trial creation of a Pod of a workload; `None`: what was known is no longer true.
    pub fn set_trial(&mut self, workload: &WorkloadRef, trial: Option<Result<PodView, Arc<str>>>) {
        let trial = trial.map(|answer| match answer {
            Ok(view) => Trial::Created(Pod::new(view, &mut self.interner).shape),
            Err(refusal) => Trial::Refused(refusal),
        });
        if self.depth.trials.get(workload) == trial.as_ref() {
            return;
        }
        match trial {
            Some(trial) => self.depth.trials.insert(workload.clone(), trial),
            None => self.depth.trials.remove(workload),
        };
        self.touch(workload.clone());
    }

    fn take_out(&mut self, name: &DataRef) {
        match name.input() {
            InputKind::Secrets => self.remove_secret(&name.namespace, &name.name, ""),
            _ => self.remove_config_map(&name.namespace, &name.name, ""),
        }
    }
}
