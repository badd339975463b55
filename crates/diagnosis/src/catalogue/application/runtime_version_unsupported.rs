//! G3: the agent does not support the version of the application's runtime.

use api::{Certainty, ConditionType, Severity};
use facts::{Language, Pod};
use injection::Version;

use super::{comparison, ended_by_itself, runtime, who, with_crash};
use crate::case::{Case, Group};
use crate::catalogue::crash::crashes;
use crate::catalogue::environment::container;
use crate::catalogue::protocol::agent_version;
use crate::catalogue::remedy::named;
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `RuntimeVersionUnsupported`.
pub static CAUSE: Cause = Cause {
    code: "IH-G003",
    reason: "RuntimeVersionUnsupported",
    summary: "The agent's version does not support the version of the application's runtime.",
    condition: ConditionType::ApplicationStable,
    severities: &[Severity::Error, Severity::Warning],
    certainties: &[Certainty::Likely, Certainty::Hint],
    sight: Sight::Always("the tag of an official image; of other images the version does not show"),
    since: "0.1.0",
    reads: &[],
    page: include_str!("runtime_version_unsupported.md"),
    check,
};

const fn v(major: u16, minor: u16) -> Version {
    Version { major, minor, patch: 0 }
}

/// Language, first agent version, oldest runtime that it supports; the last row that applies counts. Sources: release notes of
/// opentelemetry-python 0.63b0 (Python 3.9 dropped) and before, opentelemetry-js-contrib (SDK 2.0 and 3.0),
/// opentelemetry-dotnet-instrumentation 1.10.0-beta.1 (.NET 6 and 7 dropped), Java agent ("Java 8+").
const OLDEST: [(Language, Version, Version); 10] = [
    (Language::Python, v(0, 0), v(3, 7)),
    (Language::Python, v(0, 45), v(3, 8)),
    (Language::Python, v(0, 55), v(3, 9)),
    (Language::Python, v(0, 63), v(3, 10)),
    (Language::NodeJs, v(0, 0), v(14, 0)),
    (Language::NodeJs, v(0, 57), v(18, 0)),
    (Language::NodeJs, v(0, 82), v(22, 0)),
    (Language::Java, v(0, 0), v(8, 0)),
    (Language::DotNet, v(0, 0), v(6, 0)),
    (Language::DotNet, v(1, 10), v(8, 0)),
];

/// Language, first agent version that supports a newer runtime, and that runtime; agents before it do not. Source: release notes
/// of opentelemetry-dotnet-instrumentation (.NET 9 in 1.10, .NET 10 in 1.14).
const SINCE: [(Language, Version, Version); 2] =
    [(Language::DotNet, v(1, 10), v(9, 0)), (Language::DotNet, v(1, 14), v(10, 0))];

/// A runtime that its agent does not know.
pub(super) struct Unsupported {
    language: Language,
    image: String,
    runtime: Version,
    /// What it supports, in words.
    supports: String,
    /// Whether a newer agent would do.
    is_agent_old: bool,
    agent: String,
}

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    for crash in crashes(case).into_iter().filter(|crash| ended_by_itself(crash.terminated)) {
        if let Some(unsupported) = unsupported(crash.group, crash.container, &crash.languages) {
            let effect = format!("{} crashes{}", who(&crash), comparison(&crash));
            return vec![with_crash(
                said(case, Severity::Error, Certainty::Likely, &effect, &unsupported),
                &crash,
            )];
        }
    }
    let mut pods: Vec<&'c Pod> = Vec::new();
    let mut first = None;
    for group in case.injected_groups().filter(|group| group.current) {
        for target in &group.marks.containers {
            let languages: Vec<Language> = target.agents.iter().filter_map(|agent| agent.language).collect();
            let Some(unsupported) = unsupported(group, &target.name, &languages) else { continue };
            pods.extend(&group.pods);
            first.get_or_insert((
                format!("Container {} of {} is likely not instrumented", target.name, case.subject.id.slug()),
                unsupported,
            ));
        }
    }
    let Some((effect, unsupported)) = first else { return Vec::new() };
    vec![said(case, Severity::Warning, Certainty::Hint, &effect, &unsupported).pods(pods)]
}

fn said<'c>(
    case: &Case<'_>,
    severity: Severity,
    certainty: Certainty,
    effect: &str,
    unsupported: &Unsupported,
) -> Found<'c> {
    let Unsupported { language, image, runtime, supports, is_agent_old, agent } = unsupported;
    let words = match is_agent_old {
        true => format!("Name a newer agent image in {}, then", named(case, *language)),
        false => format!(
            "Raise the application's runtime, or name an older agent image in {}, then",
            named(case, *language)
        ),
    };
    Found::new(&CAUSE, severity, certainty)
        .message(format!(
            "{effect}: by its image {image} it runs {language} {}.{}, and agent {agent} supports {supports}.",
            runtime.major, runtime.minor
        ))
        .remedy(words, case.restart_command())
        .because(
            format!("{}/{}", case.subject.id.kind, case.subject.id.name),
            "image of the container",
            image,
        )
        .because(format!("{}/{}", case.subject.id.kind, case.subject.id.name), "image of the agent", agent)
}

/// Whether the runtime that an official image names is too old for the agent on the Pod.
pub(super) fn unsupported(group: &Group<'_>, name: &str, languages: &[Language]) -> Option<Unsupported> {
    let image = container(&group.shape.spec, name)?.image.to_string();
    languages.iter().find_map(|language| {
        let agent = &group.marks.agent(*language)?.image;
        let version = agent_version(*language, agent)?;
        let runtime = runtime::version(*language, &image)?;
        let mut rows = OLDEST.iter().filter(|(of, since, _)| of == language && *since <= version);
        let (.., oldest) = rows.next_back()?;
        let is_agent_old = SINCE
            .iter()
            .any(|(of, since, supported)| of == language && version < *since && runtime >= *supported);
        let newest = || {
            let mut all = SINCE.iter().filter(|(of, since, _)| of == language && version < *since);
            all.next().map(|(.., first)| format!("nothing as new as {}.{}", first.major, first.minor))
        };
        let supports = if is_agent_old {
            newest()?
        } else {
            (runtime < *oldest).then(|| format!("{}.{} and later", oldest.major, oldest.minor))?
        };
        let tag = agent.rsplit('/').next().unwrap_or_default().to_owned();
        Some(Unsupported {
            language: *language,
            image: image.clone(),
            runtime,
            supports,
            is_agent_old,
            agent: tag,
        })
    })
}
