//! Which failures does the bed play, and what must a kubelet report for each?

use e2e::play::{ContainerPlay, Eviction, Exit, Play};

pub const AGENT: &str = "opentelemetry-auto-instrumentation-java";
pub const IMAGE: &str = "example.com/agent:2";

/// What is expected of one Pod that plays a failure.
pub struct Case {
    pub name: &'static str,
    pub play: Play,
    /// `restartPolicy` of the Pod.
    pub restarts: &'static str,
    pub phase: &'static str,
    /// State of the agent's init container: waiting or terminated reason, or `running`.
    pub agent: &'static str,
    /// Message of that state, with `{pod}` for the Pod's full name; empty: not looked at.
    pub message: &'static str,
    /// State of the application container.
    pub app: &'static str,
    /// Reason and message of Events that must be there, with `{pod}`.
    pub events: &'static [(&'static str, &'static str)],
}

impl Case {
    pub fn new(name: &'static str, play: Play) -> Self {
        let (phase, app) = ("Pending", "PodInitializing");
        Self { name, play, restarts: "Always", phase, agent: "", message: "", app, events: &[] }
    }

    fn agent(name: &'static str, play: ContainerPlay) -> Self {
        Self::new(name, Play::of(AGENT, play))
    }
}

/// The whole table.
pub fn cases() -> Vec<Case> {
    [never_started(), ends(), others()].into_iter().flatten().collect()
}

/// Containers that cannot be created.
fn never_started() -> Vec<Case> {
    vec![
        Case {
            agent: "ImagePullBackOff",
            message: "Back-off pulling image \"example.com/agent:2\": ErrImagePull: rpc error: code = NotFound \
                      desc = failed to pull and unpack image \"example.com/agent:2\": failed to resolve reference \
                      \"example.com/agent:2\": example.com/agent:2: not found",
            events: &[
                ("Pulling", "Pulling image \"example.com/agent:2\""),
                ("Failed", "Error: ErrImagePull"),
                ("BackOff", "Back-off pulling image \"example.com/agent:2\""),
                ("Failed", "Error: ImagePullBackOff"),
            ],
            ..Case::agent("image-not-found", ContainerPlay::image_not_found())
        },
        Case {
            agent: "InvalidImageName",
            message: "Failed to apply default image tag \"example.com/agent:2\": couldn't parse image name \
                      \"example.com/agent:2\": invalid reference format",
            events: &[("Failed", "Error: InvalidImageName")],
            ..Case::agent("image-name-invalid", ContainerPlay::image_name_invalid())
        },
        Case {
            agent: "CreateContainerConfigError",
            message: "container has runAsNonRoot and image will run as root (pod: \"{pod}\", container: opentelemetry-auto-instrumentation-java)",
            events: &[(
                "Failed",
                "Error: container has runAsNonRoot and image will run as root (pod: \"{pod}\", container: opentelemetry-auto-instrumentation-java)",
            )],
            ..Case::agent("runs-as-root", ContainerPlay::runs_as_root())
        },
        Case {
            agent: "PodInitializing",
            events: &[("Pulling", "Pulling image \"example.com/agent:2\"")],
            ..Case::agent("hangs", ContainerPlay::hangs())
        },
        Case {
            agent: "PodInitializing",
            events: &[(
                "FailedMount",
                "MountVolume.SetUp failed for volume \"cert\" : secret \"cert\" not found",
            )],
            ..Case::new(
                "mount-fails",
                Play {
                    mount_error: vec![
                        "MountVolume.SetUp failed for volume \"cert\" : secret \"cert\" not found".into(),
                    ],
                    ..Play::default()
                },
            )
        },
    ]
}

/// Containers that end, as they should or should not.
fn ends() -> Vec<Case> {
    vec![
        Case {
            agent: "CrashLoopBackOff",
            message: "back-off 10s restarting failed container=opentelemetry-auto-instrumentation-java pod={pod}",
            events: &[(
                "BackOff",
                "Back-off restarting failed container opentelemetry-auto-instrumentation-java in pod {pod}",
            )],
            ..Case::agent("out-of-memory", ContainerPlay::out_of_memory())
        },
        Case {
            agent: "CrashLoopBackOff",
            events: &[("Created", "Container created"), ("Started", "Container started")],
            ..Case::agent("exits-with-1", ContainerPlay::exits(1))
        },
        Case {
            restarts: "Never",
            phase: "Failed",
            agent: "Error",
            ..Case::agent("exits-for-good", ContainerPlay::exits(1))
        },
        Case {
            phase: "Running",
            agent: "Completed",
            app: "running",
            ..Case::agent(
                "retried-once",
                ContainerPlay {
                    exit: Some(Exit {
                        code: 137,
                        oom: true,
                        times: Some(1),
                        after: Some(0.2),
                        ..Exit::default()
                    }),
                    ..ContainerPlay::default()
                },
            )
        },
        Case {
            phase: "Running",
            agent: "Completed",
            app: "CrashLoopBackOff",
            ..Case::new("app-crashes", Play::of("app", ContainerPlay::exits(1)))
        },
        Case {
            phase: "Running",
            agent: "Completed",
            app: "CrashLoopBackOff",
            events: &[
                ("Unhealthy", "Startup probe failed: connection refused"),
                ("Killing", "Container app failed startup probe, will be restarted"),
            ],
            ..Case::new(
                "probe-fails",
                Play::of(
                    "app",
                    ContainerPlay {
                        startup_fail: Some("connection refused".into()),
                        ..ContainerPlay::default()
                    },
                ),
            )
        },
    ]
}

/// What else happens to Pods.
fn others() -> Vec<Case> {
    vec![
        Case {
            phase: "Running",
            agent: "Completed",
            app: "running",
            ..Case::new("at-once", Play { at_once: true, ..Play::default() })
        },
        Case { phase: "Running", agent: "Completed", app: "running", ..Case::new("well", Play::default()) },
        Case {
            restarts: "Never",
            phase: "Succeeded",
            agent: "Completed",
            app: "Completed",
            ..Case::new("job-completes", Play::of("app", ContainerPlay::exits(0)))
        },
        Case {
            phase: "Failed",
            agent: "Completed",
            app: "Error",
            events: &[("Evicted", "Usage of EmptyDir volume \"agent\" exceeds the limit \"100Mi\". ")],
            ..Case::new(
                "evicted",
                Play {
                    evict: Some(Eviction {
                        after: 0.5,
                        message: "Usage of EmptyDir volume \"agent\" exceeds the limit \"100Mi\". ".into(),
                    }),
                    ..Play::default()
                },
            )
        },
        Case {
            phase: "Running",
            agent: "Completed",
            app: "running",
            ..Case::new(
                "other-node",
                Play { node: Some("worker-77".into()), ..Play::of(AGENT, ContainerPlay::out_of_memory()) },
            )
        },
    ]
}
