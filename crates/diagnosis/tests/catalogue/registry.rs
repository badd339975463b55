//! Is the registry whole: nothing twice, nothing forgotten, nothing that was promised taken away?

use std::collections::{BTreeMap, BTreeSet};

use api::Certainty;
use diagnosis::Sight;
use diagnosis::catalogue::{CAUSES, RELEASED, RETIRED};

use crate::files::{CauseFiles, all};

/// Headings of every page, in this order.
const HEADINGS: [&str; 6] = [
    "What it is",
    "Why it happens",
    "How to confirm by hand",
    "How to mend",
    "Not to be confused with",
    "References",
];

/// Words of Kubernetes that are written as reasons are.
const KUBERNETES: [&str; 4] =
    ["OOMKilled", "CrashLoopBackOff", "ImagePullBackOff", "CreateContainerConfigError"];

/// Longest summary: it stands in lists.
const MAX_SUMMARY: usize = 140;

#[test]
fn codes_and_reasons_are_unique_well_formed_and_in_order() {
    let mut codes = BTreeMap::new();
    for cause in CAUSES {
        let (group, number) = cause.code.strip_prefix("IH-").unwrap_or_default().split_at(1);
        let is_code = ("A"..="I").contains(&group) && number.len() == 3 && number.parse::<u16>().is_ok();
        assert!(is_code, "{}: the code {:?} is not like IH-A001", cause.reason, cause.code);
        let known = codes.insert(cause.code, cause.reason);
        assert!(
            known.is_none(),
            "{} is the code of {} and of {}: give the newer one the next free number of its group",
            cause.code,
            known.unwrap(),
            cause.reason
        );
    }
    let order = "CAUSES (catalogue/mod.rs) is not in the order of the codes";
    assert!(CAUSES.is_sorted_by_key(|cause| cause.code), "{order}");
    let mut reasons = BTreeSet::new();
    for cause in all() {
        let letters = cause.reason.chars().all(|c| c.is_ascii_alphanumeric());
        let reason = cause.reason;
        let is_reason = letters && reason.starts_with(|c: char| c.is_ascii_uppercase());
        assert!(is_reason, "the reason {reason} is not in CamelCase");
        assert!(
            reasons.insert(reason),
            "two causes have the reason {reason}: users select on it, so name one of them anew"
        );
    }
}

#[test]
fn what_was_retired_is_not_used_again() {
    for (code, reason) in RETIRED {
        let again = all().find(|cause| cause.code == *code || cause.reason == *reason);
        assert!(
            again.is_none(),
            "{code} {reason} is in RETIRED (catalogue/mod.rs), so {} needs another code and reason",
            again.unwrap().reason
        );
    }
}

/// Users select on reasons: what a release has promised stays, with its code, or is listed as retired.
#[test]
fn what_was_released_is_still_there() {
    for (_, code, reason) in released() {
        let kept = all().any(|cause| cause.code == code && cause.reason == reason);
        let retired = RETIRED.contains(&(code, reason));
        assert!(
            kept || retired,
            "{code} {reason} was released, and users select on it: bring it back with this code, or list it in RETIRED (catalogue/mod.rs)"
        );
    }
}

#[test]
fn since_tells_the_release() {
    for cause in all() {
        let listed = released().find(|(_, _, reason)| *reason == cause.reason).map(|(version, ..)| version);
        let since = listed.unwrap_or(cause.since);
        assert_eq!(cause.since, since, "{} was released in {since} (released.txt)", cause.reason);
    }
}

fn released() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    RELEASED.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [version, code, reason] = words[..] else { panic!("{line:?} is not VERSION CODE REASON") };
        (version, if code == "-" { "" } else { code }, reason)
    })
}

#[test]
fn every_file_is_listed_and_every_cause_has_its_files() {
    for files in CauseFiles::of_causes() {
        let listed = CAUSES.iter().any(|cause| files.is_of(cause.reason));
        assert!(listed, "{}.rs is not listed in CAUSES (catalogue/mod.rs)", files.name());
    }
    for cause in all() {
        let files = CauseFiles::of(cause.reason);
        let files = files.unwrap_or_else(|| panic!("no file is named after {}, in snake_case", cause.reason));
        for kind in ["md", "yaml"] {
            let path = files.path(kind);
            assert!(path.is_file(), "{} lacks {}", cause.reason, path.display());
        }
    }
}

