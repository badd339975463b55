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
mod tests {
    use facts::{Instrumentation, Lookup};
    use serde_json::json;

    use super::*;
    use crate::sources::{COLLECTOR_CRD, INSTRUMENTATION_CRD};

    fn source(input: InputKind, name: Option<&'static str>) -> Source {
        Source { input, name, namespace: None, field_selector: None, namespaced: false }
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
        let mut intake = Intake::new(&mut world, &Extent::Cluster);
        let all = source(InputKind::Instrumentations, None);
        intake.take(&mut world, &all, Change::Begin);
        intake.take(&mut world, &all, Change::Apply(instrumentation()));
        intake.take(&mut world, &all, Change::Complete);
        assert!(matches!(world.instrumentation("shop", "a"), Lookup::Found(_)));
        assert!(intake.take(&mut world, &all, odd()).is_some(), "it is to be reported");
        assert_eq!(world.instrumentation("shop", "a"), Lookup::Unknown);
        intake.take(&mut world, &all, Change::Apply(instrumentation()));
        assert_eq!(*world.readability(InputKind::Instrumentations), Readability::Complete);
        intake.take(&mut world, &all, Change::Delete(instrumentation()));
        assert_eq!(world.instrumentation("shop", "a"), Lookup::Absent);
    }

    #[test]
    fn two_lists_of_one_definition_each_make_up_one_kind() {
        let mut world = World::new();
        let mut intake = Intake::new(&mut world, &Extent::Cluster);
        let kind = InputKind::CustomResourceDefinitions;
        let (first, second) = (source(kind, Some(INSTRUMENTATION_CRD)), source(kind, Some(COLLECTOR_CRD)));
        let crd = json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": INSTRUMENTATION_CRD}});
        intake.take(&mut world, &first, Change::Begin);
        intake.take(&mut world, &first, Change::Apply(object(crd)));
        intake.take(&mut world, &first, Change::Complete);
        assert_eq!(*world.readability(kind), Readability::Pending);
        intake.take(&mut world, &second, Change::Begin);
        intake.take(&mut world, &second, Change::Complete);
        assert_eq!(*world.readability(kind), Readability::Complete);
        assert!(world.crd(INSTRUMENTATION_CRD).found().is_some(), "the other list must not sweep it away");
        intake.take(&mut world, &first, Change::Begin);
        intake.take(&mut world, &first, Change::Complete);
        assert!(world.crd(INSTRUMENTATION_CRD).is_absent());
    }

    #[test]
    fn judging_waits_for_everything_and_deleting_for_certainty() {
        let mut world = World::new();
        let mut intake = Intake::new(&mut world, &Extent::Cluster);
        let keys: Vec<_> = intake.sources.keys().cloned().collect();
        for (kind, name, _) in &keys {
            assert!(intake.pending().count() > 0 && !intake.is_exhaustive());
            intake.take(&mut world, &source(*kind, *name), Change::Complete);
        }
        assert!(intake.pending().count() == 0 && intake.is_exhaustive());
        let needs = InputKind::Services.needed_rule().into();
        intake.take(
            &mut world,
            &source(InputKind::Services, None),
            Change::Absent(Readability::Unreadable { needs }),
        );
        assert!(intake.pending().count() == 0 && !intake.is_exhaustive());
        intake.take(&mut world, &source(InputKind::Services, None), Change::Absent(Readability::NotServed));
        assert!(intake.is_exhaustive());
    }

    #[test]
    fn namespaces_that_are_read_by_themselves_are_known_by_themselves() {
        let mut world = World::new();
        let extent = Extent::Namespaces(vec!["shop".into(), "billing".into()]);
        let mut intake = Intake::new(&mut world, &extent);
        assert!(matches!(world.readability(InputKind::Nodes), Readability::Unreadable { .. }));
        assert!(matches!(
            world.readability(InputKind::MutatingWebhookConfigurations),
            Readability::Unreadable { .. }
        ));
        let kind = InputKind::Instrumentations;
        let within = |namespace: &str| Source { namespace: Some(namespace.into()), ..source(kind, None) };
        let in_billing = || {
            let mut other = json!({"apiVersion": "opentelemetry.io/v1alpha1", "kind": "Instrumentation"});
            other["metadata"] = json!({"name": "b", "namespace": "billing", "uid": "2"});
            object(other)
        };
        // The two lists run at the same time.
        intake.take(&mut world, &within("shop"), Change::Begin);
        intake.take(&mut world, &within("shop"), Change::Apply(instrumentation()));
        intake.take(&mut world, &within("billing"), Change::Begin);
        intake.take(&mut world, &within("billing"), Change::Apply(in_billing()));
        intake.take(&mut world, &within("shop"), Change::Complete);
        assert_eq!(*world.readability(kind), Readability::Pending);
        assert!(world.instrumentation("shop", "a").found().is_some());
        assert!(world.instrumentation("shop", "b").is_absent());
        assert!(world.instrumentation("billing", "c").is_unknown());
        intake.take(&mut world, &within("billing"), Change::Complete);
        assert_eq!(*world.readability(kind), Readability::Partial);
        assert!(
            world.instrumentation("billing", "c").is_absent()
                && world.instrumentation("other", "c").is_unknown()
        );
        // A new list of the one says nothing of the other.
        intake.take(&mut world, &within("shop"), Change::Begin);
        intake.take(&mut world, &within("shop"), Change::Complete);
        assert!(world.instrumentation("shop", "a").is_absent());
        assert!(world.instrumentation("billing", "b").found().is_some());
        assert!(world.is_read(kind));
        // What may not be read in the one is forgotten there.
        let refused = || Change::Absent(Readability::Unreadable { needs: kind.needed_rule().into() });
        intake.take(&mut world, &within("billing"), refused());
        assert!(
            world.instrumentation("billing", "b").is_unknown()
                && world.instrumentation("shop", "a").is_absent()
        );
        assert!(!world.is_read(kind) && *world.readability(kind) == Readability::Partial);
        intake.take(&mut world, &within("shop"), refused());
        assert!(matches!(world.readability(kind), Readability::Unreadable { .. }));
    }

    #[test]
    fn a_namespace_that_is_asked_for_by_its_name_is_there_or_not() {
        let mut world = World::new();
        let mut intake = Intake::new(&mut world, &Extent::Namespaces(vec!["shop".into(), "billing".into()]));
        let named =
            |name: &str| Source { namespace: Some(name.into()), ..source(InputKind::Namespaces, None) };
        let shop = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop", "uid": "3"}});
        for (name, found) in [("shop", Some(object(shop))), ("billing", None)] {
            intake.take(&mut world, &named(name), Change::Begin);
            if let Some(found) = found {
                intake.take(&mut world, &named(name), Change::Apply(found));
            }
            intake.take(&mut world, &named(name), Change::Complete);
        }
        assert!(world.namespace("shop").found().is_some() && world.namespace("billing").is_absent());
        assert!(world.namespace("other").is_unknown());
    }
}
