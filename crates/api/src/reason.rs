//! Which reasons can a `Healthy` condition have that are no cause of the catalogue?

/// Outcomes beside the causes of the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The agent is installed, wired and pointed at something that exists.
    Instrumented,
    /// Pods are still within the time they may take to start.
    Progressing,
    /// An input without which nothing proves the point cannot be read.
    NotChecked,
    /// An injected Pod lacks the agent init container its injection calls for.
    InitContainerMissing,
    /// The agent init container waits longer than it should, without a reason the API names.
    InitContainerNotStarted,
    /// The agent init container ended with an exit code that no cause of the catalogue explains.
    InitContainerFailed,
    /// Injected and wired; from here the API cannot see further.
    ActivityNotVisible,
}

impl Outcome {
    /// All outcomes.
    pub const ALL: [Self; 7] = [
        Self::Instrumented,
        Self::Progressing,
        Self::NotChecked,
        Self::InitContainerMissing,
        Self::InitContainerNotStarted,
        Self::InitContainerFailed,
        Self::ActivityNotVisible,
    ];

    /// The reason, as written in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Instrumented => "Instrumented",
            Self::Progressing => "Progressing",
            Self::NotChecked => "NotChecked",
            Self::InitContainerMissing => "InitContainerMissing",
            Self::InitContainerNotStarted => "InitContainerNotStarted",
            Self::InitContainerFailed => "InitContainerFailed",
            Self::ActivityNotVisible => "ActivityNotVisible",
        }
    }
}
