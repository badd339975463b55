//! What does the stand-in operator know of the cluster?
//!
//! It reads what it needs at each request. The real operator answers from informer caches, so that a resource created a moment
//! before a Pod can be missed; tests that depended on that would fail now and then, as clusters do. Requests that come at the same
//! time share what is read after they have come: fifty Pods at once must not take longer than the webhook's timeout.

use std::sync::Arc;

use facts::{InputKind, Kind, Object, Readability};
use futures::future::join_all;
use kube::api::{ApiResource, DynamicObject, ListParams};
use kube::core::GroupVersionKind;
use kube::{Api, Client};
use tokio::sync::Mutex;
use tokio::time::Instant;
use world::World;

/// What the operator reads: input, group and version, kind.
const READ: [(InputKind, &str, &str); 7] = [
    (InputKind::Namespaces, facts::Namespace::API_VERSION, facts::Namespace::KIND),
    (InputKind::Instrumentations, facts::Instrumentation::API_VERSION, facts::Instrumentation::KIND),
    (InputKind::Collectors, facts::Collector::API_VERSION, facts::Collector::KIND),
    (InputKind::ReplicaSets, facts::ReplicaSet::API_VERSION, facts::ReplicaSet::KIND),
    (InputKind::Jobs, facts::Job::API_VERSION, facts::Job::KIND),
    (InputKind::Secrets, facts::Secret::API_VERSION, facts::Secret::KIND),
    (InputKind::ConfigMaps, facts::ConfigMap::API_VERSION, facts::ConfigMap::KIND),
];

/// What was read last, and when that was begun.
#[derive(Default)]
pub(super) struct View(Mutex<Option<(Instant, Arc<World>)>>);

impl View {
    /// The cluster as it is now or later.
    pub(super) async fn now(&self, client: &Client) -> Arc<World> {
        let asked = Instant::now();
        let mut last = self.0.lock().await;
        if let Some((_, world)) = last.as_ref().filter(|(begun, _)| *begun >= asked) {
            return world.clone();
        }
        let begun = Instant::now();
        let world = Arc::new(read(client).await);
        *last = Some((begun, world.clone()));
        world
    }
}

/// The cluster as it is now, as far as the operator reads it. A kind that is not served is empty, as in the operator's cache.
async fn read(client: &Client) -> World {
    let mut world = World::new();
    let lists = READ.map(|(input, api_version, kind)| list(client, resource(input, api_version, kind)));
    for ((input, ..), objects) in READ.iter().zip(join_all(lists).await) {
        for object in objects {
            world.apply(object);
        }
        world.set_readability(*input, Readability::Complete);
    }
    world
}

async fn list(client: &Client, resource: ApiResource) -> Vec<Object> {
    let api: Api<DynamicObject> = Api::all_with(client.clone(), &resource);
    let Ok(objects) = api.list(&ListParams::default()).await else { return Vec::new() };
    objects.items.into_iter().filter_map(|object| decode(object, &resource)).collect()
}

/// Items of a list lack their kind.
fn decode(mut object: DynamicObject, resource: &ApiResource) -> Option<Object> {
    object.types =
        Some(kube::api::TypeMeta { api_version: resource.api_version.clone(), kind: resource.kind.clone() });
    let json = serde_json::to_value(object).ok()?;
    Object::from_value(json).ok().flatten()
}

fn resource(input: InputKind, api_version: &str, kind: &str) -> ApiResource {
    let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
    ApiResource::from_gvk_with_plural(&GroupVersionKind::gvk(group, version, kind), input.plural())
}
