//! Can a reader find out what a reason means?

use cli::Exit;

use crate::program::run;

#[test]
fn a_page_is_found_by_reason_and_code() {
    for name in ["NoInstrumentationInNamespace", "noinstrumentationinnamespace", "IH-B002", "B2"] {
        let ran = run(&["explain", name]);
        assert_eq!(ran.exit, Exit::Fine, "{name}");
        assert!(ran.out.starts_with("IH-B002 NoInstrumentationInNamespace  "), "{name}: {}", ran.out);
        for heading in ["What it is", "Why it happens", "How to confirm by hand", "How to mend"] {
            assert!(ran.out.contains(&format!("\n{heading}\n")), "{heading}: {}", ran.out);
        }
    }
}

#[test]
fn a_misspelt_reason_is_recognised() {
    for (wrong, right) in [
        ("AgentImagePulFailed", "AgentImagePullFailed"),
        ("ImagePullFailed", "AgentImagePullFailed"),
        ("Insturmented-not", ""),
    ] {
        let ran = run(&["explain", wrong]);
        assert_eq!(ran.exit, Exit::WrongUsage);
        assert!(ran.err.contains(right), "{}", ran.err);
    }
}

#[test]
fn every_reason_is_listed_and_has_a_page() {
    let list = run(&["explain"]).out;
    let all = diagnosis::catalogue::CAUSES.iter().chain(diagnosis::OUTCOMES.iter());
    for cause in all {
        assert!(list.contains(cause.reason), "{} is not listed", cause.reason);
        let page = run(&["explain", cause.reason]).out;
        assert!(page.lines().count() > 5, "{page}");
    }
}

/// Whatever stands in the column REASON can be asked about.
#[test]
fn reasons_that_are_no_causes_are_told_as_well() {
    let list = run(&["explain"]).out;
    let outcomes = api::Outcome::ALL.iter().map(|outcome| outcome.as_str());
    for reason in outcomes.chain(api::StageReason::ALL.iter().map(|reason| reason.as_str())) {
        assert!(list.contains(reason), "{reason} is not listed");
        let ran = run(&["explain", &reason.to_lowercase()]);
        assert_eq!(ran.exit, Exit::Fine, "{reason}: {}", ran.err);
        assert!(ran.out.starts_with(reason) && ran.out.lines().count() > 1, "{}", ran.out);
    }
    assert!(run(&["explain", "NotChecked"]).out.contains("status.notChecked"));
}

#[test]
fn the_definition_and_completions_are_printed() {
    let crd = run(&["crd"]).out;
    assert!(crd.contains("name: instrumentationhealths.instrumentation-health.dev"), "{crd}");
    for shell in ["bash", "zsh", "fish"] {
        let script = run(&["completions", shell]);
        assert_eq!(script.exit, Exit::Fine);
        assert!(script.out.contains("explain"), "{shell}");
    }
    assert!(run(&["--version"]).out.starts_with("instrumentation-health "));
    assert!(run(&["check", "--help"]).out.contains("Exit codes: 0"));
}

#[test]
fn pages_and_list_fit_a_terminal_of_80_columns() {
    let all = diagnosis::catalogue::CAUSES.iter().chain(diagnosis::OUTCOMES.iter());
    let pages = all.map(|cause| run(&["explain", cause.reason]).out);
    for text in pages.chain([run(&["explain"]).out]) {
        for line in text.lines() {
            // What is to be pasted stands as it is.
            let pasted = line.trim_start().starts_with(['`', '|']) || line.starts_with("    ");
            let pasted = pasted || !line.trim().contains(' ');
            assert!(pasted || line.chars().count() <= 80, "{line}");
        }
    }
}
