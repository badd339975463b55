//! E6: a `LimitRange` refuses the agent's container, or gives it resources that nobody chose.

use api::{Certainty, ConditionType, Severity};
use facts::{Container, InputKind, PodShape};
use injection::quantity::Quantity;

use super::amounts::{of_container, of_pod};
use super::injected::Injected;
use super::instrumentation_remedy::{edit, resources_field};
use super::text::Complaint;
use crate::case::Case;
use crate::catalogue::refusal::standing;
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `LimitRangeRejectsOrInflates`.
pub static CAUSE: Cause = Cause {
    code: "IH-E006",
    reason: "LimitRangeRejectsOrInflates",
    summary: "A LimitRange refuses the agent's container, or gives it resources that nobody chose.",
    condition: ConditionType::PodsAdmitted,
    severities: &[Severity::Error, Severity::Info],
    certainties: &[Certainty::Certain],
    sight: Sight::Always(
        "what the API server says in ReplicaFailure or FailedCreate, or the note that the LimitRanger leaves on the Pod",
    ),
    since: "0.1.0",
    reads: &[InputKind::Instrumentations, InputKind::Events],
    page: include_str!("limit_range_rejects_or_inflates.md"),
    check,
};

/// The annotation in which the API server notes what a `LimitRange` has set.
const NOTE: &str = "kubernetes.io/limit-ranger";

/// One bound that is not kept.
struct Bound<'t> {
    kind: Kind,
    resource: &'t str,
    per_pod: bool,
    edge: Quantity,
    seen: Quantity,
}

/// What a bound is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// At most, of a limit or else of a request.
    Max { is_limit: bool },
    /// At least, of a limit or else of a request.
    Min { is_limit: bool },
    /// At most so many times the request.
    Ratio,
}

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    rejected(case).or_else(|| inflated(case)).into_iter().collect()
}

fn rejected<'c>(case: &Case<'c>) -> Option<Found<'c>> {
    let refusal = standing(case)?;
    let Complaint::LimitRange(parts) = Complaint::read(refusal.text()) else { return None };
    let injected = Injected::of(case);
    // A missing amount is judged by the other parts, if there are any.
    let bounds: Vec<Bound<'_>> = parts.iter().filter_map(|part| Bound::read(part)).collect();
    if bounds.is_empty() || bounds.iter().any(|bound| !bound.is_broken_by_injection(&injected)) {
        return None;
    }
    let container =
        bounds.iter().find_map(|bound| injected.added().find(|added| bound.is_broken_by(added)))?;
    let language = injected.language(&container.name);
    let field = language.and_then(resources_field).unwrap_or_else(|| "the agent's resources".to_owned());
    let command = language.and_then(|language| edit(case, language)).unwrap_or_default();
    Some(
        Found::new(&CAUSE, Severity::Error, Certainty::Certain)
            .message(format!(
                "The Pods of {} cannot be created: a LimitRange of namespace {} refuses container {}, which the injection adds: {}.",
                case.subject.id.slug(),
                case.subject.id.namespace,
                container.name,
                parts[0],
            ))
            .remedy(format!("Bring {field} of the Instrumentation inside these bounds"), command)
            .because(&*refusal.object, refusal.field, refusal.text()),
    )
}

/// The Instrumentation leaves the resources open, so the `LimitRange`'s defaults apply.
fn inflated<'c>(case: &Case<'c>) -> Option<Found<'c>> {
    let (group, container, note) =
        case.injected_groups().filter(|group| group.current).find_map(|group| {
            let note = group.shape.annotations.get(NOTE)?;
            let agent = group.marks.agents.iter().find(|agent| names(note, &agent.name))?;
            Some((group, agent.clone(), note))
        })?;
    let pod = group.pods.first()?;
    let field =
        container.language.and_then(resources_field).unwrap_or_else(|| "the agent's resources".to_owned());
    let command = container.language.and_then(|language| edit(case, language)).unwrap_or_default();
    let parts: Vec<&str> = note.split("; ").filter(|part| names(part, &container.name)).collect();
    let parts = parts.join("; ");
    Some(
        Found::new(&CAUSE, Severity::Info, Certainty::Certain)
            .message(format!(
                "A LimitRange of namespace {} sets resources of container {} in Pod {}, because the Instrumentation leaves them open.",
                case.subject.id.namespace, container.name, pod.name,
            ))
            .remedy(format!("Set {field} of the Instrumentation if the defaults do not suit"), command)
            .because(format!("Pod/{}", pod.name), format!("metadata.annotations[{NOTE}]"), parts),
    )
}

/// `… for init container NAME`
fn names(note: &str, container: &str) -> bool {
    note.split([';', ',']).any(|part| part.trim_end().ends_with(&format!("container {container}")))
}

impl<'t> Bound<'t> {
    /// `maximum cpu usage per Container is 250m, but limit is 500m`, or
    /// `cpu max limit to request ratio per Container is 4, but provided ratio is 10.000000`
    fn read(part: &'t str) -> Option<Self> {
        let (what, rest) = part.split_once(" per ")?;
        let (target, rest) = rest.split_once(" is ")?;
        let (bound, seen) = rest.split_once(", but ")?;
        let (said, seen) = seen.split_once(" is ")?;
        let is_limit = said == "limit";
        let (kind, resource) = if let Some(resource) = what.strip_suffix(" max limit to request ratio") {
            (Kind::Ratio, resource)
        } else {
            let what = what.strip_suffix(" usage")?;
            match what.strip_prefix("maximum ") {
                Some(resource) => (Kind::Max { is_limit }, resource),
                None => (Kind::Min { is_limit }, what.strip_prefix("minimum ")?),
            }
        };
        let per_pod = target == "Pod";
        let (edge, seen) = (Quantity::parse(bound)?, Quantity::parse(seen.trim_end_matches('.'))?);
        Some(Self { kind, resource, per_pod, edge, seen })
    }

    fn breaks(&self, amount: Quantity) -> bool {
        match self.kind {
            Kind::Max { .. } | Kind::Ratio => amount.exceeds(self.edge),
            Kind::Min { .. } => self.edge.exceeds(amount),
        }
    }

    fn is_broken_by(&self, container: &Container) -> bool {
        let of = |is_limit| of_container(container, is_limit, self.resource);
        self.per_pod
            || match self.kind {
                Kind::Max { is_limit } | Kind::Min { is_limit } => {
                    of(is_limit).is_some_and(|amount| self.breaks(amount))
                }
                Kind::Ratio => of(true).zip(of(false)).is_some_and(|(limit, request)| {
                    limit.ratio(request).is_some_and(|ratio| self.breaks(ratio))
                }),
            }
    }

    /// Whether the Pod would keep the bound without the injection, and does not with it.
    fn is_broken_by_injection(&self, injected: &Injected<'_>) -> bool {
        if self.per_pod {
            let name = match self.kind {
                Kind::Max { is_limit: true } | Kind::Min { is_limit: true } => {
                    format!("limits.{}", self.resource)
                }
                Kind::Max { .. } | Kind::Min { .. } => self.resource.to_owned(),
                Kind::Ratio => return false,
            };
            let own = |shape: &PodShape| of_pod(shape, &name).is_some_and(|own| self.breaks(own.amount));
            return injected.before.is_some_and(|before| !own(before)) && self.breaks(self.seen);
        }
        injected.added().any(|container| self.is_broken_by(container))
            && !injected.own().any(|container| self.is_broken_by(container))
    }
}
