//! How does a script learn what came out?

use std::process::ExitCode;

/// How the program ends. Part of what a version promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// No workload is `Healthy=False`, or none asks for injection. Of a preview: everything that is asked for is injected.
    Fine,
    /// A workload is `Healthy=False`. Of a preview: something that is asked for is not injected.
    Failing,
    /// Something could not be checked, so that nobody can say.
    CouldNotCheck,
    /// The arguments make no sense (`EX_USAGE` of `sysexits.h`).
    WrongUsage,
}

impl Exit {
    /// The exit code.
    pub const fn code(self) -> u8 {
        match self {
            Self::Fine => 0,
            Self::Failing => 1,
            Self::CouldNotCheck => 2,
            Self::WrongUsage => 64,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
