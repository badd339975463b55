//! A Deployment, `StatefulSet`, `DaemonSet`, Job or `CronJob`: touches itself, a Job its `CronJob`.

use std::sync::Arc;

use facts::{InputKind, Kind, Workload, WorkloadView, names_operator};

use crate::climb::{WorkloadKind, cron_job_of, workload_of};
use crate::store::Change;
use crate::world::World;

impl World {
    pub(crate) fn apply_workload<K: Kind>(&mut self, kind: WorkloadKind, view: WorkloadView) {
        let mut workload = Workload::new::<K>(view, &mut self.interner);
        workload.id = kind.id(&self.interner.string(&workload.id.namespace), &workload.id.name);
        self.mentions.note(&workload.template);
        self.enter_operator(&workload);
        let list = self.inputs.list(kind.input());
        let (id, is, owner) = (workload.id.clone(), workload_of(&workload), cron_job_of(&workload));
        let space = self.space_mut(&id.namespace);
        let before = match space.workloads[kind as usize].put(&id.name, workload, list) {
            Change::None => return,
            Change::Added => None,
            Change::Replaced(old) => Some(old),
        };
        let had = before.as_ref().and_then(cron_job_of);
        if had != owner {
            if let Some(had) = had {
                space.disown(&had, |owned| &mut owned.jobs, &id.name);
            }
            if let Some(owner) = owner {
                space.link(owner, |owned| &mut owned.jobs, &id.name);
            }
        }
        if let Some(was) = before.as_ref().map(workload_of).filter(|was| *was != is) {
            self.touch(was);
        }
        // A Job that is guessed to stand for itself turns out to be the run of a CronJob.
        if before.is_none() && is != id && self.inputs.guess().jobs {
            self.touch(id);
        }
        self.touch(is);
        self.litter(usize::from(before.is_some()));
    }

    pub(crate) fn remove_workload(
        &mut self,
        input: InputKind,
        namespace: &Arc<str>,
        name: &Arc<str>,
        uid: &str,
    ) {
        let Some(kind) = WorkloadKind::from_input(input) else { return };
        let Some(space) = self.spaces.get_mut(namespace) else { return };
        let Some(gone) = space.workloads[kind as usize].remove(name, uid) else { return };
        if let Some(owner) = cron_job_of(&gone) {
            space.disown(&owner, |owned| &mut owned.jobs, name);
        }
        let was = workload_of(&gone);
        // Its Pods, if any are left, stand for the Job itself now.
        if was != gone.id && self.inputs.guess().jobs {
            self.touch(gone.id.clone());
        }
        self.touch(was);
        self.leave_operator(&gone);
    }

    /// Keeps the set of Deployments that could be the operator's.
    fn enter_operator(&mut self, workload: &Workload) {
        if WorkloadKind::of(&workload.id) != Some(WorkloadKind::Deployment) {
            return;
        }
        if workload.template.is_operator() || names_operator(&workload.labels) {
            self.operator.deployments.insert(workload.id.clone());
        } else {
            self.leave_operator(workload);
        }
    }

    fn leave_operator(&mut self, workload: &Workload) {
        if self.operator.deployments.remove(&workload.id) {
            self.operator_changed();
        }
    }
}
