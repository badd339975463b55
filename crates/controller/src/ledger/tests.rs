//! Which write is made when?

use std::sync::Arc;

use api::{InstrumentationHealthSpec, InstrumentationHealthStatus, WorkloadReference};

use super::*;
use crate::packed::Packed;

fn key(name: &str) -> ObjectKey {
    ObjectKey { namespace: "shop".into(), name: name.into() }
}

/// An object whose status says this.
fn object(says: &str) -> Packed<InstrumentationHealth> {
    let workload_ref =
        WorkloadReference { api_version: "apps/v1".into(), kind: "Deployment".into(), name: "a".into() };
    let mut object = InstrumentationHealth::new("deployment-a", InstrumentationHealthSpec { workload_ref });
    let languages = vec![says.to_owned()];
    object.status = Some(InstrumentationHealthStatus { languages, ..InstrumentationHealthStatus::default() });
    Packed::new(&object)
}

fn stored(version: u32, says: &str) -> Stored {
    Stored { uid: "u".into(), version: version.to_string().into(), object: object(says) }
}

fn wish(says: Option<&str>) -> Wish {
    Wish { object: says.map(object), about: Arc::default(), since: Instant::now() }
}

fn says(object: Option<InstrumentationHealth>) -> Option<String> {
    object?.status?.languages.pop()
}

fn wished(job: &Job) -> Option<String> {
    says(job.wish.object.as_ref().map(Packed::unpack))
}

/// A ledger of which the list of objects has arrived.
fn listed(per_second: u32, concurrency: usize, now: Instant) -> Ledger {
    let mut ledger = Ledger::new(per_second, concurrency, now);
    ledger.begin();
    ledger.complete();
    ledger
}

#[test]
fn the_newest_wish_wins_and_one_write_is_under_way() {
    let now = Instant::now();
    let mut ledger = listed(100, 4, now);
    let key = key("a");
    ledger.wish(&key, wish(Some("1")));
    ledger.wish(&key, wish(Some("2")));
    let job = ledger.next(now).unwrap();
    assert_eq!(wished(&job).as_deref(), Some("2"));
    ledger.wish(&key, wish(Some("3")));
    ledger.wish(&key, wish(Some("4")));
    assert!(ledger.next(now).is_none(), "the first is still under way");
    assert_eq!(says(ledger.latest(&key)).as_deref(), Some("4"));
    ledger.finish(&key, Finished::Done(Some(stored(7, "2"))), now);
    let job = ledger.next(now).unwrap();
    assert_eq!((wished(&job).as_deref(), &*job.stored.unwrap().version), (Some("4"), "7"));
    ledger.finish(&key, Finished::Done(Some(stored(8, "4"))), now);
    assert!(ledger.next(now).is_none() && ledger.backlog() == 0);
}

#[test]
fn nothing_is_written_before_our_objects_are_known() {
    let now = Instant::now();
    let mut ledger = Ledger::new(100, 4, now);
    ledger.wish(&key("a"), wish(Some("1")));
    assert!(ledger.next(now).is_none() && ledger.wake_at(now).is_none());
    ledger.begin();
    ledger.complete();
    assert!(ledger.next(now).is_some());
    ledger.hold();
    ledger.wish(&key("b"), wish(Some("1")));
    assert!(ledger.next(now).is_none());
}

#[test]
fn budget_and_concurrency_bound_the_writes() {
    let now = Instant::now();
    let mut ledger = listed(10, 2, now);
    for n in 0..8 {
        ledger.wish(&key(&n.to_string()), wish(Some("1")));
    }
    let (first, second) = (ledger.next(now).unwrap(), ledger.next(now).unwrap());
    ledger.spend(2);
    ledger.spend(9);
    assert!(ledger.next(now).is_none(), "two at a time");
    ledger.finish(&first.key, Finished::Done(Some(stored(1, "1"))), now);
    ledger.finish(&second.key, Finished::Done(Some(stored(1, "1"))), now);
    assert!(ledger.next(now).is_none(), "11 of 10 are spent");
    let later = ledger.wake_at(now).unwrap();
    assert!(later > now && later <= now + Duration::from_millis(250));
    assert!(ledger.next(later).is_some());
}

