//! How does a wish leave the engine, and what comes back?

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use api::InstrumentationHealth;
use facts::WorkloadRef;
use futures::FutureExt;
use jiff::Timestamp;
use kube::api::DynamicObject;
use tokio::task::JoinError;
use tokio::time::Instant;
use tracing::{error, info, warn};

use super::Engine;
use crate::events::{self, Due, Sender};
use crate::ledger::{Finished, Job, ObjectKey, Stored};
use crate::message::Change;
use crate::own;
use crate::packed::Packed;
use crate::writer::Plan;

impl Engine {
    /// Starts writes as far as the budget goes.
    pub(super) fn start_writes(&mut self, now: Instant) {
        if !self.writes() {
            return;
        }
        while let Some(job) = self.ledger.next(now) {
            let stored = job.stored.as_ref().map(|stored| stored.object.unpack());
            let wished = job.wish.object.as_ref().map(Packed::unpack);
            let events = self.events(&job, stored.as_ref(), wished.as_ref());
            let plan = Plan::new(stored.as_ref(), wished, events);
            self.ledger.spend(plan.requests());
            let writer = self.writer.clone();
            self.flights.spawn(async move {
                let finished = AssertUnwindSafe(writer.run(&job, plan)).catch_unwind().await;
                if finished.is_err() {
                    error!(namespace = %job.key.namespace, name = %job.key.name, "a write ended in a defect of instrumentation-health");
                }
                (job, finished.unwrap_or(Finished::Refused))
            });
        }
        let (times, wait) = self.ledger.take_waits();
        self.metrics.budget_waits(times, wait);
    }

    /// Events due to a write.
    fn events(
        &self,
        job: &Job,
        stored: Option<&InstrumentationHealth>,
        wished: Option<&InstrumentationHealth>,
    ) -> Vec<Due> {
        let sender = Sender { instance: self.settings.instance.clone(), now: Timestamp::now() };
        let before = stored.and_then(|object| object.status.as_ref());
        wished.map_or_else(Vec::new, |wished| events::plan(before, wished, &job.wish.about, &sender))
    }

    /// Takes the end of a write in.
    pub(super) fn landed(&mut self, done: Result<(Job, Finished), JoinError>) {
        self.figures_changed();
        let (job, finished) = match done {
            Ok(done) => done,
            Err(error) => {
                error!(%error, "a write was cut off");
                return;
            }
        };
        if let Finished::Done(_) = finished {
            self.metrics.lag(job.wish.since.elapsed());
        }
        let again = self.ledger.finish(&job.key, finished, Instant::now());
        if !self.writes() {
            // What has failed is the next leader's to write.
            self.ledger.leave(&job.key);
        }
        if again {
            let object = job.wish.object.as_ref().or(job.stored.as_ref().map(|stored| &stored.object));
            if let Some(object) = object {
                self.judge_again(&job.key, object);
            }
        }
    }

    /// Takes in what the watch of our own objects says.
    pub(super) fn take_own(&mut self, change: Change<Box<DynamicObject>>) {
        match change {
            Change::Begin => self.ledger.begin(),
            Change::Apply(object) => self.own_is_there(*object),
            Change::Delete(object) => {
                if let Some(key) = key_of_object(&object)
                    && let Some(was) = self.ledger.unseen(&key)
                {
                    self.judge_again(&key, &was.object);
                }
            }
            Change::Unparsable(..) => {}
            Change::Complete => self.own_list_is_complete(),
            Change::Absent(known) => {
                if !self.own_settled || self.ledger.is_listed() {
                    warn!(
                        needed = own::RULE,
                        ?known,
                        "our own objects cannot be read; nothing is written until they can. Is the CustomResourceDefinition installed?"
                    );
                }
                self.ledger.hold();
                self.own_settled = true;
            }
        }
    }

    fn own_is_there(&mut self, object: DynamicObject) {
        let Some(key) = key_of_object(&object) else { return };
        let text = |text: &Option<String>| text.as_deref().unwrap_or_default().into();
        let (uid, version): (Arc<str>, Arc<str>) =
            (text(&object.metadata.uid), text(&object.metadata.resource_version));
        let Some(object) = own::normalize(object) else {
            warn!(namespace = %key.namespace, name = %key.name, "an InstrumentationHealth does not parse; it is left alone");
            return;
        };
        let packed = Packed::new(&object);
        if self.ledger.seen(&key, Stored { uid, version, object: packed.clone() }) {
            self.judge_again(&key, &packed);
        }
    }

    fn own_list_is_complete(&mut self) {
        let begins = self.begins_to_write();
        let late = begins || (self.own_settled && !self.ledger.is_listed());
        let gone = self.ledger.complete();
        for (key, was) in &gone {
            self.judge_again(key, &was.object);
        }
        self.own_settled = true;
        if late && self.judging {
            // Verdicts so far did not know what had been told before.
            info!("our own objects have been read; judging everything again");
            self.outages.forget();
            self.ledger.leave_all();
            self.judge_all();
        }
    }

    /// Before judging has begun there is no need: everything will be judged.
    fn judge_again(&mut self, key: &ObjectKey, object: &Packed<InstrumentationHealth>) {
        if self.judging {
            self.queue.push(workload_of(key, object), Instant::now());
        }
    }
}

fn key_of_object(object: &DynamicObject) -> Option<ObjectKey> {
    let namespace = object.metadata.namespace.as_deref()?.into();
    Some(ObjectKey { namespace, name: object.metadata.name.as_deref()?.into() })
}

/// The workload that a stored object speaks of.
pub(super) fn workload_of(key: &ObjectKey, object: &Packed<InstrumentationHealth>) -> WorkloadRef {
    let reference = object.unpack().spec.workload_ref;
    WorkloadRef {
        namespace: key.namespace.clone(),
        kind: reference.kind.into(),
        name: reference.name.into(),
        api_version: reference.api_version.into(),
    }
}
