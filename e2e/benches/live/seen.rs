//! When did which verdict reach the API server?

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use api::{ConditionType, InstrumentationHealth};
use e2e::following::follow;
use kube::runtime::watcher::Event;
use kube::{Api, Client};

use crate::Result;

/// Changes of verdicts, by name of the workload's app.
type Changes = HashMap<String, Vec<(Instant, String)>>;

/// A watch of our own objects.
#[derive(Clone, Debug, Default)]
pub struct Seen(Arc<Mutex<Changes>>);

impl Seen {
    /// Watches until the end of the process.
    pub fn follow(client: Client) -> Self {
        let seen = Self::default();
        let (noted, api) = (seen.clone(), Api::<InstrumentationHealth>::all(client));
        tokio::spawn(follow(api, move |event| {
            if let Event::Apply(object) | Event::InitApply(object) = event {
                noted.note(&object);
            }
        }));
        seen
    }

    /// When the verdict about an app first was this, after a moment.
    pub fn when(&self, app: &str, healthy: &str, after: Instant) -> Option<Instant> {
        let changes = self.changes();
        let of_app = changes.get(app)?;
        of_app.iter().find(|(at, verdict)| *at > after && verdict == healthy).map(|(at, _)| *at)
    }

    /// How many objects say this now.
    pub fn count(&self, healthy: &str) -> usize {
        let says =
            |changes: &&Vec<(Instant, String)>| changes.last().is_some_and(|(_, last)| last == healthy);
        self.changes().values().filter(says).count()
    }

    /// Waits until this many objects say this.
    pub async fn until(&self, healthy: &str, count: usize, patience: Duration) -> Result<()> {
        let deadline = Instant::now() + patience;
        while self.count(healthy) < count {
            if Instant::now() > deadline {
                let seen = self.count(healthy);
                return Err(format!(
                    "{seen} objects, not {count}, say {healthy} after {} s",
                    patience.as_secs()
                )
                .into());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    fn note(&self, object: &InstrumentationHealth) {
        let conditions = object.status.iter().flat_map(|status| &status.conditions);
        let healthy =
            conditions.into_iter().find(|condition| condition.type_ == ConditionType::Healthy.as_str());
        let Some(healthy) = healthy else { return };
        let mut changes = self.changes();
        let of_app = changes.entry(object.spec.workload_ref.name.clone()).or_default();
        if of_app.last().is_none_or(|(_, last)| *last != healthy.status) {
            of_app.push((Instant::now(), healthy.status.clone()));
        }
    }

    fn changes(&self) -> MutexGuard<'_, Changes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
