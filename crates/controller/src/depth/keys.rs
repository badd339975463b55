//! Which keys do the `ConfigMap`s and Secrets have that something names?
//!
//! One `get` by name. The API has no way to ask for keys alone, so that values come along: those of a Secret are skipped while
//! the answer is decoded, those of a `ConfigMap` are dropped right after.

use std::time::Duration;

use facts::{ConfigMap, DataRef, Object, Secret};
use kube::{Api, Client};
use tracing::debug;

use super::Look;
use crate::list::absence_by_code;
use crate::message::Message;
use crate::watched::{Unread, View};

/// How long keys may be relied upon.
const GOOD: Duration = Duration::from_secs(300);
/// How long it may be relied upon that something is not there: somebody is about to create it.
const SOON: Duration = Duration::from_secs(20);

/// What was found under a name.
#[derive(Clone, Debug, PartialEq)]
pub enum Named {
    /// It is there; its values are not in it.
    Found(Object),
    /// It is not there.
    Absent,
    /// It may not be read.
    Forbidden,
}

/// Reads keys.
pub struct Keys {
    /// The connection.
    pub client: Client,
}

impl Look for Keys {
    type Target = DataRef;
    const PAUSE: Duration = Duration::from_millis(100);

    async fn look(&mut self, target: &DataRef) -> (Option<Message>, Duration) {
        let DataRef { namespace, name, .. } = target;
        match read_named(&self.client, target).await {
            Ok(found) => {
                let good_for = if matches!(found, Named::Found(_)) { GOOD } else { SOON };
                (Some(Message::Named { name: target.clone(), found }), good_for)
            }
            Err(error) => {
                debug!(%namespace, %name, %error, "cannot read what something names");
                (None, SOON)
            }
        }
    }
}

/// Reads one `ConfigMap` or Secret, without its values.
///
/// # Errors
/// Any trouble that says nothing about whether it is there.
pub async fn read_named(client: &Client, name: &DataRef) -> Result<Named, kube::Error> {
    let read =
        if name.is_secret { get::<Secret>(client, name).await } else { get::<ConfigMap>(client, name).await };
    match read {
        Ok(None) => Ok(Named::Absent),
        Ok(Some(Object::ConfigMap(mut map))) => {
            map.forget_values();
            Ok(Named::Found(Object::ConfigMap(map)))
        }
        Ok(Some(object)) => Ok(Named::Found(object)),
        Err(kube::Error::Api(status)) if absence_by_code("", status.code).is_some() => Ok(Named::Forbidden),
        Err(error) => Err(error),
    }
}

async fn get<V: View>(client: &Client, name: &DataRef) -> Result<Option<Object>, kube::Error> {
    let api: Api<Unread> = Api::namespaced_with(client.clone(), &name.namespace, &Unread::kind::<V>());
    let found = api.get_opt(&name.name).await?;
    // One that does not read as the API describes it cannot have come from the API.
    Ok(found.and_then(|found| found.into_object::<V>(name.input()).ok().flatten()))
}
