//! Which reasons can a condition have that are no cause of the catalogue?

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
    /// An annotation that is to silence findings or Events does not say what it should.
    SilenceAnnotationInvalid,
}

impl Outcome {
    /// All outcomes.
    pub const ALL: [Self; 8] = [
        Self::Instrumented,
        Self::Progressing,
        Self::NotChecked,
        Self::InitContainerMissing,
        Self::InitContainerNotStarted,
        Self::InitContainerFailed,
        Self::ActivityNotVisible,
        Self::SilenceAnnotationInvalid,
    ];

    /// What it means, in one sentence.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Instrumented => "The agent is installed, wired and pointed at something that exists.",
            Self::Progressing => "Pods are still within the time they may take to start.",
            Self::NotChecked => "An input without which nothing proves the point cannot be read.",
            Self::InitContainerMissing => "An injected Pod lacks the init container that copies its agent.",
            Self::InitContainerNotStarted => {
                "The agent's init container waits longer than it should, and the API names no reason."
            }
            Self::InitContainerFailed => {
                "The agent's init container failed for a reason that no cause explains."
            }
            Self::ActivityNotVisible => "Injected and wired; from here the API cannot see further.",
            Self::SilenceAnnotationInvalid => {
                "An annotation that is to mute Events or to ignore findings does not say what it should."
            }
        }
    }

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
            Self::SilenceAnnotationInvalid => "SilenceAnnotationInvalid",
        }
    }
}

/// Reasons of the conditions of the stages, where no finding speaks of the stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StageReason {
    /// Of `Ready`: the verdict was computed.
    Judged,
    /// Nothing is wrong with the stage, as far as the API tells.
    AsExpected,
    /// A stage before it failed.
    NotReached,
    /// There is no Pod to judge.
    NoPods,
    /// No Pod carries an injection.
    NotInjected,
    /// Pods are refused, for a reason that does not lie in the injection.
    RefusedOtherwise,
}

impl StageReason {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Judged,
        Self::AsExpected,
        Self::NotReached,
        Self::NoPods,
        Self::NotInjected,
        Self::RefusedOtherwise,
    ];

    /// The reason, as written in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Judged => "Judged",
            Self::AsExpected => "AsExpected",
            Self::NotReached => "NotReached",
            Self::NoPods => "NoPods",
            Self::NotInjected => "NotInjected",
            Self::RefusedOtherwise => "RefusedOtherwise",
        }
    }

    /// What it means, in one sentence.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Judged => "The verdict was computed from everything that can be read.",
            Self::AsExpected => "Nothing is known to be wrong with this stage.",
            Self::NotReached => "A stage before this one failed, so that this one cannot be judged.",
            Self::NoPods => "There is no Pod to judge.",
            Self::NotInjected => "No Pod carries an injection.",
            Self::RefusedOtherwise => {
                "The API server refuses Pods of the workload, for a reason that does not lie in the injection."
            }
        }
    }
}
