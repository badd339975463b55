//! How does one wish become what the API server holds?
//!
//! The object, if it is not there yet: its uid is in the names of its Events. Then the Events, then the status: a crash in
//! between repeats the Events into `AlreadyExists` instead of losing them. Everything by server-side apply, so that what others put on the object stays.

mod refusal;

use std::sync::Arc;
use std::time::Duration;

use api::{FIELD_MANAGER, InstrumentationHealth};
use futures::future::try_join_all;
use k8s_openapi::api::events::v1::Event;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::api::{DeleteParams, Patch, PatchParams, PostParams, Preconditions};
use kube::core::PartialObjectMeta;
use kube::{Api, Client, ResourceExt};
use tokio::sync::watch;
use tokio::time::{Instant, timeout};
use tracing::{debug, error, warn};

use refusal::Delay;
pub use refusal::Refusal;

use crate::events::Due;
use crate::lease::Leadership;
use crate::ledger::{Finished, Job, ObjectKey, Stored};
use crate::metrics::Metrics;
use crate::packed::Packed;

/// Writes one object at a time; cheap to clone.
#[derive(Clone)]
pub struct Writer {
    /// The connection.
    pub client: Client,
    /// How long one request may take.
    pub timeout: Duration,
    /// Counts results.
    pub metrics: Arc<Metrics>,
    /// Whether, and until when, anything may be written.
    pub leadership: watch::Receiver<Leadership>,
}

/// What a job consists of, worked out before it is run, so that its requests can be counted.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Events to be sent before the status.
    pub events: Vec<Due>,
    /// The object that is there is of another workload reference, which cannot be changed: it goes first.
    pub delete: bool,
    /// The object as wished; `None`: it is to be gone.
    pub object: Option<InstrumentationHealth>,
    /// Whether labels, owners and spec are to be written.
    pub main: bool,
    /// Whether the status is to be written.
    pub status: bool,
}

impl Plan {
    /// What it takes to get from `stored` to `wished`.
    pub fn new(
        stored: Option<&InstrumentationHealth>,
        wished: Option<InstrumentationHealth>,
        events: Vec<Due>,
    ) -> Self {
        let Some(object) = wished else {
            return Self { events, delete: stored.is_some(), object: None, main: false, status: false };
        };
        let delete = stored.is_some_and(|stored| stored.spec != object.spec);
        let kept = stored.filter(|_| !delete);
        let main = !kept.is_some_and(|stored| has_metadata_of(stored, &object));
        let status = kept.is_none_or(|stored| stored.status != object.status);
        Self { events, delete, main, status, object: Some(object) }
    }

    /// How many requests it makes.
    pub fn requests(&self) -> usize {
        self.events.len() + usize::from(self.delete) + usize::from(self.main) + usize::from(self.status)
    }
}

/// Whether labels and owners are as wished. Owners that others added may stay.
fn has_metadata_of(stored: &InstrumentationHealth, wished: &InstrumentationHealth) -> bool {
    let owners =
        |object: &InstrumentationHealth| object.metadata.owner_references.clone().unwrap_or_default();
    let there = owners(stored);
    stored.labels() == wished.labels()
        && owners(wished).iter().all(|owner| there.iter().any(|other| other.uid == owner.uid))
}

impl Writer {
    /// Runs a job. Never fails: every end is one of [`Finished`].
    pub async fn run(&self, job: &Job, plan: Plan) -> Finished {
        match self.steps(job, plan).await {
            Ok(stored) => Finished::Done(stored),
            Err(refusal) => {
                self.metrics.write_error(refusal.as_str());
                report(&job.key, &refusal);
                refusal.into_finished()
            }
        }
    }

    async fn steps(&self, job: &Job, plan: Plan) -> Result<Option<Stored>, Refusal> {
        let api: Api<PartialObjectMeta<InstrumentationHealth>> =
            Api::namespaced(self.client.clone(), &job.key.namespace);
        let mut stored = job.stored.clone();
        if let Some(stored) = &stored {
            self.tell(&plan.events, &stored.uid).await?;
        }
        if let Some(old) = stored.as_ref().filter(|_| plan.delete) {
            self.delete(&api, &job.key, old).await?;
            stored = None;
        }
        let Some(object) = plan.object else { return Ok(None) };
        let parameters = PatchParams::apply(FIELD_MANAGER).force();
        let name = &*job.key.name;
        if plan.main {
            let mut head = object.clone();
            head.status = None;
            let patched = self.request(api.patch(name, &parameters, &Patch::Apply(&head))).await?;
            self.metrics.write(if stored.is_none() { "created" } else { "labelled" });
            let created = receipt(&patched.metadata, Packed::new(&head));
            if job.stored.is_none() {
                self.tell(&plan.events, &created.uid).await?;
            }
            stored = Some(created);
        }
        if plan.status {
            let body = status_only(&object);
            let patched = self.request(api.patch_status(name, &parameters, &Patch::Apply(&body))).await?;
            self.metrics.write("status");
            let packed = job.wish.object.clone().unwrap_or_else(|| Packed::new(&object));
            stored = Some(receipt(&patched.metadata, packed));
        }
        Ok(stored)
    }

