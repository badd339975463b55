//! How do the messages of the watches get into the world, and from when on may it be judged?

use std::collections::{BTreeMap, HashMap, HashSet};

use facts::{ClusterView, InputKind, Object, Readability};
use world::World;

use crate::message::Change;
use crate::sources::{Source, Visit, not_read, visit_all};
use crate::watched::{Unparsable, View};

/// What is known of each source.
#[derive(Debug)]
pub struct Intake {
    sources: BTreeMap<(InputKind, Option<&'static str>), SourceState>,
    /// Ids of objects that are there but do not parse.
    odd: HashMap<InputKind, HashSet<String>>,
    /// Ids and versions of those that were reported.
    reported: HashSet<(String, String)>,
}

/// Reports that are remembered; after that some are repeated.
const REPORTS: usize = 4096;

#[derive(Debug, Default)]
struct SourceState {
    /// How well it is known; `None`: not yet.
    known: Option<Readability>,
    /// A source of one object: whether the list that runs has contained it.
    seen: bool,
}

impl Intake {
    /// Nothing has arrived. Says of the kinds that are never read that they are not.
    pub fn new(world: &mut World) -> Self {
        struct Names;
        impl Visit for Names {
            type Out = (InputKind, Option<&'static str>);
            fn visit<V: View>(&self, source: &Source) -> Self::Out {
                (source.input, source.name)
            }
        }
        for kind in not_read() {
            world.set_readability(kind, Readability::Partial);
        }
        let sources = visit_all(&Names).into_iter().map(|name| (name, SourceState::default()));
        Self { sources: sources.collect(), odd: HashMap::new(), reported: HashSet::new() }
    }

    /// Takes a message in. Answers an object that does not parse.
    pub fn take(
        &mut self,
        world: &mut World,
        source: Source,
        change: Change<Object>,
    ) -> Option<Box<Unparsable>> {
        let odd = self.take_one(world, source, change);
        if source.input == InputKind::CustomResourceDefinitions {
            self.settle(world, InputKind::Instrumentations);
            self.settle(world, InputKind::Collectors);
        }
        odd
    }

    fn take_one(
        &mut self,
        world: &mut World,
        source: Source,
        change: Change<Object>,
    ) -> Option<Box<Unparsable>> {
        let kind = source.input;
        let state = self.sources.get_mut(&(kind, source.name))?;
        match change {
            Change::Begin => {
                state.seen = false;
                if source.name.is_none() {
                    self.odd.remove(&kind);
                    world.begin(kind);
                }
            }
            Change::Apply(object) => {
                state.seen = true;
                self.parses(world, kind, &object.metadata().uid);
                world.apply(object);
            }
            Change::Delete(object) => {
                self.parses(world, kind, &object.metadata().uid);
                world.delete(object);
            }
            Change::Unparsable(odd, stub) => {
                // What was known of it is no longer true; what is true cannot be told.
                world.delete(stub);
                self.odd.entry(kind).or_default().insert(odd.uid.clone());
                self.settle(world, kind);
                return Some(odd);
            }
            Change::Complete => {
                match source.name {
                    Some(name) if !state.seen => world.delete(crd_stub(name)),
                    Some(_) => {}
                    None => world.complete(kind),
                }
                state.known = Some(Readability::Complete);
                self.settle(world, kind);
            }
            Change::Absent(known) => {
                if state.known.as_ref() != Some(&known) {
                    state.known = Some(known);
                    self.settle(world, kind);
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

    /// Sources whose first list has not arrived, by their names.
    pub fn pending(&self) -> impl Iterator<Item = &'static str> {
        let pending = self.sources.iter().filter(|(_, state)| state.known.is_none());
        pending.map(|((kind, name), _)| name.unwrap_or(kind.plural()))
    }

    /// Whether every source is known completely, or is certain not to exist: only then may absence delete anything.
    pub fn is_exhaustive(&self) -> bool {
        let known = |state: &SourceState| state.known.as_ref().is_some_and(Readability::is_exhaustive);
        self.sources.values().all(known) && self.odd.values().all(HashSet::is_empty)
    }

    fn parses(&mut self, world: &mut World, kind: InputKind, uid: &str) {
        if self.odd.get_mut(&kind).is_some_and(|odd| odd.remove(uid)) {
            self.settle(world, kind);
        }
    }

    /// Tells the world how well a kind is known, from all its sources together.
    fn settle(&self, world: &mut World, kind: InputKind) {
        let sources = self.sources.iter().filter(|((input, _), _)| *input == kind);
        let Some(known) = sources.map(|(_, state)| state.known.clone()).collect::<Option<Vec<_>>>() else {
            return;
        };
        let worst =
            known.into_iter().find(|known| *known != Readability::Complete).unwrap_or(Readability::Complete);
        let odd = self.odd.get(&kind).is_some_and(|odd| !odd.is_empty());
        let known = match worst {
            Readability::Complete if odd => Readability::Partial,
            // Served, but not in the version that is read: there may well be some.
            Readability::NotServed if world.crd(&crd_name(kind)).found().is_some() => Readability::Partial,
            other => other,
        };
        if *world.readability(kind) != known {
            world.set_readability(kind, known);
        }
    }
}

fn crd_name(kind: InputKind) -> String {
    format!("{}.{}", kind.plural(), kind.group())
}

fn crd_stub(name: &str) -> Object {
    let metadata = facts::Metadata { name: name.into(), ..facts::Metadata::default() };
    facts::CustomResourceDefinition { metadata, ..Default::default() }.into()
}

#[cfg(test)]
mod tests {
    use facts::{Instrumentation, Lookup};
    use serde_json::json;

    use super::*;
    use crate::sources::{COLLECTOR_CRD, INSTRUMENTATION_CRD};

    fn source(input: InputKind, name: Option<&'static str>) -> Source {
        Source { input, name, field_selector: None, namespaced: false, tolerant: false }
    }

    fn object(value: serde_json::Value) -> Object {
        Object::from_value(value).unwrap().unwrap()
    }

    fn instrumentation() -> Object {
        object(
            json!({"apiVersion": "opentelemetry.io/v1alpha1", "kind": "Instrumentation", "metadata": {"name": "a", "namespace": "shop", "uid": "1"}}),
        )
    }

    fn odd() -> Change<Object> {
        let (kind, problem) = ("Instrumentation", "no object".to_owned());
        let (name, namespace, uid) = ("a".to_owned(), "shop".to_owned(), "1".to_owned());
        let odd = Unparsable {
            input: InputKind::Instrumentations,
            kind,
            namespace,
            name,
            uid,
            resource_version: "7".to_owned(),
            problem,
        };
        let stub = odd.stub::<Instrumentation>().unwrap();
        Change::Unparsable(Box::new(odd), stub)
    }

    #[test]
    fn an_object_that_does_not_parse_is_never_called_absent() {
        let mut world = World::new();
        let mut intake = Intake::new(&mut world);
        let all = source(InputKind::Instrumentations, None);
        intake.take(&mut world, all, Change::Begin);
        intake.take(&mut world, all, Change::Apply(instrumentation()));
        intake.take(&mut world, all, Change::Complete);
        assert!(matches!(world.instrumentation("shop", "a"), Lookup::Found(_)));
        assert!(intake.take(&mut world, all, odd()).is_some(), "it is to be reported");
        assert_eq!(world.instrumentation("shop", "a"), Lookup::Unknown);
        intake.take(&mut world, all, Change::Apply(instrumentation()));
        assert_eq!(*world.readability(InputKind::Instrumentations), Readability::Complete);
        intake.take(&mut world, all, Change::Delete(instrumentation()));
        assert_eq!(world.instrumentation("shop", "a"), Lookup::Absent);
    }

    #[test]
    fn two_lists_of_one_definition_each_make_up_one_kind() {
        let mut world = World::new();
        let mut intake = Intake::new(&mut world);
        let kind = InputKind::CustomResourceDefinitions;
        let (first, second) = (source(kind, Some(INSTRUMENTATION_CRD)), source(kind, Some(COLLECTOR_CRD)));
        let crd = json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": INSTRUMENTATION_CRD}});
        intake.take(&mut world, first, Change::Begin);
        intake.take(&mut world, first, Change::Apply(object(crd)));
        intake.take(&mut world, first, Change::Complete);
        assert_eq!(*world.readability(kind), Readability::Pending);
        intake.take(&mut world, second, Change::Begin);
        intake.take(&mut world, second, Change::Complete);
        assert_eq!(*world.readability(kind), Readability::Complete);
        assert!(world.crd(INSTRUMENTATION_CRD).found().is_some(), "the other list must not sweep it away");
        intake.take(&mut world, first, Change::Begin);
        intake.take(&mut world, first, Change::Complete);
        assert!(world.crd(INSTRUMENTATION_CRD).is_absent());
    }

    #[test]
    fn judging_waits_for_everything_and_deleting_for_certainty() {
        let mut world = World::new();
        let mut intake = Intake::new(&mut world);
        let keys: Vec<_> = intake.sources.keys().copied().collect();
        for (kind, name) in &keys {
            assert!(intake.pending().count() > 0 && !intake.is_exhaustive());
            intake.take(&mut world, source(*kind, *name), Change::Complete);
        }
        assert!(intake.pending().count() == 0 && intake.is_exhaustive());
        let needs = InputKind::Services.needed_rule().into();
        intake.take(
            &mut world,
            source(InputKind::Services, None),
            Change::Absent(Readability::Unreadable { needs }),
        );
        assert!(intake.pending().count() == 0 && !intake.is_exhaustive());
        intake.take(&mut world, source(InputKind::Services, None), Change::Absent(Readability::NotServed));
        assert!(intake.is_exhaustive());
    }
}
