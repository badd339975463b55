//! What is known and wanted of one `InstrumentationHealth`?

use std::sync::Arc;

use api::{InstrumentationHealth, object_name};
use facts::WorkloadRef;
use tokio::time::Instant;

use crate::backoff::Backoff;
use crate::events::About;
use crate::packed::Packed;

/// Namespace and name of an object of ours.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectKey {
    /// Namespace.
    pub namespace: Arc<str>,
    /// Name.
    pub name: Arc<str>,
}

impl ObjectKey {
    /// Of the object of a workload.
    pub fn of(workload: &WorkloadRef) -> Self {
        let name = object_name(&diagnosis::reference(workload));
        Self { namespace: workload.namespace.clone(), name: name.into() }
    }
}

/// An object as the API server holds it.
#[derive(Clone, Debug)]
pub struct Stored {
    /// Unique id.
    pub uid: Arc<str>,
    /// Version.
    pub version: Arc<str>,
    /// The object, as we would have written it.
    pub object: Packed<InstrumentationHealth>,
}

impl Stored {
    /// Whether this is a newer state of the object than `other`. Versions of one kind can be compared as numbers (KEP-5504).
    pub fn is_newer(&self, other: &Self) -> bool {
        match (self.version.parse::<u128>(), other.version.parse::<u128>()) {
            (Ok(this), Ok(other)) => this > other,
            _ => self.version != other.version,
        }
    }
}

/// What an object should be.
#[derive(Clone, Debug)]
pub struct Wish {
    /// The object; `None`: gone.
    pub object: Option<Packed<InstrumentationHealth>>,
    /// What Events about it name.
    pub about: Arc<About>,
    /// When the change behind it arrived.
    pub since: Instant,
}

/// What the watch of our objects says of one while a write of it is under way.
#[derive(Debug, Default)]
pub(super) enum Late {
    /// Nothing.
    #[default]
    Nothing,
    /// It is so now.
    There(Stored),
    /// It is gone.
    Gone,
}

/// Everything about one object.
#[derive(Debug)]
pub(super) struct Entry {
    pub stored: Option<Stored>,
    pub wish: Option<Wish>,
    pub flying: Option<Wish>,
    /// What the watch said while a write was under way.
    pub late: Late,
    pub backoff: Backoff,
    pub queued: bool,
    /// The wish that waits was refused for what it says.
    pub refused: bool,
    /// Number of the list in which it was last seen.
    pub list: u32,
}

impl Entry {
    /// The object as it was last wished, or else as it is stored.
    pub fn latest(&self) -> Option<&Packed<InstrumentationHealth>> {
        match self.wish.as_ref().or(self.flying.as_ref()) {
            Some(wish) => wish.object.as_ref(),
            None => self.stored.as_ref().map(|stored| &stored.object),
        }
    }
}
