//! D1: the operator is set up not to inject this language.

use api::{Certainty, ConditionType, Severity};
use facts::{InputKind, Language};
use injection::{LanguageDecision, LanguageOutcome, Switches};

use crate::case::Case;
use crate::catalogue::origin::origin;
use crate::catalogue::stopped::{StoppedLanguage, run, stopped_languages, who};
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `LanguageSupportDisabled`.
pub static CAUSE: Cause = Cause {
    code: "IH-D001",
    reason: "LanguageSupportDisabled",
    summary: "The operator is set up not to inject this language.",
    condition: ConditionType::Injected,
    severities: &[Severity::Error, Severity::Warning],
    certainties: &[Certainty::Certain, Certainty::Likely],
    sight: Sight::Always("the operator's flags, or its Event InstrumentationRequestRejected"),
    since: "0.1.0",
    reads: &[InputKind::Instrumentations, InputKind::Events],
    page: include_str!("language_support_disabled.md"),
    check,
};

/// Reason of the only Event that the operator sends about injection.
const REJECTED: &str = "InstrumentationRequestRejected";

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let is_off = |decision: &LanguageDecision| decision.outcome == LanguageOutcome::SwitchedOff;
    let stopped = stopped_languages(case, is_off);
    // One finding a cause: the languages are named together.
    let Some(first) = stopped.first() else { return Vec::new() };
    let languages: Vec<Language> = stopped.iter().map(|stopped| stopped.language.language).collect();
    let event = rejected(case, &languages);
    let known = case.operator.config_known && case.operator.config.unread.is_empty();
    let certainty = if event.is_some() || known { Certainty::Certain } else { Certainty::Likely };
    let list = languages.iter().map(Language::to_string).collect::<Vec<_>>().join(", ");
    let flags: Vec<String> = languages
        .iter()
        .filter_map(|language| Switches::flag(*language))
        .map(|flag| format!("--{flag}"))
        .collect();
    let severity = match case.severity_of_lack_in(&first.pods) {
        Severity::Error if case.operator.config_known || event.is_some() || !first.pods.is_empty() => {
            Severity::Error
        }
        _ => Severity::Warning,
    };
    let (words, command) = remedy(case, &languages, &flags);
    let mut found = Found::new(&CAUSE, severity, certainty)
        .message(format!(
            "{} {} without the {list} agent: the operator {} support for {list} switched off.",
            who(case, &first.pods),
            run(&first.pods),
            if certainty == Certainty::Certain { "has" } else { "most likely has" },
        ))
        .remedy(words, command);
    found = evidence(case, found, &stopped);
    if let Some(event) = event {
        found = found.because(format!("Event/{}", event.metadata.name), "note", &event.message);
    }
    let pods = stopped.into_iter().flat_map(|stopped| stopped.pods);
    vec![found.pods(pods)]
}

/// The operator's own report about one of these languages. Another language may stand in it: reports are folded by
/// namespace, so only one that names the language counts.
fn rejected<'s>(case: &'s Case<'_>, languages: &[Language]) -> Option<&'s facts::Event> {
    let titles: Vec<&str> = languages.iter().map(|language| title(*language)).collect();
    let about = |event: &&facts::Event| {
        let named =
            event.message.strip_prefix("support for ").and_then(|rest| rest.split(" auto instr").next());
        named.is_some_and(|named| titles.contains(&named))
    };
    case.cluster.events_with_reason(&case.subject.id.namespace, REJECTED).into_iter().find(about)
}

/// The operator's own names of languages (`internal/instrumentation/podmutator.go`, v0.158.0).
const fn title(language: Language) -> &'static str {
    match language {
        Language::Java => "Java",
        Language::NodeJs => "NodeJS",
        Language::Python => "Python",
        Language::DotNet => ".NET",
        Language::Go => "Go",
        Language::ApacheHttpd => "Apache HTTPD",
        Language::Nginx => "Nginx",
        Language::Sdk => "SDK",
    }
}

fn evidence<'c>(case: &Case<'c>, mut found: Found<'c>, stopped: &[StoppedLanguage<'_, 'c>]) -> Found<'c> {
    for stopped in stopped {
        let origin = origin(case, stopped.pods.first().copied(), stopped.language.language.inject_key());
        found = found.because(&*origin.object, origin.field(), origin.value);
    }
    let Some(operator) = case.operator.deployment.as_ref().filter(|_| case.operator.config_known) else {
        return found;
    };
    for stopped in stopped {
        let Some(flag) = Switches::flag(stopped.language.language) else { continue };
        found = found.because(
            format!("{}/{}/{}", operator.kind, operator.namespace, operator.name),
            format!("spec.template.spec.containers[*].args[--{flag}]"),
            "off",
        );
    }
    found
}

fn remedy(case: &Case<'_>, languages: &[Language], flags: &[String]) -> (String, String) {
    let flags = flags.join(" ");
    let chart = if languages.contains(&Language::Go) {
        " (Helm: manager.autoInstrumentation.go.enabled=true)"
    } else {
        " (Helm: manager.extraArgs)"
    };
    let words = format!("Give the operator {flags}{chart}, then restart the workload");
    match &case.operator.deployment {
        Some(operator) => (words, format!("kubectl -n {} edit {}", operator.namespace, operator.slug())),
        None => (words, case.restart_command()),
    }
}
