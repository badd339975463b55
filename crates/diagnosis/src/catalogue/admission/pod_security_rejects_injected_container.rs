//! E1: Pod Security refuses the Pod because of a container that the injection adds.

use api::{Certainty, ConditionType, Severity};
use facts::{InputKind, Language};
use injection::Rule;
use serde_json::{Value, json};

use super::injected::Injected;
use super::instrumentation_remedy::patch;
use super::text::Complaint;
use crate::case::Case;
use crate::catalogue::refusal::standing;
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `PodSecurityRejectsInjectedContainer`.
pub static CAUSE: Cause = Cause {
    code: "IH-E001",
    reason: "PodSecurityRejectsInjectedContainer",
    summary: "Pod Security refuses the Pods because of the agent's init container.",
    condition: ConditionType::PodsAdmitted,
    severities: &[Severity::Error],
    certainties: &[Certainty::Certain],
    sight: Sight::Always("what the API server says in ReplicaFailure or FailedCreate"),
    since: "0.1.0",
    reads: &[InputKind::Events],
    page: include_str!("pod_security_rejects_injected_container.md"),
    check,
};

/// A user that is not root, for containers whose image names none.
pub const USER: i64 = 65532;

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let Some(refusal) = standing(case) else { return Vec::new() };
    let Complaint::PodSecurity { level, violations, named, of_pod } = Complaint::read(refusal.text()) else {
        return Vec::new();
    };
    let injected = Injected::of(case);
    // Where the application itself violates the level, the Pod would be refused without injection as well.
    if of_pod || named.is_empty() || !named.iter().all(|name| injected.adds(name)) || is_go(&named) {
        return Vec::new();
    }
    let container = named[0];
    let language = injected.language(container);
    let (words, command) = remedy(case, language, level, violations);
    let namespace = &case.subject.id.namespace;
    let mut found = Found::new(&CAUSE, Severity::Error, Certainty::Certain)
        .message(format!(
            "The Pods of {} cannot be created: container {container}, which the injection adds, does not fulfil Pod Security level {level} of namespace {namespace}.",
            case.subject.id.slug(),
        ))
        .remedy(words, command)
        .because(&*refusal.object, refusal.field, refusal.text());
    if let Some(enforced) = enforced_level(case) {
        let field = "metadata.labels[pod-security.kubernetes.io/enforce]";
        found = found.because(format!("Namespace/{namespace}"), field, enforced);
    }
    vec![found]
}

/// Whether the Go sidecar is meant, which is a cause of its own.
pub fn is_go(named: &[&str]) -> bool {
    named.iter().all(|name| ["opentelemetry-auto-instrumentation", "kernel-debug"].contains(name))
}

fn remedy(case: &Case<'_>, language: Option<Language>, level: &str, violations: &str) -> (String, String) {
    let can_set = case.operator.config.release.follows(Rule::SecurityContexts);
    let context = || context(level, violations);
    let command = language.filter(|_| can_set).and_then(|language| patch(case, language, &context()));
    match command {
        Some(command) => ("Give the agent container a full security context".to_owned(), command),
        None => (
            "Give the application's container a full securityContext of its own (not only the Pod): the agent container inherits it; or upgrade the operator to 0.150 and set spec.initContainerSecurityContext".to_owned(),
            String::new(),
        ),
    }
}

/// The Pod Security level that the workload's Namespace enforces.
pub fn enforced_level<'k>(case: &'k Case<'_>) -> Option<&'k str> {
    case.namespace.found()?.metadata.metadata.labels.get("pod-security.kubernetes.io/enforce")
}

/// The security context that the level demands. It replaces the inherited one, so it names all, what the text does not complain
/// about included.
fn context(level: &str, violations: &str) -> Value {
    let demands = |word| level == "restricted" || violations.contains(word);
    let context = tight_context(demands("runAsNonRoot"), demands("seccompProfile"));
    json!({ "initContainerSecurityContext": context })
}

/// What level `restricted` demands of a container: a user, and a seccomp profile, where the Pod does not say them for all.
pub fn tight_context(user: bool, seccomp: bool) -> Value {
    let mut context = json!({ "allowPrivilegeEscalation": false, "capabilities": { "drop": ["ALL"] } });
    if user {
        context["runAsNonRoot"] = true.into();
        context["runAsUser"] = USER.into();
    }
    if seccomp {
        context["seccompProfile"] = json!({ "type": "RuntimeDefault" });
    }
    context
}
