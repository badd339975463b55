//! What would a restart bring?
//!
//! "A restart now would inject" is said only when the operator's own rules say so on the present objects *and* its webhook
//! is known to answer: by a TLS handshake, or because a Pod of this workload was injected since the operator last changed.

use injection::Decision;

use crate::case::Case;
use crate::operator::{PodWebhook, WebhookVerdict};

/// What a new Pod of the workload would get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prospect {
    /// Everything that is asked for.
    Injected,
    /// Everything that is asked for, if the webhook answers.
    InjectedIfAnswered,
    /// Not everything: something else has to be mended first.
    Blocked,
}

impl Prospect {
    /// The sentence about it, without a full stop.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Injected => "A restart now would inject",
            Self::InjectedIfAnswered => {
                "A restart would inject if the operator's webhook answers (not verified)"
            }
            Self::Blocked => "A restart alone would not inject",
        }
    }
}

impl Case<'_> {
    /// What a restart would bring now.
    pub fn prospect(&self) -> Prospect {
        let by_group = || self.lacking_groups().find_map(|group| group.decision.as_ref());
        let decision = self.restart.as_ref().or_else(by_group);
        if !decision.is_some_and(injects_all) {
            return Prospect::Blocked;
        }
        let by_group = || self.lacking_groups().find_map(|group| group.webhook.as_ref());
        match self.webhook.as_ref().or_else(by_group) {
            Some(WebhookVerdict::Ready { webhook, verified }) if *verified || self.has_proven(webhook) => {
                Prospect::Injected
            }
            Some(WebhookVerdict::Ready { .. } | WebhookVerdict::Unknown { .. }) => {
                Prospect::InjectedIfAnswered
            }
            _ => Prospect::Blocked,
        }
    }

    /// Whether a Pod of this workload was injected after the webhook was registered and the operator became ready.
    fn has_proven(&self, webhook: &PodWebhook) -> bool {
        let (Some(registered), Some(ready)) = (webhook.created, webhook.backend.ready_since) else {
            return false;
        };
        let since = registered.max(ready);
        self.injected_pods().any(|(_, pod)| pod.created.is_some_and(|created| created > since))
    }
}

/// Whether every language that is asked for would reach a container.
pub fn injects_all(decision: &Decision) -> bool {
    !decision.languages.is_empty()
        && decision
            .languages
            .iter()
            .all(|language| language.targets().iter().any(|target| target.outcome.is_injected()))
}
