//! How far has an injected Pod got, and may it still need time?
//!
//! Grace: merely waiting (to be scheduled, pulled, created, running) is fine for [`GRACE`]; waiting reasons that do not
//! heal by waiting count at once; a failed agent init container counts from its second failure.

use facts::{ContainerStatus, Pod, PodPhase, Terminated};
use injection::Marks;
use injection::marks::AgentRole;
use jiff::{SignedDuration, Timestamp};

/// How long an agent container may wait or run before that is worth a finding.
pub const GRACE: SignedDuration = SignedDuration::from_secs(120);

/// Waiting reasons of the kubelet about a container's image (`pkg/kubelet/images/types.go`, 1.36). They do not heal by waiting.
pub(crate) const IMAGE: [&str; 7] = [
    "ImagePullBackOff",
    "ErrImagePull",
    "InvalidImageName",
    "ErrImageNeverPull",
    "ImageInspectError",
    "RegistryUnavailable",
    "SignatureValidationFailed",
];

/// Others that do not heal by waiting (`pkg/kubelet/kuberuntime/kuberuntime_container.go`, 1.36).
const HOPELESS: [&str; 3] = ["CreateContainerConfigError", "CreateContainerError", "RunContainerError"];

/// State of one injected Pod.
#[derive(Clone, Debug, PartialEq)]
pub enum Progress<'a> {
    /// Every agent container did, or does, its work.
    Done,
    /// An agent container has not come so far yet, and need not have.
    Starting {
        /// When this begins to be worth a finding; none where the Pod's age is not known.
        until: Option<Timestamp>,
    },
    /// An agent container waits or runs for longer than [`GRACE`].
    Overdue {
        /// The container.
        container: &'a str,
        /// Why it waits, in the kubelet's word; empty where it says nothing.
        reason: &'a str,
    },
    /// An agent container cannot be started.
    Refused {
        /// Its state.
        status: &'a ContainerStatus,
    },
    /// An agent container failed.
    Failed {
        /// Its state.
        status: &'a ContainerStatus,
        /// How it ended.
        terminated: &'a Terminated,
    },
}

/// Whether a container waits for something that does not come by waiting.
pub(crate) fn is_hopeless(status: &ContainerStatus) -> bool {
    status.waiting_reason().is_some_and(|reason| IMAGE.contains(&reason) || HOPELESS.contains(&reason))
}

/// How far an injected Pod has got at `now`.
pub fn progress<'a>(pod: &'a Pod, marks: &'a Marks, now: Timestamp) -> Progress<'a> {
    let finished = matches!(pod.status.phase, PodPhase::Succeeded | PodPhase::Failed);
    for agent in &marks.agents {
        let Some(status) = pod.status.container(&agent.name) else {
            if finished {
                return Progress::Done;
            }
            return waiting(pod, &agent.name, "", now);
        };
        match one(pod, status, agent.role, finished, now) {
            Progress::Done => {}
            other => return other,
        }
    }
    Progress::Done
}

fn one<'a>(
    pod: &'a Pod,
    status: &'a ContainerStatus,
    role: AgentRole,
    finished: bool,
    now: Timestamp,
) -> Progress<'a> {
    if let Some(terminated) = &status.state.terminated {
        if terminated.exit_code == 0 {
            return Progress::Done;
        }
        let repeated = status.restart_count > 0 || status.last_state.terminated.is_some();
        return if finished || repeated {
            Progress::Failed { status, terminated }
        } else {
            waiting(pod, &status.name, "", now)
        };
    }
    if status.state.running.is_some() {
        return match (role, status.last_termination()) {
            (AgentRole::GoSidecar, _) => Progress::Done,
            // Between two failures it runs for a while; that mends nothing before it ends well.
            (_, Some(terminated)) if terminated.exit_code != 0 && status.restart_count >= 2 => {
                Progress::Failed { status, terminated }
            }
            _ => waiting(pod, &status.name, "Running", now),
        };
    }
    match (status.waiting_reason().unwrap_or_default(), status.last_termination()) {
        ("CrashLoopBackOff", Some(terminated)) => Progress::Failed { status, terminated },
        // The clone runs the application's own image: that it cannot be pulled is no matter of the injection.
        (reason, _) if role == AgentRole::ConfigurationClone && IMAGE.contains(&reason) => {
            waiting(pod, &status.name, reason, now)
        }
        _ if is_hopeless(status) => Progress::Refused { status },
        _ if finished => Progress::Done,
        (reason, _) => waiting(pod, &status.name, reason, now),
    }
}

fn waiting<'a>(pod: &Pod, container: &'a str, reason: &'a str, now: Timestamp) -> Progress<'a> {
    let until = pod.created.map(|created| created + GRACE);
    match until {
        Some(until) if now >= until => Progress::Overdue { container, reason },
        until => Progress::Starting { until },
    }
}
