//! How does everything that was supplied become a world, and what does "not there" mean in it?

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;

use facts::{ClusterView, DecodeError, InputKind, Object, Readability};
use jiff::Timestamp;
use serde_json::{Map, Value};
use snapshot::Header;
use world::World;

use crate::clock::newest;
use crate::error::{InputError, Problem};
use crate::list::Sink;
use crate::origin::Origins;
use crate::parse::{Place, Reader, read};
use crate::source::find;

/// Settings of loading.
#[derive(Clone, Debug)]
pub struct Options {
    /// Whether the input is all there is; none: judged by what it looks like.
    pub supplied: Option<Supplied>,
    /// Namespace of objects that do not name theirs.
    pub namespace: String,
    /// Which objects are handed out as they stand, beside being loaded: see [`Input::manifests`].
    pub keep: fn(&Map<String, Value>) -> bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { supplied: None, namespace: "default".to_owned(), keep: |_| false }
    }
}

/// What the input is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Supplied {
    /// A dump of a cluster: what is not there is absent.
    Dump,
    /// A set of manifests: what is not there is unknown.
    Manifests,
}

/// What was loaded.
#[derive(Debug)]
pub struct Input {
    /// The cluster.
    pub world: World,
    /// When a snapshot was taken, else the newest time in it; none in manifests that were never applied.
    pub newest: Option<Timestamp>,
    /// What it was taken for.
    pub supplied: Supplied,
    /// What a snapshot says of itself; none where the input is no snapshot.
    pub snapshot: Option<Header>,
    /// The namespace that a dump of a single one shows: what stands in others is unknown.
    pub only: Option<Arc<str>>,
    /// Objects that a diagnosis reads.
    pub objects: usize,
    /// Their kinds.
    pub kinds: BTreeSet<InputKind>,
    /// Objects of kinds that no diagnosis reads, by kind. Documents that are no objects count as an empty kind.
    pub skipped: BTreeMap<String, usize>,
    /// Objects that were left out because they do not read as the API describes them.
    pub problems: Vec<Problem>,
    /// Objects that [`Options::keep`] chose, in the order of the files.
    pub manifests: Vec<Manifest>,
    /// Where workloads stand.
    pub origins: Origins,
}

/// An object as it stands in a file, with its namespace filled in.
#[derive(Clone, Debug, PartialEq)]
pub struct Manifest {
    /// The file, document and line it was read from.
    pub place: String,
    /// The object.
    pub object: Value,
}

/// Loads files, directories and standard input (`-`).
///
/// # Errors
/// [`InputError`] when a file cannot be read or is not well-formed, or when there is no object in any of them.
pub fn load(paths: &[PathBuf], stdin: &mut dyn Read, options: &Options) -> Result<Input, InputError> {
    let mut loader = Loader::new(options);
    let sources = find(paths)?;
    for source in &sources {
        let text = source.read(stdin)?;
        read(&source.label(), &text, source.named, &mut loader)?;
    }
    if loader.objects == 0 && loader.problems.is_empty() && loader.skipped.keys().all(String::is_empty) {
        let labels = sources.iter().map(crate::source::Source::label).collect::<Vec<_>>().join(", ");
        return Err(InputError::NoObjects { labels });
    }
    Ok(loader.finish(options.supplied))
}

/// Loads a text that is at hand, as [`load`] does a file.
///
/// # Errors
/// As [`load`].
pub fn load_text(text: &str, options: &Options) -> Result<Input, InputError> {
    let mut loader = Loader::new(options);
    read("text", text, true, &mut loader)?;
    Ok(loader.finish(options.supplied))
}

/// Kinds without a namespace, of those that are read.
const CLUSTER_SCOPED: [&str; 4] =
    ["CustomResourceDefinition", "MutatingWebhookConfiguration", "Namespace", "Node"];

