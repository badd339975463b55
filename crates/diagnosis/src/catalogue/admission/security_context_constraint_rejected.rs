//! E3: `OpenShift` has no security context constraint that the injected Pod fits.

use api::{Certainty, ConditionType, Severity};
use facts::{InputKind, Language};

use super::injected::Injected;
use super::text::{Complaint, FieldComplaint};
use crate::case::Case;
use crate::catalogue::refusal::standing;
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `SecurityContextConstraintRejected`.
pub static CAUSE: Cause = Cause {
    code: "IH-E003",
    reason: "SecurityContextConstraintRejected",
    summary: "OpenShift has no security context constraint that the injected Pod fits.",
    condition: ConditionType::PodsAdmitted,
    severities: &[Severity::Error],
    certainties: &[Certainty::Likely],
    sight: Sight::Always(
        "what the API server says in ReplicaFailure or FailedCreate; whether the Pod would pass without the injection does not show, so it is likely, not certain",
    ),
    since: "0.1.0",
    reads: &[InputKind::Instrumentations, InputKind::Events],
    page: include_str!("security_context_constraint_rejected.md"),
    check,
};

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let Some(refusal) = standing(case) else { return Vec::new() };
    let Complaint::SecurityContextConstraint(text) = Complaint::read(refusal.text()) else {
        return Vec::new();
    };
    let injected = Injected::of(case);
    let go = injected.marks.agent(Language::Go).is_some();
    let paths = paths(text);
    let is_ours = |path: &str| injected.field(&FieldComplaint { path, detail: "" }).is_some();
    // The Go sidecar fits no constraint that is granted by default, whatever the text points at.
    let is_ours = paths.iter().any(|path| go || is_ours(path));
    if !is_ours {
        return Vec::new();
    }
    let account =
        case.template.and_then(|shape| shape.spec.service_account_name.as_deref()).unwrap_or("default");
    let namespace = &case.subject.id.namespace;
    vec![
        Found::new(&CAUSE, Severity::Error, Certainty::Likely)
            .message(format!(
                "The Pods of {} cannot be created: with what the injection adds they fit no security context constraint that ServiceAccount {account} may use.",
                case.subject.id.slug(),
            ))
            .remedy(
                if go { "Grant one that fits the agent (Go needs privileged)" } else { "Grant one that fits the agent's container" },
                format!("oc -n {namespace} adm policy add-scc-to-user {} -z {account}", if go { "privileged" } else { "nonroot-v2" }),
            )
            .because(&*refusal.object, refusal.field, refusal.text()),
    ]
}

/// Paths of containers and volumes: `spec.initContainers[0].…`, also written `.initContainers[0].…`.
fn paths(text: &str) -> Vec<String> {
    let mut paths = Vec::new();
    for list in ["initContainers[", "containers[", "volumes["] {
        for (at, _) in text.match_indices(list) {
            let is_word = text[..at].ends_with(['.', ' ', '[', ',']);
            let end = text[at..].find([' ', ':', ',']).map_or(text.len(), |end| at + end);
            if is_word {
                paths.push(format!("spec.{}", &text[at..end]));
            }
        }
    }
    paths
}

#[cfg(test)]
mod tests {
    use super::paths;

    #[test]
    fn paths_are_found_in_both_spellings() {
        let text = r#"unable to validate against any security context constraint: [provider restricted-v2: .containers[1].privileged: Invalid value: true: Privileged containers are not allowed, spec.volumes[2]: Invalid value: "hostPath": hostPath volumes are not allowed to be used]"#;
        assert_eq!(paths(text), ["spec.containers[1].privileged", "spec.volumes[2]"]);
    }
}
