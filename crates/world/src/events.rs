//! What have others reported, and is a report news?
//!
//! Warning Events come in floods and expire by themselves. Only so many are held: a few for each object, and so many in
//! all, the oldest dropped. A repeat (same object, reason and message) only moves the time at which it was last seen.

use std::collections::BTreeMap;
use std::sync::Arc;

use ahash::AHashMap;
use facts::{Event, InputKind, Instrumentation, Kind as _, Metadata, ObjectReference, WorkloadRef};

use crate::climb::{WorkloadKind, workload_of, workload_of_replica_set};
use crate::store::{is_before, same_uid};
use crate::world::World;

/// Held of one object.
const PER_OBJECT: usize = 8;
/// Held in all.
const IN_ALL: usize = 8192;

/// Namespace and name of an Event.
type Key = (Arc<str>, Arc<str>);

type Lists = AHashMap<Arc<str>, Vec<Arc<Event>>>;

/// The Warning Events that are held.
#[derive(Debug, Default)]
pub(crate) struct Events {
    by_name: AHashMap<Key, Held>,
    /// By what they are about: see [`subject_of`].
    by_object: Lists,
    /// By namespace, then by reason.
    by_reason: AHashMap<Arc<str>, Lists>,
    /// In the order in which they came.
    order: BTreeMap<u64, Key>,
    next: u64,
}

#[derive(Debug)]
struct Held {
    event: Arc<Event>,
    list: u32,
    order: u64,
}

impl Events {
    pub(crate) fn about(&self, uid: &str) -> Vec<&Event> {
        newest_first(self.by_object.get(uid).filter(|_| !uid.is_empty()))
    }

    pub(crate) fn with_reason(&self, namespace: &str, reason: &str) -> Vec<&Event> {
        newest_first(self.by_reason.get(namespace).and_then(|reasons| reasons.get(reason)))
    }

    pub(crate) fn len(&self) -> usize {
        self.by_name.len()
    }

    /// Names of what list number `list` of Events does not contain; of all without a number. Nothing for another kind.
    pub(crate) fn stale(&self, kind: InputKind, list: Option<u32>) -> Vec<Key> {
        let is_stale =
            |held: &Held| kind == InputKind::Events && list.is_none_or(|list| is_before(held.list, list));
        self.by_name.iter().filter(|(_, held)| is_stale(held)).map(|(key, _)| key.clone()).collect()
    }

    /// Takes an Event in. Returns whether it says something new.
    fn put(&mut self, event: Event, list: u32) -> bool {
        let key = (event.metadata.namespace.clone(), event.metadata.name.clone());
        if let Some(held) = self.by_name.get_mut(&key)
            && *held.event == event
        {
            held.list = list;
            return false;
        }
        let was_said = self.says(&event);
        self.take(&key);
        let event = Arc::new(event);
        self.next += 1;
        self.order.insert(self.next, key.clone());
        self.by_name.insert(key, Held { event: event.clone(), list, order: self.next });
        let reasons = self.by_reason.entry(event.metadata.namespace.clone()).or_default();
        reasons.entry(event.reason.clone()).or_default().push(event.clone());
        self.by_object.entry(subject_of(&event)).or_default().push(event);
        !was_said
    }

    /// Takes an Event out. Returns it if nothing that is left says the same.
    fn remove(&mut self, key: &Key) -> Option<Arc<Event>> {
        let gone = self.take(key)?;
        (!self.says(&gone)).then_some(gone)
    }

    fn take(&mut self, key: &Key) -> Option<Arc<Event>> {
        let Held { event, order, .. } = self.by_name.remove(key)?;
        self.order.remove(&order);
        drop_from(&mut self.by_object, &subject_of(&event), &event);
        if let Some(reasons) = self.by_reason.get_mut(&event.metadata.namespace) {
            drop_from(reasons, &event.reason, &event);
            if reasons.is_empty() {
                self.by_reason.remove(&event.metadata.namespace);
            }
        }
        Some(event)
    }

    /// Whether an Event that is held says the same about the same object.
    fn says(&self, event: &Event) -> bool {
        let held = self.by_object.get(&subject_of(event));
        held.is_some_and(|held| held.iter().any(|held| is_repeat(held, event)))
    }

