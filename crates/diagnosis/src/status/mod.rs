//! How does a verdict read in the API?

mod conditions;

use std::collections::BTreeSet;

use api::{
    InstrumentationHealthStatus, InstrumentationReference, MAX_FINDINGS, NotChecked, PodCounts, Summary,
};
use facts::{InputKind, Language, Readability};

use crate::annotations;
use crate::evaluate::{Options, Verdict, unreadable};
use crate::found::{Found, sentence};
use conditions::{conditions, refused_otherwise, waits_for};

/// Puts a status together. Times are those of this judgement; [`crate::carry`] puts the earlier ones back.
pub fn build(verdict: &Verdict<'_, '_>, options: &Options) -> InstrumentationHealthStatus {
    let case = verdict.case;
    let languages: Vec<String> = shown_languages(verdict).iter().map(ToString::to_string).collect();
    let instrumentations = instrumentations(verdict);
    let pods = counts(verdict);
    let findings: Vec<api::Finding> =
        verdict.found.iter().take(MAX_FINDINGS).map(|found| finding(found, options)).collect();
    InstrumentationHealthStatus {
        observed_generation: 1,
        workload_generation: case.subject.workload.map_or(0, |workload| workload.generation),
        summary: Summary {
            workload: case.subject.id.slug(),
            languages: languages.join(","),
            pods: format!("{}/{}", pods.healthy, pods.total),
            instrumentation: joined_names(&instrumentations),
        },
        languages,
        instrumentations,
        pods,
        conditions: conditions(verdict),
        omitted_findings: i32::try_from(verdict.found.len().saturating_sub(MAX_FINDINGS)).unwrap_or(i32::MAX),
        findings,
        not_checked: not_checked(verdict),
        muted_until: annotations::muted_until(case),
        mute_reason: annotations::mute_reason(case),
        flapping_since: None,
        history: Vec::new(),
    }
}

fn finding(found: &Found<'_>, options: &Options) -> api::Finding {
    let reason = found.cause.reason;
    let documentation = match options.docs_base_url.trim_end_matches('/') {
        "" => format!("instrumentation-health explain {reason}"),
        base => format!("{base}/{reason}"),
    };
    found.clone().into_finding(&documentation)
}

/// Languages asked for, and those found on Pods that no longer ask.
fn shown_languages(verdict: &Verdict<'_, '_>) -> BTreeSet<Language> {
    let marked = verdict.case.groups.iter().flat_map(|group| group.marks.languages());
    verdict.case.languages().into_iter().chain(marked).collect()
}

fn instrumentations(verdict: &Verdict<'_, '_>) -> Vec<InstrumentationReference> {
    let case = verdict.case;
    let decisions = case.restart.iter().chain(case.groups.iter().filter_map(|group| group.decision.as_ref()));
    let chosen = decisions
        .flat_map(|decision| &decision.languages)
        .filter_map(|language| language.instrumentation.as_ref());
    let unique: BTreeSet<InstrumentationReference> = chosen
        .map(|instrumentation| {
            let metadata = &instrumentation.metadata.metadata;
            InstrumentationReference {
                namespace: metadata.namespace.to_string(),
                name: metadata.name.to_string(),
                generation: metadata.generation,
            }
        })
        .filter(|reference| !reference.name.is_empty())
        .collect();
    unique.into_iter().take(Language::ALL.len()).collect()
}

fn joined_names(references: &[InstrumentationReference]) -> String {
    let names: Vec<String> = references.iter().map(|r| format!("{}/{}", r.namespace, r.name)).collect();
    match names.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [first, rest @ ..] => format!("{first} +{}", rest.len()),
    }
}

fn counts(verdict: &Verdict<'_, '_>) -> PodCounts {
    let count = |matches: &dyn Fn(&crate::evaluate::PodState) -> bool| {
        i32::try_from(verdict.pods.iter().filter(|state| matches(state)).count()).unwrap_or(i32::MAX)
    };
    let failed = count(&|state| state.failed);
    let progressing = count(&|state| !state.failed && state.starting.is_some());
    let total = count(&|_| true);
    PodCounts { total, healthy: total - failed - progressing, progressing, failed }
}

