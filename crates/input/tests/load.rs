//! Is every form in which objects come read alike, and what is a dump?

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use facts::{ClusterView, InputKind, Readability};
use input::{Input, Options, Supplied, load_text};

fn loaded(text: &str) -> Input {
    load_text(text, &Options::default()).unwrap()
}

/// Namespace and name of every Pod, through the workloads that they are.
fn pods(input: &Input) -> Vec<String> {
    input.world.workloads().iter().map(ToString::to_string).collect()
}

#[test]
fn every_form_of_two_pods_is_read_alike() {
    let a = r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"}}"#;
    let b = r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"b","namespace":"default"}}"#;
    let nameless = r#"{"metadata":{"name":"a"}},{"metadata":{"name":"b"}}"#;
    let cases = [
        ("YAML documents", "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: b}\n".to_owned()),
        ("Windows line ends", "apiVersion: v1\r\nkind: Pod\r\nmetadata: {name: a}\r\n---\r\napiVersion: v1\r\nkind: Pod\r\nmetadata: {name: b}\r\n".to_owned()),
        ("byte order mark", format!("\u{feff}---\n{a}\n---\n{b}\n")),
        ("comments, directives and empty documents", format!("%YAML 1.2\n---\n# one\n---\n{a}\n...\n---\n---\n{b}\n...\n")),
        ("marker with a comment", format!("--- # Source: a.yaml\n{a}\n--- # Source: b.yaml\n{b}")),
        ("a marker ends a block scalar", format!("apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  annotations:\n    text: |\n      x\n---\n{b}")),
        ("flow mapping that is no JSON", "{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: Pod, metadata: {name: a}}, {apiVersion: v1, kind: Pod, metadata: {name: b}}]}".to_owned()),
        ("List", format!(r#"{{"apiVersion":"v1","kind":"List","items":[{a},{b}]}}"#)),
        ("List, items first", format!(r#"{{"apiVersion":"v1","items":[{a},{b}],"kind":"List"}}"#)),
        ("List in a List", format!(r#"{{"apiVersion":"v1","kind":"List","items":[{{"apiVersion":"v1","kind":"List","items":[{a}]}},{b}]}}"#)),
        ("PodList of the raw API", format!(r#"{{"kind":"PodList","apiVersion":"v1","items":[{nameless}]}}"#)),
        ("PodList, items first", format!(r#"{{"items":[{nameless}],"kind":"PodList","apiVersion":"v1"}}"#)),
        ("JSON values one after the other", format!("{a}\n{b}\n")),
        ("JSON array", format!("[{a},{b}]")),
        ("the same twice", format!("{a}\n{b}\n{a}")),
    ];
    for (what, text) in cases {
        assert_eq!(pods(&loaded(&text)), ["default/pod/a", "default/pod/b"], "{what}");
    }
}

#[test]
fn an_empty_list_is_an_answer() {
    for text in
        [r#"{"kind":"PodList","apiVersion":"v1","items":null}"#, "kind: List\napiVersion: v1\nitems: []\n"]
    {
        assert_eq!(loaded(text).objects, 0);
    }
}

#[test]
fn objects_without_a_namespace_get_the_one_that_is_asked_for() {
    let text = "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: ''}\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n";
    let options = Options { namespace: "shop".to_owned(), ..Options::default() };
    let input = load_text(text, &options).unwrap();
    assert_eq!(pods(&input), ["shop/pod/a"]);
    assert!(input.world.namespace("shop").found().is_some());
}

const POD: &str =
    "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: shop}\nstatus: {phase: Running}\n";
const POD_TO_BE: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: shop}\n";
const NAMESPACE: &str = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, uid: '1'}\n";
const NAMESPACE_TO_BE: &str = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n";

#[test]
fn a_dump_has_a_pod_with_a_status_and_a_namespace_with_a_uid() {
    for (documents, asked, want) in [
        ([POD, NAMESPACE], None, Supplied::Dump),
        ([POD, NAMESPACE_TO_BE], None, Supplied::Manifests),
        ([POD_TO_BE, NAMESPACE], None, Supplied::Manifests),
        ([POD_TO_BE, NAMESPACE_TO_BE], Some(Supplied::Dump), Supplied::Dump),
        ([POD, NAMESPACE], Some(Supplied::Manifests), Supplied::Manifests),
    ] {
        let options = Options { supplied: asked, ..Options::default() };
        let input = load_text(&documents.join("---\n"), &options).unwrap();
        assert_eq!(input.supplied, want, "{documents:?} {asked:?}");
        let known = input.world.readability(InputKind::Instrumentations);
        assert_eq!(known.is_exhaustive(), want == Supplied::Dump, "{documents:?} {asked:?}");
    }
}

/// Where a dump has none of them, a Pod's Deployment is told from its name rather than denied; and Secrets and CRDs, which every
/// cluster has, were most likely left out.
#[test]
fn a_dump_does_not_say_that_there_is_none_of_what_is_often_left_out() {
    let input = loaded(&[POD, NAMESPACE].join("---\n"));
    assert_eq!(*input.world.readability(InputKind::ReplicaSets), Readability::Partial);
    assert_eq!(*input.world.readability(InputKind::Jobs), Readability::Partial);
    assert_eq!(*input.world.readability(InputKind::Secrets), Readability::Partial);
    assert_eq!(*input.world.readability(InputKind::CustomResourceDefinitions), Readability::Partial);
    assert_eq!(*input.world.readability(InputKind::Deployments), Readability::Complete);
}

#[test]
fn an_object_that_does_not_read_is_left_out_and_its_kind_is_not_complete() {
    let odd = "apiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: shop}\nspec: [1]\n";
    let input = loaded(&[POD, NAMESPACE, odd].join("---\n"));
    assert_eq!(input.problems.len(), 1);
    let problem = input.problems[0].to_string();
    assert!(problem.starts_with("text, document 3, line 9: Service \"s\" does not read"), "{problem}");
    assert_eq!(*input.world.readability(InputKind::Services), Readability::Partial);
    assert_eq!(*input.world.readability(InputKind::Pods), Readability::Complete);
}

#[test]
fn kinds_that_nobody_reads_are_counted() {
    let text = "apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: q}\n---\napiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: k}\n---\nreplicas: 3\n";
    let input = loaded(text);
    let skipped: Vec<(&str, usize)> =
        input.skipped.iter().map(|(kind, count)| (kind.as_str(), *count)).collect();
    assert_eq!(skipped, [("", 1), ("ResourceQuota", 1), ("Service", 1)]);
    assert_eq!(input.objects, 0);
}

#[test]
fn the_newest_time_of_all_documents_counts() {
    let text = "apiVersion: v1\nkind: Pod\nmetadata: {name: a, creationTimestamp: '2026-01-01T00:00:00Z'}\n---\napiVersion: coordination.k8s.io/v1\nkind: Lease\nmetadata: {name: l}\nspec: {renewTime: '2026-01-02T00:00:00.5Z'}\n";
    assert_eq!(loaded(text).newest, Some("2026-01-02T00:00:00.5Z".parse().unwrap()));
    assert_eq!(loaded(POD_TO_BE).newest, None);
}

/// Every cluster has some of these, so a dump without any was made without them.
#[test]
fn what_every_cluster_has_was_left_out_where_none_is_there() {
    let input = loaded(&[POD, NAMESPACE].join("---\n"));
    for kind in [InputKind::Services, InputKind::EndpointSlices, InputKind::Nodes] {
        assert_eq!(*input.world.readability(kind), Readability::Partial, "{kind:?}");
    }
}

/// `kubectl get ns,pods,… -n shop` lists every Namespace, and of the rest what is in one.
#[test]
fn a_dump_of_one_namespace_tells_nothing_of_the_others() {
    let other = "apiVersion: v1\nkind: Namespace\nmetadata: {name: observability, uid: '2'}\n";
    let service = |namespace: &str| {
        format!("apiVersion: v1\nkind: Service\nmetadata: {{name: a, namespace: {namespace}}}\n")
    };
    for (what, place, elsewhere) in [("of one", "shop", false), ("of both", "observability", true)] {
        let input = loaded(&[POD, NAMESPACE, other, &service(place)].join("---\n"));
        assert_eq!(input.supplied, Supplied::Dump, "{what}");
        assert!(input.world.instrumentation("shop", "x").is_absent(), "{what}");
        assert_eq!(input.world.service("observability", "collector").is_absent(), elsewhere, "{what}");
        assert!(input.world.readability(InputKind::Namespaces).is_exhaustive(), "{what}");
    }
}
