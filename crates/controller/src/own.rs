//! What do the API server's `InstrumentationHealth` objects say now?
//!
//! Read back at start, so that a restart writes nothing, and watched, so that an object that somebody deleted or changed is
//! put right.

use std::sync::Arc;

use api::InstrumentationHealth;
use kube::api::{ApiResource, DynamicObject};
use kube::{Api, Client};
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::message::{Change, Delivery, Message};
use crate::own_parts::follow_parts;
use crate::sources::Extent;
use crate::watch::{Ended, Surroundings, Watch};

/// What the watch is called in logs and metrics.
pub const LABEL: &str = "instrumentationhealths";
/// The rule that reading our own objects needs.
pub const RULE: &str = "list, watch instrumentationhealths.instrumentation-health.dev";

/// Watches our own objects until shutdown, and reads them anew at each call of `again`, which it announces.
pub async fn follow_own(client: Client, extent: Extent, again: Arc<Notify>, surroundings: Surroundings) {
    match extent {
        Extent::Cluster => follow_in(client, None, again, surroundings).await,
        Extent::Namespaces(namespaces) => follow_parts(client, namespaces, again, surroundings).await,
    }
}

/// The same of those in one namespace, or of all. They arrive as JSON: one that somebody bent out of shape must not end the
/// watch.
pub async fn follow_in(
    client: Client,
    namespace: Option<Arc<str>>,
    again: Arc<Notify>,
    surroundings: Surroundings,
) {
    let (kind, wake) = (ApiResource::erase::<InstrumentationHealth>(&()), Arc::new(Notify::new()));
    let mut streaming = surroundings.streaming_lists;
    loop {
        let watch = Watch {
            label: LABEL,
            namespace: namespace.clone(),
            rule: RULE.to_owned(),
            field_selector: None,
            streaming,
            tolerant: true,
            wake: &wake,
            surroundings: &surroundings,
        };
        let api = match &namespace {
            Some(namespace) => Api::namespaced_with(client.clone(), namespace, &kind),
            None => Api::all_with(client.clone(), &kind),
        };
        let ended = tokio::select! {
            ended = watch.follow(api, &own_message) => ended,
            () = again.notified() => {
                let delivery = Delivery { received: Instant::now(), message: Message::OwnAgain };
                if surroundings.deliveries.send(delivery).await.is_err() {
                    return;
                }
                continue;
            }
        };
        match ended {
            Ended::Shutdown => return,
            Ended::NoStreamingLists => streaming = false,
            Ended::DoesNotParse => {}
        }
    }
}

fn own_message(change: Change<DynamicObject>) -> Option<Message> {
    Some(Message::Own(match change {
        Change::Begin => Change::Begin,
        Change::Apply(object) => Change::Apply(Box::new(object)),
        Change::Delete(object) => Change::Delete(Box::new(object)),
        Change::Unparsable(..) => return None,
        Change::Complete => Change::Complete,
        Change::Absent(known) => Change::Absent(known),
    }))
}

/// The object as we would have written it: without what others put there and what only the API server knows. `None`: it
/// does not parse.
pub fn normalize(object: DynamicObject) -> Option<InstrumentationHealth> {
    let mut metadata = object.metadata;
    let ours = |key: &String| key.contains(api::GROUP) || key == "app.kubernetes.io/managed-by";
    let labels =
        metadata.labels.take().map(|labels| labels.into_iter().filter(|(key, _)| ours(key)).collect());
    let mut data = object.data;
    let status = data.get_mut("status").map(serde_json::Value::take);
    let mut own = InstrumentationHealth::new(
        metadata.name.as_deref()?,
        serde_json::from_value(data.get_mut("spec")?.take()).ok()?,
    );
    own.metadata.namespace = metadata.namespace;
    own.metadata.labels = labels;
    own.metadata.owner_references = metadata.owner_references.filter(|owners| !owners.is_empty());
    own.status = status.and_then(|status| serde_json::from_value(status).ok());
    Some(own)
}
