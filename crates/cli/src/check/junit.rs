//! How does a CI system show the verdicts as tests?
//!
//! A suite a namespace, a test a workload. A failing workload is a failed test; one that may be failing, is starting or could not be
//! judged is a skipped one, so that it is seen and breaks nothing, unless `--fail-on unknown` says that it should.

use std::fmt::Write as _;

use api::Standing;
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use crate::arguments::FailOn;
use crate::check::fails;
use crate::check::judge::{Verdict, Verdicts};

/// Name of the suite of what could not be read.
const INPUT: &str = "input";

/// The verdicts as `JUnit` XML. `left_out`: what could not be read, an error each.
pub fn junit(verdicts: &Verdicts, left_out: &[String], fail_on: FailOn) -> String {
    let mut report = Report::new("instrumentation-health");
    for namespace in verdicts.list.chunk_by(|a, b| a.id.namespace == b.id.namespace) {
        let Some(first) = namespace.first() else { continue };
        let mut suite = TestSuite::new(&*first.id.namespace);
        suite.add_test_cases(namespace.iter().map(|verdict| case(verdict, fail_on)));
        report.add_test_suite(suite);
    }
    if !left_out.is_empty() {
        let mut suite = TestSuite::new(INPUT);
        suite.add_test_cases(left_out.iter().enumerate().map(|(index, problem)| unreadable(index, problem)));
        report.add_test_suite(suite);
    }
    let skipped: usize = report.test_suites.iter().map(|suite| suite.skipped).sum();
    let text = report.to_string().expect("names and texts are strings, and writing to memory does not fail");
    // The library counts skipped tests on the root as well, where Jenkins' schema knows no such attribute.
    text.replacen(&format!(" skipped=\"{skipped}\""), "", 1)
}

fn case(verdict: &Verdict, fail_on: FailOn) -> TestCase {
    // A test fails where the workload does, whatever the exit code.
    let fails = verdict.standing == Standing::Failing || fails(verdict.standing, fail_on);
    let mut status = match verdict.standing {
        Standing::Healthy => TestCaseStatus::success(),
        _ if fails => TestCaseStatus::non_success(NonSuccessKind::Failure),
        _ => TestCaseStatus::skipped(),
    };
    let why = format!("{}: {}", verdict.reason(), verdict.message());
    if fails {
        status.set_message(why).set_type(verdict.reason()).set_description(details(verdict));
    } else if verdict.standing != Standing::Healthy {
        // Jenkins' schema knows no message of a skipped test, only text.
        status.set_description(why);
    }
    let mut case = TestCase::new(verdict.id.slug(), status);
    case.set_classname(&*verdict.id.namespace);
    case
}

fn unreadable(index: usize, problem: &str) -> TestCase {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status.set_type("Unreadable").set_message(problem);
    let mut case = TestCase::new(format!("{INPUT} {}", index + 1), status);
    case.set_classname(INPUT);
    case
}

fn details(verdict: &Verdict) -> String {
    let mut text = String::new();
    for finding in verdict.findings(false) {
        let _ = writeln!(text, "{}: {}", finding.reason, finding.message);
        for evidence in &finding.evidence {
            let _ = writeln!(text, "  {} {} = {}", evidence.object, evidence.field, evidence.value);
        }
        if !finding.remedy.is_empty() {
            let _ = writeln!(text, "  Fix: {}", finding.remedy);
        }
    }
    text
}
