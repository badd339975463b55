//! What do the conditions say of each stage of a Pod's way?

use api::{ConditionType, Severity, StageReason, condition};
use facts::{InputKind, Service};
use injection::{LookupError, Outcome};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;

use super::{healthy_message, why_unknown};
use crate::case::Case;
use crate::catalogue::WEBHOOK_FAILS_CLOSED;
use crate::catalogue::refusal::standing;
use crate::evaluate::Verdict;
use crate::found::Found;

/// All of them, in the order of the pipeline.
pub(super) fn conditions(verdict: &Verdict<'_, '_>) -> Vec<Condition> {
    ConditionType::ALL.into_iter().map(|kind| one_condition(verdict, kind)).collect()
}

fn one_condition(verdict: &Verdict<'_, '_>, kind: ConditionType) -> Condition {
    let now = verdict.case.now;
    let say = |status: &str, reason: &str, message: &str| condition(kind, status, reason, message, now);
    match kind {
        ConditionType::Ready => say("True", StageReason::Judged.as_str(), "From all that can be read."),
        ConditionType::Healthy => {
            let (status, reason) = verdict.healthy();
            say(status, reason, &healthy_message(verdict))
        }
        _ => match worst(verdict, kind) {
            Some(found) if found.severity == Severity::Error || kind == ConditionType::OperatorReady => {
                say("False", found.cause.reason, &found.message)
            }
            _ if kind == ConditionType::InstrumentationResolved
                && let Some((reason, message)) = unresolved(verdict.case) =>
            {
                say("False", reason, &message)
            }
            None if kind == ConditionType::PodsAdmitted
                && let Some(message) = refused_otherwise(verdict.case) =>
            {
                say("False", StageReason::RefusedOtherwise.as_str(), &message)
            }
            Some(found) => say("Unknown", found.cause.reason, &found.message),
            None => match not_reached(verdict, kind) {
                Some((reason, message)) => say("Unknown", reason, &message),
                None => say("True", StageReason::AsExpected.as_str(), as_expected(kind)),
            },
        },
    }
}

/// The gravest finding, above Info, that speaks of this stage. An operator that is away is away also for a workload that it
/// does not harm yet: there a finding for information counts.
fn worst<'v, 'a>(verdict: &'v Verdict<'_, 'a>, kind: ConditionType) -> Option<&'v Found<'a>> {
    let is_operator = kind == ConditionType::OperatorReady;
    let speaks = |found: &&Found<'_>| {
        found.cause.condition == kind || (is_operator && *found.cause == *WEBHOOK_FAILS_CLOSED)
    };
    let counts = |found: &&Found<'_>| found.severity > Severity::Info || is_operator;
    verdict.found.iter().filter(speaks).find(counts)
}

/// Why the next Pod will get no Instrumentation, although those that run may have got theirs.
fn unresolved(case: &Case<'_>) -> Option<(&'static str, String)> {
    let Outcome::LookupFailed { error, .. } = &case.restart.as_ref()?.outcome else { return None };
    let namespace = &case.subject.id.namespace;
    Some(match error {
        LookupError::NotFound { namespace, name } => {
            ("InstrumentationNotFound", format!("There is no Instrumentation {namespace}/{name}."))
        }
        LookupError::NoneInNamespace => (
            "NoInstrumentationInNamespace",
            format!("Namespace {namespace} has no Instrumentation, which is what \"true\" asks for."),
        ),
        LookupError::SeveralInNamespace { names } => (
            "MultipleInstrumentationsInNamespace",
            format!("Namespace {namespace} has {} Instrumentations, and \"true\" names none.", names.len()),
        ),
        _ => return None,
    })
}

