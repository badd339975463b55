//! What does each step cost, from the bytes of a watch to verdicts, without network and tasks?

use std::cell::RefCell;
use std::time::Duration;

use controller::sources::{Source, Visit, visit_all};
use controller::watched::{View, Watched};
use diagnosis::{OperatorState, Options, diagnose};
use facts::InputKind;
use jiff::Timestamp;
use kube::core::WatchEvent;
use world::World;

use crate::cluster::Cluster;
use crate::measure::cpu_time;

/// Objects made before their decoding is timed.
const BATCH: usize = 500;

/// Times of one run, on a processor.
#[derive(Clone, Copy, Debug)]
pub struct Steps {
    /// Decode, intern, join and mark: all Pods.
    pub pods: Duration,
    /// The same, of everything else.
    pub rest: Duration,
    /// Judging every workload once.
    pub verdicts: Duration,
    /// Different Pod specs held.
    pub shapes: usize,
}

/// Runs them. Every verdict has to be `True`, and a relist that changes nothing must touch nothing.
pub fn run(cluster: Cluster) -> Steps {
    let world = RefCell::new(World::new());
    let times = visit_all(&Feed { cluster, world: &world });
    let of = |wanted: bool| {
        times.iter().filter(|(kind, _)| (*kind == InputKind::Pods) == wanted).map(|(_, time)| *time).sum()
    };
    let start = cpu_time();
    let judged = judge_all(&mut world.borrow_mut());
    let verdicts = cpu_time().saturating_sub(start);
    assert_eq!(judged, cluster.workloads, "every workload asks for injection");
    visit_all(&Feed { cluster, world: &world });
    assert!(!world.borrow().is_dirty(), "a relist that changes nothing marks nothing");
    Steps { pods: of(true), rest: of(false), verdicts, shapes: world.borrow().sizes().shapes }
}

/// Feeds a list of every kind to the world; the time it takes to make the JSON does not count.
struct Feed<'a> {
    cluster: Cluster,
    world: &'a RefCell<World>,
}

impl Visit for Feed<'_> {
    type Out = (InputKind, Duration);

    fn visit<V: View>(&self, source: &Source) -> Self::Out {
        let mut world = self.world.borrow_mut();
        let mut time = Duration::ZERO;
        world.begin(source.input);
        let mut objects = self.cluster.objects(source.input.plural());
        loop {
            let line = |object: String| format!(r#"{{"type":"ADDED","object":{object}}}"#);
            let lines: Vec<String> = objects.by_ref().take(BATCH).map(line).collect();
            let start = cpu_time();
            for line in &lines {
                take::<V>(&mut world, line);
            }
            time += cpu_time().saturating_sub(start);
            if lines.len() < BATCH {
                break;
            }
        }
        let start = cpu_time();
        world.complete(source.input);
        (source.input, time + cpu_time().saturating_sub(start))
    }
}

/// As kube and the controller do it with a line of a watch.
fn take<V: View>(world: &mut World, line: &str) {
    let event: WatchEvent<Watched<V>> =
        serde_json::from_slice(line.as_bytes()).expect("written for this view");
    let WatchEvent::Added(watched) = event else { unreachable!("written as ADDED") };
    if let Some(object) = watched.into_object() {
        world.apply(object);
    }
}

fn judge_all(world: &mut World) -> usize {
    let now: Timestamp = "2026-11-22T23:59:00Z".parse().expect("a literal time");
    let operator = OperatorState::discover(&*world);
    let options = Options::default();
    let mut judged = 0;
    for id in world.take_dirty() {
        let Some(subject) = world.subject(&id) else { continue };
        let Some(diagnosis) = diagnose(&subject, &*world, &operator, None, now, &options) else { continue };
        assert_eq!(diagnosis.healthy().0, "True", "{id}: {:?}", diagnosis.status.findings);
        judged += 1;
    }
    judged
}
