//! Is an operator there, and which?

use facts::{ClusterView, InputKind};

use super::OperatorState;

/// What people are told of the operator as such.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It is there, in this version.
    Version(String),
    /// It is there, in a version that its image does not tell.
    SomeVersion,
    /// There is none.
    None,
    /// Cannot be told.
    Unknown,
}

impl OperatorState {
    /// Whether it is there; `cluster` is the one in which it was looked for.
    pub fn presence(&self, cluster: &dyn ClusterView) -> Presence {
        match (&self.deployment, self.config.version.filter(|_| self.config_known)) {
            (Some(_), Some(version)) => Presence::Version(version.to_string()),
            (Some(_), None) => Presence::SomeVersion,
            (None, _) if cluster.readability(InputKind::Deployments).is_exhaustive() => Presence::None,
            (None, _) => Presence::Unknown,
        }
    }
}
