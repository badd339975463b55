//! What is known of each kind after which messages?

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
        world.instrumentation("billing", "c").is_absent() && world.instrumentation("other", "c").is_unknown()
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
        world.instrumentation("billing", "b").is_unknown() && world.instrumentation("shop", "a").is_absent()
    );
    assert!(!world.is_read(kind) && *world.readability(kind) == Readability::Partial);
    intake.take(&mut world, &within("shop"), refused());
    assert!(matches!(world.readability(kind), Readability::Unreadable { .. }));
}

#[test]
fn a_namespace_that_is_asked_for_by_its_name_is_there_or_not() {
    let mut world = World::new();
    let mut intake = Intake::new(&mut world, &Extent::Namespaces(vec!["shop".into(), "billing".into()]));
    let named = |name: &str| Source { namespace: Some(name.into()), ..source(InputKind::Namespaces, None) };
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
