//! A9: the webhook's selectors or match conditions leave the Pod out.

use api::{Certainty, ConditionType, Severity};
use facts::{InputKind, LabelSelector};
use injection::webhook::NotCalled;

use super::unasked::{Standing, unasked};
use crate::case::Case;
use crate::catalogue::obstacle::not_called;
use crate::catalogue::remedy::patch_webhook;
use crate::cause::{Cause, Sight};
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
    sight: Sight::Always(
        "the webhook's selectors and match conditions, applied to the Pod and its Namespace",
    ),
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
                "{}: webhook {} ({}) is not called: {}.",
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
    let show = || format!("kubectl get mutatingwebhookconfiguration {} -o yaml", webhook.configuration);
    match why {
        NotCalled::Rules => Exclusion {
            field: "rules".to_owned(),
            value: "not CREATE of pods".to_owned(),
            why: not_called(namespace, why),
            words: "Restore the rules of the operator's release".to_owned(),
            command: show(),
        },
        NotCalled::NamespaceSelector { unmet } => {
            let selector = &webhook.entry.namespace_selector;
            let label = label_for(selector, unmet)
                .map(|label| format!("kubectl label namespace {namespace} {label} --overwrite"));
            Exclusion {
                field: "namespaceSelector".to_owned(),
                value: unmet.clone(),
                why: not_called(namespace, why),
                words: "Let the selector take the Namespace in (Helm: admissionWebhooks.namespaceSelector)"
                    .to_owned(),
                command: label.or_else(|| admit(webhook, namespace, unmet)).unwrap_or_else(show),
            }
        }
        NotCalled::ObjectSelector { unmet } => Exclusion {
            field: "objectSelector".to_owned(),
            value: unmet.clone(),
            why: not_called(namespace, why),
            words: "Change the labels of the Pod template, or the selector (Helm: admissionWebhooks.objectSelector)"
                .to_owned(),
            command: show(),
        },
        NotCalled::MatchCondition { name } => {
            let place = webhook.entry.match_conditions.iter().position(|condition| condition.name == *name);
            let expression = place.map(|place| &webhook.entry.match_conditions[place].expression);
            let drop = place.map(|place| patch_webhook(webhook, "remove", &format!("matchConditions/{place}"), None));
            Exclusion {
                field: format!("matchConditions[{name}]"),
                value: expression.map_or_else(String::new, ToString::to_string),
                why: not_called(namespace, why),
                words: format!("Correct match condition {name}, or drop it"),
                command: drop.unwrap_or_else(show),
            }
        }
    }
}

/// Takes a Namespace into a selector that names Namespaces one by one.
fn admit(webhook: &PodWebhook, namespace: &str, unmet: &str) -> Option<String> {
    let expressions = &webhook.entry.namespace_selector.match_expressions;
    let place = expressions.iter().position(|requirement| requirement.to_string() == unmet)?;
    let requirement = &expressions[place];
    let values = format!("namespaceSelector/matchExpressions/{place}/values");
    let value = requirement.values.iter().position(|value| **value == *namespace);
    match (&*requirement.operator, value) {
        ("In", None) => Some(patch_webhook(webhook, "add", &format!("{values}/-"), Some(namespace))),
        ("NotIn", Some(value)) if requirement.values.len() > 1 => {
            Some(patch_webhook(webhook, "remove", &format!("{values}/{value}"), None))
        }
        ("NotIn", Some(_)) => Some(patch_webhook(
            webhook,
            "remove",
            &format!("namespaceSelector/matchExpressions/{place}"),
            None,
        )),
        _ => None,
    }
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
