//! What does the kubelet say about a Pod and its containers?

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::condition::Condition;
use crate::metadata::{null_as_default, null_as_empty};

/// The part of a Pod's status that is read. See [`crate::Pod::status`] for what is kept of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PodStatus {
    /// Phase.
    pub phase: PodPhase,
    /// Why the Pod failed, for example `Evicted`.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "crate::text::optional")]
    pub reason: Option<Arc<str>>,
    /// The kubelet's words for it.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "crate::text::optional")]
    pub message: Option<Arc<str>>,
    /// Conditions.
    #[serde(deserialize_with = "null_as_empty")]
    pub conditions: Box<[Condition]>,
    /// States of the init containers, in the order of the spec.
    #[serde(deserialize_with = "null_as_empty")]
    pub init_container_statuses: Box<[ContainerStatus]>,
    /// States of the containers.
    #[serde(deserialize_with = "null_as_empty")]
    pub container_statuses: Box<[ContainerStatus]>,
}

impl PodStatus {
    /// The state of a container or init container.
    pub fn container(&self, name: &str) -> Option<&ContainerStatus> {
        self.init_container_statuses
            .iter()
            .chain(&self.container_statuses)
            .find(|status| &*status.name == name)
    }

    /// Since when the Pod is ready, if it is.
    pub fn ready_since(&self) -> Option<Timestamp> {
        let ready = Condition::find(&self.conditions, "Ready").filter(|condition| condition.is_true())?;
        ready.last_transition_time
    }

    /// Whether the Pod is ready.
    pub fn is_ready(&self) -> bool {
        Condition::find(&self.conditions, "Ready").is_some_and(Condition::is_true)
    }

    /// Whether a container failed and was started again.
    pub fn has_restarted(&self) -> bool {
        let failed = |status: &ContainerStatus| {
            status.restart_count > 0 && status.last_termination().is_some_and(|ended| ended.exit_code != 0)
        };
        self.container_statuses.iter().any(failed)
    }

    /// Whether the Pod runs, is ready, and none of its containers has ever failed: nothing in it waits for a deadline.
    pub fn is_settled(&self) -> bool {
        self.phase == PodPhase::Running
            && self.is_ready()
            && self.init_container_statuses.iter().all(ContainerStatus::has_not_failed)
            && self
                .container_statuses
                .iter()
                .all(|status| status.has_not_failed() && status.state.running.is_some())
    }
}

/// Phase of a Pod's life.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum PodPhase {
    /// Accepted, not all containers run.
    Pending,
    /// Bound to a node, at least one container runs.
    Running,
    /// All containers ended with 0.
    Succeeded,
    /// All containers ended, at least one with another code.
    Failed,
    /// Not known, or not given.
    #[default]
    #[serde(other)]
    Unknown,
}

/// State of one container.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ContainerStatus {
    /// Name of the container.
    #[serde(deserialize_with = "crate::text::text")]
    pub name: Arc<str>,
    /// Digest of the image that runs; empty before it is pulled.
    #[serde(rename = "imageID", deserialize_with = "crate::text::text")]
    pub image_id: Arc<str>,
    /// Whether it is ready.
    pub ready: bool,
    /// Whether it has started.
    #[serde(deserialize_with = "null_as_default")]
    pub started: bool,
    /// How often it was started again.
    pub restart_count: i32,
    /// What it does now.
    #[serde(deserialize_with = "null_as_default")]
    pub state: ContainerState,
    /// How it ended before.
    #[serde(deserialize_with = "null_as_default")]
    pub last_state: ContainerState,
}

impl ContainerStatus {
    /// How it ended, now or before.
    pub fn last_termination(&self) -> Option<&Terminated> {
        self.state.terminated.as_ref().or(self.last_state.terminated.as_ref())
    }

    /// Whether it runs or ended well, at the first attempt.
    fn has_not_failed(&self) -> bool {
        let ended_well = self.state.terminated.as_ref().is_some_and(|terminated| terminated.exit_code == 0);
        (ended_well || self.state.running.is_some())
            && self.restart_count == 0
            && self.last_state == ContainerState::default()
    }

    /// Why it waits, if it does.
    pub fn waiting_reason(&self) -> Option<&str> {
        self.state.waiting.as_ref().map(|waiting| &*waiting.reason)
    }
}

/// What a container does: exactly one of the three, none before the kubelet has looked at it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct ContainerState {
    /// It waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiting: Option<Waiting>,
    /// It runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub running: Option<Running>,
    /// It has ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub terminated: Option<Terminated>,
}

/// A container that waits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Waiting {
    /// `ImagePullBackOff`, `CrashLoopBackOff`, `PodInitializing` …
    #[serde(deserialize_with = "crate::text::text")]
    pub reason: Arc<str>,
    /// The kubelet's words.
    #[serde(deserialize_with = "crate::text::text")]
    pub message: Arc<str>,
}

/// A container that runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Running {
    /// Since when.
    pub started_at: Option<Timestamp>,
}

/// A container that has ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Terminated {
    /// Exit code.
    pub exit_code: i32,
    /// `Completed`, `Error`, `OOMKilled` …
    #[serde(deserialize_with = "crate::text::text")]
    pub reason: Arc<str>,
    /// The container's last words, where its policy exposes them.
    #[serde(deserialize_with = "crate::text::text")]
    pub message: Arc<str>,
    /// When it had started.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
}