fn healthy_message(verdict: &Verdict<'_, '_>) -> String {
    let (status, reason) = verdict.healthy();
    let languages = shown_languages(verdict).iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let total = verdict.pods.len();
    let found = verdict.primary().filter(|found| found.cause.reason == reason);
    if let Some(found) = found {
        let joined = format!("{} {}", found.message, found.remedy);
        // A condition may hold 32 KiB, but tables and terminals do not: the remedy goes rather than the fact.
        return if joined.chars().count() <= 2 * api::MAX_SENTENCE {
            joined.trim_end().to_owned()
        } else {
            found.message.clone()
        };
    }
    let text = match (status, verdict.unproven) {
        (_, Some(kind)) if status != "True" => match readability(verdict, kind) {
            Readability::Partial => {
                format!("Nothing fails as far as is known, but {}.", why_unknown(verdict, kind))
            }
            _ => format!("Cannot be judged: {}.", why_unknown(verdict, kind)),
        },
        ("Unknown", _) if let Some((service, _)) = verdict.receiver.filter(|_| !verdict.progressing()) => {
            waits_for(service)
        }
        ("Unknown", _) if let Some(refused) = refused_otherwise(verdict.case).filter(|_| total == 0) => {
            refused
        }
        ("Unknown", _) => format!(
            "Waiting for the {languages} agent to be installed in the Pods of {}.",
            verdict.case.subject.id.slug()
        ),
        _ if total == 0 => format!(
            "There is no Pod now; nothing stands in the way of injecting {languages} into the next one."
        ),
        _ if languages.is_empty() => "Injection is not asked for any more, or is declined.".to_owned(),
        _ if !verdict.pods.iter().any(|state| state.injected) => format!(
            "Its Pods ended without the {languages} agent before that was asked for; nothing stands in the way of injecting the next one."
        ),
        _ => format!(
            "{total} of {total} Pods carry the {languages} agent and send to something that exists; whether data arrives cannot be seen here."
        ),
    };
    sentence(&text)
}

/// How well a kind is known: where the workload is, if it is not known there, else in the whole cluster.
fn readability<'a>(verdict: &Verdict<'_, 'a>, kind: InputKind) -> &'a Readability {
    let here = verdict.case.readability_here(kind);
    if here.is_exhaustive() { verdict.case.cluster.readability(kind) } else { here }
}

/// Why nothing can be concluded from what of a kind is not there. Nobody is sent for a right where a right is not what is missing:
/// files hold a part, and an object that does not read as the API describes it is left out.
fn why_unknown(verdict: &Verdict<'_, '_>, kind: InputKind) -> String {
    let check = kind.check();
    match readability(verdict, kind) {
        Readability::Partial => format!("{check} are known in part only"),
        Readability::Pending => format!("{check} have not been listed yet"),
        Readability::Unreadable { needs } => format!("{check} cannot be read; needs: {needs}"),
        Readability::Complete | Readability::NotServed => {
            format!("{check} cannot be read; needs: {}", kind.needed_rule())
        }
    }
}

/// What a check that was not made needs.
fn needs(verdict: &Verdict<'_, '_>, kind: InputKind) -> String {
    match readability(verdict, kind) {
        Readability::Partial => format!("all {}, in the form that the API describes", kind.plural()),
        _ => kind.needed_rule(),
    }
}

fn not_checked(verdict: &Verdict<'_, '_>) -> Vec<NotChecked> {
    let unreadable = unreadable(verdict.case)
        .map(|(kind, needs)| NotChecked { check: kind.check().to_owned(), needs: needs.to_owned() });
    let off = verdict.case.cluster.switched_off().iter();
    let off =
        off.map(|(check, needs)| NotChecked { check: check.check().to_owned(), needs: needs.to_string() });
    let mut list: Vec<NotChecked> = unreadable.chain(off).take(16).collect();
    if let Some(kind) = verdict.unproven.filter(|kind| !list.iter().any(|entry| entry.check == kind.check()))
    {
        list.truncate(15);
        list.push(NotChecked { check: kind.check().to_owned(), needs: needs(verdict, kind) });
    }
    list
}
