//! C9: several languages on one Pod, and at least one of them does not say which container it means.

use api::{Certainty, ConditionType, Severity};
use facts::InputKind;
use injection::Outcome;

use super::names::containers;
use super::several_languages::{listed, several_languages};
use crate::case::Case;
use crate::catalogue::blocked;
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `ContainerNamesRequired`.
pub static CAUSE: Cause = Cause {
    code: "IH-C009",
    reason: "ContainerNamesRequired",
    summary: "Several languages are asked for, and one of them does not say for which containers.",
    condition: ConditionType::AnnotationsValid,
    severities: &[Severity::Error, Severity::Warning],
    certainties: &[Certainty::Certain],
    sight: Sight::Always("several languages, not all of them with container names"),
    since: "0.1.0",
    reads: &[InputKind::Instrumentations],
    page: include_str!("container_names_required.md"),
    check,
};

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let Some(several) = several_languages(case).filter(|several| !several.add_up()) else {
        return one_only(case).into_iter().collect();
    };
    let all = listed(several.languages.iter().map(|asked| &asked.language));
    let without = listed(several.without_names);
    // One container runs one of them: the others were asked for by somebody who did not know which.
    let pod = several.blocked.pods.first().copied();
    let (words, command) = match containers(case, pod).as_slice() {
        [_] if several.languages.len() > 2 => (
            "Keep the language that the application runs, and say \"false\" to the others in the Pod template",
            case.edit_command(),
        ),
        _ => ("Name the containers of each language", several.name_command(case)),
    };
    let mut found = Found::new(&CAUSE, case.severity_of_lack_in(&several.blocked.pods), Certainty::Certain)
        .message(format!(
            "{} {} without any agent: {all} are asked for together, then each needs its own list of containers, and {without} {} none.",
            several.blocked.who(case),
            several.blocked.run(),
            if several.without_names.len() == 1 { "has" } else { "have" },
        ))
        .remedy(words, command);
    for asked in &several.languages {
        let origin = several.blocked.origin(case, asked.language.inject_key());
        found = found.because(&*origin.object, origin.field(), origin.value);
    }
    for language in several.without_names {
        let field = format!("metadata.annotations[{}]", language.container_names_key());
        found = found.because(several.blocked.object(case), field, "absent");
    }
    vec![found.pods(several.blocked.pods)]
}

/// Releases before 0.110 that are not told to instrument several languages at once take one for each Pod, with or without
/// names.
fn one_only<'c>(case: &Case<'c>) -> Option<Found<'c>> {
    let blocked = blocked(case, |outcome| *outcome == Outcome::SeveralLanguages)?;
    let languages: Vec<_> = blocked.decision.languages.iter().map(|decision| decision.language).collect();
    let mut found = Found::new(&CAUSE, case.severity_of_lack_in(&blocked.pods), Certainty::Certain)
        .message(format!(
            "{} {} without any agent: {} are asked for together, and operator {} instruments one language for each Pod unless it runs with --enable-multi-instrumentation.",
            blocked.who(case),
            blocked.run(),
            listed(&languages),
            blocked.decision.release.version(),
        ))
        .remedy(
            "Upgrade the operator (0.110 and later take several), or give it --enable-multi-instrumentation, and name the containers of each language; then",
            case.restart_command(),
        );
    for language in &languages {
        let origin = blocked.origin(case, language.inject_key());
        found = found.because(&*origin.object, origin.field(), origin.value);
    }
    Some(found.pods(blocked.pods))
}
