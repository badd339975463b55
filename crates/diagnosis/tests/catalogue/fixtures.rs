//! Does every cause fire where its fixtures say so, stay silent where they say so, and read what it says it reads?

use std::collections::BTreeSet;

use diagnosis::case::Case;
use diagnosis::{Cause, OperatorState, Sight, diagnose};
use facts::{ClusterView, InputKind, Subject};

use crate::files::{CauseFiles, all, chosen};
use crate::fixture::Fixture;
use crate::recorded::Recorded;
use crate::watching::Watching;

/// Read for every workload, so that no cause lists them.
const ALWAYS: [InputKind; 8] = [
    InputKind::Pods,
    InputKind::Namespaces,
    InputKind::Deployments,
    InputKind::ReplicaSets,
    InputKind::StatefulSets,
    InputKind::DaemonSets,
    InputKind::Jobs,
    InputKind::CronJobs,
];

/// Not watched by default.
const OPT_IN: [InputKind; 2] = [InputKind::ConfigMaps, InputKind::Secrets];

#[test]
fn every_cause_fires_and_stays_silent_where_its_fixtures_say() {
    let mut wrong = Vec::new();
    for cause in chosen() {
        let Some(files) = CauseFiles::of(cause.reason) else { continue };
        let fixtures = match files.fixtures() {
            Ok(fixtures) => fixtures,
            Err(problem) => {
                wrong.push(problem);
                continue;
            }
        };
        let firing = fixtures.firing.iter().map(|firing| (&firing.fixture, Some(firing.finds.as_str())));
        let silent = fixtures.silent.iter().map(|fixture| (fixture, None));
        for (fixture, wanted) in firing.chain(silent) {
            let all = findings(fixture, cause.reason);
            let found = all.iter().find(|(reason, _)| reason == cause.reason).map(|(_, weight)| &**weight);
            if found != wanted {
                let Fixture { cluster, what, .. } = fixture;
                let want = wanted.unwrap_or("silence");
                wrong.push(format!("{} on {cluster} ({what}): wanted {want}, found {all:?}", cause.reason));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// What is said of a fixture: reasons, each with severity and certainty. With `SHOW` set, the finding of one reason is printed, to
/// be read as people will read it.
fn findings(fixture: &Fixture, shown: &str) -> Vec<(String, String)> {
    let findings = said(fixture);
    if std::env::var_os("SHOW").is_some() {
        for finding in findings.iter().filter(|finding| finding.reason == shown) {
            println!(
                "{shown}, {} {}:\n  {}\n  Fix: {}",
                fixture.cluster, fixture.what, finding.message, finding.remedy
            );
            for evidence in &finding.evidence {
                println!("    {} {} = {}", evidence.object, evidence.field, evidence.value);
            }
        }
    }
    let weight = |finding: &api::Finding| format!("{:?} {:?}", finding.severity, finding.certainty);
    findings.iter().map(|finding| (finding.reason.clone(), weight(finding))).collect()
}

/// Everything that is said of a fixture.
pub fn said(fixture: &Fixture) -> Vec<api::Finding> {
    said_of(&fixture.cluster())
}

/// Everything that is said of the workload of a cluster.
pub fn said_of(cluster: &Recorded) -> Vec<api::Finding> {
    let (input, id) = cluster.read();
    let operator = OperatorState::discover(&input.world);
    let Some(subject) = input.world.subject(&id) else { return Vec::new() };
    let options = diagnosis::Options::default();
    let diagnosis = diagnose(&subject, &input.world, &operator, None, cluster.now, &options);
    diagnosis.map(|diagnosis| diagnosis.status.findings).unwrap_or_default()
}

/// A kind counts as read where the check asks the cluster for it, and where hiding it changes what the check finds: then it was
/// read before, to learn of the operator and of its decision.
#[test]
fn every_cause_reads_what_it_declares() {
    let mut wrong = Vec::new();
    for cause in chosen() {
        let Some(Ok(fixtures)) = CauseFiles::of(cause.reason).map(|files| files.fixtures()) else { continue };
        let mut read = BTreeSet::new();
        for firing in &fixtures.firing {
            read.append(&mut inputs(cause, &firing.fixture, true));
        }
        for fixture in &fixtures.silent {
            read.append(&mut inputs(cause, fixture, false));
        }
        read.retain(|kind| !ALWAYS.contains(kind));
        let declared: BTreeSet<InputKind> = cause.reads.iter().copied().collect();
        if read != declared {
            let undeclared: Vec<_> = read.difference(&declared).collect();
            let unread: Vec<_> = declared.difference(&read).collect();
            wrong.push(format!(
                "{}: add to `reads` {undeclared:?}; take out {unread:?}, or add a fixture in which it matters",
                cause.reason
            ));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

fn inputs(cause: &'static Cause, fixture: &Fixture, hide: bool) -> BTreeSet<InputKind> {
    let cluster = fixture.cluster();
    let (input, id) = cluster.read();
    let subject = input.world.subject(&id).unwrap();
    let (mut asked, found) = check(cause, &subject, &input.world, &[], cluster.now);
    for kind in InputKind::ALL.iter().filter(|_| hide) {
        if check(cause, &subject, &input.world, &[*kind], cluster.now).1 != found {
            asked.insert(*kind);
        }
    }
    asked
}

/// Runs one check, perhaps without some kinds: what it asked for, and what it found.
fn check(
    cause: &'static Cause,
    subject: &Subject<'_>,
    world: &dyn ClusterView,
    hidden: &[InputKind],
    now: jiff::Timestamp,
) -> (BTreeSet<InputKind>, Vec<String>) {
    let view = Watching::new(world, hidden);
    let operator = OperatorState::discover(&view);
    let case = Case::new(subject, &view, &operator, now);
    view.take_asked();
    let found = (cause.check)(&case);
    let found = found.iter().map(|found| format!("{:?} {:?}", found.severity, found.certainty)).collect();
    (view.take_asked(), found)
}

/// What needs a permission is found nowhere without the kinds that the controller does not watch by default, and everything
/// else is found somewhere without them.
#[test]
fn what_needs_a_permission_says_so() {
    for cause in chosen() {
        let Some(Ok(fixtures)) = CauseFiles::of(cause.reason).map(|files| files.fixtures()) else { continue };
        let is_found_without = |hidden: &[InputKind]| {
            fixtures.firing.iter().any(|firing| {
                let cluster = firing.fixture.cluster();
                let (input, id) = cluster.read();
                let subject = input.world.subject(&id).unwrap();
                !check(cause, &subject, &input.world, hidden, cluster.now).1.is_empty()
            })
        };
        if by_handshake(cause) || !is_found_without(&[]) {
            continue;
        }
        let needs = !is_found_without(&OPT_IN);
        let says = matches!(cause.sight, Sight::WithPermission(_));
        let what = if needs { "is found nowhere" } else { "is found" };
        assert_eq!(says, needs, "{} {what} without {OPT_IN:?}, but says {:?}", cause.reason, cause.sight);
    }
}

/// The controller sees the webhook's certificate in a TLS handshake, which no recording has.
fn by_handshake(cause: &Cause) -> bool {
    cause.reason.starts_with("WebhookCertificate")
}

#[test]
fn hiding_a_kind_hides_it() {
    let fixtures = CauseFiles::of("NoInstrumentationInNamespace").unwrap().fixtures().unwrap();
    let cause = all().find(|cause| cause.reason == "NoInstrumentationInNamespace").unwrap();
    let read = inputs(cause, &fixtures.firing[0].fixture, true);
    assert!(read.contains(&InputKind::Instrumentations) && !read.contains(&InputKind::Nodes), "{read:?}");
}
