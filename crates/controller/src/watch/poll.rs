//! How is a Namespace followed that may only be asked for by its name?
//!
//! A Role in a namespace allows to get the Namespace itself, but neither to list nor to watch it.

use std::time::Duration;

use facts::{Namespace, Object};
use kube::{Api, Client};
use tokio::time::Instant;
use tracing::warn;

use super::Surroundings;
use super::health::Health;
use super::trouble::Trouble;
use crate::list::absence;
use crate::message::{Change, Delivery, Message};
use crate::sources::Source;
use crate::watched::Unread;

/// Between two looks.
const INTERVAL: Duration = Duration::from_secs(15);

/// Asks for the Namespace of a source again and again, until shutdown, and tells of it as a watch of that Namespace would.
pub async fn poll_namespace(client: Client, source: Source, surroundings: Surroundings) {
    let Some(name) = source.namespace.clone() else { return };
    let (label, rule) = (source.label(), source.rule());
    let Surroundings { deliveries, shutdown, metrics, .. } = surroundings;
    let api: Api<Unread> = Api::all_with(client, &Unread::kind::<Namespace>());
    let mut health = Health::new();
    let mut told = None;
    loop {
        let changes = match api.get_opt(&name).await {
            Ok(found) => {
                health.works(true);
                let now = found.and_then(|found| found.into_object::<Namespace>(source.input).ok().flatten());
                let version = now.as_ref().map(version);
                // What has not changed need not be told again.
                let is_news = told.as_ref() != Some(&version);
                told = Some(version);
                if is_news { whole_list(now) } else { Vec::new() }
            }
            Err(error) => {
                let trouble = absence(&rule, &error).map_or(Trouble::Other, Trouble::Absent);
                metrics.watch_error(label, trouble.as_str());
                if health.backoff.attempts() == 0 {
                    warn!(namespace = %name, %error, "cannot read this Namespace; trying again");
                }
                let known = health.fails(&trouble, &rule, Instant::now());
                if known.is_some() {
                    told = None;
                }
                known.map(Change::Absent).into_iter().collect()
            }
        };
        metrics.watch_up(label, Some(&name), health.is_up(Instant::now()));
        for change in changes {
            let message = Message::Input(source.clone(), change);
            if deliveries.send(Delivery { received: Instant::now(), message }).await.is_err() {
                return;
            }
        }
        tokio::select! {
            () = tokio::time::sleep(health.pause.take().unwrap_or(INTERVAL)) => {}
            () = shutdown.cancelled() => return,
        }
    }
}

fn whole_list(object: Option<Object>) -> Vec<Change<Object>> {
    [Change::Begin].into_iter().chain(object.map(Change::Apply)).chain([Change::Complete]).collect()
}

fn version(object: &Object) -> (String, String) {
    let metadata = object.metadata();
    (metadata.uid.to_string(), metadata.resource_version.to_string())
}
