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
    /// Whether nothing of it is installed: then there can be no Instrumentation either, and to make one is not what helps.
    pub fn is_not_installed(&self, cluster: &dyn ClusterView) -> bool {
        self.presence(cluster) == Presence::None
            && self.pod_webhooks.is_empty()
            && self.webhooks_unknown.is_none()
            && cluster.instrumentations().is_empty()
    }

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
