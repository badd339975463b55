//! When did a scenario change the last time, and since when has what is said of it been right?
//!
//! A change is what was done to a scenario, or a Pod of it in a state in which that Pod was not seen before. A crash loop comes back to
//! the same states again and again: from then on nothing changes any more.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use api::InstrumentationHealth;
use e2e::Bed;
use e2e::following::follow;
use k8s_openapi::api::core::v1::{ContainerStatus, Pod};
use kube::runtime::watcher::Event;
use kube::{Api, ResourceExt as _};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::recording::Recording;
use crate::verdict::{Said, Workload, mistakes};

/// Watches a bed until it is dropped.
pub struct Observation {
    seen: Arc<Mutex<Seen>>,
    tasks: Vec<JoinHandle<()>>,
}

/// What was seen.
#[derive(Default)]
struct Seen {
    /// Namespace → its last change.
    changed: BTreeMap<String, Instant>,
    /// Every state in which a Pod was seen.
    states: HashSet<String>,
    /// Namespace and name of an object → the object.
    objects: BTreeMap<(String, String), InstrumentationHealth>,
    expected: BTreeMap<(String, String), Expected>,
}

/// What is to be said of a workload.
struct Expected {
    recording: String,
    workload: Workload,
    asks: bool,
    /// What is wrong with what is said now.
    wrong: Vec<String>,
    right_since: Option<Instant>,
    /// From when until when it was right before. A Service whose Pods come and go turns its verdict again and again.
    right_before: Vec<(Instant, Instant)>,
}

impl Expected {
    /// From a change until it was right for the first time.
    fn delay(&self, changed: Instant) -> Option<Duration> {
        let before = self.right_before.iter().filter(|(_, end)| *end > changed).map(|(begin, _)| *begin);
        let first = before.chain(self.right_since).min()?;
        Some(first.saturating_duration_since(changed))
    }
}

/// How a scenario is doing.
#[derive(Debug)]
pub struct Standing {
    /// What is wrong, workload by workload.
    pub wrong: Vec<String>,
    /// How long everything has been right.
    pub right_for: Option<Duration>,
    /// How long nothing has changed.
    pub quiet_for: Duration,
    /// From the last change until everything was right for the first time.
    pub delay: Option<Duration>,
}

impl Drop for Observation {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

impl Observation {
    /// Begins to watch.
    pub fn of(bed: &Bed) -> Self {
        let seen = Arc::new(Mutex::new(Seen::default()));
        let pods = {
            let (seen, api) = (seen.clone(), Api::<Pod>::all(bed.client()));
            tokio::spawn(follow(api, move |event| lock(&seen).pod(event)))
        };
        let objects = {
            let (seen, api) = (seen.clone(), Api::<InstrumentationHealth>::all(bed.client()));
            tokio::spawn(follow(api, move |event| lock(&seen).object(event)))
        };
        Self { seen, tasks: vec![pods, objects] }
    }

    /// Says what is to be said of the workloads of a scenario.
    pub fn expect(&self, recording: &Recording) {
        let mut seen = lock(&self.seen);
        for workload in &recording.scenario.workloads {
            let name = format!("{}-{}", workload.kind.to_lowercase(), workload.name);
            let key = (workload.namespace.clone(), name);
            let expected = Expected {
                recording: recording.name.clone(),
                workload: workload.clone(),
                asks: recording.asks(workload),
                wrong: Vec::new(),
                right_since: None,
                right_before: Vec::new(),
            };
            seen.expected.insert(key.clone(), expected);
            seen.judge(&key);
        }
    }

    /// Something was done to these namespaces.
    pub fn touched(&self, namespaces: &[String]) {
        let mut seen = lock(&self.seen);
        for namespace in namespaces {
            seen.changed.insert(namespace.clone(), Instant::now());
        }
    }