#[test]
fn every_cause_has_fixtures_of_both_kinds() {
    for cause in all() {
        let fixtures = CauseFiles::of(cause.reason).unwrap().fixtures();
        let fixtures = fixtures.unwrap_or_else(|problem| panic!("{problem}"));
        let path = CauseFiles::of(cause.reason).unwrap().path("yaml");
        for (kind, count) in [("firing", fixtures.firing.len()), ("silent", fixtures.silent.len())] {
            assert!(count > 0, "{} has no {kind} fixture: add one to {}", cause.reason, path.display());
        }
        for fixture in fixtures.firing.iter().map(|firing| &firing.fixture).chain(&fixtures.silent) {
            let said = fixture.change.is_empty() || !fixture.what.is_empty();
            assert!(said, "{}: a change of {} without words (what)", cause.reason, fixture.cluster);
        }
    }
}

#[test]
fn every_page_answers_what_a_reader_asks() {
    for cause in all() {
        let headings: Vec<&str> =
            cause.page.lines().filter_map(|line| line.strip_prefix("## ")).map(str::trim).collect();
        assert_eq!(headings, HEADINGS, "the page of {} has other headings than every page", cause.reason);
        let parts = cause.page.split("## ").skip(1);
        for (heading, text) in parts.filter_map(|part| part.split_once('\n')) {
            assert!(!text.trim().is_empty(), "{}: nothing stands under {heading}", cause.reason);
        }
        for named in named_reasons(cause.page).filter(|word| !KUBERNETES.contains(word)) {
            let known = all().any(|other| other.reason == named);
            assert!(known, "{} names {named}, which is no reason", cause.reason);
        }
    }
}

/// Words in the part "Not to be confused with" that are written as reasons are.
fn named_reasons(page: &str) -> impl Iterator<Item = &str> {
    let part = page.split("## Not to be confused with").nth(1).unwrap_or_default();
    let part = part.split("## ").next().unwrap_or_default();
    let quoted = part.split('`').skip(1).step_by(2);
    quoted.filter(|word| {
        let humps = word.chars().filter(char::is_ascii_uppercase).count();
        humps > 2 && word.chars().all(|c| c.is_ascii_alphanumeric())
    })
}

#[test]
fn every_summary_is_one_sentence() {
    for cause in all() {
        let summary = cause.summary;
        assert!(summary.ends_with('.') && !summary.contains('\n'), "{}: {summary}", cause.reason);
        assert!(summary.chars().count() <= MAX_SUMMARY, "{}: too long: {summary}", cause.reason);
    }
}

#[test]
fn what_is_only_a_hint_is_called_one() {
    for cause in all() {
        let only_hints = cause.certainties == [Certainty::Hint];
        let called = matches!(cause.sight, Sight::HintOnly(_));
        assert_eq!(called, only_hints, "{}: {:?}, {:?}", cause.reason, cause.sight, cause.certainties);
        let why = cause.sight.why();
        assert!(why.len() > 20 && !why.ends_with('.'), "{}: {why}", cause.reason);
    }
}

/// What a cause says it may be is what somebody has seen it be.
#[test]
fn every_severity_and_certainty_that_is_declared_is_shown_by_a_fixture() {
    let mut wrong = Vec::new();
    for cause in CAUSES {
        let fixtures = CauseFiles::of(cause.reason).unwrap().fixtures().unwrap();
        let shown: BTreeSet<&str> =
            fixtures.firing.iter().flat_map(|firing| firing.finds.split(' ')).collect();
        let severities = cause.severities.iter().map(|severity| format!("{severity:?}"));
        let certainties = cause.certainties.iter().map(|certainty| format!("{certainty:?}"));
        let declared: BTreeSet<String> = severities.chain(certainties).collect();
        let unseen: Vec<&str> =
            declared.iter().map(String::as_str).filter(|word| !shown.contains(word)).collect();
        let undeclared: Vec<&&str> = shown.iter().filter(|word| !declared.contains(**word)).collect();
        if !unseen.is_empty() || !undeclared.is_empty() {
            let reason = cause.reason;
            wrong.push(format!(
                "{reason}: no fixture finds {unseen:?} (add one, or take it out of severities and certainties); found, but not declared there: {undeclared:?}"
            ));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
