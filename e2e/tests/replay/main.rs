//! Does a live cluster get the verdicts that its recording gets, soon, and with remedies that work?
//!
//! What was done in the recorded scenarios is done again on a real control plane with the stand-in operator; the kubelets play what
//! they played in the recording; the controller runs with its own ServiceAccount. The rules of a right verdict are those of the
//! offline test. `SCENARIO=part-of-a-name` replays the matching ones only.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod observation;
mod performance;
mod recording;
mod remedies;
#[path = "../../../crates/input/tests/scenarios/verdict.rs"]
mod verdict;

use std::io::Write as _;
use std::time::Duration;

use e2e::operator::{NAMESPACE, StandIn};
use e2e::product::{Product, run_uninstalled};
use e2e::{Bed, Options};
use futures::StreamExt as _;
use observation::{Observation, Standing};
use performance::Performance;
use recording::Recording;
use remedies::Tried;
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep};

/// Scenarios that change the operator's side, and so need it for themselves: one after the other, each from the operator as it was
/// installed. All others live side by side.
const OPERATORS_SIDE: &[&str] = &[
    "language-disabled-go",
    "healthy-webhook-by-url",
    "instrumentation-image-upgraded-pods-old",
    "instrumentation-not-defaulted",
    "instrumentation-upgrade-blocked",
    "language-disabled-java-by-flag",
    "mixed-replicas",
    "pod-created-while-webhook-unavailable",
    "healthy-operator-down-later",
    "operator-not-ready",
    "operator-networkpolicy-blocks-webhook",
    "operator-scoped-to-other-namespaces",
    "pod-webhook-not-registered",
    "webhook-cert-secret-missing",
    "webhook-certificate-expired",
    "webhook-certificate-mismatch",
    "webhook-fails-closed",
    "webhook-match-condition-excludes",
    "webhook-namespace-selector-excludes",
    "webhook-service-not-found",
    "crd-missing",
];
/// Scenarios that get their verdict only from a controller that is asked to read keys: it takes over when all others are right.
const WITH_KEYS: &[&str] = &["hook-variable-in-envfrom"];
/// Scenarios for which the time from the last change says nothing, and why.
const NOT_TIMED: &[(&str, &str)] = &[
    ("unschedulable-after-injection", "a Pod may wait 120 s for a node, as an autoscaler may bring one"),
    ("hook-variable-in-envfrom", "it waits for a controller that reads keys"),
];
/// Nodes that the recorded clusters had besides those of every bed.
const NODES: &str = r#"{"apiVersion": "v1", "kind": "List", "items": [
  {"apiVersion": "v1", "kind": "Node",
   "metadata": {"name": "worker-arm-1", "labels": {"kubernetes.io/arch": "arm64", "kubernetes.io/hostname": "worker-arm-1", "kubernetes.io/os": "linux"}},
   "spec": {"podCIDR": "10.245.0.0/20", "taints": [{"key": "arch", "value": "arm64", "effect": "NoSchedule"}]}},
  {"apiVersion": "v1", "kind": "Node",
   "metadata": {"name": "worker-win-1", "labels": {"kubernetes.io/arch": "amd64", "kubernetes.io/hostname": "worker-win-1", "kubernetes.io/os": "windows",
                "node.kubernetes.io/windows-build": "10.0.20348"}},
   "spec": {"podCIDR": "10.245.16.0/20", "taints": [{"key": "os", "value": "windows", "effect": "NoSchedule"}]}}]}"#;
/// What the remedies that name cert-manager ask for: its kind of Certificates, and the one that the operator's manifests bring.
const CERT_MANAGER: &str = r#"{"apiVersion": "v1", "kind": "List", "items": [
  {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "certificates.cert-manager.io"},
   "spec": {"group": "cert-manager.io", "scope": "Namespaced", "names": {"kind": "Certificate", "plural": "certificates", "singular": "certificate"},
            "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}}}]}},
  {"apiVersion": "cert-manager.io/v1", "kind": "Certificate",
   "metadata": {"name": "opentelemetry-operator-serving-cert", "namespace": "opentelemetry-operator-system"},
   "spec": {"secretName": "opentelemetry-operator-controller-manager-service-cert"}}]}"#;

/// What is aimed at, from the last change to the right verdict.
const AIM: Duration = Duration::from_secs(5);
/// What fails the test: machines that run tests may do many things at a time.
const SLOW: Duration = Duration::from_secs(30);
/// After everything was done, until all is right: a Pod may wait 120 seconds for a node before anything is said of it, and what is
/// said has to stand.
const PATIENCE: Duration = Duration::from_secs(300);
/// So long nothing must have changed, and everything been right.
const STANDS: Duration = Duration::from_secs(4);
/// Pods that are evicted again and again never come to rest.
const RESTLESS: Duration = Duration::from_secs(45);
/// Scenarios that are set up at the same time.
const AT_A_TIME: usize = 4;

