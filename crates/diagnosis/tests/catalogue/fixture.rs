//! How does a fixture read?
//!
//! ```yaml
//! firing:                               # found, with this severity and certainty
//! - cluster: healthy-java               # a folder of crates/input/scenarios: a recorded cluster
//!   what: the SDK is switched off       # the one thing that is changed in it, in words
//!   finds: Error Certain
//!   change:
//!   - of: template                      # the workload and its Pods, with paths as in a Pod; or a kind
//!     set: {/spec/containers/app/env/OTEL_SDK_DISABLED/value: "true"}
//! silent:                               # not found; best what is nearest to firing
//! - cluster: healthy-java
//!   what: it is said to stay on
//!   change:
//!   - of: template
//!     set: {/spec/containers/app/env/OTEL_SDK_DISABLED/value: "false"}
//! ```

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::edit::{remove, set};
use crate::recorded::Recorded;

/// The fixtures of one cause.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fixtures {
    /// Where it is found.
    pub firing: Vec<Firing>,
    /// Where it is not.
    pub silent: Vec<Fixture>,
}

/// A cluster in which the cause is found.
#[derive(Debug, Deserialize)]
pub struct Firing {
    /// Severity and certainty, such as `Error Certain`.
    pub finds: String,
    #[serde(flatten)]
    pub fixture: Fixture,
}

/// A recorded cluster, and what is changed in it.
#[derive(Debug, Deserialize)]
pub struct Fixture {
    /// Folder of `crates/input/scenarios`.
    pub cluster: String,
    /// The workload that is judged; the first of the scenario unless named.
    pub workload: Option<String>,
    /// What is changed or what matters, in words.
    #[serde(default)]
    pub what: String,
    /// The time of the judgement, where it is not that of the recording.
    pub now: Option<jiff::Timestamp>,
    /// Whether a trial creation (dry run) came back without an agent.
    #[serde(default)]
    pub trial_is_bare: bool,
    /// The changes, in this order.
    #[serde(default)]
    pub change: Vec<Change>,
}

/// One change.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// Kind of the objects; `template`: the workload and its Pods, paths as in a Pod.
    of: Option<String>,
    /// `app` (the workload's Namespace), `operator`, or any unless said.
    #[serde(default, rename = "in")]
    place: String,
    /// Only the object of this name.
    named: Option<String>,
    /// Only objects that have these values.
    #[serde(default, rename = "where")]
    condition: BTreeMap<String, Value>,
    /// Fields by path (see `edit.rs`).
    #[serde(default)]
    set: BTreeMap<String, Value>,
    /// Paths.
    #[serde(default)]
    remove: Vec<String>,
    /// Whether the objects themselves are taken out.
    #[serde(default)]
    delete: bool,
    /// An object that is added; `app` and `operator` stand for these Namespaces.
    add: Option<Value>,
}

impl Fixture {
    /// The cluster with its changes.
    pub fn cluster(&self) -> Recorded {
        let mut cluster = Recorded::new(&self.cluster);
        if let Some(name) = &self.workload {
            cluster = cluster.workload(name);
        }
        cluster.now = self.now.unwrap_or(cluster.now);
        cluster.trial_is_bare = self.trial_is_bare;
        self.change.iter().fold(cluster, |cluster, change| change.apply(cluster))
    }
}

impl Change {
    fn apply(&self, mut cluster: Recorded) -> Recorded {
        if let Some(object) = &self.add {
            return cluster.with(object.clone());
        }
        let of = self.of.as_deref().expect("a change is `of` a kind, or `add`s an object");
        if of == "template" {
            for object in &mut cluster.of_workload() {
                let below = if object["kind"] == "Pod" { "" } else { "/spec/template" };
                self.edit(object, below);
            }
            return cluster;
        }
        if self.delete {
            let place = cluster.place(&self.place);
            let before = cluster.objects.len();
            cluster.objects.retain(|object| object["kind"] != of || !self.means(object, place.as_deref()));
            assert!(cluster.objects.len() < before, "nothing to delete: {self:?}");
            return cluster;
        }
        let place = cluster.place(&self.place);
        let mut count = 0;
        for object in cluster.objects.iter_mut().filter(|object| object["kind"] == of) {
            if self.means(object, place.as_deref()) {
                self.edit(object, "");
                count += 1;
            }
        }
        assert!(count > 0, "nothing to change: {self:?}");
        cluster
    }

    fn means(&self, object: &Value, namespace: Option<&str>) -> bool {
        namespace.is_none_or(|namespace| object["metadata"]["namespace"] == namespace)
            && self.named.as_ref().is_none_or(|name| object["metadata"]["name"] == **name)
            && self
                .condition
                .iter()
                .all(|(path, value)| object.pointer(path).unwrap_or(&Value::Null) == value)
    }

    fn edit(&self, object: &mut Value, below: &str) {
        for (path, value) in &self.set {
            set(object, &format!("{below}{path}"), value);
        }
        for path in &self.remove {
            remove(object, &format!("{below}{path}"));
        }
    }
}
