//! C6: the agent sits in a proxy or another well-known sidecar, and the application has none.

use api::{Certainty, ConditionType, Severity};
use facts::Language;

use super::names::lists;
use crate::case::{Case, Group};
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

/// Containers that others put into a Pod, by the names that their makers give them: meshes, database and cloud proxies,
/// secret and log agents. None of them is an application that one would instrument.
const SIDECARS: [&str; 20] = [
    "istio-proxy",
    "linkerd-proxy",
    "envoy",
    "envoy-sidecar",
    "consul-dataplane",
    "consul-connect-envoy-sidecar",
    "kuma-sidecar",
    "daprd",
    "cloud-sql-proxy",
    "cloudsql-proxy",
    "vault-agent",
    "xray-daemon",
    "fluent-bit",
    "fluentd",
    "filebeat",
    "promtail",
    "oauth2-proxy",
    "kube-rbac-proxy",
    "datadog-agent",
    "otc-container",
];

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let mut shown = case.injected_groups().filter_map(|group| Some((group, misled(case, group)?))).peekable();
    let Some((first, (language, sidecar, application))) = shown.next() else { return Vec::new() };
    let Some(pod) = first.pods.first() else { return Vec::new() };
    vec![
        Found::new(&CAUSE, Severity::Error, Certainty::Certain)
            .message(format!(
                "The {language} agent of {} went into container {sidecar}, which is the first of the Pod, and container {application} has none: no annotation names the container.",
                case.subject.id.slug(),
            ))
            .remedy(
                "Name the container of the application",
                case.annotate_template_command(language.container_names_key(), application),
            )
            .because(
                format!("Pod/{}", pod.name),
                format!("spec.containers[{sidecar}]"),
                format!("carries the {language} agent"),
            )
            .because(format!("Pod/{}", pod.name), format!("spec.containers[{application}]"), "carries no agent")
            .because(
                case.object(),
                format!("spec.template.metadata.annotations[{}]", language.container_names_key()),
                "absent",
            )
            .pods(first.pods.iter().chain(shown.flat_map(|(group, _)| &group.pods)).copied()),
    ]
}

/// A language that reached only a well-known sidecar, that sidecar, and the first container that is none.
fn misled<'s>(case: &Case<'_>, group: &'s Group<'_>) -> Option<(Language, &'s str, &'s str)> {
    let is_sidecar = |name: &str| SIDECARS.contains(&name);
    let containers = || group.shape.spec.containers.iter().map(|container| &*container.name);
    let is_agent = |name: &str| group.marks.agents.iter().any(|agent| &*agent.name == name);
    let application = containers().find(|name| !is_sidecar(name) && !is_agent(name))?;
    for language in group.marks.languages().into_iter().filter(|language| *language != Language::Go) {
        let reached: Vec<&str> =
            containers().filter(|name| group.marks.is_injected(language, name)).collect();
        let named = !lists(case, group.pods.first().copied(), language).is_empty();
        if let [first, ..] = reached.as_slice()
            && !named
            && reached.iter().all(|name| is_sidecar(name))
        {
            return Some((language, first, application));
        }
    }
    None
}
