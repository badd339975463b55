//! How is the Lease read and written?

use std::time::Duration;

use futures::Stream;
use jiff::Timestamp;
use k8s_openapi::api::coordination::v1::Lease;
use kube::api::PostParams;
use kube::runtime::watcher::{self, watch_object};
use kube::{Api, Client};
use tokio::time::{Instant, timeout};

use super::record::{held_by, released};
use super::{LeaseSettings, Predecessor};

/// One Lease in the API server.
#[derive(Clone)]
pub struct Store {
    api: Api<Lease>,
    settings: LeaseSettings,
    identity: String,
    predecessor: Predecessor,
}

/// A Lease that was written, and when the request was sent: it is valid from then on, not from the answer on.
#[derive(Clone, Debug)]
pub struct Held {
    /// As the API server holds it.
    pub lease: Lease,
    /// When.
    pub sent: Instant,
}

/// Why the Lease was not read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another has written it in between, or made or deleted it.
    #[error("another process was faster")]
    Conflict,
    /// It may not be.
    #[error("not allowed")]
    Forbidden,
    /// No answer in time.
    #[error("no answer within {} ms", .0.as_millis())]
    Timeout(Duration),
    /// Anything else.
    #[error("{0}")]
    Other(#[source] kube::Error),
}

impl Store {
    /// The Lease of these settings, for a process of this name.
    pub fn new(client: &Client, settings: &LeaseSettings, identity: String) -> Self {
        let api = Api::namespaced(client.clone(), &settings.namespace);
        Self { api, settings: settings.clone(), identity, predecessor: Predecessor::default() }
    }

    /// Who had it before.
    pub fn predecessor(&self) -> &Predecessor {
        &self.predecessor
    }

    /// Its settings.
    pub fn settings(&self) -> &LeaseSettings {
        &self.settings
    }

    /// The name of this process.
    pub fn identity(&self) -> &str {
        &self.identity
    }

    /// What it needs.
    pub fn rule(&self) -> String {
        format!(
            "get, list, watch, create, update leases.coordination.k8s.io in Namespace {}",
            self.settings.namespace
        )
    }

    /// Reads it.
    pub async fn get(&self, patience: Duration) -> Result<Option<Lease>, StoreError> {
        within(patience, self.api.get_opt(&self.settings.name)).await
    }

    /// Its changes.
    pub fn changes(&self) -> impl Stream<Item = Result<Option<Lease>, watcher::Error>> + Send + use<> {
        watch_object(self.api.clone(), &self.settings.name)
    }

    /// Takes or renews it for `valid`, if it is still as it was read.
    pub async fn hold(
        &self,
        before: Option<&Lease>,
        valid: Duration,
        patience: Duration,
    ) -> Result<Held, StoreError> {
        let lease = held_by(&self.identity, before, &self.settings, valid, Timestamp::now());
        let sent = Instant::now();
        let parameters = PostParams::default();
        let lease = if before.is_some() {
            within(patience, self.api.replace(&self.settings.name, &parameters, &lease)).await?
        } else {
            within(patience, self.api.create(&parameters, &lease)).await?
        };
        Ok(Held { lease, sent })
    }

    /// Gives it up.
    pub async fn release(&self, held: &Lease, patience: Duration) -> Result<(), StoreError> {
        let lease = released(held, Timestamp::now());
        within(patience, self.api.replace(&self.settings.name, &PostParams::default(), &lease)).await?;
        Ok(())
    }
}

async fn within<T>(
    patience: Duration,
    request: impl Future<Output = kube::Result<T>>,
) -> Result<T, StoreError> {
    match timeout(patience, request).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(kube::Error::Api(status))) if matches!(status.code, 404 | 409) => Err(StoreError::Conflict),
        Ok(Err(kube::Error::Api(status))) if status.code == 403 => Err(StoreError::Forbidden),
        Ok(Err(error)) => Err(StoreError::Other(error)),
        Err(_) => Err(StoreError::Timeout(patience)),
    }
}