/// A bed each, on a machine that may have two cores.
static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());

fn wanted(name: &str) -> bool {
    std::env::var("SCENARIO").map_or(true, |part| name.contains(&part))
}

#[test]
fn every_scenario_that_is_named_is_recorded() {
    let all = recording::all();
    let timed = NOT_TIMED.iter().map(|(name, _)| name);
    let named = OPERATORS_SIDE.iter().chain(WITH_KEYS).chain(timed);
    let unknown: Vec<_> = named.filter(|name| !all.iter().any(|other| other == *name)).collect();
    assert!(unknown.is_empty(), "not recorded: {unknown:?}");
    assert!(!WITH_KEYS.iter().any(|name| OPERATORS_SIDE.contains(name)), "they live side by side");
}

#[tokio::test(flavor = "multi_thread")]
async fn scenarios_side_by_side_get_the_same_verdicts_live() {
    let _alone = ONE_AT_A_TIME.lock().await;
    let recordings: Vec<Recording> = recording::all()
        .iter()
        .filter(|name| wanted(name) && !OPERATORS_SIDE.contains(&name.as_str()))
        .map(|name| Recording::load(name))
        .collect();
    if recordings.is_empty() {
        return;
    }
    let (bed, observation) = prepared("replay").await;
    let _operator = StandIn::install(&bed, &["--enable-go-instrumentation=true"]).await.unwrap();
    let product = install_product(&bed).await;
    let performances = recordings.iter().map(|recording| {
        observation.expect(recording);
        let (bed, observation) = (&bed, &observation);
        async move { Live::of(Performance { bed, recording, observation, operator: None }).await }
    });
    let mut live: Vec<Live<'_>> =
        futures::stream::iter(performances).buffer_unordered(AT_A_TIME).collect().await;
    let (mut asking, mut others): (Vec<_>, Vec<_>) =
        live.drain(..).partition(|live| WITH_KEYS.contains(&&*live.recording.name));
    until_right(&mut others, &observation, &bed).await;
    if !asking.is_empty() {
        product.stop(&bed);
        let reader = Product::install_from(&bed, "full").await.unwrap();
        reader.replica("instrumentation-health-reading-keys", &["--read-keys"]).unwrap().start(&bed).unwrap();
    }
    // What was right has to stay so.
    live.append(&mut asking);
    live.append(&mut others);
    until_right(&mut live, &observation, &bed).await;
    record(&bed).await;
    let objects: Vec<_> = recordings.iter().flat_map(|recording| observation.objects(recording)).collect();
    let tried = remedies::try_all(&bed, &objects).await;
    report("replay", &bed, &live, &[tried]);
}

#[tokio::test(flavor = "multi_thread")]
async fn scenarios_of_the_operators_side_get_the_same_verdicts_live() {
    let _alone = ONE_AT_A_TIME.lock().await;
    let recordings: Vec<Recording> =
        OPERATORS_SIDE.iter().filter(|name| wanted(name)).map(|name| Recording::load(name)).collect();
    if recordings.is_empty() {
        return;
    }
    let (bed, observation) = prepared("replay-operator").await;
    let mut operator = StandIn::install_model(&bed, &[]).await.unwrap();
    install_product(&bed).await;
    let (mut done, mut tried) = (Vec::new(), Vec::new());
    for recording in &recordings {
        observation.expect(recording);
        let performance =
            Performance { bed: &bed, recording, observation: &observation, operator: Some(&mut operator) };
        let mut live = [Live::of(performance).await];
        let begin = Instant::now();
        while !live[0].is_done(&observation, &[NAMESPACE], begin) {
            give_up_after(PATIENCE, begin, &live, &bed);
            bed.check().unwrap();
            sleep(Duration::from_millis(100)).await;
        }
        tried.push(remedies::try_all(&bed, &observation.objects(recording)).await);
        done.extend(live);
        operator.restore().await.unwrap();
    }
    report("replay of the operator's side", &bed, &done, &tried);
}

/// With `RECORD=FILE` a cluster that was played is recorded: a new scenario begins as what is to be applied, what the kubelets play
/// and what is to be said.
async fn record(bed: &Bed) {
    let Ok(file) = std::env::var("RECORD") else { return };
    let (code, said, errors) = run_uninstalled(bed, &["snapshot", "-A", "-o", &file]).await.unwrap();
    assert_eq!(code, 0, "{said}{errors}");
}

/// A bed with the Nodes of the recorded clusters.
async fn prepared(name: &str) -> (Bed, Observation) {
    let bed = Bed::start(Options::named(name)).await.unwrap();
    bed.apply_yaml(NODES).await.unwrap();
    let observation = Observation::of(&bed);
    (bed, observation)
}

async fn install_product(bed: &Bed) -> Product {
    bed.apply_yaml(CERT_MANAGER).await.unwrap();
    let product = Product::install(bed).await.unwrap();
    product.start(bed).unwrap();
    product
}

