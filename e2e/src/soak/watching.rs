//! What did the product say that it should not have said?

use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use api::{ConditionType, InstrumentationHealth, Severity};
use k8s_openapi::api::events::v1::Event as ClusterEvent;
use kube::runtime::watcher::Event;
use kube::{Api, ResourceExt as _};
use tokio::task::JoinHandle;

use super::population::Population;
use crate::following::follow;
use crate::{Bed, Error};

/// Everything that was done and seen, with the seconds since the start.
#[derive(Debug, Clone)]
pub(super) struct Log {
    file: Arc<Mutex<File>>,
    begin: Instant,
}

impl Log {
    pub(super) fn create(path: &Path) -> Result<Self, Error> {
        let file = File::create(path).map_err(Error::file("create", path))?;
        Ok(Self { file: Arc::new(Mutex::new(file)), begin: Instant::now() })
    }

    pub(super) fn line(&self, text: &str) {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        // A full disk must not end the soak; the verdict does not rest on the log.
        let _ = writeln!(file, "{:8.2} {text}", self.begin.elapsed().as_secs_f64());
    }
}

/// Watches our objects and Events until it is dropped.
pub(super) struct Watching {
    seen: Arc<Mutex<Seen>>,
    tasks: [JoinHandle<()>; 2],
}

#[derive(Default)]
struct Seen {
    objects: BTreeMap<(String, String), InstrumentationHealth>,
    /// Object and reason of every Error.
    errors: HashSet<(String, String, String)>,
    /// Uids of our Events.
    events: HashSet<String>,
}

impl Drop for Watching {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

impl Watching {
    pub(super) fn of(bed: &Bed, log: &Log) -> Self {
        let seen = Arc::new(Mutex::new(Seen::default()));
        let objects = {
            let (api, seen, log) = (Api::all(bed.client()), seen.clone(), log.clone());
            tokio::spawn(follow(api, move |event| lock(&seen).object(event, &log)))
        };
        let events = {
            let (api, seen, log) = (Api::all(bed.client()), seen.clone(), log.clone());
            tokio::spawn(follow(api, move |event| lock(&seen).event(event, &log)))
        };
        Self { seen, tasks: [objects, events] }
    }

    /// Number of Errors and of Events.
    pub(super) fn counts(&self) -> (usize, usize) {
        let seen = lock(&self.seen);
        (seen.errors.len(), seen.events.len())
    }

    /// Workloads that are there and not called healthy now.
    pub(super) fn unhealthy(&self, population: &Population) -> Vec<String> {
        let seen = lock(&self.seen);
        let there = population.workloads.iter().filter(|workload| workload.exists);
        let said = there.map(|workload| {
            let key = workload.object();
            (seen.objects.get(&key).map_or_else(|| "no object".to_owned(), healthy), key)
        });
        said.filter(|(said, _)| !said.starts_with("True "))
            .map(|(said, (namespace, name))| format!("{namespace}/{name}: {said}"))
            .collect()
    }
}

impl Seen {
    fn object(&mut self, event: Event<InstrumentationHealth>, log: &Log) {
        let key =
            |object: &InstrumentationHealth| (object.namespace().unwrap_or_default(), object.name_any());
        match event {
            Event::Apply(object) | Event::InitApply(object) => {
                let (namespace, name) = key(&object);
                log.line(&format!("     {namespace}/{name} {}", healthy(&object)));
                let findings = object.status.iter().flat_map(|status| &status.findings);
                for finding in findings.filter(|finding| finding.severity == Severity::Error) {
                    if self.errors.insert((namespace.clone(), name.clone(), finding.reason.clone())) {
                        log.line(&format!("ERROR {namespace}/{name}: {finding:?}"));
                    }
                }
                self.objects.insert((namespace, name), object);
            }
            Event::Delete(object) => {
                self.objects.remove(&key(&object));
            }
            Event::Init | Event::InitDone => {}
        }
    }

    fn event(&mut self, event: Event<ClusterEvent>, log: &Log) {
        let (Event::Apply(event) | Event::InitApply(event)) = event else { return };
        let ours = event.reporting_controller.as_deref() == Some(api::REPORTING_CONTROLLER);
        if ours && self.events.insert(event.uid().unwrap_or_default()) {
            log.line(&format!("EVENT {:?} {:?} {:?}", event.regarding, event.reason, event.note));
        }
    }
}

/// The condition Healthy, in short.
fn healthy(object: &InstrumentationHealth) -> String {
    let conditions = object.status.iter().flat_map(|status| &status.conditions);
    let healthy = conditions.into_iter().find(|condition| condition.type_ == ConditionType::Healthy.as_str());
    healthy.map_or_else(
        || "no status".to_owned(),
        |condition| format!("{} {}: {}", condition.status, condition.reason, condition.message),
    )
}

fn lock(seen: &Mutex<Seen>) -> MutexGuard<'_, Seen> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}
