//! What would a restart bring, and if nothing, which rule stops it?
//!
//! "A restart now would inject" is said only when the operator's own rules say so on the present objects, the API server
//! would take the Pod, *and* the webhook is known to answer: by a TLS handshake, or because a Pod of this workload was
//! injected since the webhook and the operator last changed. A trial creation,
//! where one was made, knows better than all of these.

use facts::{Language, StringMap, Trial};
use injection::{Decision, Policies, TargetOutcome, marks, refusal};

use crate::case::Case;
use crate::catalogue::obstacle::{Next, Obstacle};
use crate::next_shape::as_pod;
use crate::operator::{PodWebhook, WebhookVerdict};

/// What a new Pod of the workload would get.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Prospect {
    /// Everything that is asked for.
    Injected,
    /// Everything that is asked for, if the webhook answers.
    InjectedIfAnswered,
    /// Not everything: something else has to be mended first. None where nothing tells what.
    Blocked(Option<Obstacle>),
    /// Not everything, although nothing that can be read stands in the way: a trial creation has shown it.
    Refuted,
}

impl Prospect {
    /// The sentence about it, without a full stop.
    pub fn sentence(&self) -> String {
        match self {
            Self::Injected => "A restart now would inject".to_owned(),
            Self::InjectedIfAnswered => {
                "A restart would inject if the operator's webhook answers (not verified)".to_owned()
            }
            Self::Blocked(None) => "A restart alone would not inject".to_owned(),
            Self::Blocked(Some(Obstacle { rule, remedy, .. })) if remedy.is_empty() => {
                format!("A restart alone would not inject: {rule}")
            }
            Self::Blocked(Some(Obstacle { rule, remedy, .. })) => {
                format!("A restart alone would not inject: {rule}; {remedy}")
            }
            Self::Refuted => {
                "A restart now would not inject: a trial creation (dry run) came back without the agent"
                    .to_owned()
            }
        }
    }
}

impl Case<'_> {
    /// What a restart would bring now.
    pub fn prospect(&self) -> Prospect {
        let by_group =
            || self.lacking_groups().find_map(|group| Some((group.decision.as_ref()?, group.shape)));
        let next = self.restart.as_ref().zip(self.template).or_else(by_group);
        let Some((decision, shape)) = next else { return Prospect::Blocked(None) };
        let namespace = &self.subject.id.namespace;
        let verdict =
            self.webhook.as_ref().or_else(|| self.lacking_groups().find_map(|g| g.webhook.as_ref()));
        if let Some(unasked) = verdict.and_then(|verdict| Obstacle::of_webhook(verdict, namespace)) {
            return Prospect::Blocked(Some(unasked));
        }
        let next = Next { namespace, shape, decision, cluster: self.cluster };
        if let Some(language) = self.languages().into_iter().find(|language| !reaches(decision, *language)) {
            return Prospect::Blocked(next.obstacles(language).into_iter().next());
        }
        match self.trial_is_injected() {
            Some(true) => return Prospect::Injected,
            Some(false) => return Prospect::Refuted,
            None => {}
        }
        if let Some(refused) = self.next_refusal() {
            return Prospect::Blocked(Some(refused));
        }
        match verdict {
            Some(WebhookVerdict::Ready { webhook, verified }) if *verified || self.has_proven(webhook) => {
                Prospect::Injected
            }
            Some(WebhookVerdict::Ready { .. } | WebhookVerdict::Unknown { .. }) => {
                Prospect::InjectedIfAnswered
            }
            _ => Prospect::Blocked(None),
        }
    }

    /// What to do about Pods that lack what would be injected by now: words, and the command that restarts the workload
    /// where that helps.
    pub fn restart_remedy(&self) -> (String, String) {
        let prospect = self.prospect();
        let command = match prospect {
            Prospect::Injected | Prospect::InjectedIfAnswered => self.restart_command(),
            Prospect::Blocked(_) | Prospect::Refuted => String::new(),
        };
        (prospect.sentence(), command)
    }

    /// Whether a Pod made from the template came back with every language that is asked for, when its creation was tried. None
    /// where it was not tried, or refused.
    pub fn trial_is_injected(&self) -> Option<bool> {
        let Some(Trial::Created(shape)) = self.cluster.trial(&self.subject.id) else { return None };
        let marks = marks(shape);
        let reached = marks.languages();
        let has_arrived = |language| match language {
            Language::Sdk => marks.containers.iter().any(|container| container.environment),
            _ => reached.contains(&language),
        };
        Some(self.asked.iter().all(|asked| has_arrived(asked.language)))
    }

    /// Whether a Pod of this workload was injected after the webhook was last changed and the operator became ready.
    fn has_proven(&self, webhook: &PodWebhook) -> bool {
        let (Some(changed), Some(ready)) = (webhook.changed, webhook.backend.ready_since) else {
            return false;
        };
        let since = changed.max(ready);
        self.injected_pods().any(|(_, pod)| pod.created.is_some_and(|created| created > since))
    }

    /// Whether the API server would refuse the next Pod for what the injection adds to it. Told from what is kept of a
    /// template: a Pod that already looks refused without injection is left out.
    fn next_refusal(&self) -> Option<Obstacle> {
        static NONE: std::sync::LazyLock<StringMap> = std::sync::LazyLock::new(StringMap::default);
        let labels = self.namespace.found().map_or(&*NONE, |found| &found.metadata.metadata.labels);
        let policies = Policies { namespace_labels: labels, limit_ranges: &[], resource_quotas: &[] };
        let refused = refusal(&as_pod(self.template?), &as_pod(self.next_shape()?), &policies)?;
        if refused.without_injection {
            return None;
        }
        Some(Obstacle::of_refusal(&refused.cause))
    }
}

/// Whether every language that is asked for would reach a container.
pub fn injects_all(decision: &Decision) -> bool {
    !decision.languages.is_empty()
        && decision.languages.iter().all(|language| reaches(decision, language.language))
}

/// Whether a language would reach a container, agent and hook.
fn reaches(decision: &Decision, language: Language) -> bool {
    decision.language(language).is_some_and(|decided| {
        decided.targets().iter().any(|target| {
            matches!(target.outcome, TargetOutcome::Injected | TargetOutcome::InjectedEnvironmentOnly)
        })
    })
}
