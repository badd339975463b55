//! G10: the module exists for few versions of nginx only, and may not fit a build of a web server.

use api::{Certainty, ConditionType, Severity};
use facts::{Language, Pod};
use injection::Version;

use super::{comparison, ended_by_itself, runtime, who, with_crash};
use crate::case::{Case, Group};
use crate::catalogue::crash::crashes;
use crate::catalogue::environment::container;
use crate::catalogue::protocol::tag_version;
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `WebServerVersionUnsupported`.
pub static CAUSE: Cause = Cause {
    code: "IH-G010",
    reason: "WebServerVersionUnsupported",
    summary: "The agent brings no module that fits this web server.",
    condition: ConditionType::ApplicationStable,
    severities: &[Severity::Error, Severity::Warning],
    certainties: &[Certainty::Likely],
    sight: Sight::Always(
        "the tag of an official image; of other images the version does not show, only that the server fails with the module",
    ),
    since: "0.1.0",
    reads: &[],
    page: include_str!("web_server_version_unsupported.md"),
    check,
};

/// Versions with a module (opentelemetry.io, "Injecting Auto-instrumentation", nginx).
const NGINX: [Version; 3] = [
    Version { major: 1, minor: 22, patch: 0 },
    Version { major: 1, minor: 23, patch: 0 },
    Version { major: 1, minor: 23, patch: 1 },
];

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let by_version = without_module(case);
    if by_version.is_empty() { fails_with_module(case) } else { by_version }
}

fn without_module<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let mut pods: Vec<&'c Pod> = Vec::new();
    let mut first = None;
    for group in case.injected_groups().filter(|group| group.current) {
        let Some((name, image)) = unsupported(group) else { continue };
        pods.extend(&group.pods);
        first.get_or_insert((name, image));
    }
    let Some((name, image)) = first else { return Vec::new() };
    let crash = crashes(case).into_iter().find(|crash| **crash.container == *name);
    let (severity, effect) = match &crash {
        Some(_) => (Severity::Error, "crashes"),
        None => (Severity::Warning, "is likely not instrumented"),
    };
    let object = pods.first().map_or_else(|| "Pod".to_owned(), |pod| format!("Pod/{}", pod.name));
    let found = Found::new(&CAUSE, severity, Certainty::Likely)
        .message(format!(
            "Container {name} of {} {effect}: by its image it is {image}, and the agent has modules for nginx 1.22.0, 1.23.0 and 1.23.1 only.",
            case.subject.id.slug(),
        ))
        .remedy(
            "Use one of these versions, or take the annotation off",
            case.annotate_template_command(Language::Nginx.inject_key(), "false"),
        )
        .because(object, format!("spec.containers[{name}].image"), &image);
    vec![match crash {
        Some(crash) => with_crash(found, &crash),
        None => found.pods(pods),
    }]
}

/// A web server that ends with the module and runs without it, whatever its version: the module is no fit for the build, or may
/// not write its log.
fn fails_with_module<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let mut suspects = crashes(case).into_iter().filter_map(|crash| {
        let language = [Language::Nginx, Language::ApacheHttpd].into_iter().find(|one| crash.has(*one))?;
        (crash.compared().is_some() && ended_by_itself(crash.terminated)).then_some((crash, language))
    });
    let Some((crash, language)) = suspects.next() else { return Vec::new() };
    let log = crash.pods.first().map_or_else(String::new, |pod| {
        format!("kubectl -n {} logs {} -c {} --previous", pod.namespace, pod.name, crash.container)
    });
    let found = Found::new(&CAUSE, Severity::Error, Certainty::Likely)
        .message(format!(
            "{} crashes{}: most likely the {language} module of the agent is no fit for this server, or may not write its log.",
            who(&crash),
            comparison(&crash)
        ))
        .remedy("Its log tells which; use a version that the agent has a module for, or take the annotation off", log);
    vec![with_crash(found, &crash)]
}

/// The nginx container whose image names a version without module.
fn unsupported(group: &Group<'_>) -> Option<(String, String)> {
    let target = group.marks.containers.iter().find(|target| target.agent(Language::Nginx).is_some())?;
    let image = container(&group.shape.spec, &target.name)?.image.to_string();
    let is_nginx = matches!(runtime::repository(&image), "nginx" | "nginx-unprivileged");
    let version = tag_version(&image).filter(|_| is_nginx)?;
    let tag = image.split('@').next().and_then(|name| name.rsplit(':').next()).unwrap_or_default();
    let parts = tag.split(['-', '+']).next().unwrap_or_default().split('.').count();
    let has_module = match parts {
        // A tag such as 1.23 moves, and has pointed to a version with a module.
        2 => NGINX.iter().any(|known| (known.major, known.minor) == (version.major, version.minor)),
        3 => NGINX.contains(&version),
        _ => return None,
    };
    (!has_module).then(|| (target.name.to_string(), image))
}