async fn until_right(live: &mut [Live<'_>], observation: &Observation, bed: &Bed) {
    let begin = Instant::now();
    while !live.iter_mut().all(|live| live.is_done(observation, &[], begin)) {
        give_up_after(PATIENCE, begin, live, bed);
        bed.check().unwrap();
        sleep(Duration::from_millis(250)).await;
    }
}

/// A scenario that was replayed.
struct Live<'a> {
    recording: &'a Recording,
    standing: Option<Standing>,
    is_done: bool,
    _casting: performance::Casting,
}

impl<'a> Live<'a> {
    async fn of(performance: Performance<'a, '_>) -> Self {
        let (recording, observation) = (performance.recording, performance.observation);
        let mut live = Self { recording, _casting: performance.run().await, standing: None, is_done: false };
        // What is on its way is judged on its way: it arrives while the others are waited for.
        let begin = Instant::now();
        while live.is_progressing() && !live.is_done && begin.elapsed() < PATIENCE {
            let standing = observation.standing(recording, &[]);
            live.is_done = standing.right_for.is_some_and(|right| right > STANDS);
            live.standing = Some(standing);
            sleep(Duration::from_millis(100)).await;
        }
        live
    }

    /// Whether everything that is said of it is right, nothing changes any more, and that has been so for a while. What was right
    /// once may turn while the others are waited for.
    fn is_done(&mut self, observation: &Observation, also: &[&str], begin: Instant) -> bool {
        if self.is_progressing() {
            return self.is_done;
        }
        let standing = observation.standing(self.recording, also);
        let is_right = standing.right_for.is_some_and(|right| right > STANDS);
        let is_settled = standing.quiet_for > STANDS || begin.elapsed() > RESTLESS;
        self.is_done = is_right && is_settled;
        self.standing = Some(standing);
        self.is_done
    }

    fn is_progressing(&self) -> bool {
        self.recording.scenario.workloads.iter().any(|workload| workload.expect.healthy == "progressing")
    }

    fn delay(&self) -> Duration {
        self.standing.as_ref().and_then(|standing| standing.delay).unwrap_or_default()
    }
}

fn give_up_after(patience: Duration, begin: Instant, live: &[Live<'_>], bed: &Bed) {
    if begin.elapsed() < patience {
        return;
    }
    let open: Vec<String> = live
        .iter()
        .filter(|live| !live.is_done)
        .map(|live| {
            let Recording { name, scenario, .. } = live.recording;
            let (title, now) = (&scenario.title, scenario.now);
            let said = live.standing.as_ref().map_or_else(String::new, |standing| {
                let Standing { wrong, right_for, quiet_for, .. } = standing;
                format!("right for {right_for:?}, quiet for {quiet_for:?}\n  {}", wrong.join("\n  "))
            });
            format!("{name} ({title}; recorded {now}): {said}")
        })
        .collect();
    panic!("after {} s:\n{}\nlogs: {}", patience.as_secs(), open.join("\n"), bed.logs().display());
}

/// Says how long the verdicts took and what came of the remedies, on the terminal in short and among the logs in full.
fn report(title: &str, bed: &Bed, live: &[Live<'_>], tried: &[Tried]) {
    let mut delays: Vec<(Duration, &str)> =
        live.iter().map(|live| (live.delay(), live.recording.name.as_str())).collect();
    delays.sort();
    let lines = delays.iter().rev().map(|(delay, name)| format!("{:6.2} s {name}\n", delay.as_secs_f64()));
    let text: String = lines.chain(tried.iter().map(|tried| tried.report.clone())).collect();
    std::fs::write(bed.logs().join("replay.txt"), text).unwrap();
    delays.retain(|(_, name)| !NOT_TIMED.iter().any(|(other, _)| other == name));
    let (most, slowest) = delays.last().copied().unwrap_or_default();
    let median = delays.get(delays.len() / 2).map_or(0.0, |(delay, _)| delay.as_secs_f64());
    let late = delays.iter().filter(|(delay, _)| *delay > AIM).count();
    let failed: Vec<&String> = tried.iter().flat_map(|tried| &tried.failed).collect();
    // Not by `println!`, which the test harness keeps for itself.
    let _ = writeln!(
        std::io::stderr(),
        "{title}: {} scenarios; from the last change to the right verdict: median {median:.2} s, at most {:.2} s ({slowest}), {late} over {} s; {} remedies fail; {}",
        live.len(),
        most.as_secs_f64(),
        AIM.as_secs(),
        failed.len(),
        bed.logs().join("replay.txt").display(),
    );
    let failed: Vec<&str> = failed.into_iter().map(String::as_str).collect();
    assert!(failed.is_empty(), "remedies that do not work:\n{}", failed.join("\n"));
    assert!(most < SLOW, "{slowest} took {most:?}");
}
