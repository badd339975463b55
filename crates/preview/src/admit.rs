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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn manifest(spec: &Value, uid: &str) -> Manifest {
        let metadata = json!({"name": "default", "namespace": "shop", "uid": uid});
        let object = json!({
            "apiVersion": "opentelemetry.io/v1alpha1", "kind": "Instrumentation", "metadata": metadata, "spec": spec
        });
        Manifest { place: "a.yaml, document 1, line 1".to_owned(), object }
    }

    /// A world with the manifest as it stands, and then as the operator would have it.
    fn admitted(manifest: &Manifest) -> (World, Vec<Refused>) {
        let mut world = World::new();
        if let Ok(Some(object)) = Object::from_value(manifest.object.clone()) {
            world.apply(object);
        }
        let refused = admit(&mut world, std::slice::from_ref(manifest), &OperatorConfig::default());
        (world, refused)
    }

    fn java_image(world: &World) -> Option<String> {
        let found = world.instrumentation("shop", "default").found()?;
        Some(found.spec.java.image.to_string())
    }

    #[test]
    fn what_a_user_writes_gets_the_operators_defaults_and_what_is_stored_stays() {
        let (world, refused) = admitted(&manifest(&json!({}), ""));
        assert_eq!(refused, []);
        assert!(java_image(&world).is_some_and(|image| image.ends_with("autoinstrumentation-java:2.30.0")));
        let (world, _) = admitted(&manifest(&json!({}), "1234"));
        assert_eq!(java_image(&world).as_deref(), Some(""), "written while the webhook was away");
    }

    #[test]
    fn what_the_operator_refuses_is_not_there() {
        let sampler = json!({"sampler": {"type": "traceidratio", "argument": "2"}});
        let (world, refused) = admitted(&manifest(&sampler, ""));
        assert_eq!(java_image(&world), None);
        assert_eq!(refused[0].why, "spec.sampler.argument should be in rage [0..1]: 2");
    }
}
