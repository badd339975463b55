//! C6: the agent sits in a proxy or another well-known sidecar, and the application has none.

use api::{Certainty, ConditionType, Severity};
use facts::{Container, Language, PodShape};
use serde_json::Value;

use super::names::lists;
use crate::case::{Case, Group};
use crate::catalogue::origin::Origin;
use crate::catalogue::sidecars::is_sidecar;
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `WrongContainerInstrumented`.
pub static CAUSE: Cause = Cause {
    code: "IH-C006",
    reason: "WrongContainerInstrumented",
    summary: "The agent went into a proxy or sidecar, not into the application.",
    condition: ConditionType::AgentWired,
    severities: &[Severity::Error],
    certainties: &[Certainty::Certain],
    sight: Sight::Always("the agent's variables are in a container with the name of a well-known sidecar"),
    since: "0.1.0",
    reads: &[],
    page: include_str!("wrong_container_instrumented.md"),
    check,
};

/// What Istio has put into the Pod, as JSON.
const ISTIO_STATUS: &str = "sidecar.istio.io/status";
/// The container that `kubectl` means where none is named.
const DEFAULT_CONTAINER: &str = "kubectl.kubernetes.io/default-container";

/// An agent that reached a well-known sidecar only.
struct Misled<'s> {
    language: Language,
    sidecar: &'s str,
    /// The first container that is no sidecar.
    application: &'s str,
    /// The list that names the sidecar; none where it is only the first container.
    named: Option<Origin<'s>>,
}

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let mut shown = case.injected_groups().filter_map(|group| Some((group, misled(case, group)?))).peekable();
    let Some((first, Misled { language, sidecar, application, named })) = shown.next() else {
        return Vec::new();
    };
    let Some(pod) = first.pods.first() else { return Vec::new() };
    // A list that does not name the application is joined with a second one: it has to be mended where it stands.
    let command = match lists(case, Some(*pod), language).into_iter().next() {
        Some(list) if !list.on_namespace => list.set_command(case, application),
        _ => case.annotate_template_command(language.container_names_key(), application),
    };
    let (because, why) = match &named {
        Some(list) => (format!("which {} names{}", list.key, list.place()), ""),
        None => ("which is the first of the Pod".to_owned(), ": no annotation names a container of the Pod"),
    };
    let found = Found::new(&CAUSE, Severity::Error, Certainty::Certain)
        .message(format!(
            "The {language} agent of {} went into container {sidecar}, {because}, and container {application} has none{why}.",
            case.subject.id.slug(),
        ))
        .remedy("Name the container of the application", command)
        .because(
            format!("Pod/{}", pod.name),
            format!("spec.containers[{sidecar}]"),
            format!("carries the {language} agent"),
        )
        .because(format!("Pod/{}", pod.name), format!("spec.containers[{application}]"), "carries no agent");
    let found = match &named {
        Some(list) => found.because(&*list.object, list.field(), list.value),
        None => found.because(
            case.object(),
            format!("spec.template.metadata.annotations[{}]", language.container_names_key()),
            "absent",
        ),
    };
    vec![found.pods(first.pods.iter().chain(shown.flat_map(|(group, _)| &group.pods)).copied())]
}

/// A language that reached only a well-known sidecar, that sidecar, and the first container that is none.
fn misled<'s>(case: &'s Case<'_>, group: &'s Group<'_>) -> Option<Misled<'s>> {
    let of_mesh = by_istio(group.shape);
    let is_sidecar = |one: &Container| is_sidecar(one) || of_mesh.iter().any(|known| **known == *one.name);
    let containers = || group.shape.spec.containers.iter();
    let is_agent = |name: &str| group.marks.agents.iter().any(|agent| &*agent.name == name);
    // Meshes say which container is the application, when they put theirs in front of it.
    let default = group.shape.annotations.get(DEFAULT_CONTAINER);
    let is_application = |one: &&Container| !is_sidecar(one) && !is_agent(&one.name);
    let named = containers().filter(is_application).find(|one| Some(&*one.name) == default);
    let application = named.or_else(|| containers().find(is_application))?;
    for language in group.marks.languages().into_iter().filter(|language| *language != Language::Go) {
        let reached: Vec<_> =
            containers().filter(|one| group.marks.is_injected(language, &one.name)).collect();
        let [first, ..] = reached.as_slice() else { continue };
        if !reached.iter().all(|one| is_sidecar(one)) {
            continue;
        }
        let pod = group.pods.first().copied();
        let is_there = |name: &str| containers().any(|one| &*one.name == name);
        let named = lists(case, pod, language).into_iter().find(|list| list.value.split(',').any(is_there));
        // Variables of an SDK may be wanted in a sidecar that is named.
        if named.is_none() || language != Language::Sdk {
            return Some(Misled { language, sidecar: &first.name, application: &application.name, named });
        }
    }
    None
}

/// The containers that Istio says it has injected, whatever they are called.
fn by_istio(shape: &PodShape) -> Vec<String> {
    let status =
        shape.annotations.get(ISTIO_STATUS).and_then(|text| serde_json::from_str::<Value>(text).ok());
    let lists = status.as_ref().map(|status| ["containers", "initContainers"].map(|list| &status[list]));
    let names = lists.into_iter().flatten().filter_map(Value::as_array).flatten();
    names.filter_map(Value::as_str).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn istio_says_what_it_has_injected() {
        let status = |text: &str| {
            let pod = serde_json::json!({"annotations": {ISTIO_STATUS: text}});
            by_istio(&serde_json::from_value(pod).unwrap())
        };
        let written = r#"{"initContainers":["istio-init"],"containers":["istio-proxy","extra"],"volumes":["istio-envoy"],"imagePullSecrets":null,"revision":"default"}"#;
        assert_eq!(status(written), ["istio-proxy", "extra", "istio-init"]);
        assert_eq!(status("not JSON"), [""; 0]);
        assert_eq!(status(r#"{"initContainers":null}"#), [""; 0]);
    }
}
