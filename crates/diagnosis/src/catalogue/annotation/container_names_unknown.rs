//! C7: the names list names no container of the Pod.

use api::{Certainty, ConditionType, Severity};
use facts::{InputKind, Language, Pod};
use injection::{LanguageDecision, LanguageOutcome};

use super::names::{containers, lists, show};
use crate::case::Case;
use crate::catalogue::nearest::nearest;
use crate::catalogue::origin::Origin;
use crate::catalogue::stopped::{run, stopped_languages, who};
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `ContainerNamesUnknown`.
pub static CAUSE: Cause = Cause {
    code: "IH-C007",
    reason: "ContainerNamesUnknown",
    summary: "A list of container names names no container of the Pod.",
    condition: ConditionType::AnnotationsValid,
    severities: &[Severity::Error, Severity::Warning, Severity::Info],
    certainties: &[Certainty::Certain],
    sight: Sight::Always("the names in the annotation, against the containers of the Pod"),
    since: "0.1.0",
    reads: &[InputKind::Instrumentations],
    page: include_str!("container_names_unknown.md"),
    check,
};

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let no_container = |decision: &LanguageDecision| decision.outcome == LanguageOutcome::NoSuchContainer;
    let stopped = stopped_languages(case, no_container);
    let mut found = Vec::new();
    for stopped in stopped {
        let pod = stopped.pods.first().copied();
        let there = containers(case, pod);
        // A name of an init container is known; that it cannot be a target is another cause.
        if stopped.language.names.iter().any(|name| there.contains(&&**name)) {
            continue;
        }
        let language = stopped.language.language;
        let lists = lists(case, pod, language);
        let names = stopped.language.names.iter().map(|name| &**name).filter(|name| !name.is_empty());
        let named = match names.collect::<Vec<_>>().join(", ") {
            none if none.is_empty() => "without a name".to_owned(),
            named => named,
        };
        let (words, command) = remedy(case, &lists, &there);
        let one = Found::new(&CAUSE, case.severity_of_lack_in(&stopped.pods), Certainty::Certain)
            .message(format!(
                "{} {} without the {language} agent: it is to go into container {named}{}, and the Pod has only {}.",
                who(case, &stopped.pods),
                run(&stopped.pods),
                lists.first().map(|list| list.place().replace(" on", " according to")).unwrap_or_default(),
                there.join(", "),
            ))
            .remedy(words, command);
        found.push(
            show(one, &lists)
                .because(object(case, pod), "spec.containers[*].name", there.join(", "))
                .pods(stopped.pods),
        );
    }
    if found.is_empty() { half_known(case) } else { found }
}

/// Some names fit and some do not: what fits is injected, so nothing that is known to exist is lost. Lists of the Namespace
/// often hold the names of several workloads on purpose.
fn half_known<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let Some(decision) = &case.restart else { return Vec::new() };
    let there = containers(case, None);
    let processed = decision.languages.iter().filter(|decision| !decision.targets().is_empty());
    for decision in processed.filter(|decision| decision.language != Language::Go) {
        let lists = lists(case, None, decision.language);
        // `app,` is `app` and nothing else.
        let names = decision.names.iter().map(|name| &**name).filter(|name| !name.is_empty());
        let strays: Vec<&str> = names.filter(|name| !there.contains(name)).collect();
        if strays.is_empty() || lists.iter().any(|list| list.on_namespace) {
            continue;
        }
        // Up to 0.142 a list of which nothing fits meant the first container.
        let none_fits = strays.len() == decision.names.len();
        let (severity, instead) = match (none_fits, decision.targets()) {
            (true, [target, ..]) if there.len() > 1 => (
                Severity::Warning,
                format!("; this operator then takes the first container, {}", target.container),
            ),
            (true, [target, ..]) => (
                Severity::Info,
                format!("; this operator then takes the first container, {}", target.container),
            ),
            _ => (Severity::Info, "; the others are instrumented".to_owned()),
        };
        let found = Found::new(&CAUSE, severity, Certainty::Certain)
            .message(format!(
                "The list of containers for {} names {}, which {} does not have{instead}.",
                decision.language,
                strays.join(", "),
                case.subject.id.slug(),
            ))
            .remedy(format!("Correct the list; the containers are {}", there.join(", ")), "");
        return vec![show(found, &lists)];
    }
    Vec::new()
}

fn remedy(case: &Case<'_>, lists: &[Origin<'_>], there: &[&str]) -> (String, String) {
    let words = format!("Name a container of the Pod ({})", there.join(", "));
    let Some(list) = lists.last() else { return (words, String::new()) };
    let first = list.value.split(',').next().unwrap_or_default();
    let meant = nearest(first, there.iter().copied()).or_else(|| there.first().copied());
    // A list of the Namespace may suit other workloads; one of the Pod is joined with it only under another key.
    let command = match meant {
        Some(meant) if list.on_namespace => case.annotate_template_command(list.key, meant),
        Some(meant) => list.set_command(case, meant),
        None => String::new(),
    };
    (words, command)
}

fn object(case: &Case<'_>, pod: Option<&Pod>) -> String {
    pod.map_or_else(|| case.object(), |pod| format!("Pod/{}", pod.name))
}