struct Loader<'o> {
    options: &'o Options,
    world: World,
    newest: Option<Timestamp>,
    objects: usize,
    seen: BTreeSet<InputKind>,
    has_pod_with_status: bool,
    /// Namespaces with a uid.
    namespaces: usize,
    /// Namespaces in which something that a diagnosis reads stands.
    used: BTreeSet<Arc<str>>,
    snapshot: Option<Header>,
    skipped: BTreeMap<String, usize>,
    problems: Vec<Problem>,
    manifests: Vec<Manifest>,
    origins: Origins,
}

impl<'o> Loader<'o> {
    fn new(options: &'o Options) -> Self {
        Self {
            options,
            world: World::new(),
            newest: None,
            objects: 0,
            seen: BTreeSet::new(),
            has_pod_with_status: false,
            namespaces: 0,
            used: BTreeSet::new(),
            snapshot: None,
            skipped: BTreeMap::new(),
            problems: Vec::new(),
            manifests: Vec::new(),
            origins: Origins::default(),
        }
    }

    fn take(&mut self, mut object: Map<String, Value>, place: Place<'_>) {
        let kind = object.get("kind").and_then(Value::as_str).unwrap_or_default().to_owned();
        if kind == Header::KIND && object.get("apiVersion").is_some_and(|v| v == Header::API_VERSION) {
            return self.take_header(object, place);
        }
        self.newest = self.newest.max(newest(&object));
        self.note_signs_of_a_cluster(&kind, &object);
        if !CLUSTER_SCOPED.contains(&kind.as_str()) {
            self.give_namespace(&mut object);
        }
        let metadata = object.get("metadata");
        let namespace = metadata.and_then(|metadata| metadata.get("namespace")).and_then(Value::as_str);
        let namespace: Arc<str> = namespace.unwrap_or_default().into();
        let kept = (self.options.keep)(&object).then(|| Value::Object(object.clone()));
        self.origins.note(&kind, &object, place);
        match Object::from_value(Value::Object(object)) {
            Ok(Some(object)) => {
                self.keep(kept, place);
                self.objects += 1;
                self.seen.insert(object.input());
                if object.input().is_namespaced() {
                    self.used.insert(namespace);
                }
                self.world.apply(object);
            }
            Ok(None) => {
                self.keep(kept, place);
                *self.skipped.entry(kind).or_default() += 1;
            }
            Err(source) => self.leave_out(source, place),
        }
    }

    fn keep(&mut self, object: Option<Value>, place: Place<'_>) {
        self.manifests.extend(object.map(|object| Manifest { place: place.to_string(), object }));
    }

    fn take_header(&mut self, object: Map<String, Value>, place: Place<'_>) {
        match serde_json::from_value(Value::Object(object)) {
            Ok(header) => self.snapshot = Some(header),
            Err(source) => {
                let (kind, name) = (Header::KIND.to_owned(), String::new());
                self.leave_out(DecodeError { kind, name, source }, place);
            }
        }
    }

    fn leave_out(&mut self, source: DecodeError, place: Place<'_>) {
        self.problems.push(Problem {
            label: place.label.to_owned(),
            document: place.document,
            line: place.line,
            source,
        });
    }

    fn note_signs_of_a_cluster(&mut self, kind: &str, object: &Map<String, Value>) {
        let has = |part: &str, field: &str| {
            object.get(part).and_then(|part| part.get(field)).is_some_and(|value| !value.is_null())
        };
        self.has_pod_with_status |= kind == "Pod" && has("status", "phase");
        self.namespaces += usize::from(kind == "Namespace" && has("metadata", "uid"));
    }

    fn give_namespace(&self, object: &mut Map<String, Value>) {
        if let Some(Value::Object(metadata)) = object.get_mut("metadata") {
            let namespace = metadata.get("namespace").and_then(Value::as_str).unwrap_or_default();
            if namespace.is_empty() {
                metadata.insert("namespace".to_owned(), self.options.namespace.clone().into());
            }
        }
    }