#[test]
fn a_failed_write_waits_longer_each_time_and_a_newer_wish_replaces_it() {
    let now = Instant::now();
    let mut ledger = listed(100, 4, now);
    let key = key("a");
    ledger.wish(&key, wish(Some("1")));
    ledger.next(now).unwrap();
    ledger.finish(&key, Finished::Failed, now);
    assert!(ledger.next(now).is_none());
    assert_eq!(says(ledger.latest(&key)).as_deref(), Some("1"), "it is still wished");
    ledger.wish(&key, wish(Some("2")));
    let job = ledger.next(now + FIRST_DELAY).unwrap();
    assert_eq!(wished(&job).as_deref(), Some("2"));
    ledger.finish(&key, Finished::Failed, now);
    assert!(ledger.next(now + FIRST_DELAY / 2).is_none());
    assert!(ledger.next(now + 2 * FIRST_DELAY).is_some());
}

#[test]
fn what_was_refused_is_not_repeated_soon_but_something_else_is_tried_at_once() {
    let now = Instant::now();
    let mut ledger = listed(100, 4, now);
    let key = key("a");
    ledger.wish(&key, wish(Some("too long")));
    ledger.next(now).unwrap();
    ledger.finish(&key, Finished::Refused, now);
    assert!(ledger.next(now + MOST_DELAY).is_none());
    ledger.wish(&key, wish(Some("shorter")));
    assert_eq!(wished(&ledger.next(now).unwrap()).as_deref(), Some("shorter"));
}

#[test]
fn objects_that_a_list_lacks_are_gone() {
    let now = Instant::now();
    let mut ledger = Ledger::new(100, 4, now);
    ledger.begin();
    assert!(ledger.seen(&key("a"), stored(1, "1")) && ledger.seen(&key("b"), stored(2, "1")));
    assert!(ledger.complete().is_empty());
    ledger.begin();
    assert!(!ledger.seen(&key("b"), stored(3, "1")), "nothing new about it");
    let gone: Vec<_> = ledger.complete().into_iter().map(|(key, _)| key).collect();
    assert_eq!(gone, [key("a")]);
    assert!(ledger.latest(&key("a")).is_none() && ledger.latest(&key("b")).is_some());
}

#[test]
fn our_own_write_seen_by_the_watch_is_no_news_and_somebody_else_s_is() {
    let now = Instant::now();
    let mut ledger = listed(100, 4, now);
    let key = key("a");
    ledger.wish(&key, wish(Some("1")));
    ledger.next(now).unwrap();
    assert!(!ledger.seen(&key, stored(5, "1")), "while the write is under way nothing is judged");
    assert!(!ledger.finish(&key, Finished::Done(Some(stored(6, "1"))), now), "5 is older than 6");
    assert!(!ledger.seen(&key, stored(6, "1")));
    assert!(ledger.seen(&key, stored(7, "changed by hand")));
    assert_eq!(says(ledger.latest(&key)).as_deref(), Some("changed by hand"));
    assert!(ledger.unseen(&key).is_some() && ledger.unseen(&key).is_none());
}

#[test]
fn an_object_deleted_while_it_was_written_is_judged_again() {
    let now = Instant::now();
    let mut ledger = listed(100, 4, now);
    let key = key("a");
    ledger.wish(&key, wish(Some("1")));
    ledger.next(now).unwrap();
    assert!(ledger.unseen(&key).is_none());
    assert!(ledger.finish(&key, Finished::Done(Some(stored(6, "1"))), now));
    assert!(ledger.latest(&key).is_none());
}

#[test]
fn a_wish_for_nothing_where_nothing_is_costs_nothing() {
    let now = Instant::now();
    let mut ledger = listed(100, 4, now);
    ledger.wish(&key("a"), wish(None));
    assert!(ledger.next(now).is_none() && ledger.entries.is_empty());
    ledger.wish(&key("a"), wish(Some("1")));
    ledger.leave(&key("a"));
    assert!(ledger.next(now).is_none() && ledger.entries.is_empty());
}

#[test]
fn an_object_in_a_namespace_that_goes_is_forgotten() {
    let now = Instant::now();
    let mut ledger = listed(100, 4, now);
    ledger.wish(&key("a"), wish(Some("1")));
    ledger.next(now).unwrap();
    assert!(!ledger.finish(&key("a"), Finished::Pointless, now));
    assert!(ledger.entries.is_empty());
}

#[test]
fn a_watch_that_comes_behind_our_writes_changes_nothing() {
    let now = Instant::now();
    let mut ledger = listed(100, 4, now);
    let key = key("a");
    ledger.wish(&key, wish(Some("1")));
    ledger.next(now).unwrap();
    ledger.finish(&key, Finished::Done(Some(stored(8, "1"))), now);
    assert!(!ledger.seen(&key, stored(7, "")), "the object as it was created, before its status");
    assert_eq!(ledger.all_stored().next().map(|(_, stored)| &*stored.version), Some("8"));
    assert!(ledger.seen(&key, stored(9, "2")), "somebody changed it");
}
