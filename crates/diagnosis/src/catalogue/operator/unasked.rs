//! Which Pods could the operator not be asked about, and since when?

use api::{Certainty, Severity};
use facts::{Pod, WorkloadRef};
use jiff::Timestamp;

use crate::case::Case;
use crate::catalogue::left_behind::{run, who};
use crate::cause::Cause;
use crate::found::Found;
use crate::operator::{Fault, PodWebhook, WebhookVerdict};
use crate::prospect::injects_all;

/// One reason for which the operator is not asked, and the Pods that it concerns.
pub struct Unasked<'b, 'c, T> {
    case: &'b Case<'c>,
    /// The reason.
    pub what: T,
    /// The bare Pods; empty where the workload has none that is bare.
    pub pods: Vec<&'c Pod>,
    /// The effect on this workload.
    pub severity: Severity,
}

/// How long the reason has stood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Until somebody changes a setting.
    Lasting,
    /// It comes and goes by itself, and stands at least since then, if that is known.
    Passing(Option<Timestamp>),
}

/// Looks for a reason among the bare Pods; where there are none, for the next Pods of the workload. On a workload of which
/// every Pod is injected it is for information only.
pub fn unasked<'b, 'c, T>(
    case: &'b Case<'c>,
    pick: impl Fn(&'b WebhookVerdict<'c>) -> Option<(T, Standing)>,
) -> Option<Unasked<'b, 'c, T>> {
    let mut hit: Option<(T, Severity)> = None;
    let mut pods = Vec::new();
    for group in case.bare_groups() {
        let Some((what, standing)) = group.webhook.as_ref().and_then(&pick) else { continue };
        let bare = &group.pods;
        let explained = group.decision.as_ref().is_some_and(|decision| !injects_all(decision));
        let severity = if explained && began_later(standing, bare) {
            Severity::Warning
        } else {
            case.severity_of_lack(group)
        };
        pods.extend(bare);
        hit = match hit {
            Some((first, graver)) => Some((first, graver.max(severity))),
            None => Some((what, severity)),
        };
    }
    if let Some((what, severity)) = hit {
        return Some(Unasked { case, what, pods, severity });
    }
    let (what, standing) = case.webhook.as_ref().and_then(pick)?;
    let severity = match standing {
        _ if !case.groups.is_empty() => Severity::Info,
        Standing::Lasting => case.severity_of_missing(),
        Standing::Passing(_) => Severity::Warning,
    };
    Some(Unasked { case, what, pods, severity })
}

/// The same for one kind of fault of the webhook.
pub fn faulty<'b, 'c, T>(
    case: &'b Case<'c>,
    pick: impl Fn(&'c PodWebhook, &'b Fault) -> Option<(T, Standing)>,
) -> Option<Unasked<'b, 'c, T>> {
    unasked(case, |verdict| match verdict {
        WebhookVerdict::Broken { webhook, faults } => faults.iter().find_map(|fault| pick(webhook, fault)),
        _ => None,
    })
}

/// Whether all of these Pods were there before the reason was.
fn began_later(standing: Standing, pods: &[&Pod]) -> bool {
    let Standing::Passing(Some(since)) = standing else { return false };
    pods.iter().all(|pod| pod.created.is_some_and(|created| created < since))
}

impl<'c, T> Unasked<'_, 'c, T> {
    /// `Pod x runs without the java agent`.
    pub fn subject_phrase(&self) -> String {
        let languages = self.case.languages_phrase();
        format!("{} {} without the {languages} agent", who(self.case, &self.pods), run(&self.pods))
    }

    /// A finding about it.
    pub fn found(&self, cause: &'static Cause, certainty: Certainty) -> Found<'c> {
        Found::new(cause, self.severity, certainty).pods(self.pods.iter().copied())
    }
}

/// `-n namespace deployment/name`, for commands about the operator.
pub fn of_operator(deployment: &WorkloadRef) -> String {
    format!("-n {} {}", deployment.namespace, deployment.slug())
}
