//! How do the messages of the watches get into the world, and from when on may it be judged?

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use facts::{ClusterView, InputKind, Object, Readability};
use world::World;

use crate::message::Change;
use crate::sources::{Extent, Source, Visit, not_read, visit_all};
use crate::watched::{Unparsable, View};

/// What is known of each source.
#[derive(Debug)]
pub struct Intake {
    sources: BTreeMap<Key, SourceState>,
    /// Ids of objects that are there but do not parse.
    odd: HashMap<Part, HashSet<String>>,
    /// Ids and versions of those that were reported.
    reported: HashSet<(String, String)>,
}

/// A kind, the only object of it that is read, and the only namespace.
type Key = (InputKind, Option<&'static str>, Option<Arc<str>>);
/// A kind, and the only namespace of it that is read.
type Part = (InputKind, Option<Arc<str>>);

/// Reports that are remembered; after that some are repeated.
const REPORTS: usize = 4096;

#[derive(Debug, Default)]
struct SourceState {
    /// How well it is known; `None`: not yet.
    known: Option<Readability>,
    /// A source of one object: whether the list that runs has contained it.
    seen: bool,
    /// A source of one namespace: number of the list that runs or ran last.
    list: u32,
}

impl Intake {
    /// Nothing has arrived. Says of the kinds that are not read that they are not.
    pub fn new(world: &mut World, extent: &Extent) -> Self {
        struct Parts<'a>(&'a Extent);
        impl Visit for Parts<'_> {
            type Out = (InputKind, Vec<Source>);
            fn visit<V: View>(&self, source: &Source) -> Self::Out {
                (source.input, self.0.parts(source))
            }
        }
        for kind in not_read() {
            world.set_readability(kind, Readability::Partial);
        }
        let mut sources = BTreeMap::new();
        for (kind, parts) in visit_all(&Parts(extent)) {
            if parts.is_empty() {
                world.set_readability(kind, Readability::Unreadable { needs: kind.needed_rule().into() });
            }
            sources.extend(parts.iter().map(|part| (key(part), SourceState::default())));
        }
        Self { sources, odd: HashMap::new(), reported: HashSet::new() }
    }

    /// Takes a message in. Answers an object that does not parse.
    pub fn take(
        &mut self,
        world: &mut World,
        source: &Source,
        change: Change<Object>,
    ) -> Option<Box<Unparsable>> {
        let odd = self.take_one(world, source, change);
        if source.input == InputKind::CustomResourceDefinitions {
            self.settle(world, &(InputKind::Instrumentations, None));
            self.settle(world, &(InputKind::Collectors, None));
        }
        odd
    }

    fn take_one(
        &mut self,
        world: &mut World,
        source: &Source,
        change: Change<Object>,
    ) -> Option<Box<Unparsable>> {
        let kind = source.input;
        let part = (kind, source.namespace.clone());
        let state = self.sources.get_mut(&key(source))?;
        match change {
            Change::Begin => {
                state.seen = false;
                if source.name.is_none() {
                    self.odd.remove(&part);
                    state.list = world.begin(kind);
                }
            }
            Change::Apply(object) => {
                state.seen = true;
                self.parses(world, &part, &object.metadata().uid);
                world.apply(object);
            }
            Change::Delete(object) => {
                self.parses(world, &part, &object.metadata().uid);
                world.delete(object);
            }
            Change::Unparsable(odd, stub) => {
                // What was known of it is no longer true; what is true cannot be told.
                world.delete(stub);
                self.odd.entry(part.clone()).or_default().insert(odd.uid.clone());
                self.settle(world, &part);
                return Some(odd);
            }
            Change::Complete => {
                match (source.name, &source.namespace) {
                    (Some(name), _) if !state.seen => world.delete(crd_stub(name)),
                    (Some(_), _) => {}
                    (None, Some(namespace)) => world.complete_in(kind, namespace, state.list),
                    (None, None) => world.complete(kind),
                }
                state.known = Some(Readability::Complete);
                self.settle(world, &part);
            }
            Change::Absent(known) => {
                if state.known.as_ref() != Some(&known) {
                    state.known = Some(known);
                    self.settle(world, &part);
                }
            }
        }
        None
    }

    /// Whether an object that does not parse has not been reported in this version.
    pub fn is_new(&mut self, odd: &Unparsable) -> bool {
        if self.reported.len() >= REPORTS {
            self.reported.clear();
        }
        self.reported.insert((odd.uid.clone(), odd.resource_version.clone()))
    }

    /// Kinds that are read.
    pub fn kinds(&self) -> BTreeSet<InputKind> {
        self.sources.keys().map(|(kind, ..)| *kind).collect()
    }

    /// Sources whose first list has not arrived, by their names.
    pub fn pending(&self) -> impl Iterator<Item = &'static str> {
        let pending = self.sources.iter().filter(|(_, state)| state.known.is_none());
        pending.map(|((kind, name, _), _)| name.unwrap_or(kind.plural()))
    }

    /// Whether every source is known completely, or is certain not to exist: only then may absence delete anything.
    pub fn is_exhaustive(&self) -> bool {
        let known = |state: &SourceState| state.known.as_ref().is_some_and(Readability::is_exhaustive);
        self.sources.values().all(known) && self.odd.values().all(HashSet::is_empty)
    }

    fn parses(&mut self, world: &mut World, part: &Part, uid: &str) {
        if self.odd.get_mut(part).is_some_and(|odd| odd.remove(uid)) {
            self.settle(world, part);
        }
    }

    /// Tells the world how well a kind is known, in a namespace that is read by itself or everywhere, from all its sources
    /// together.
    fn settle(&self, world: &mut World, part: &Part) {
        let (kind, namespace) = part;
        let Some(known) = self.known(world, part) else { return };
        let Some(namespace) = namespace else {
            if *world.readability(*kind) != known {
                world.set_readability(*kind, known);
            }
            return;
        };
        if *world.readability_in(*kind, namespace) != known {
            world.set_readability_in(*kind, namespace, known);
        }
        // Of other namespaces nothing is known, except what is the same in all of them.
        let parts = self.sources.iter().filter(|((input, ..), _)| input == kind);
        let Some(all) = parts.map(|(_, state)| state.known.clone()).collect::<Option<Vec<_>>>() else {
            return;
        };
        let same = all.first().filter(|first| all.iter().all(|known| known == *first));
        let everywhere = match same {
            Some(same @ (Readability::NotServed | Readability::Unreadable { .. })) => same.clone(),
            _ => Readability::Partial,
        };
        if *world.readability(*kind) != everywhere {
            world.set_readability(*kind, everywhere);
        }
    }

    /// How well a part is known; `None`: not yet.
    fn known(&self, world: &World, part: &Part) -> Option<Readability> {
        let (kind, namespace) = part;
        let sources =
            self.sources.iter().filter(|((input, _, within), _)| input == kind && within == namespace);
        let known = sources.map(|(_, state)| state.known.clone()).collect::<Option<Vec<_>>>()?;
        let worst =
            known.into_iter().find(|known| *known != Readability::Complete).unwrap_or(Readability::Complete);
        let odd = self.odd.get(part).is_some_and(|odd| !odd.is_empty());
        Some(match worst {
            Readability::Complete if odd => Readability::Partial,
            // Served, but not in the version that is read: there may well be some.
            Readability::NotServed if world.crd(&crd_name(*kind)).found().is_some() => Readability::Partial,
            other => other,
        })
    }
}

fn key(source: &Source) -> Key {
    (source.input, source.name, source.namespace.clone())
}

fn crd_name(kind: InputKind) -> String {
    format!("{}.{}", kind.plural(), kind.group())
}

fn crd_stub(name: &str) -> Object {
    let metadata = facts::Metadata { name: name.into(), ..facts::Metadata::default() };
    facts::CustomResourceDefinition { metadata, ..Default::default() }.into()
}

#[cfg(test)]
mod tests;
