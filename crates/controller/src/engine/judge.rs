//! How does a workload get its verdict, and when is there nothing to write?

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use api::InstrumentationHealth;
use diagnosis::catalogue::ADMITTED_BARE;
use diagnosis::{Diagnosis, Options, Wants};
use facts::{ClusterView, Lookup, Subject, WorkloadRef};
use jiff::Timestamp;
use tokio::time::Instant;
use tracing::error;

use super::{Engine, key_of};
use crate::events::About;
use crate::ledger::{ObjectKey, Wish};
use crate::packed::Packed;

/// What is to become of an object.
enum Verdict {
    /// It is to say this.
    Says(Box<InstrumentationHealth>, Arc<About>),
    /// It says so already, or cannot be written now.
    Stands,
    /// Nothing asks for injection any more.
    Withdrawn,
    /// The workload is gone.
    Gone,
}

impl Engine {
    /// Judges workloads that wait, for a short time.
    pub(super) fn judge_slice(&mut self, most: Duration) {
        if self.queue.is_empty() {
            return;
        }
        if self.operator.refresh(&self.world) {
            self.channels.targets.send_if_modified(|known| self.operator.update_targets(&self.world, known));
            self.metrics.operator(self.operator.state().clone());
        }
        self.figures_changed();
        let start = Instant::now();
        while start.elapsed() < most {
            let Some((workload, since)) = self.queue.pop() else { break };
            self.judge(&workload, since);
        }
        self.depth.publish();
    }

    fn judge(&mut self, workload: &WorkloadRef, since: Instant) {
        let key = key_of(workload);
        let start = Instant::now();
        let latest = self.ledger.latest(&key);
        let verdict = self.verdict(workload, latest.as_ref());
        self.metrics.evaluated(start.elapsed());
        match verdict {
            Verdict::Says(..) if !self.writes() => {}
            Verdict::Says(object, about) => {
                let object = Some(Packed::new(&*object));
                self.ledger.wish(&key, Wish { object, about, since });
            }
            Verdict::Stands => {}
            Verdict::Withdrawn => {
                self.forget(workload);
                // What cannot be read might ask for injection.
                if latest.is_some() && self.intake.is_exhaustive() && self.writes() {
                    self.ledger.wish(&key, Wish { object: None, about: Arc::default(), since });
                }
            }
            Verdict::Gone => {
                self.forget(workload);
                self.workload_is_gone(&key, latest.as_ref(), since);
            }
        }
    }

    fn verdict(&mut self, workload: &WorkloadRef, latest: Option<&InstrumentationHealth>) -> Verdict {
        let Some(subject) = self.world.subject(workload) else { return Verdict::Gone };
        if !self.world.is_concerned(&subject) {
            return Verdict::Withdrawn;
        }
        let previous = latest.and_then(|object| object.status.as_ref());
        let options = Options {
            docs_base_url: self.settings.docs_base_url.clone(),
            closer_looks: self.settings.read_keys || self.settings.probe_admission,
        };
        let judged = catch_unwind(AssertUnwindSafe(|| {
            let now = Timestamp::now();
            diagnosis::diagnose(&subject, &self.world, self.operator.state(), previous, now, &options)
        }));
        let Ok(diagnosis) = judged else {
            self.metrics.panicked();
            if self.defective.insert(workload.clone()) {
                error!(%workload, "judging this workload failed; its status stays as it is. This is a defect of instrumentation-health");
            }
            return Verdict::Stands;
        };
        let Some(diagnosis) = diagnosis else { return Verdict::Withdrawn };
        self.deadlines.set(workload, diagnosis.recheck_at);
        self.metrics.judged(workload, Some(diagnosis.figures.clone()));
        self.operator.note_suffering(workload, diagnosis::operator_wide(&diagnosis.status));
        self.operator.note_bare(workload, diagnosis.healthy() == ("False", ADMITTED_BARE.reason));
        let verdict = says(&self.world, &subject, &diagnosis, latest);
        self.want(workload, diagnosis.wants);
        verdict
    }

    fn forget(&mut self, workload: &WorkloadRef) {
        self.deadlines.set(workload, None);
        self.metrics.judged(workload, None);
        self.defective.remove(workload);
        self.want(workload, Wants::default());
        self.operator.note_suffering(workload, None);
        self.operator.note_bare(workload, false);
    }

    /// Garbage collection takes the object of a workload that is gone; one that names no owner is taken by us.
    fn workload_is_gone(&mut self, key: &ObjectKey, latest: Option<&InstrumentationHealth>, since: Instant) {
        let Some(latest) = latest else { return };
        let owned = latest.metadata.owner_references.is_some();
        if owned || !self.intake.is_exhaustive() || !self.writes() {
            self.ledger.leave(key);
        } else {
            self.ledger.wish(key, Wish { object: None, about: Arc::default(), since });
        }
    }
}

/// What the object of a workload is to say, if that differs from what it says.
fn says(
    world: &world::World,
    subject: &Subject<'_>,
    diagnosis: &Diagnosis,
    latest: Option<&InstrumentationHealth>,
) -> Verdict {
    // Creating an object for what is being deleted would race with garbage collection for ever.
    if latest.is_none() && is_going(world, subject) {
        return Verdict::Stands;
    }
    let object = diagnosis::resource(subject, diagnosis);
    if latest.is_some_and(|latest| is_same(latest, &object)) {
        return Verdict::Stands;
    }
    let about = About::new(subject, &diagnosis.status, world);
    Verdict::Says(Box::new(object), Arc::new(about))
}

/// Whether two objects mean the same. Owners that somebody else added do not count.
fn is_same(latest: &InstrumentationHealth, object: &InstrumentationHealth) -> bool {
    let owners =
        |object: &InstrumentationHealth| object.metadata.owner_references.clone().unwrap_or_default();
    let there = owners(latest);
    latest.status == object.status
        && latest.spec == object.spec
        && latest.metadata.labels == object.metadata.labels
        && owners(object).iter().all(|owner| there.iter().any(|other| other.uid == owner.uid))
}

/// Whether the workload or its Namespace is being deleted.
fn is_going(world: &world::World, subject: &Subject<'_>) -> bool {
    let namespace_goes = match world.namespace(&subject.id.namespace) {
        Lookup::Found(namespace) => namespace.metadata.metadata.deletion_timestamp.is_some(),
        Lookup::Absent => true,
        Lookup::Unknown => false,
    };
    namespace_goes || subject.workload.is_some_and(|workload| workload.deleted)
}