/// What the API server says to Pods that it refuses for the application's own sake: no cause of ours explains it.
pub(super) fn refused_otherwise(case: &Case<'_>) -> Option<String> {
    let refusal = standing(case)?;
    let (_, owner) = refusal.object.split_once('/')?;
    // Some policy engines name the Pod in their words, another one at every try.
    let words = match refusal.text() {
        text if text.contains(&format!("{owner}-")) => String::new(),
        text => format!(": {text}"),
    };
    Some(format!(
        "Pods of {} are refused, for a reason that does not lie in the injection (told by {}){words}",
        case.subject.id.slug(),
        refusal.object,
    ))
}

/// Why a stage of the pipeline cannot be judged although nothing was found wrong with it.
fn not_reached(verdict: &Verdict<'_, '_>, kind: ConditionType) -> Option<(&'static str, String)> {
    if kind >= ConditionType::Injected {
        let upstream = verdict
            .found
            .iter()
            .find(|found| found.severity == Severity::Error && found.cause.condition < kind);
        if let Some(found) = upstream.filter(|_| !verdict.pods.iter().any(|state| state.injected)) {
            let before = found.cause.condition.as_str();
            return Some((
                StageReason::NotReached.as_str(),
                format!("Not judged: {before} is False ({}).", found.cause.reason),
            ));
        }
        if verdict.pods.is_empty() {
            return Some((StageReason::NoPods.as_str(), StageReason::NoPods.meaning().to_owned()));
        }
        if verdict.progressing() {
            return Some((api::Outcome::Progressing.as_str(), "Pods are still starting.".to_owned()));
        }
        if !verdict.pods.iter().any(|state| state.injected) {
            return Some((StageReason::NotInjected.as_str(), StageReason::NotInjected.meaning().to_owned()));
        }
    }
    if let Some((service, _)) = verdict.receiver.filter(|_| kind == ConditionType::ExporterReachable) {
        return Some((api::Outcome::Progressing.as_str(), waits_for(service)));
    }
    let needed: &[InputKind] = match kind {
        ConditionType::OperatorReady => {
            &[InputKind::MutatingWebhookConfigurations, InputKind::Services, InputKind::EndpointSlices]
        }
        ConditionType::InstrumentationResolved => &[InputKind::Instrumentations],
        ConditionType::ExporterReachable => &[InputKind::Services, InputKind::EndpointSlices],
        _ => &[],
    };
    let unknown = needed.iter().find(|needed| !is_known(verdict, kind, **needed))?;
    Some((api::Outcome::NotChecked.as_str(), format!("{}.", why_unknown(verdict, *unknown))))
}

/// Whether what a stage needs of a kind is known. Instrumentations are looked for in the namespace, or were found by name.
fn is_known(verdict: &Verdict<'_, '_>, stage: ConditionType, kind: InputKind) -> bool {
    match stage {
        ConditionType::InstrumentationResolved => verdict.case.readability_here(kind).is_exhaustive(),
        _ => verdict.case.knows(kind),
    }
}

/// What is said while those who take the telemetry are starting.
pub(super) fn waits_for(service: &Service) -> String {
    let metadata = &service.metadata;
    format!("Waiting for a Pod behind Service {}/{} to be ready.", metadata.namespace, metadata.name)
}

/// What is said of a stage with which nothing is wrong. Short: every healthy workload carries all of them. What `True` means
/// in full stands in [`ConditionType::meaning`].
fn as_expected(kind: ConditionType) -> &'static str {
    match kind {
        ConditionType::OperatorReady => "Webhook registered and ready.",
        ConditionType::AnnotationsValid => "Well placed and well spelt.",
        ConditionType::InstrumentationResolved => "One for each language.",
        ConditionType::PodsAdmitted => "No refusal is known.",
        ConditionType::Injected | ConditionType::AgentInstalled => "In every Pod.",
        ConditionType::AgentWired => "Nothing overrides it.",
        ConditionType::ApplicationStable => "No failure is tied to it.",
        ConditionType::ExporterReachable => "As far as the API tells.",
        ConditionType::UpToDate => "As the Instrumentation says.",
        ConditionType::Ready | ConditionType::Healthy => "",
    }
}
