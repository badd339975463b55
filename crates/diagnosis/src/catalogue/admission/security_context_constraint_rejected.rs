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
    if !is_ours(&injected, text) {
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

/// Whether one constraint that may be used would take the Pod without what the injection adds: all that it complains about is
/// part of that.
fn is_ours(injected: &Injected<'_>, text: &str) -> bool {
    let mut constraints: Vec<(&str, bool)> = Vec::new();
    for (constraint, complaint) in complaints(text) {
        let ours = path(complaint).is_some_and(|path| is_injected(injected, &path));
        match constraints.iter_mut().find(|(known, _)| *known == constraint) {
            Some((_, all)) => *all &= ours,
            None => constraints.push((constraint, ours)),
        }
    }
    constraints.iter().any(|(_, all)| *all)
}

/// The volume with the token stands between those of the template and those that the injection adds.
fn is_injected(injected: &Injected<'_>, path: &str) -> bool {
    let volume =
        path.strip_prefix("spec.volumes[").and_then(|rest| rest.split(']').next()?.parse::<usize>().ok());
    match (volume, injected.before) {
        (Some(index), Some(before)) => index >= before.spec.volumes.len(),
        _ => injected.field(&FieldComplaint { path, detail: "" }).is_some(),
    }
}

/// What each constraint that may be used complains about, with the constraint's name; before `OpenShift` 4.11 it has none.
fn complaints(text: &str) -> Vec<(&str, &str)> {
    let list = text.split_once("security context constraint: ").map_or(text, |(_, list)| list);
    let list = list.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).unwrap_or(list);
    let (mut parts, mut start, mut depth) = (Vec::new(), 0, 0_usize);
    for (at, letter) in list.char_indices() {
        match letter {
            '[' | '{' => depth += 1,
            ']' | '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(list[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(list[start..].trim());
    let usable = parts.into_iter().filter(|part| !part.is_empty() && !part.contains("not usable by"));
    usable
        .map(|part| match part.strip_prefix("provider ").and_then(|rest| rest.split_once(": ")) {
            Some((constraint, complaint)) => (constraint.trim_matches('"'), complaint),
            _ => ("", part),
        })
        .collect()
}

/// The container or volume that a complaint points at: `spec.initContainers[0].…`, also written `.initContainers[0].…`.
fn path(complaint: &str) -> Option<String> {
    let lists = ["initContainers[", "containers[", "volumes["];
    let at = lists.iter().filter_map(|list| complaint.find(list)).min()?;
    let is_start = complaint[..at].trim_start_matches("spec").trim_start_matches('.').is_empty();
    let end = complaint[at..].find([' ', ':']).map_or(complaint.len(), |end| at + end);
    is_start.then(|| format!("spec.{}", &complaint[at..end]))
}

#[cfg(test)]
mod tests {
    use super::{complaints, path};

    #[test]
    fn complaints_are_those_of_constraints_that_may_be_used() {
        let text = r#"unable to validate against any security context constraint: [provider "anyuid": Forbidden: not usable by user or serviceaccount, provider restricted-v2: .containers[1].runAsUser: Invalid value: 0: must be in the ranges: [1000660000, 1000669999], provider "nonroot": spec.volumes[2]: Invalid value: "hostPath": hostPath volumes are not allowed to be used, .spec.securityContext.fsGroup: Invalid value: []int64{2000}: 2000 is not an allowed group]"#;
        let told: Vec<_> = complaints(text)
            .into_iter()
            .map(|(constraint, complaint)| (constraint, path(complaint)))
            .collect();
        let some = |path: &str| Some(path.to_owned());
        assert_eq!(
            told,
            [
                ("restricted-v2", some("spec.containers[1].runAsUser")),
                ("nonroot", some("spec.volumes[2]")),
                ("", None),
            ]
        );
    }
}