    async fn delete(
        &self,
        api: &Api<PartialObjectMeta<InstrumentationHealth>>,
        key: &ObjectKey,
        stored: &Stored,
    ) -> Result<(), Refusal> {
        let preconditions = Preconditions { uid: Some(stored.uid.to_string()), resource_version: None };
        let parameters = DeleteParams { preconditions: Some(preconditions), ..DeleteParams::default() };
        match self.request(api.delete(&key.name, &parameters)).await {
            // Gone, or another one of the same name: either way this one is no longer there.
            Ok(_) | Err(Refusal::Gone | Refusal::Conflict(_)) => {
                self.metrics.write("deleted");
                Ok(())
            }
            Err(refusal) => Err(refusal),
        }
    }

    /// Sends the Events of our object of this uid, side by side: what is told waits for the slowest of them, not for their sum.
    async fn tell(&self, events: &[Due], uid: &str) -> Result<(), Refusal> {
        try_join_all(events.iter().map(async |due| self.send(&due.named(uid)).await)).await?;
        Ok(())
    }

    /// Sends an Event. One that is refused for good is counted and left; the status matters more.
    pub async fn send(&self, event: &Event) -> Result<(), Refusal> {
        let api: Api<Event> =
            Api::namespaced(self.client.clone(), event.metadata.namespace.as_deref().unwrap_or_default());
        let result = match self.request(api.create(&PostParams::default(), event)).await {
            Ok(_) => "sent",
            Err(Refusal::Conflict(_)) => "already_sent",
            Err(refusal @ (Refusal::Later(..) | Refusal::NotLeading)) => return Err(refusal),
            Err(refusal) => {
                let about = event.regarding.as_ref().and_then(|regarding| regarding.name.as_deref());
                warn!(about, reason = event.reason.as_deref(), %refusal, "Event not sent");
                "refused"
            }
        };
        self.metrics.event(event.reason.as_deref().unwrap_or_default(), result);
        Ok(())
    }

    async fn request<T>(&self, request: impl Future<Output = kube::Result<T>>) -> Result<T, Refusal> {
        let start = Instant::now();
        // Asked for each request: a Lease may run out between an Event and the status it announces.
        let time_left = self.leadership.borrow().time_left(start).ok_or(Refusal::NotLeading)?;
        let answer = timeout(self.timeout.min(time_left), request).await;
        self.metrics.write_took(start.elapsed());
        match answer {
            Ok(result) => result.map_err(|error| Refusal::of(&error)),
            Err(_) => {
                Err(Refusal::Later(Delay::Timeout, format!("no answer within {} s", self.timeout.as_secs())))
            }
        }
    }
}

fn report(key: &ObjectKey, refusal: &Refusal) {
    let ObjectKey { namespace, name } = key;
    match refusal {
        Refusal::Invalid(_) => error!(%namespace, %name, %refusal, "status refused"),
        Refusal::Forbidden(_) => error!(%namespace, %name, %refusal, "not allowed to write the status"),
        Refusal::Later(..) | Refusal::Conflict(_) => {
            warn!(%namespace, %name, %refusal, "status not written; trying again");
        }
        Refusal::Gone | Refusal::NamespaceGoes | Refusal::NotLeading => {
            debug!(%namespace, %name, %refusal, "status not written");
        }
    }
}

fn receipt(metadata: &ObjectMeta, object: Packed<InstrumentationHealth>) -> Stored {
    Stored {
        uid: metadata.uid.as_deref().unwrap_or_default().into(),
        version: metadata.resource_version.as_deref().unwrap_or_default().into(),
        object,
    }
}

/// What the status subresource takes.
fn status_only(object: &InstrumentationHealth) -> serde_json::Value {
    let name = object.name_any();
    let resource = <InstrumentationHealth as kube::Resource>::api_version(&());
    serde_json::json!({
        "apiVersion": resource,
        "kind": <InstrumentationHealth as kube::Resource>::kind(&()),
        "metadata": {"name": name, "namespace": object.namespace()},
        "status": object.status,
    })
}

#[cfg(test)]
mod tests;
