//! In which file does an object stand?
//!
//! People who check manifests in a merge want to see a finding beside the line it is about.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::parse::Place;

/// Where an object was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The file, or `standard input`.
    pub label: String,
    /// First line of the document that holds it, from 1.
    pub line: usize,
}

/// Where the objects stand that may be workloads. Pods of a controller are left out: there may be very many, and nobody wrote
/// them by hand.
#[derive(Clone, Debug, Default)]
pub struct Origins(BTreeMap<(String, String, String), Origin>);

impl Origins {
    /// Where an object stands, by kind, namespace and name.
    pub fn of(&self, kind: &str, namespace: &str, name: &str) -> Option<&Origin> {
        self.0.get(&(kind.to_owned(), namespace.to_owned(), name.to_owned()))
    }

    pub(crate) fn note(&mut self, kind: &str, object: &Map<String, Value>, place: Place<'_>) {
        if !matches!(kind, "Deployment" | "StatefulSet" | "DaemonSet" | "CronJob" | "Job" | "Pod") {
            return;
        }
        let Some(metadata) = object.get("metadata") else { return };
        let is_owned = metadata["ownerReferences"].as_array().is_some_and(|owners| !owners.is_empty());
        let text = |field: &str| metadata[field].as_str().map(str::to_owned);
        if let (false, Some(name)) = (is_owned, text("name")) {
            let key = (kind.to_owned(), text("namespace").unwrap_or_default(), name);
            self.0.insert(key, Origin { label: place.label.to_owned(), line: place.line });
        }
    }
}
