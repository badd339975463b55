//! Which tasks make up the controller, and how do they end?

use std::collections::BTreeSet;
use std::sync::Arc;

use facts::InputKind;
use futures::future::{BoxFuture, FutureExt};
use kube::Client;
use tokio::sync::{Notify, mpsc, watch};
use tokio::task::{JoinError, JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;
use tracing::info;

use crate::certificate::watch_certificates;
use crate::depth::{Keys, Trials, make_rounds};
use crate::engine::{Channels, Engine, Looks};
use crate::error::Error;
use crate::http;
use crate::lease::{Leadership, Predecessor, Store, elect, heartbeat, identity};
use crate::message::Delivery;
use crate::metrics::Metrics;
use crate::own::follow_own;
use crate::settings::Settings;
use crate::sources::{Extent, Source, Visit, visit_all};
use crate::status_page;
use crate::watch::{Surroundings, follow_source, follow_unread, poll_namespace};
use crate::watched::View;

/// Messages that may wait for the engine. Beyond that the watches wait, and with them the API server.
const WAITING: usize = 512;

/// Runs the controller until `shutdown`, then lets writes that are owed go out for [`Settings::grace`].
///
/// # Errors
/// Only where it cannot start; see [`Error`].
pub async fn run(settings: Settings, shutdown: CancellationToken) -> Result<(), Error> {
    let metrics = Arc::new(Metrics::new());
    let (deliveries, received) = mpsc::channel(WAITING);
    let (missing, known_missing) = watch::channel(vec!["start".to_owned()]);
    let (targets, wanted_targets) = watch::channel(Vec::new());
    // Whatever ends this function ends the tasks as well.
    let stop = shutdown.child_token();
    let _stop_on_return = stop.clone().drop_guard();
    let mut tasks = JoinSet::new();
    if let Some(address) = settings.listen {
        tasks.spawn(http::listen(address, metrics.clone(), known_missing, stop.clone()).await?);
    }
    if let Some(address) = settings.status_page {
        tasks.spawn(status_page::listen(address, deliveries.clone(), stop.clone()).await?);
    }
    let surroundings = Surroundings {
        deliveries: deliveries.clone(),
        shutdown: stop.clone(),
        metrics: metrics.clone(),
        streaming_lists: settings.streaming_lists,
    };
    let watches = Watches {
        client: settings.client.clone(),
        extent: settings.extent.clone(),
        surroundings: surroundings.clone(),
    };
    let mut wakes = Vec::new();
    for (kind, wake, watch) in visit_all(&watches).into_iter().flatten() {
        tasks.spawn(watch);
        wakes.push((kind, wake));
    }
    wakes.retain(|(kind, _)| matches!(kind, InputKind::Instrumentations | InputKind::Collectors));
    let own_again = Arc::new(Notify::new());
    let own = follow_own(settings.client.clone(), settings.extent.clone(), own_again.clone(), surroundings);
    tasks.spawn(own);
    let looks = start_looks(&settings, &deliveries, &stop, &mut tasks);
    tasks.spawn(watch_certificates(wanted_targets, deliveries, stop));
    let election = Election::new(&settings, &metrics);
    let (leadership, predecessor) = (election.leadership.clone(), election.predecessor.clone());
    let channels =
        Channels { deliveries: received, wakes, missing, targets, leadership, predecessor, own_again };
    let engine = tokio::spawn(Engine::new(settings, metrics, channels, looks).run(shutdown));
    let ended = engine.await.map_err(|source| Error::Task { task: "engine", source });
    // Only now that nothing is written any more.
    election.end().await;
    info!("stopped");
    ended
}

/// Starts the tasks that make the closer looks that somebody asked for.
fn start_looks(
    settings: &Settings,
    deliveries: &mpsc::Sender<Delivery>,
    stop: &CancellationToken,
    tasks: &mut JoinSet<()>,
) -> Looks {
    let mut looks = Looks { names: None, trials: None };
    if settings.read_keys {
        let (names, wanted) = watch::channel(BTreeSet::new());
        let keys = Keys { client: settings.client.clone() };
        tasks.spawn(make_rounds(keys, wanted, deliveries.clone(), stop.clone()));
        looks.names = Some(names);
    }
    if settings.probe_admission {
        let (targets, wanted) = watch::channel(BTreeSet::new());
        let trials = Trials { client: settings.client.clone() };
        tasks.spawn(make_rounds(trials, wanted, deliveries.clone(), stop.clone()));
        looks.trials = Some(targets);
    }
    looks
}

/// The task around the Lease.
struct Election {
    leadership: watch::Receiver<Leadership>,
    predecessor: Predecessor,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Election {
    fn new(settings: &Settings, metrics: &Arc<Metrics>) -> Self {
        let stop = CancellationToken::new();
        let elects = settings.lease.as_ref().is_some_and(|lease| lease.elect);
        let start =
            if elects { Leadership::Standby { problem: None } } else { Leadership::Leads { until: None } };
        metrics.leads(start.leads());
        let (sender, leadership) = watch::channel(start);
        let mut predecessor = Predecessor::default();
        let task = match &settings.lease {
            Some(lease) => {
                let store = Store::new(&settings.client, lease, identity(&settings.instance));
                predecessor = store.predecessor().clone();
                if elects {
                    tokio::spawn(elect(store, sender, metrics.clone(), stop.clone()))
                } else {
                    tokio::spawn(heartbeat(store, metrics.clone(), stop.clone()))
                }
            }
            None => tokio::spawn(async {}),
        };
        Self { leadership, predecessor, stop, task }
    }

    /// Gives the Lease up.
    async fn end(self) {
        self.stop.cancel();
        // It has time limits of its own.
        let _: Result<(), JoinError> = self.task.await;
    }
}

struct Watches {
    client: Client,
    extent: Extent,
    surroundings: Surroundings,
}

impl Watches {
    /// Those of one source, each followed so.
    fn of<W: Future<Output = ()> + Send + 'static>(
        &self,
        source: &Source,
        follow: fn(Client, Source, Arc<Notify>, Surroundings) -> W,
    ) -> <Self as Visit>::Out {
        let start = |part: Source| {
            let (client, surroundings) = (self.client.clone(), self.surroundings.clone());
            let (kind, wake) = (part.input, Arc::new(Notify::new()));
            let watch = if kind == InputKind::Namespaces && part.namespace.is_some() {
                poll_namespace(client, part, surroundings).boxed()
            } else {
                follow(client, part, wake.clone(), surroundings).boxed()
            };
            (kind, wake, watch)
        };
        self.extent.parts(source).into_iter().map(start).collect()
    }
}

impl Visit for Watches {
    type Out = Vec<(InputKind, Arc<Notify>, BoxFuture<'static, ()>)>;

    fn visit<V: View>(&self, source: &Source) -> Self::Out {
        self.of(source, follow_source::<V>)
    }

    fn visit_few<V: View>(&self, source: &Source) -> Self::Out {
        self.of(source, follow_unread::<V>)
    }
}
