//! C2: the annotation came after the Pod.

use api::{Certainty, ConditionType, Severity};
use facts::{HeldBack, InputKind, Pod};
use injection::annotation::Request;
use serde_json::json;

use super::{Holder, explained};
use crate::case::{Asked, Case};
use crate::catalogue::left_behind::{run, who};
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `AnnotationAddedAfterPodStart`.
pub static CAUSE: Cause = Cause {
    code: "IH-C002",
    reason: "AnnotationAddedAfterPodStart",
    summary: "The annotation was put on the Namespace, the template or the running Pod after the Pod was created.",
    condition: ConditionType::Injected,
    severities: &[Severity::Error, Severity::Warning],
    certainties: &[Certainty::Certain, Certainty::Likely, Certainty::Hint],
    sight: Sight::Always(
        "the time in managedFields of the annotation, against the creation of the Pod; where no time is kept, a hint",
    ),
    since: "0.1.0",
    reads: &[InputKind::Instrumentations],
    page: include_str!("annotation_added_after_pod_start.md"),
    check,
};

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let Some(all) = explained(case, |lack| lack.annotation.clone()) else {
        return held_back(case).into_iter().collect();
    };
    let change = &all.what;
    let namespace = &case.subject.id.namespace;
    let pod = all.pods.first();
    let why = match &change.holder {
        Holder::Namespace(Some(_)) => {
            format!("{} was put on Namespace {namespace} only later", change.key)
        }
        Holder::Namespace(None) => {
            format!("only Namespace {namespace} has {}, put there most likely later", change.key)
        }
        Holder::Pod => format!("{} stands on the running Pod only, not in its template", change.key),
    };
    let (words, command) = match change.holder {
        // What stands on a Pod by hand is gone with that Pod.
        Holder::Pod => (
            "Running Pods are never changed: put it into the Pod template, which makes new Pods".to_owned(),
            case.annotate_template_command(change.key, &change.value),
        ),
        Holder::Namespace(_) => case.restart_remedy(),
    };
    let mut found = Found::new(&CAUSE, all.severity, change.certainty)
        .message(format!(
            "{} {} without the {} agent: {why}.",
            who(case, &all.pods),
            run(&all.pods),
            case.languages_phrase()
        ))
        .remedy(words, command);
    if let Some((pod, created)) = pod.and_then(|pod| Some((pod, pod.created?))) {
        found = found.because(format!("Pod/{}", pod.name), "metadata.creationTimestamp", created.to_string());
    }
    let field = format!("metadata.annotations[{}]", change.key);
    found = match (&change.holder, pod) {
        (Holder::Namespace(Some(set)), _) => {
            found.because(format!("Namespace/{namespace}"), "metadata.managedFields[].time", set.to_string())
        }
        (Holder::Namespace(None), _) => found.because(format!("Namespace/{namespace}"), field, &change.value),
        (Holder::Pod, Some(pod)) => found.because(format!("Pod/{}", pod.name), field, &change.value).because(
            format!("{}/{}", case.subject.id.kind, case.subject.id.name),
            format!("spec.template.metadata.annotations[{}]", change.key),
            "absent",
        ),
        (Holder::Pod, None) => found,
    };
    vec![found.pods(all.pods)]
}

/// The template asks, and nothing replaces the Pods that were made before it did.
fn held_back<'c>(case: &Case<'c>) -> Option<Found<'c>> {
    let workload = case.subject.workload?;
    let held_back = workload.held_back?;
    let asks = |asked: &&Asked| {
        asked.on_pod.as_deref().is_some_and(|value| Request::parse(value) != Request::Nothing)
    };
    let asked = case.asked.iter().find(asks)?;
    let key = asked.language.inject_key();
    let older = case.groups.iter().filter(|group| {
        group.shape.annotations.get(key).is_none() && !group.marks.languages().contains(&asked.language)
    });
    let pods: Vec<&Pod> = older.flat_map(|group| group.pods.iter().copied()).collect();
    let first = pods.first()?;
    let id = &case.subject.id;
    let (why, field, words, command) = match held_back {
        HeldBack::Partition(partition) => (
            "the partition of its rolling update leaves the Pods below it alone",
            ("spec.updateStrategy.rollingUpdate.partition", partition.to_string()),
            "Lower the partition, which makes new Pods",
            case.merge_into_spec_command(&json!({"updateStrategy": {"rollingUpdate": {"partition": 0}}})),
        ),
        HeldBack::Paused => (
            "its rollout is paused",
            ("spec.paused", "true".to_owned()),
            "Resume the rollout",
            format!("kubectl -n {} rollout resume {}", id.namespace, id.slug()),
        ),
        HeldBack::OnDelete => (
            "its updateStrategy OnDelete leaves the Pods that run alone",
            ("spec.updateStrategy.type", "OnDelete".to_owned()),
            "Delete its Pods one after the other, which makes new ones",
            format!("kubectl -n {} delete pod {}", id.namespace, first.name),
        ),
    };
    // A partition stages a rollout on purpose, as long as some Pods have the new template.
    let is_staged =
        matches!(held_back, HeldBack::Partition(_)) && case.groups.iter().any(|group| group.current);
    let severity = if is_staged { Severity::Warning } else { Severity::Error };
    Some(
        Found::new(&CAUSE, severity, Certainty::Certain)
            .message(format!(
                "{} {} without the {} agent: {key} was put into the template of {} only later, and {why}.",
                who(case, &pods),
                run(&pods),
                asked.language,
                id.slug(),
            ))
            .remedy(words, command)
            .because(case.object(), field.0, field.1)
            .because(case.object(), format!("spec.template.metadata.annotations[{key}]"), &*asked.value)
            .because(format!("Pod/{}", first.name), format!("metadata.annotations[{key}]"), "absent")
            .pods(pods.iter().copied()),
    )
}