    /// How a scenario is doing; `also`: further namespaces whose changes count.
    pub fn standing(&self, recording: &Recording, also: &[&str]) -> Standing {
        let seen = lock(&self.seen);
        let own = recording.namespaces();
        let namespaces = own.iter().map(String::as_str).chain(also.iter().copied());
        let changed = namespaces.filter_map(|namespace| seen.changed.get(namespace)).max();
        let changed = *changed.expect("a scenario that was not touched");
        let workloads: Vec<&Expected> =
            seen.expected.values().filter(|expected| expected.recording == recording.name).collect();
        let right_since: Option<Vec<Instant>> =
            workloads.iter().map(|expected| expected.right_since).collect();
        let right_since = right_since.and_then(|times| times.into_iter().max());
        Standing {
            wrong: workloads.iter().flat_map(|expected| expected.wrong.clone()).collect(),
            right_for: right_since.map(|since| since.elapsed()),
            quiet_for: changed.elapsed(),
            delay: workloads.iter().map(|expected| expected.delay(changed)).max().flatten(),
        }
    }

    /// The objects about the workloads of a scenario.
    pub fn objects(&self, recording: &Recording) -> Vec<InstrumentationHealth> {
        let seen = lock(&self.seen);
        let own = seen.expected.iter().filter(|(_, expected)| expected.recording == recording.name);
        own.filter_map(|(key, _)| seen.objects.get(key).cloned()).collect()
    }
}

impl Seen {
    fn pod(&mut self, event: Event<Pod>) {
        let (Event::Apply(pod) | Event::InitApply(pod) | Event::Delete(pod)) = event else { return };
        if self.states.insert(state(&pod)) {
            self.changed.insert(pod.namespace().unwrap_or_default(), Instant::now());
        }
    }

    fn object(&mut self, event: Event<InstrumentationHealth>) {
        let key =
            |object: &InstrumentationHealth| (object.namespace().unwrap_or_default(), object.name_any());
        match event {
            Event::Apply(object) | Event::InitApply(object) => {
                let key = key(&object);
                self.objects.insert(key.clone(), object);
                self.judge(&key);
            }
            Event::Delete(object) => {
                self.objects.remove(&key(&object));
                self.judge(&key(&object));
            }
            Event::Init | Event::InitDone => {}
        }
    }

    fn judge(&mut self, key: &(String, String)) {
        let Some(expected) = self.expected.get_mut(key) else { return };
        let object = self.objects.get(key).filter(|object| object.status.is_some());
        let said = object.map(|object| Said::of(&serde_json::to_value(object).unwrap()));
        let mistakes = mistakes(&expected.workload.expect, said.as_ref(), expected.asks);
        let about = format!("{} {}/{}", expected.recording, key.0, key.1);
        expected.wrong =
            mistakes.iter().map(|mistake| format!("{about}: {mistake}; said {said:?}")).collect();
        expected.right_since = mistakes.is_empty().then(|| expected.right_since.unwrap_or_else(Instant::now));
    }
}

/// What of a Pod changes what is to be said of it: where its containers are, not for how long or how often.
fn state(pod: &Pod) -> String {
    let status = pod.status.clone().unwrap_or_default();
    let containers = status.init_container_statuses.iter().chain(&status.container_statuses).flatten();
    let containers: Vec<String> = containers.map(container).collect();
    let deleted = pod.metadata.deletion_timestamp.is_some();
    let (uid, phase, reason) = (pod.uid().unwrap_or_default(), status.phase, status.reason);
    let unscheduled = pod.spec.as_ref().is_some_and(|spec| spec.node_name.is_none());
    format!("{uid} {phase:?} {reason:?} {deleted} {unscheduled} {:?} {containers:?}", pod.annotations())
}

fn container(status: &ContainerStatus) -> String {
    let state = status.state.clone().unwrap_or_default();
    let waiting = state.waiting.map(|waiting| waiting.reason);
    let ended = state.terminated.map(|ended| (ended.reason, ended.exit_code));
    // From the second failure on, one more is no news.
    let restarts = status.restart_count.min(2);
    format!("{} {} {restarts} {waiting:?} {ended:?}", status.name, status.ready)
}

fn lock(seen: &Mutex<Seen>) -> MutexGuard<'_, Seen> {
    seen.lock().unwrap()
}
