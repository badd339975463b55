//! Does another replica take over in time when the leader is killed or stopped, without an Event lost or told twice?
//!
//! Real processes, ended by SIGKILL and SIGTERM in the middle of their writes, with the rights that `config/` grants. One round
//! kills the leader, then stops its successor; `AVAILABILITY_ROUNDS` asks for more of them.

#![allow(clippy::unwrap_used)] // a test may stop at the first thing that does not work

mod shop;
mod told;

use std::time::{Duration, Instant};

use api::InstrumentationHealth;
use e2e::operator::StandIn;
use e2e::product::{NAMESPACE, Product, kubectl};
use e2e::verdicts::{Verdict, until_verdicts, verdicts};
use e2e::{Bed, Options};
use k8s_openapi::api::coordination::v1::Lease;
use kube::api::ListParams;
use kube::{Api, ResourceExt as _};
use shop::Shop;

/// The Lease.
const LEASE: &str = "instrumentation-health";
/// Promised after a crash.
const AFTER_CRASH: Duration = Duration::from_secs(15);
/// Promised after a clean stop.
const AFTER_STOP: Duration = Duration::from_secs(2);
/// For everything that is not promised.
const PATIENCE: Duration = Duration::from_secs(90);

/// Slow writes, so that the end comes in the middle of them.
const ARGUMENTS: [&str; 2] = ["--leader-elect", "--writes-per-second=12"];

#[tokio::test(flavor = "multi_thread")]
async fn another_replica_takes_over_without_an_event_lost_or_told_twice() {
    let rounds: u32 = std::env::var("AVAILABILITY_ROUNDS").map_or(1, |rounds| rounds.parse().unwrap());
    let bed = Bed::start(Options::named("availability")).await.unwrap();
    let _operator = StandIn::install(&bed, &[]).await.unwrap();
    let installed = Product::install_from(&bed, "high-availability").await.unwrap();
    let shop = Shop::open(&bed).await;
    let mut leader = installed.replica("replica-a", &ARGUMENTS).unwrap();
    let mut standby = installed.replica("replica-b", &ARGUMENTS).unwrap();
    leader.start(&bed).unwrap();
    until_leads(&bed, &leader, PATIENCE).await;
    standby.start(&bed).unwrap();
    until_ready(&standby).await;

    for round in 1..=rounds {
        let workloads = Shop::workloads(round);
        // Everything breaks, and the leader is killed while it says so.
        shop.open_broken(&workloads).await;
        let said = Said { workloads: &workloads, healthy: "False", reason: "InstrumentationNotFound" };
        let pause = Duration::from_millis(u64::from(round) * 61 % 300);
        take_over(&bed, &mut leader, &mut standby, &End { crashes: true, after: pause }, &said).await;

        // Everything heals, and the leader is stopped while it says so.
        shop.mend(&workloads).await;
        let said = Said { workloads: &workloads, healthy: "True", reason: "Instrumented" };
        take_over(&bed, &mut leader, &mut standby, &End { crashes: false, after: Duration::ZERO }, &said)
            .await;

        told::exactly(&bed, &workloads, &["InstrumentationNotFound", "InstrumentationRecovered"]).await;
    }

    // Where nothing is to be said, who takes over says nothing.
    let before = versions(&bed).await;
    leader.stop(&bed);
    until_leads(&bed, &standby, AFTER_STOP).await;
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert_eq!(versions(&bed).await, before);
    standby.stop(&bed);
    assert_eq!(holder(&bed).await, "", "the last one released the Lease");
    says_that_objects_may_be_stale(&bed, &installed).await;
    bed.stop();
}

/// What is being said while the leader ends.
struct Said<'a> {
    workloads: &'a [String],
    healthy: &'a str,
    reason: &'a str,
}

/// How the leader ends.
struct End {
    /// By SIGKILL; else by SIGTERM.
    crashes: bool,
    /// So long after it has begun to say it.
    after: Duration,
}

