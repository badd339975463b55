//! D9: the list names an init container, which this language or this operator cannot instrument.

use api::{Certainty, ConditionType, Severity};
use facts::{InputKind, Language, Pod};
use injection::{LanguageOutcome, Rule, SkipReason};

use crate::case::Case;
use crate::catalogue::annotation::names::{containers, lists, show};
use crate::catalogue::stopped::{run, skipped, stopped_languages, who};
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `InitContainerTargetUnsupported`.
pub static CAUSE: Cause = Cause {
    code: "IH-D009",
    reason: "InitContainerTargetUnsupported",
    summary: "An init container is named as target, which this language or operator does not support.",
    condition: ConditionType::Injected,
    severities: &[Severity::Error, Severity::Warning],
    certainties: &[Certainty::Certain],
    sight: Sight::Always("the container that is named is an init container"),
    since: "0.1.0",
    reads: &[InputKind::Instrumentations],
    page: include_str!("init_container_target_unsupported.md"),
    check,
};

/// What was named in vain.
struct Named<'c> {
    language: Language,
    container: String,
    why: String,
    pods: Vec<&'c Pod>,
}

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let Some(named) = by_language(case).or_else(|| by_release(case)) else { return Vec::new() };
    let Named { language, container, why, pods } = named;
    let pod = pods.first().copied();
    let lists = lists(case, pod, language);
    let other = containers(case, pod).first().map(ToString::to_string).unwrap_or_default();
    let command = lists.last().map(|list| list.set_command(case, &other)).unwrap_or_default();
    let found = Found::new(&CAUSE, case.severity_of_lack_in(&pods), Certainty::Certain)
        .message(format!(
            "{} {} without the {language} agent: it is to go into init container {container}, and {why}.",
            who(case, &pods),
            run(&pods),
        ))
        .remedy("Name a container that is no init container", command);
    let object = pod.map_or_else(|| case.object(), |pod| format!("Pod/{}", pod.name));
    vec![show(found, &lists).because(object, "spec.initContainers[*].name", &container).pods(pods)]
}

/// Go, Apache and nginx take no init containers in any release.
fn by_language<'c>(case: &Case<'c>) -> Option<Named<'c>> {
    let skipped = skipped(case, |reason| *reason == SkipReason::InitContainer);
    let first = skipped.first()?;
    let language = first.language.language;
    Some(Named {
        language,
        container: first.container.to_string(),
        why: format!("init containers cannot be instrumented for {language}"),
        pods: first.pods.clone(),
    })
}

/// Releases before 0.146 take none for any language.
fn by_release<'c>(case: &Case<'c>) -> Option<Named<'c>> {
    let stopped = stopped_languages(case, |decision| decision.outcome == LanguageOutcome::NoSuchContainer);
    stopped.into_iter().filter(|stopped| !stopped.decision.release.follows(Rule::InitTargets)).find_map(
        |stopped| {
            let shape = stopped.pods.first().map(|pod| &pod.shape).or(case.template)?;
            let is_init =
                |name: &str| shape.spec.init_containers.iter().any(|container| &*container.name == name);
            let container = stopped.language.names.iter().find(|name| is_init(name))?.to_string();
            let why = format!(
                "operator {} cannot instrument init containers (0.146 and later can)",
                stopped.decision.release.version()
            );
            Some(Named { language: stopped.language.language, container, why, pods: stopped.pods })
        },
    )
}
