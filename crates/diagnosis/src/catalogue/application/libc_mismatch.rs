//! G4: the agent's libraries are for another C library than the application's image has.

use api::{Certainty, ConditionType, Severity};
use facts::{Language, Pod};
use injection::marks::AgentRole;

use super::runtime::{is_glibc, is_musl};
use super::{comparison, who, with_crash};
use crate::case::{Case, Group};
use crate::catalogue::crash::crashes;
use crate::catalogue::environment::container;
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `LibcMismatch`.
pub static CAUSE: Cause = Cause {
    code: "IH-G004",
    reason: "LibcMismatch",
    summary: "The image is built on musl (Alpine) and the agent's libraries on glibc, or the reverse.",
    condition: ConditionType::ApplicationStable,
    severities: &[Severity::Error, Severity::Warning],
    certainties: &[Certainty::Likely],
    sight: Sight::Always(
        "the tag of the image, against the platform that the annotation names; the library itself does not show, so it is likely, not certain",
    ),
    since: "0.1.0",
    reads: &[],
    page: include_str!("libc_mismatch.md"),
    check,
};

/// An instrumented container on another C library than its agent.
pub(super) struct Mismatch {
    language: Language,
    container: String,
    image: String,
    /// Whether the image is the one on musl.
    musl_image: bool,
}

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    for crash in crashes(case) {
        if let Some(mismatch) = mismatch(crash.group, crash.container, &crash.languages) {
            let found = said(case, Severity::Error, &who(&crash), &mismatch, comparison(&crash), &crash.pods);
            return vec![with_crash(found, &crash)];
        }
    }
    running(case)
}

/// The application lives: whether the agent does cannot be seen.
fn running<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let mut pods: Vec<&'c Pod> = Vec::new();
    let mut first = None;
    for group in case.injected_groups().filter(|group| group.current) {
        for target in &group.marks.containers {
            let languages: Vec<Language> = target.agents.iter().filter_map(|agent| agent.language).collect();
            let Some(mismatch) = mismatch(group, &target.name, &languages) else { continue };
            pods.extend(&group.pods);
            let who = format!("Container {} of {}", target.name, case.subject.id.slug());
            first.get_or_insert((who, mismatch));
        }
    }
    let Some((who, mismatch)) = first else { return Vec::new() };
    vec![said(case, Severity::Warning, &who, &mismatch, "", &pods).pods(pods)]
}

fn said<'c>(
    case: &Case<'_>,
    severity: Severity,
    who: &str,
    mismatch: &Mismatch,
    comparison: &str,
    pods: &[&Pod],
) -> Found<'c> {
    let Mismatch { language, container, image, musl_image } = mismatch;
    let (key, musl, glibc) = annotation(*language);
    let (of_image, of_agent) = if *musl_image { ("musl", "glibc") } else { ("glibc", "musl") };
    let effect = match severity {
        Severity::Error => format!(" crashes{comparison}"),
        _ => " is likely not instrumented".to_owned(),
    };
    // Said on the template it holds also where the Namespace says otherwise.
    let command = case.annotate_template_command(key, if *musl_image { musl } else { glibc });
    let words = format!("Ask for the agent's variant for {of_image}");
    let object = pods.first().map_or_else(|| "Pod".to_owned(), |pod| format!("Pod/{}", pod.name));
    Found::new(&CAUSE, severity, Certainty::Likely)
        .message(format!(
            "{who}{effect}: its image {image} is built on {of_image}, and the {language} agent in it is the variant for {of_agent}."
        ))
        .remedy(words, command)
        .because(object.clone(), format!("spec.containers[{container}].image"), image)
        .because(object, format!("metadata.annotations[{key}]"), if *musl_image { "not set to musl" } else { "musl" })
}

/// The annotation that chooses the variant, and its values for musl and glibc.
const fn annotation(language: Language) -> (&'static str, &'static str, &'static str) {
    match language {
        Language::DotNet => {
            ("instrumentation.opentelemetry.io/otel-dotnet-auto-runtime", "linux-musl-x64", "linux-x64")
        }
        _ => ("instrumentation.opentelemetry.io/otel-python-platform", "musl", "glibc"),
    }
}

/// Compares the image with the variant that is really on the Pod. Java and Node.js agents bring no libraries in C.
pub(super) fn mismatch(group: &Group<'_>, name: &str, languages: &[Language]) -> Option<Mismatch> {
    let application = container(&group.shape.spec, name)?;
    let image = application.image.to_string();
    languages.iter().find_map(|language| {
        let musl_agent = match language {
            Language::Python => {
                let agent = group
                    .marks
                    .agents
                    .iter()
                    .find(|agent| agent.role == AgentRole::Agent && agent.language == Some(*language))?;
                let init = container(&group.shape.spec, &agent.name)?;
                init.command.iter().chain(&init.args).any(|word| word.contains("musl"))
            }
            Language::DotNet => application.env_var("CORECLR_PROFILER_PATH")?.literal().contains("musl"),
            _ => return None,
        };
        let wrong = if musl_agent { is_glibc(&image) } else { is_musl(&image) };
        wrong.then(|| Mismatch {
            language: *language,
            container: name.to_owned(),
            image: image.clone(),
            musl_image: !musl_agent,
        })
    })
}
