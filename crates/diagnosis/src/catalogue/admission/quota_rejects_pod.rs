//! E5: a quota refuses the Pod, and what the injection adds tips the scale.

use api::{Certainty, ConditionType, Severity};
use facts::{InputKind, Language};
use injection::quantity::Quantity;
use serde_json::json;

use super::amounts::{of_container, of_pod, split};
use super::injected::Injected;
use super::instrumentation_remedy::{edit, patch, resources, resources_field};
use super::text::{Amount, Complaint};
use crate::case::Case;
use crate::catalogue::refusal::{Refusal, standing};
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `QuotaRejectsPod`.
pub static CAUSE: Cause = Cause {
    code: "IH-E005",
    reason: "QuotaRejectsPod",
    summary: "A quota refuses the Pods, and they would fit without the agent's container.",
    condition: ConditionType::PodsAdmitted,
    severities: &[Severity::Error],
    certainties: &[Certainty::Certain, Certainty::Likely],
    sight: Sight::Always(
        "what the API server says in ReplicaFailure or FailedCreate, and the Pod's resources with and without the injection",
    ),
    since: "0.1.0",
    reads: &[InputKind::Instrumentations, InputKind::Events],
    page: include_str!("quota_rejects_pod.md"),
    check,
};

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let Some(refusal) = standing(case) else { return Vec::new() };
    let injected = Injected::of(case);
    match Complaint::read(refusal.text()) {
        Complaint::QuotaExceeded { quota, amounts } => {
            exceeded(case, &refusal, &injected, quota, &amounts).into_iter().collect()
        }
        Complaint::QuotaUnspecified { quota, missing, containers } => {
            unspecified(case, &refusal, &injected, quota, missing, &containers).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// The Pod asks for too much. It is ours only if every amount that does not fit would fit without the injection.
fn exceeded<'c>(
    case: &Case<'c>,
    refusal: &Refusal<'_>,
    injected: &Injected<'_>,
    quota: &str,
    amounts: &[Amount<'_>],
) -> Option<Found<'c>> {
    let before = injected.before?;
    let mut is_exact = true;
    for amount in amounts {
        let own = of_pod(before, amount.resource)?;
        let (used, limited) = (Quantity::parse(amount.used)?, Quantity::parse(amount.limited)?);
        let requested = Quantity::parse(amount.requested)?;
        if own.amount.plus(used).exceeds(limited) || !requested.exceeds(own.amount) {
            return None;
        }
        is_exact &= own.is_exact;
    }
    let first = amounts.first()?;
    let own = of_pod(before, first.resource)?.amount;
    let container = largest(injected, first.resource)?;
    let language = injected.language(container);
    let certainty = if is_exact { Certainty::Certain } else { Certainty::Likely };
    let lower =
        language.and_then(|language| lower_command(case, injected, language, container, first.resource, own));
    let field = language.and_then(resources_field).unwrap_or_else(|| "the agent's resources".to_owned());
    Some(
        Found::new(&CAUSE, Severity::Error, certainty)
            .message(format!(
                "Pods of {} cannot be created: quota {quota} has no room for {}={} ({container}, which the injection adds), the application alone asks for {own}.",
                case.subject.id.slug(),
                first.resource,
                first.requested,
            ))
            .remedy(format!("Raise the quota, or lower {field} of the Instrumentation"), lower.unwrap_or_default())
            .because(&*refusal.object, refusal.field, without_used(refusal.text()))
            .because(case.object(), format!("spec.template: {}", first.resource), own.to_string()),
    )
}

/// The quota wants amounts that only injected containers leave out.
fn unspecified<'c>(
    case: &Case<'c>,
    refusal: &Refusal<'_>,
    injected: &Injected<'_>,
    quota: &str,
    missing: &str,
    containers: &[&str],
) -> Option<Found<'c>> {
    let ours = if containers.is_empty() {
        // Older API servers do not name the containers: it is ours if the application says all that is wanted.
        let wanted = missing.split(',').filter_map(|resource| split(resource.trim()));
        let says_all =
            |is_limit, name: &str| injected.own().all(|c| of_container(c, is_limit, name).is_some());
        injected.before.is_some() && wanted.into_iter().all(|(is_limit, name)| says_all(is_limit, name))
    } else {
        containers.iter().all(|name| injected.adds(name))
    };
    let container =
        containers.first().copied().or_else(|| injected.added().next().map(|added| &*added.name))?;
    if !ours {
        return None;
    }
    let language = injected.language(container);
    let field = language.and_then(resources_field).unwrap_or_else(|| "the agent's resources".to_owned());
    let command = language.and_then(|language| edit(case, language)).unwrap_or_default();
    let wanted = missing.split(" for: ").next().unwrap_or(missing);
    Some(
        Found::new(&CAUSE, Severity::Error, Certainty::Certain)
            .message(format!(
                "Pods of {} cannot be created: quota {quota} wants {wanted} of every container, and {container}, which the injection adds, has none.",
                case.subject.id.slug(),
            ))
            .remedy(format!("Set {field} of the Instrumentation"), command)
            .because(&*refusal.object, refusal.field, refusal.text()),
    )
}

/// The injected container that asks for most.
fn largest<'i>(injected: &'i Injected<'_>, resource: &str) -> Option<&'i str> {
    let (is_limit, name) = split(resource)?;
    let mut found: Option<(Quantity, &str)> = None;
    for container in injected.added() {
        let amount = of_container(container, is_limit, name).unwrap_or(Quantity::ZERO);
        if found.is_none_or(|(most, _)| amount.exceeds(most)) {
            found = Some((amount, &container.name));
        }
    }
    found.map(|(_, name)| name)
}

/// The command that lowers the agent's container to what the application asks for itself, which costs no quota at all.
fn lower_command(
    case: &Case<'_>,
    injected: &Injected<'_>,
    language: Language,
    container: &str,
    resource: &str,
    own: Quantity,
) -> Option<String> {
    let (is_limit, name) = split(resource)?;
    if !own.exceeds(Quantity::ZERO) || language == Language::Go {
        return edit(case, language);
    }
    let container = injected.added().find(|added| &*added.name == container)?;
    let request = container.resources.requests.get(name).and_then(Quantity::parse);
    let mut lower = if is_limit { json!({ "limits": { name: own.to_string() } }) } else { json!({}) };
    if !is_limit || request.is_some_and(|request| request.exceeds(own)) {
        lower["requests"] = json!({ name: own.to_string() });
    }
    patch(case, language, &resources(language, lower)?)
}

/// What others use changes all the time and proves nothing more.
fn without_used(text: &str) -> String {
    match (text.split_once(", used: "), text.split_once(", limited: ")) {
        (Some((before, _)), Some((_, limited))) => format!("{before}, limited: {limited}"),
        _ => text.to_owned(),
    }
}
