//! What does the cluster store of an Instrumentation manifest, and would the operator take it at all?

use facts::{ClusterView as _, Instrumentation, Kind as _, Lookup, Object};
use injection::{OperatorConfig, default_instrumentation, validate_instrumentation};
use input::Manifest;
use serde_json::{Map, Value};
use world::World;

/// An Instrumentation that the operator would refuse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub place: String,
    /// Why, in the operator's words.
    pub why: String,
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { namespace, name, place, why } = self;
        write!(f, "{place}: the operator would refuse Instrumentation {namespace}/{name}: {why}; left out")
    }
}

/// Whether an object is an Instrumentation as a user writes it, not one that was read from a cluster.
pub fn is_raw_instrumentation(object: &Map<String, Value>) -> bool {
    let text = |key: &str| object.get(key).and_then(Value::as_str).unwrap_or_default();
    let is_stored = object
        .get("metadata")
        .and_then(|metadata| metadata.get("uid"))
        .and_then(Value::as_str)
        .is_some_and(|uid| !uid.is_empty());
    text("kind") == Instrumentation::KIND
        && text("apiVersion").starts_with(&format!("{}/", Instrumentation::group()))
        && !is_stored
}

/// Puts raw Instrumentations into the world as the operator would have them stored: with its defaults. Those that it would
/// refuse are taken out of the world and returned.
pub fn admit(world: &mut World, manifests: &[Manifest], operator: &OperatorConfig) -> Vec<Refused> {
    let mut refused = Vec::new();
    for manifest in manifests {
        let Some(object) = manifest.object.as_object().filter(|object| is_raw_instrumentation(object)) else {
            continue;
        };
        let stored = default_instrumentation(&manifest.object, operator).and_then(|stored| {
            let error = validate_instrumentation(&stored, operator).error;
            error.map_or(Ok(stored), Err)
        });
        let decoded = stored.and_then(|stored| Object::from_value(stored).map_err(|error| error.to_string()));
        match decoded {
            Ok(Some(stored)) => world.apply(stored),
            Ok(None) => {}
            Err(why) => {
                let metadata = object.get("metadata");
                let text = |key: &str| {
                    metadata
                        .and_then(|metadata| metadata.get(key))
                        .and_then(Value::as_str)
                        .unwrap_or_default()
                        .to_owned()
                };
                let one = Refused {
                    namespace: text("namespace"),
                    name: text("name"),
                    place: manifest.place.clone(),
                    why,
                };
                take_out(world, &one);
                refused.push(one);
            }
        }
    }
    refused
}

/// What is refused is not stored. One of the same name that the cluster has already stays.
fn take_out(world: &mut World, refused: &Refused) {
    let Lookup::Found(there) = world.instrumentation(&refused.namespace, &refused.name) else { return };
    if there.metadata().uid.is_empty() {
        let gone = Instrumentation::clone(there);
        world.delete(gone.into());
    }
}
