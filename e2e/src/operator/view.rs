//! What does the stand-in operator know of the cluster?
//!
//! The real operator answers from informer caches, so a resource created a moment before a Pod can be missed. The stand-in
//! does the same: watches feed a [`World`], and admission requests are answered from it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use facts::{ClusterView as _, InputKind, Kind, Object, Readability};
use futures::StreamExt as _;
use kube::api::{ApiResource, DynamicObject};
use kube::core::GroupVersionKind;
use kube::runtime::WatchStreamExt as _;
use kube::runtime::watcher::{self, Event};
use kube::{Api, Client};
use tokio::task::JoinSet;
use tokio::time::Instant;
use world::World;

use crate::Error;

const PATIENCE: Duration = Duration::from_secs(30);

/// What the operator reads.
const INPUTS: [InputKind; 7] = [
    InputKind::Namespaces,
    InputKind::Instrumentations,
    InputKind::Collectors,
    InputKind::ReplicaSets,
    InputKind::Jobs,
    InputKind::Secrets,
    InputKind::ConfigMaps,
];

/// A cache of what the operator reads, kept current by watches until it is dropped.
#[derive(Debug)]
pub(super) struct Cache {
    world: Arc<Mutex<World>>,
    _watches: JoinSet<()>,
}

impl Cache {
    /// Starts the watches and waits for their first lists, as the operator does before it is ready.
    pub(super) async fn start(client: &Client) -> Result<Self, Error> {
        let world = Arc::new(Mutex::new(World::new()));
        let mut watches = JoinSet::new();
        let mut watch = |input: InputKind, api_version: &str, kind: &str| {
            watches.spawn(follow(client.clone(), world.clone(), input, resource(api_version, kind, input)));
        };
        watch(InputKind::Namespaces, facts::Namespace::API_VERSION, facts::Namespace::KIND);
        watch(InputKind::Instrumentations, facts::Instrumentation::API_VERSION, facts::Instrumentation::KIND);
        watch(InputKind::Collectors, facts::Collector::API_VERSION, facts::Collector::KIND);
        watch(InputKind::ReplicaSets, facts::ReplicaSet::API_VERSION, facts::ReplicaSet::KIND);
        watch(InputKind::Jobs, facts::Job::API_VERSION, facts::Job::KIND);
        watch(InputKind::Secrets, facts::Secret::API_VERSION, facts::Secret::KIND);
        watch(InputKind::ConfigMaps, facts::ConfigMap::API_VERSION, facts::ConfigMap::KIND);
        let cache = Self { world, _watches: watches };
        let deadline = Instant::now() + PATIENCE;
        while INPUTS.iter().any(|input| *cache.world().readability(*input) == Readability::Pending) {
            if Instant::now() > deadline {
                return Err(Error::Webhook(std::io::Error::other("its caches do not fill")));
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(cache)
    }

    /// The cluster as far as it is known now.
    pub(super) fn world(&self) -> MutexGuard<'_, World> {
        lock(&self.world)
    }
}

fn resource(api_version: &str, kind: &str, input: InputKind) -> ApiResource {
    let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
    ApiResource::from_gvk_with_plural(&GroupVersionKind::gvk(group, version, kind), input.plural())
}

async fn follow(client: Client, world: Arc<Mutex<World>>, input: InputKind, resource: ApiResource) {
    let api: Api<DynamicObject> = Api::all_with(client, &resource);
    let mut events = std::pin::pin!(watcher::watcher(api, watcher::Config::default()).default_backoff());
    while let Some(event) = events.next().await {
        let mut world = lock(&world);
        match event {
            Ok(Event::Init) => world.begin(input),
            Ok(Event::InitApply(object) | Event::Apply(object)) => {
                if let Some(object) = decode(&object) {
                    world.apply(object);
                }
            }
            Ok(Event::Delete(object)) => {
                if let Some(object) = decode(&object) {
                    world.delete(object);
                }
            }
            Ok(Event::InitDone) => world.complete(input),
            // The CRD is not there (yet): the operator's cache is empty, and an empty cache answers "none".
            Err(_) => world.set_readability(input, Readability::Complete),
        }
        let _ = world.take_dirty();
    }
}

fn decode(object: &DynamicObject) -> Option<Object> {
    let json = serde_json::to_value(object).ok()?;
    Object::from_value(json).ok().flatten()
}

fn lock(world: &Mutex<World>) -> MutexGuard<'_, World> {
    world.lock().unwrap_or_else(PoisonError::into_inner)
}
