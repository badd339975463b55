//! What is told of which course of an outage, and whatever happens to who tells it?

use super::*;

/// Minutes at which it changes: begins, ends, begins …
type Minutes<'t> = &'t [i64];
/// When what is told.
type Told = Vec<(i64, &'static str)>;

const DOWN: &str = "OperatorNotReady";

fn at(minute: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minute)
}

fn words(telling: Telling) -> &'static str {
    match telling {
        Telling::Begins { comes_and_goes: false } => "begins",
        Telling::Begins { comes_and_goes: true } => "comes and goes",
        Telling::Ends => "ends",
    }
}

/// Looks each minute for four hours. `restart`: when another process takes over, after nobody watched for so long.
fn course(changes: Minutes<'_>, restart: Option<(i64, i64)>) -> Told {
    let mut outage = Outage::default();
    let mut told = Told::new();
    // Events that the API server keeps, and since when.
    let mut kept: Vec<(Telling, Option<Timestamp>, i64)> = Vec::new();
    for minute in 0..240 {
        let lasts = changes.iter().filter(|change| **change <= minute).count() % 2 == 1;
        if restart.is_some_and(|(from, to)| (from..to).contains(&minute)) {
            continue;
        }
        if let Some((from, to)) = restart.filter(|(_, to)| *to == minute) {
            outage = Outage::resumed(outage.changes.clone(), Some(at(from)), at(to));
        }
        outage.note(lasts, at(minute), || None);
        if let Some(telling) = outage.owed() {
            let name = (telling, outage.occurrence(telling));
            kept.retain(|(_, _, since)| since + 60 > minute);
            if !kept.iter().any(|(telling, occurrence, _)| (*telling, *occurrence) == name) {
                told.push((minute, words(telling)));
                kept.push((name.0, name.1, minute));
            }
            outage.told(telling);
        }
        assert_eq!(outage.owed(), None);
    }
    told
}

#[test]
fn what_comes_and_goes_is_told_twice_and_then_what_it_has_come_to() {
    let table: [(Minutes<'_>, &[(i64, &str)]); 8] = [
        (&[], &[]),
        (&[5], &[(5, "begins")]),
        (&[5, 6], &[(5, "begins"), (6, "ends")]),
        (&[5, 6, 70, 75], &[(5, "begins"), (6, "ends"), (70, "begins"), (75, "ends")]),
        (&[5, 6, 7, 8], &[(5, "begins"), (6, "ends"), (7, "comes and goes"), (38, "ends")]),
        (&[5, 6, 7], &[(5, "begins"), (6, "ends"), (7, "comes and goes"), (37, "begins")]),
        (
            &[5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 20, 21, 40, 41, 60],
            &[(5, "begins"), (6, "ends"), (7, "comes and goes"), (90, "begins")],
        ),
        (
            &[5, 6, 7, 8, 50, 51],
            &[
                (5, "begins"),
                (6, "ends"),
                (7, "comes and goes"),
                (38, "ends"),
                (50, "comes and goes"),
                (81, "ends"),
            ],
        ),
    ];
    for (changes, expected) in table {
        assert_eq!(course(changes, None), expected, "{changes:?}");
        for restart in 0..240 {
            assert_eq!(
                course(changes, Some((restart, restart))),
                expected,
                "{changes:?}, restart at {restart}"
            );
        }
    }
}

#[test]
fn what_happens_while_nobody_watches_is_told_afterwards() {
    let table: [(Minutes<'_>, (i64, i64), &[(i64, &str)]); 4] = [
        (&[5, 10], (7, 8), &[(5, "begins"), (10, "ends")]),
        (&[5, 10], (7, 200), &[(5, "begins"), (200, "ends")]),
        (&[5, 6, 7, 8], (9, 50), &[(5, "begins"), (6, "ends"), (7, "comes and goes"), (50, "ends")]),
        (&[5, 6, 7, 8], (20, 200), &[(5, "begins"), (6, "ends"), (7, "comes and goes"), (200, "ends")]),
    ];
    for (changes, away, expected) in table {
        assert_eq!(course(changes, Some(away)), expected, "{changes:?}, away {away:?}");
    }
}

#[test]
fn what_could_not_be_sent_is_told_as_it_is_by_then() {
    let mut outage = Outage::default();
    outage.note(true, at(1), || None);
    outage.note(false, at(2), || None);
    assert_eq!(outage.owed(), None, "what was never said needs no end");
    outage.note(true, at(90), || None);
    let under_way = outage.owed().unwrap();
    outage.note(false, at(91), || None);
    outage.told(under_way);
    outage.note(false, at(91), || None);
    assert_eq!(outage.owed(), Some(Telling::Ends), "the beginning was under way");
}

fn status(history: &[(i64, &str)]) -> InstrumentationHealthStatus {
    let entry = |(minute, reason): &(i64, &str)| HistoryEntry {
        time: at(*minute),
        healthy: if *reason == Outcome::Instrumented.as_str() { "True" } else { "False" }.to_owned(),
        reason: (*reason).to_owned(),
    };
    InstrumentationHealthStatus {
        history: history.iter().rev().map(entry).collect(),
        ..InstrumentationHealthStatus::default()
    }
}

#[test]
fn workloads_that_suffer_one_after_the_other_suffer_from_one_outage() {
    let (fine, bare) = ("Instrumented", "PodCreatedWhileWebhookUnavailable");
    let statuses = [
        status(&[(1, DOWN), (9, bare)]),
        status(&[(0, fine), (3, DOWN), (4, fine), (12, DOWN), (14, bare)]),
        status(&[(13, DOWN), (20, fine)]),
        status(&[(2, "WebhookServiceNotFound")]),
        status(&[(2, "AgentImagePullFailed")]),
    ];
    let found = outages(&statuses);
    let minutes = |reason: &str| -> Vec<(i64, bool)> {
        let minute = |change: &HistoryEntry| change.time.as_second() / 60;
        found[reason].iter().rev().map(|change| (minute(change), begins(change))).collect()
    };
    assert_eq!(minutes(DOWN), [(1, true), (9, false), (12, true), (20, false)]);
    assert_eq!(minutes("WebhookServiceNotFound"), [(2, true)]);
    assert_eq!(found.len(), 2);
}
