//! Which failures can a Pod ask the bed's kubelets for?
//!
//! A Pod says so in one annotation, [`ANNOTATION`], on itself or on its owner's template, so that init containers that
//! a webhook adds later can be addressed by name too. The value is a [`Play`] as JSON; its words are those of the field
//! `kubelet` of the recorded scenarios. Removing the annotation from a running Pod mends what heals by itself in a
//! cluster (a pull that is tried again, a missing Secret, a volume that does not mount).
//!
//! Never scheduled is not played: give the Pod a `nodeSelector` that no Node satisfies, and the real scheduler says so.

use std::collections::BTreeMap;

use serde::Serialize;

/// The annotation that `e2e/testbed/stages` read.
pub const ANNOTATION: &str = "kubelet.e2e.instrumentation-health.dev/play";

/// What happens to a Pod.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Play {
    /// What happens to its containers, by name. Containers that are not named run well; init containers end with 0.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub containers: BTreeMap<String, ContainerPlay>,
    /// Message of the `FailedMount` Event; the Pod stays in `ContainerCreating` or `PodInitializing`. Only the first is played.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mount_error: Vec<String>,
    /// The Pod is evicted some time after it became ready.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evict: Option<Eviction>,
    /// Only Pods on this Node play; the others run well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
    /// A deleted Pod stays, terminating.
    #[serde(skip_serializing_if = "is_default")]
    pub hold_terminating: bool,
    /// The Pod runs in one step, without Events: for very many Pods. Failures of ready containers can still be played.
    #[serde(skip_serializing_if = "is_default")]
    pub at_once: bool,
    /// The kubelets never touch the Pod: whoever created it writes its status.
    #[serde(skip_serializing_if = "is_default")]
    pub hands_off: bool,
}

/// What happens to one container. At most one of the failures is meaningful.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct ContainerPlay {
    /// Seconds that pulling its image takes; unset: the image is on the Node already.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pull: Option<f64>,
    /// The image cannot be pulled, for this reason of the container runtime; `{img}` stands for the image.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pull_error: Option<String>,
    /// Seconds until the first pull fails.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pull_time: Option<f64>,
    /// The image reference does not parse.
    #[serde(skip_serializing_if = "is_default")]
    pub invalid_image: bool,
    /// The container cannot be created, for this reason; `{pod}` stands for the Pod's full name, `{c}` for the container's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config_error: Option<String>,
    /// The container ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit: Option<Exit>,
    /// Its startup probe fails with this message until it is killed, again and again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub startup_fail: Option<String>,
    /// Seconds of every back-off instead of the kubelet's (10 for pulls; 10, 20, 40 … 300 for crashes).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub back_off: Option<f64>,
}

/// How a container ends.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Exit {
    /// Exit code; 0 means completed.
    pub code: i32,
    /// Seconds after its start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<f64>,
    /// Killed for want of memory: the reason is `OOMKilled`.
    #[serde(skip_serializing_if = "is_default")]
    pub oom: bool,
    /// Only the first so many runs end like this; an init container then completes, another container then stays up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
    /// Its termination message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// An eviction by the kubelet.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Eviction {
    /// Seconds after the Pod became ready.
    pub after: f64,
    /// What the kubelet says.
    pub message: String,
}

impl Play {
    /// One container does this, everything else runs well.
    pub fn of(container: &str, play: ContainerPlay) -> Self {
        Self { containers: BTreeMap::from([(container.to_owned(), play)]), ..Self::default() }
    }

    /// The value of [`ANNOTATION`].
    ///
    /// # Panics
    /// Never: only maps with other keys than strings fail to become JSON.
    pub fn annotation(&self) -> String {
        serde_json::to_string(self).expect("a Play has no map with other keys than strings")
    }
}

impl ContainerPlay {
    /// The registry does not know the tag: `ErrImagePull`, then `ImagePullBackOff`.
    pub fn image_not_found() -> Self {
        let error = "rpc error: code = NotFound desc = failed to pull and unpack image \"{img}\": \
                     failed to resolve reference \"{img}\": {img}: not found";
        Self { pull_error: Some(error.to_owned()), ..Self::default() }
    }

    /// `InvalidImageName`.
    pub fn image_name_invalid() -> Self {
        Self { invalid_image: true, ..Self::default() }
    }

    /// `CreateContainerConfigError`, as for an image that runs as root under `runAsNonRoot`.
    pub fn runs_as_root() -> Self {
        let error = "container has runAsNonRoot and image will run as root (pod: \"{pod}\", container: {c})";
        Self { config_error: Some(error.to_owned()), ..Self::default() }
    }

    /// Killed for want of memory on every run: `OOMKilled`, then `CrashLoopBackOff`.
    pub fn out_of_memory() -> Self {
        Self {
            exit: Some(Exit { code: 137, oom: true, after: Some(0.3), ..Exit::default() }),
            ..Self::default()
        }
    }

    /// Ends with this code on every run; other than 0: `Error`, then `CrashLoopBackOff`.
    pub fn exits(code: i32) -> Self {
        Self { exit: Some(Exit { code, after: Some(0.3), ..Exit::default() }), ..Self::default() }
    }

    /// Its image is being pulled, for hours: the container stays in `PodInitializing` or `ContainerCreating`.
    pub fn hangs() -> Self {
        Self { pull: Some(86_400.0), ..Self::default() }
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_annotation_speaks_the_words_of_the_recorded_scenarios() {
        let play = Play::of("agent", ContainerPlay::out_of_memory());
        assert_eq!(
            play.annotation(),
            r#"{"containers":{"agent":{"exit":{"code":137,"after":0.3,"oom":true}}}}"#
        );
        assert_eq!(Play::default().annotation(), "{}");
    }
}