    /// The Event to drop so that not too many are held: of an object that has too many the oldest repeat, or else the
    /// oldest; or the oldest of all.
    fn surplus(&self, subject: &str) -> Option<Key> {
        let of_object = self.by_object.get(subject).filter(|events| events.len() > PER_OBJECT);
        let oldest = of_object.and_then(|events| {
            let repeated =
                |event: &Arc<Event>| events.iter().filter(|other| is_repeat(other, event)).count() > 1;
            events.iter().min_by_key(|event| (!repeated(event), age_key(event)))
        });
        let key = oldest.map(|event| (event.metadata.namespace.clone(), event.metadata.name.clone()));
        let first = || self.order.first_key_value().map(|(_, key)| key.clone());
        key.or_else(|| (self.by_name.len() > IN_ALL).then(first).flatten())
    }
}

/// What an Event is about: the uid of an object, or where it names none, its namespace and reason.
fn subject_of(event: &Event) -> Arc<str> {
    let uid = &event.involved_object.uid;
    if uid.is_empty() { format!("{}/{}", event.metadata.namespace, event.reason).into() } else { uid.clone() }
}

fn is_repeat(a: &Event, b: &Event) -> bool {
    a.reason == b.reason && a.message == b.message && a.involved_object == b.involved_object
}

fn age_key(event: &Event) -> (Option<jiff::Timestamp>, &Arc<str>) {
    (event.seen(), &event.metadata.name)
}

fn newest_first(events: Option<&Vec<Arc<Event>>>) -> Vec<&Event> {
    let mut events: Vec<&Event> = events.into_iter().flatten().map(|event| &**event).collect();
    events.sort_unstable_by(|a, b| age_key(b).cmp(&age_key(a)));
    events
}

fn drop_from(lists: &mut Lists, key: &str, event: &Arc<Event>) {
    let Some(list) = lists.get_mut(key) else { return };
    list.retain(|held| !Arc::ptr_eq(held, event));
    if list.is_empty() {
        lists.remove(key);
    }
}

impl World {
    pub(crate) fn apply_event(&mut self, event: Event) {
        if !event.is_read() {
            return;
        }
        let event = self.trim_event(event);
        let (about, subject) = (event.involved_object.clone(), subject_of(&event));
        let key = (event.metadata.namespace.clone(), event.metadata.name.clone());
        let is_news = self.events.put(event, self.inputs.list(InputKind::Events));
        while let Some(surplus) = self.events.surplus(&subject) {
            self.events.take(&surplus);
        }
        // One that is older than all that are held of its object is dropped again at once.
        if is_news && self.events.by_name.contains_key(&key) {
            self.reported(&key.0, &about);
        }
    }

    pub(crate) fn remove_event(&mut self, namespace: &Arc<str>, name: &Arc<str>) {
        if let Some(gone) = self.events.remove(&(namespace.clone(), name.clone())) {
            self.reported(namespace, &gone.involved_object);
        }
    }

    fn trim_event(&mut self, event: Event) -> Event {
        let Metadata { name, namespace, creation_timestamp, .. } = event.metadata;
        let namespace = self.interner.string(&namespace);
        Event {
            metadata: Metadata { name, namespace, creation_timestamp, ..Metadata::default() },
            kind: self.interner.string(&event.kind),
            reason: self.interner.string(&event.reason),
            message: self.interner.string(&event.message),
            ..event
        }
    }

    /// Touches the workload of the object that an Event is about.
    fn reported(&mut self, namespace: &Arc<str>, about: &ObjectReference) {
        if &*about.kind == Instrumentation::KIND {
            self.pending.requested.insert(&about.namespace, &about.name);
        } else if about.name.is_empty() {
            // The webhook reports on Pods that have no name yet (operator v0.149 and later).
            self.pending.concerned_in.insert(namespace.clone());
        } else if let Some(workload) = self.workload_about(about) {
            self.touch(workload);
        }
    }

    fn workload_about(&self, about: &ObjectReference) -> Option<WorkloadRef> {
        let space = self.spaces.get(&about.namespace)?;
        let fits = |uid: &str| same_uid(uid, &about.uid);
        match &*about.kind {
            "Pod" => {
                let pod = space.pods.get(&about.name).filter(|pod| fits(&pod.uid))?;
                space.workload_of_pod(pod, self.inputs.guess())
            }
            "ReplicaSet" => {
                let set = space.replica_sets.get(&about.name).filter(|set| fits(&set.metadata.uid))?;
                Some(workload_of_replica_set(set))
            }
            kind => {
                let kind = WorkloadKind::ALL.into_iter().find(|known| known.word() == kind)?;
                space.store(kind).get(&about.name).filter(|workload| fits(&workload.uid)).map(workload_of)
            }
        }
    }
}
