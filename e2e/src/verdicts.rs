//! When has the controller said what is expected of it?

use std::fmt;
use std::time::Duration;

use api::{ConditionType, InstrumentationHealth};
use kube::api::ListParams;
use kube::{Api, Client};
use tokio::time::Instant;

use crate::Error;

const PAUSE: Duration = Duration::from_millis(100);

/// What the `Healthy` condition of one object says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Verdict {
    /// Namespace of the object.
    pub namespace: String,
    /// Name of the object.
    pub name: String,
    /// `True`, `False` or `Unknown`.
    pub healthy: String,
    /// Reason.
    pub reason: String,
}

impl Verdict {
    /// The verdict `namespace`/`name` is expected to reach.
    pub fn new(namespace: &str, name: &str, healthy: &str, reason: &str) -> Self {
        Self {
            namespace: namespace.into(),
            name: name.into(),
            healthy: healthy.into(),
            reason: reason.into(),
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{} {} {}", self.namespace, self.name, self.healthy, self.reason)
    }
}

/// Every verdict that stands now, by namespace and name.
pub async fn verdicts(client: &Client) -> Result<Vec<Verdict>, Error> {
    let api: Api<InstrumentationHealth> = Api::all(client.clone());
    let objects =
        api.list(&ListParams::default()).await.map_err(Error::api("list InstrumentationHealths"))?;
    let mut verdicts: Vec<Verdict> = objects.items.iter().map(verdict).collect();
    verdicts.sort();
    Ok(verdicts)
}

fn verdict(object: &InstrumentationHealth) -> Verdict {
    let conditions = object.status.iter().flat_map(|status| &status.conditions);
    let healthy = conditions.into_iter().find(|condition| condition.type_ == ConditionType::Healthy.as_str());
    Verdict {
        namespace: object.metadata.namespace.clone().unwrap_or_default(),
        name: object.metadata.name.clone().unwrap_or_default(),
        healthy: healthy.map(|condition| condition.status.clone()).unwrap_or_default(),
        reason: healthy.map(|condition| condition.reason.clone()).unwrap_or_default(),
    }
}

/// Waits until every expected verdict stands; others may stand beside them. Says what is missing after `patience`.
pub async fn until_verdicts(client: &Client, expected: &[Verdict], patience: Duration) -> Result<(), Error> {
    let deadline = Instant::now() + patience;
    loop {
        let standing = verdicts(client).await?;
        let missing: Vec<&Verdict> = expected.iter().filter(|verdict| !standing.contains(verdict)).collect();
        if missing.is_empty() {
            return Ok(());
        }
        if Instant::now() > deadline {
            let list = |verdicts: &[&Verdict]| {
                verdicts.iter().fold(String::new(), |text, v| format!("{text}\n  {v}"))
            };
            let (missing, standing) = (list(&missing), list(&standing.iter().collect::<Vec<_>>()));
            let problem =
                format!("not reached in {} s:{missing}\nwhat stands:{standing}", patience.as_secs());
            return Err(Error::Manifest { what: "verdicts".into(), problem });
        }
        tokio::time::sleep(PAUSE).await;
    }
}