/// Ends the leader in the middle of what it says, and proves that the standby goes on in time. Then they have changed places, and
/// the one that ended runs again.
async fn take_over(bed: &Bed, leader: &mut Product, standby: &mut Product, end: &End, said: &Said<'_>) {
    let Said { workloads, healthy, reason } = said;
    until_some(bed, workloads, healthy, 2).await;
    tokio::time::sleep(end.after).await;
    let since = Instant::now();
    let (what, promised) = if end.crashes {
        leader.kill(bed);
        ("the standby writes after a crash", AFTER_CRASH)
    } else {
        leader.stop(bed);
        ("the standby writes after a clean stop", AFTER_STOP)
    };
    let written = count(bed, workloads, healthy).await;
    assert!(written < workloads.len(), "the leader had nothing left to write");
    until_leads(bed, standby, promised).await;
    until_writes(standby).await;
    in_time(what, since, promised);
    until_all(bed, workloads, healthy, reason).await;
    std::mem::swap(leader, standby);
    standby.start(bed).unwrap();
    until_ready(standby).await;
}

/// `check` tells of a controller that is gone, and of none that lives.
async fn says_that_objects_may_be_stale(bed: &Bed, installed: &Product) {
    for (renewed, holder, expected) in [
        ("2026-11-01T00:00:00.000000Z", "", Some("was stopped")),
        ("2026-11-01T00:00:00.000000Z", "replica-a_0", Some("stopped renewing its Lease")),
        ("2126-01-01T00:00:00.000000Z", "replica-a_0", None),
    ] {
        let spec = format!(r#"{{"spec": {{"renewTime": "{renewed}", "holderIdentity": "{holder}"}}}}"#);
        let patch = ["-n", NAMESPACE, "patch", "lease", LEASE, "--type=merge", "-p", &spec];
        kubectl(bed, &patch).await.unwrap();
        let (code, _, remarks) = installed.command(bed, &["check", "-A"]).await.unwrap();
        assert_eq!(code, 0, "{remarks}");
        let remarks = remarks.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(remarks.contains("may be stale"), expected.is_some(), "{remarks}");
        assert!(remarks.contains(expected.unwrap_or_default()), "{remarks}");
    }
}

fn in_time(what: &str, since: Instant, within: Duration) {
    let took = since.elapsed();
    println!("{what}: {} ms", took.as_millis());
    assert!(took <= within, "{what} took {took:?}");
}

async fn holder(bed: &Bed) -> String {
    let leases: Api<Lease> = Api::namespaced(bed.client(), NAMESPACE);
    let lease = leases.get_opt(LEASE).await.unwrap();
    lease.and_then(|lease| lease.spec?.holder_identity).unwrap_or_default()
}

async fn until_leads(bed: &Bed, product: &Product, patience: Duration) {
    let mine = format!("{}_", product.name());
    let deadline = Instant::now() + patience;
    while !holder(bed).await.starts_with(&mine) {
        assert!(Instant::now() < deadline, "{} does not lead after {patience:?}", product.name());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Waits for its first write; a standby makes none.
async fn until_writes(product: &Product) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let (_, metrics) = product.page("/metrics").await.unwrap();
        if metrics.contains("\ninstrumentation_health_writes_total{") {
            return;
        }
        assert!(Instant::now() < deadline, "{} does not write", product.name());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn until_ready(product: &Product) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if product.page("/readyz").await.is_ok_and(|(code, _)| code == 200) {
            return;
        }
        assert!(Instant::now() < deadline, "{} is not ready", product.name());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// How many of these workloads are said to be so.
async fn count(bed: &Bed, workloads: &[String], healthy: &str) -> usize {
    let standing = verdicts(&bed.client()).await.unwrap();
    let ours = |verdict: &&Verdict| {
        workloads.iter().any(|name| verdict.name == format!("deployment-{name}"))
            && verdict.healthy == healthy
    };
    standing.iter().filter(ours).count()
}

async fn until_some(bed: &Bed, workloads: &[String], healthy: &str, at_least: usize) {
    let deadline = Instant::now() + PATIENCE;
    while count(bed, workloads, healthy).await < at_least {
        assert!(Instant::now() < deadline, "no {at_least} workloads are {healthy}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn until_all(bed: &Bed, workloads: &[String], healthy: &str, reason: &str) {
    let object =
        |name: &String| Verdict::new(shop::NAMESPACE, &format!("deployment-{name}"), healthy, reason);
    let expected: Vec<_> = workloads.iter().map(object).collect();
    until_verdicts(&bed.client(), &expected, PATIENCE).await.unwrap();
}

/// Every object of ours with its version: equal twice, nothing was written in between.
async fn versions(bed: &Bed) -> Vec<(String, Option<String>)> {
    let api: Api<InstrumentationHealth> = Api::all(bed.client());
    let objects = api.list(&ListParams::default()).await.unwrap().items;
    objects.iter().map(|object| (object.name_any(), object.resource_version())).collect()
}
