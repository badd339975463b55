//! A9: the webhook's selectors or match conditions leave the Pod out.

use api::{Certainty, ConditionType, Severity};
use facts::{InputKind, LabelSelector};
use injection::webhook::NotCalled;

use super::unasked::{Standing, unasked};
use crate::case::Case;
use crate::cause::Cause;
use crate::found::Found;
use crate::operator::{PodWebhook, WebhookVerdict};

/// `WebhookSelectorExcludesPod`.
pub static CAUSE: Cause = Cause {
    code: "IH-A009",
    reason: "WebhookSelectorExcludesPod",
    summary: "The operator's webhook is not called for this Pod, because a selector or match condition leaves it out.",
    condition: ConditionType::OperatorReady,
    severities: &[Severity::Error, Severity::Warning, Severity::Info],
    certainties: &[Certainty::Certain],
    since: "0.1.0",
    reads: &[InputKind::MutatingWebhookConfigurations],
    page: include_str!("webhook_selector_excludes_pod.md"),
    check,
};

/// What leaves the Pod out.
struct Exclusion {
    /// Field of the entry.
    field: String,
    /// What it says, as far as it is not met.
    value: String,
    /// What it says in a sentence.
    why: String,
    words: String,
    command: String,
}

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let hit = unasked(case, |verdict| match verdict {
        WebhookVerdict::Excluded { webhook, why } => Some(((*webhook, why), Standing::Lasting)),
        _ => None,
    });
    let Some(hit) = hit else { return Vec::new() };
    let (webhook, why) = hit.what;
    let exclusion = describe(case, webhook, why);
    let slug = case.subject.id.slug();
    vec![
        hit.found(&CAUSE, Certainty::Certain)
            .message(format!(
                "{}: webhook {} of configuration {} is not called, because {}.",
                hit.subject_phrase(),
                webhook.entry.name,
                webhook.configuration,
                exclusion.why
            ))
            .remedy(format!("{}, then restart {slug}", exclusion.words), &exclusion.command)
            .because(
                format!("MutatingWebhookConfiguration/{}", webhook.configuration),
                format!("webhooks[{}].{}", webhook.entry.name, exclusion.field),
                &exclusion.value,
            ),
    ]
}

fn describe(case: &Case<'_>, webhook: &PodWebhook, why: &NotCalled) -> Exclusion {
    let namespace = &case.subject.id.namespace;
    match why {
        NotCalled::Rules => Exclusion {
            field: "rules".to_owned(),
            value: "not CREATE of pods".to_owned(),
            why: "its rules do not cover the creation of Pods".to_owned(),
            words: "Restore the rules of the operator's release".to_owned(),
            command: show(webhook),
        },
        NotCalled::NamespaceSelector { unmet } => Exclusion {
            field: "namespaceSelector".to_owned(),
            value: unmet.clone(),
            why: format!("Namespace {namespace} does not meet its namespaceSelector: {unmet}"),
            words: "Change the Namespace's labels or the selector (Helm: admissionWebhooks.namespaceSelector)"
                .to_owned(),
            command: match label_for(&webhook.entry.namespace_selector, unmet) {
                Some(label) => format!("kubectl label namespace {namespace} {label} --overwrite"),
                None => show(webhook),
            },
        },
        NotCalled::ObjectSelector { unmet } => Exclusion {
            field: "objectSelector".to_owned(),
            value: unmet.clone(),
            why: format!("the Pod's labels do not meet its objectSelector: {unmet}"),
            words: "Change the labels of the Pod template or the selector (Helm: admissionWebhooks.objectSelector)"
                .to_owned(),
            command: show(webhook),
        },
        NotCalled::MatchCondition { name } => {
            let mut conditions = webhook.entry.match_conditions.iter();
            let expression = conditions.find(|condition| condition.name == *name);
            Exclusion {
                field: format!("matchConditions[{name}]"),
                value: expression.map_or_else(String::new, |condition| condition.expression.to_string()),
                why: format!("its match condition {name} is not true for the Pod"),
                words: format!("Change match condition {name}"),
                command: show(webhook),
            }
        }
    }
}

fn show(webhook: &PodWebhook) -> String {
    format!("kubectl edit mutatingwebhookconfiguration {}", webhook.configuration)
}

/// The label with which an object would meet a requirement, as `kubectl label` takes it. None for labels that the API
/// server itself sets.
fn label_for(selector: &LabelSelector, unmet: &str) -> Option<String> {
    if let Some((key, value)) =
        selector.match_labels.iter().find(|(key, value)| format!("{key}={value}") == unmet)
    {
        return changeable(key).then(|| format!("{key}={value}"));
    }
    let requirement =
        selector.match_expressions.iter().find(|requirement| requirement.to_string() == unmet)?;
    let key = &requirement.key;
    if !changeable(key) {
        return None;
    }
    match &*requirement.operator {
        "In" => Some(format!("{key}={}", requirement.values.first()?)),
        "Exists" => Some(format!("{key}=true")),
        "NotIn" | "DoesNotExist" => Some(format!("{key}-")),
        _ => None,
    }
}

fn changeable(key: &str) -> bool {
    key != "kubernetes.io/metadata.name"
}
