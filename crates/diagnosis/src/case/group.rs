//! Which Pods of a workload are judged, and what do they have in common?

use std::sync::Arc;

use facts::{Condition, Container, Language, Pod, PodPhase, PodShape, Subject};
use injection::{Decision, Marks, NODE_NAME_VARIABLE, Outcome, marks};
use jiff::Timestamp;

use super::{Asked, Case, asked};
use crate::operator::WebhookVerdict;

/// Pods of one shape and revision.
pub struct Group<'a> {
    /// What they have in common.
    pub shape: &'a Arc<PodShape>,
    /// The Pods, by name.
    pub pods: Vec<&'a Pod>,
    /// Whether they belong to the revision that the workload has now.
    pub current: bool,
    /// What they ask for, with the Namespace as it is now.
    pub asked: Vec<Asked>,
    /// What the operator has left on them.
    pub marks: Marks,
    /// Languages that are asked for and reached no container.
    pub missing: Vec<Language>,
    /// What the operator would decide now about these Pods, where something is missing or no template tells what the next ones
    /// get: by their own annotations and spec, without what an earlier injection has left on them.
    pub decision: Option<Decision>,
    /// Whether the operator would be asked about such a Pod now, where something is missing.
    pub webhook: Option<WebhookVerdict<'a>>,
}

impl Group<'_> {
    /// Whether injection is asked for or was done.
    pub fn concerns_us(&self) -> bool {
        !self.asked.is_empty() || !self.marks.is_empty()
    }

    /// Whether injection is asked for, and nothing of it is on these Pods.
    pub fn is_bare(&self) -> bool {
        !self.asked.is_empty() && self.marks.agents.is_empty() && self.missing.len() == self.asked.len()
    }

    /// Whether the operator has put something on these Pods. Marks that came with a copied template, beside which nothing of
    /// what is asked for has arrived, are none.
    pub fn is_injected(&self) -> bool {
        !self.marks.is_empty() && !self.is_bare()
    }

    /// `3 of 3 Pods` or `Pod checkout-x`, for messages: how many of the judged Pods this group is.
    pub fn pods_phrase(&self) -> String {
        match self.pods.as_slice() {
            [one] => format!("Pod {}", one.name),
            several => format!("{} Pods (such as {})", several.len(), several[0].name),
        }
    }

    /// The first creation of one of these Pods.
    pub fn oldest(&self) -> Option<Timestamp> {
        self.pods.iter().filter_map(|pod| pod.created).min()
    }
}

impl<'a> Case<'a> {
    /// The Pods that are judged, grouped by shape and revision; the current revision first.
    pub(super) fn group_pods(&self) -> Vec<Group<'a>> {
        let mut groups: Vec<Group<'a>> = Vec::new();
        for pod in judged_pods(self.subject) {
            let current = self.subject.is_current(pod);
            let known = groups
                .iter_mut()
                .find(|group| group.current == current && Arc::ptr_eq(group.shape, &pod.shape));
            match known {
                Some(group) => group.pods.push(pod),
                None => groups.push(self.group(pod, current)),
            }
        }
        groups.sort_by_key(|group| !group.current);
        groups
    }

    fn group(&self, pod: &'a Pod, current: bool) -> Group<'a> {
        let asked = asked(self.namespace_annotations, &pod.shape.annotations);
        let marks = marks(&pod.shape);
        let reached = marks.languages();
        // Beside an agent in the same container, SDK adds nothing of its own.
        let has_arrived = |language: &Language| match language {
            Language::Sdk => marks.containers.iter().any(|container| container.environment),
            _ => reached.contains(language),
        };
        let missing: Vec<Language> =
            asked.iter().map(|asked| asked.language).filter(|language| !has_arrived(language)).collect();
        let copied =
            self.restart.as_ref().filter(|next| matches!(next.outcome, Outcome::AlreadyInstrumented(_)));
        let decision = match copied {
            // Where no template tells what the next Pod gets, the Pod itself does.
            _ if missing.is_empty() && self.subject.template().is_none() && !asked.is_empty() => {
                Some(self.decide(&without_injection(&pod.shape, &marks), Some(pod)))
            }
            _ if missing.is_empty() => None,
            _ if marks.is_empty() => Some(self.decide(&pod.shape, Some(pod))),
            // The marks came with the template, so the operator saw them too.
            Some(next) => Some(next.clone()),
            None if self.restart.is_none() && marks.agents.is_empty() => {
                Some(self.decide(&pod.shape, Some(pod)))
            }
            None => Some(self.decide(&without_injection(&pod.shape, &marks), Some(pod))),
        };
        let webhook = (!missing.is_empty()).then(|| self.webhook_for(&pod.shape));
        Group { shape: &pod.shape, pods: vec![pod], current, asked, marks, missing, decision, webhook }
    }
}

/// The shape as it was before the operator put agent containers and its mark on it. Hook variables and mounts stay: the
/// operator extends the ones and does not look at the others.
fn without_injection(shape: &PodShape, marks: &Marks) -> PodShape {
    let is_agent = |container: &Container| marks.agents.iter().any(|agent| agent.name == container.name);
    let before = |containers: &[Container]| -> Box<[Container]> {
        let own = containers.iter().filter(|container| !is_agent(container));
        own.map(|container| {
            let env = container.env.iter().filter(|var| &*var.name != NODE_NAME_VARIABLE).cloned().collect();
            Container { env, ..container.clone() }
        })
        .collect()
    };
    let mut shape = shape.clone();
    shape.spec.init_containers = before(&shape.spec.init_containers);
    shape.spec.containers = before(&shape.spec.containers);
    shape
}

/// Whether a Pod was to run for ever, has ended all the same, and its controller makes another one in its place.
pub(super) fn is_leftover(pod: &Pod) -> bool {
    let finished = matches!(pod.status.phase, PodPhase::Succeeded | PodPhase::Failed);
    let runs_for_ever = pod.shape.spec.restart_policy.as_deref().is_none_or(|policy| policy == "Always");
    finished && runs_for_ever && pod.controller.is_some()
}

/// The Pods whose state says something about the workload now: static Pods cannot be injected; leftovers, of a `CronJob` runs
/// before the newest, and of a Job that is complete what failed before it was, are history.
fn judged_pods<'a>(subject: &'a Subject<'a>) -> impl Iterator<Item = &'a Pod> {
    let newest_job = subject.jobs.first().map(|job| &job.uid);
    let job =
        subject.jobs.first().copied().or(subject.workload.filter(|workload| &*workload.id.kind == "Job"));
    let is_complete = job.is_some_and(|job| {
        Condition::find(&job.status.conditions, "Complete").is_some_and(Condition::is_true)
    });
    subject.pods.iter().copied().filter(move |pod| {
        let finished = matches!(pod.status.phase, PodPhase::Succeeded | PodPhase::Failed);
        let of_old_job =
            newest_job.is_some() && pod.controller.as_ref().map(|owner| &owner.uid) != newest_job;
        let overcome = is_complete && pod.status.phase == PodPhase::Failed;
        !(pod.is_static() || is_leftover(pod) || finished && of_old_job || overcome)
    })
}
