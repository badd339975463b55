//! How is every change of a kind seen?

use std::fmt::Debug;
use std::time::Duration;

use futures::StreamExt as _;
use kube::Api;
use kube::runtime::watcher::{Config, Event, watcher};
use serde::de::DeserializeOwned;

/// Between two attempts at a kind that is not served yet.
const PAUSE: Duration = Duration::from_millis(100);

/// Gives every object of a kind, and every change of it, to `take`; for ever.
pub async fn follow<K>(api: Api<K>, mut take: impl FnMut(Event<K>))
where
    K: kube::Resource + Clone + DeserializeOwned + Debug + Send + 'static,
{
    let mut events = std::pin::pin!(watcher(api, Config::default()));
    while let Some(event) = events.next().await {
        match event {
            Ok(event) => take(event),
            // Its definition may not be served yet, or the API server be away: the watcher tries again.
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
}
