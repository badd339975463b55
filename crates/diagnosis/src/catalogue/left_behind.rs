//! Which Pods lack what is asked for, and how much does that still matter?

use api::Severity;
use facts::{Pod, PodPhase};

use crate::case::{Case, Group};

impl Case<'_> {
    /// How grave it is that Pods of this group lack what is asked for. Pods of an old revision beside those of the present
    /// one are being replaced: the restart that would mend them is under way.
    pub fn severity_of_lack(&self, group: &Group<'_>) -> Severity {
        if group.current || !self.groups.iter().any(|other| other.current) {
            Severity::Error
        } else {
            Severity::Warning
        }
    }

    /// The same for some Pods; without Pods, for those to come.
    pub fn severity_of_lack_in(&self, pods: &[&Pod]) -> Severity {
        let is_replaced =
            |pod: &&Pod| !self.subject.is_current(pod) && self.groups.iter().any(|group| group.current);
        match pods {
            [] => self.severity_of_missing(),
            pods if pods.iter().all(is_replaced) => Severity::Warning,
            _ => Severity::Error,
        }
    }

    /// The languages that are asked for, for messages: `java`, `java and python`.
    pub fn languages_phrase(&self) -> String {
        let languages: Vec<String> = self.languages().iter().map(ToString::to_string).collect();
        match languages.as_slice() {
            [] => "OpenTelemetry".to_owned(),
            [one] => one.clone(),
            [most @ .., last] => format!("{} and {last}", most.join(", ")),
        }
    }

    /// How evidence names an object: with its namespace where that is not the workload's.
    pub fn object_name(&self, kind: &str, namespace: &str, name: &str) -> String {
        if namespace.is_empty() || *namespace == *self.subject.id.namespace {
            format!("{kind}/{name}")
        } else {
            format!("{kind}/{namespace}/{name}")
        }
    }
}

/// Who is concerned: `Pod x`, `3 of 4 Pods`, or `The next Pods of deployment/x` where there are none yet.
pub fn who(case: &Case<'_>, pods: &[&Pod]) -> String {
    match pods {
        [] => format!("The next Pods of {}", case.subject.id.slug()),
        [one] => format!("Pod {}", one.name),
        several => {
            let all: usize = case.groups.iter().map(|group| group.pods.len()).sum();
            format!("{} of {all} Pods", several.len())
        }
    }
}

/// The verb that fits [`who`].
pub fn run(pods: &[&Pod]) -> &'static str {
    let ended = |pod: &&Pod| matches!(pod.status.phase, PodPhase::Succeeded | PodPhase::Failed);
    match pods.len() {
        0 => "will run",
        _ if pods.iter().all(ended) => "ran",
        1 => "runs",
        _ => "run",
    }
}