    /// The one namespace that was dumped: `kubectl get ns,pods,… -n shop` lists all Namespaces, and the rest of one.
    fn only_namespace(&self) -> Option<Arc<str>> {
        let mut used = self.used.iter();
        let only = used.next().filter(|_| self.namespaces > 1 && self.snapshot.is_none())?;
        used.next().is_none().then(|| only.clone())
    }

    fn finish(mut self, supplied: Option<Supplied>) -> Input {
        let looks_like_a_dump = self.has_pod_with_status && self.namespaces > 0;
        let is_dump = looks_like_a_dump || self.snapshot.is_some();
        let by_looks = if is_dump { Supplied::Dump } else { Supplied::Manifests };
        let left_out: BTreeSet<&str> =
            self.problems.iter().map(|problem| problem.source.kind.as_str()).collect();
        let is_whole = |kind| !left_out.iter().any(|left_out| is_of(kind, left_out));
        for kind in InputKind::ALL.iter().copied() {
            let known = match (supplied.unwrap_or(by_looks), &self.snapshot) {
                (Supplied::Dump, Some(header)) if supplied.is_none() => header.readability(kind),
                (Supplied::Dump, _) if self.seen.contains(&kind) || !is_often_left_out(kind) => {
                    Readability::Complete
                }
                _ => Readability::Partial,
            };
            match known {
                Readability::Complete if is_whole(kind) => self.world.complete(kind),
                Readability::Complete => self.world.set_readability(kind, Readability::Partial),
                other => self.world.set_readability(kind, other),
            }
        }
        let only = self.only_namespace().filter(|_| is_dump && supplied.is_none());
        if let Some(only) = &only {
            for kind in InputKind::ALL.iter().copied().filter(|kind| kind.is_namespaced()) {
                let known = self.world.readability(kind).clone();
                self.world.set_readability(kind, Readability::Partial);
                self.world.set_readability_in(kind, only, known);
            }
        }
        if let Some(header) = &self.snapshot {
            for (kind, namespace, known) in header.inside().filter(|_| supplied.is_none()) {
                let known = if is_whole(kind) { known } else { Readability::Partial };
                self.world.set_readability_in(kind, &namespace.into(), known);
            }
            self.world.set_switched_off(header.off());
        }
        Input {
            world: self.world,
            // What was read last may have happened before: the time of the reading counts.
            newest: self.snapshot.as_ref().map(|header| header.taken).or(self.newest),
            supplied: supplied.unwrap_or(by_looks),
            snapshot: self.snapshot,
            only,
            objects: self.objects,
            kinds: self.seen,
            skipped: self.skipped,
            problems: self.problems,
            manifests: self.manifests,
            origins: self.origins,
        }
    }
}

/// Whether a dump without any object of the kind leaves it out. `ReplicaSets` and Jobs only link Pods to their workload: the link
/// can be told from names and labels. Every cluster has some of the others.
fn is_often_left_out(kind: InputKind) -> bool {
    matches!(
        kind,
        InputKind::ReplicaSets
            | InputKind::Jobs
            | InputKind::Secrets
            | InputKind::CustomResourceDefinitions
            | InputKind::Services
            | InputKind::EndpointSlices
            | InputKind::Nodes
    )
}

/// Whether objects of that `kind` are this input. After one that did not read, what is not there may be that one.
fn is_of(input: InputKind, kind: &str) -> bool {
    input.plural().trim_end_matches('s').eq_ignore_ascii_case(kind)
}

struct DocumentSink<'l, 'o, 'p> {
    loader: &'l mut Loader<'o>,
    place: Place<'p>,
}

impl Sink for DocumentSink<'_, '_, '_> {
    fn object(&mut self, object: Map<String, Value>) {
        self.loader.take(object, self.place);
    }
}

impl Reader for Loader<'_> {
    fn begin(&mut self, place: Place<'_>) -> impl Sink {
        DocumentSink { loader: self, place }
    }
}
