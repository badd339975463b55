//! I6: Pods of one revision differ in what the operator put on them.

use std::collections::BTreeMap;

use api::{Certainty, ConditionType, Severity};
use facts::{InputKind, Pod};

use super::{Lack, lacks};
use crate::case::{Case, Group};
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `MixedInstrumentationAcrossReplicas`.
pub static CAUSE: Cause = Cause {
    code: "IH-I006",
    reason: "MixedInstrumentationAcrossReplicas",
    summary: "Pods of one revision differ: some carry the agent and some do not, or they carry different agent images.",
    condition: ConditionType::Injected,
    severities: &[Severity::Error, Severity::Warning, Severity::Info],
    certainties: &[Certainty::Certain],
    sight: Sight::Always("the Pods of one revision, with and without the operator's marks"),
    since: "0.1.0",
    reads: &[InputKind::Instrumentations],
    page: include_str!("mixed_instrumentation_across_replicas.md"),
    check,
};

/// Pods of one revision.
#[derive(Default)]
struct Revision<'g, 'c> {
    complete: Vec<(&'g Group<'c>, &'c Pod)>,
    lacking: Vec<(&'g Group<'c>, &'c Pod)>,
}

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let mut found = Vec::new();
    for revision in revisions(case).into_values().filter(|revision| !revision.complete.is_empty()) {
        found.extend(if revision.lacking.is_empty() {
            different_images(case, &revision)
        } else {
            different_marks(case, &revision)
        });
    }
    // One finding a reason: that of the present revision, which comes first.
    found.truncate(1);
    found
}

/// The Pods by revision, the present one first. Only those that ask for injection.
fn revisions<'g, 'c>(case: &'g Case<'c>) -> BTreeMap<(bool, &'g str, &'g str), Revision<'g, 'c>> {
    let mut revisions: BTreeMap<_, Revision<'g, 'c>> = BTreeMap::new();
    for group in case.groups.iter().filter(|group| !group.asked.is_empty()) {
        for pod in group.pods.iter().copied() {
            let owner = pod.controller.as_deref().map_or("", |owner| &*owner.uid);
            let hash = pod.shape.labels.get("controller-revision-hash").unwrap_or_default();
            let revision = revisions.entry((!group.current, owner, hash)).or_default();
            if group.missing.is_empty() {
                revision.complete.push((group, pod));
            } else {
                revision.lacking.push((group, pod));
            }
        }
    }
    revisions
}

/// Some carry what is asked for and some lack it. Where the lack has a cause that stands, that cause is the one to mend, and
/// this is for information.
fn different_marks<'c>(case: &Case<'c>, revision: &Revision<'_, 'c>) -> Option<Found<'c>> {
    let lacking: Vec<&Pod> = revision.lacking.iter().map(|(_, pod)| *pod).collect();
    let (group, bare) = revision.lacking.first()?;
    let (_, complete) = revision.complete.first()?;
    let passed = lacks(case).into_iter().find(|lack| std::ptr::eq(lack.pod, *bare));
    let severity = if passed.is_some() { case.severity_of_lack(group) } else { Severity::Info };
    let languages: Vec<String> = group.missing.iter().map(ToString::to_string).collect();
    let (words, command) = case.restart_remedy();
    Some(
        Found::new(&CAUSE, severity, Certainty::Certain)
            .message(format!(
                "{} of {} Pods of one revision {} the {} agent that the others carry{}.",
                lacking.len(),
                lacking.len() + revision.complete.len(),
                if lacking.len() == 1 { "lacks" } else { "lack" },
                languages.join(", "),
                passed.as_ref().map_or("", why)
            ))
            .remedy(words, command)
            .because(format!("Pod/{}", bare.name), "spec", "no mark of an injection")
            .because(format!("Pod/{}", complete.name), "spec", "carries the agent")
            .because(
                format!("Pod/{}", bare.name),
                "metadata.creationTimestamp",
                bare.created.map_or_else(String::new, |created| created.to_string()),
            )
            .pods(lacking),
    )
}

fn why(lack: &Lack<'_, '_>) -> &'static str {
    match (&lack.instrumentation, &lack.annotation, &lack.gap) {
        (Some(_), ..) => "; what lacks it is older than the Instrumentation",
        (_, Some(_), _) => "; what lacks it is older than the annotation",
        (.., Some(_)) => "; what lacks it was created while the operator's webhook did not answer",
        _ => "",
    }
}

/// All carry it, in different versions.
fn different_images<'c>(case: &Case<'c>, revision: &Revision<'_, 'c>) -> Option<Found<'c>> {
    let (first, known) = revision.complete.first()?;
    let image_of = |group: &Group<'c>, name: &str| {
        group.marks.agents.iter().find(|agent| &*agent.name == name).map(|agent| agent.image.clone())
    };
    for agent in &first.marks.agents {
        let differs =
            |group: &Group<'c>| image_of(group, &agent.name).is_some_and(|image| image != agent.image);
        let others: Vec<_> = revision.complete.iter().filter(|(group, _)| differs(group)).collect();
        let Some((group, other)) = others.first() else { continue };
        let image = image_of(group, &agent.name)?;
        return Some(
            Found::new(&CAUSE, Severity::Info, Certainty::Certain)
                .message(format!(
                    "Pods of one revision carry different agents in {}: {} and {image}.",
                    agent.name, agent.image
                ))
                .remedy("A restart gives all of them the same one", case.restart_command())
                .because(format!("Pod/{}", known.name), format!("spec…[{}].image", agent.name), &agent.image)
                .because(format!("Pod/{}", other.name), format!("spec…[{}].image", agent.name), &image)
                .pods(others.iter().map(|(_, pod)| *pod)),
        );
    }
    None
}
