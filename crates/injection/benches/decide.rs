//! How long does the model take for a Pod? Targets: decide ≤ 5 µs, inject ≤ 50 µs, single-threaded.

#[path = "../tests/oracle/recording.rs"]
mod recording;
#[path = "../tests/oracle/world.rs"]
#[expect(dead_code, reason = "the oracle test uses the rest")]
mod world;

use std::collections::BTreeMap;
use std::path::PathBuf;

use divan::{Bencher, black_box};
use injection::{Decision, PodRequest, decide, inject, marks};
use recording::{Case, Submitted, lines, parse, worlds};
use world::World;

/// The program's own.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() {
    divan::main();
}

/// Recorded Pods, every n-th one.
struct Sample {
    worlds: BTreeMap<String, World>,
    cases: Vec<(Case, Submitted)>,
}

impl Sample {
    fn read(only_injected: bool) -> Self {
        Self::try_read(only_injected).unwrap_or_else(|error| panic!("{error}"))
    }

    fn try_read(only_injected: bool) -> Result<Self, String> {
        const STEP: usize = 7;
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("oracle");
        let mut cases = Vec::new();
        for line in lines(&folder.join("cases.jsonl.gz"))?.step_by(STEP) {
            let (place, line) = line?;
            let case: Case = parse(&place, &line)?;
            if !only_injected || case.patch.is_some() {
                let submitted = Submitted::read(&case.submitted)?;
                cases.push((case, submitted));
            }
        }
        Ok(Self { worlds: worlds(&folder)?, cases })
    }

    fn decide(&self, (case, submitted): &(Case, Submitted)) -> Decision {
        let world = &self.worlds[&case.world];
        let request = PodRequest {
            namespace: &case.namespace,
            name: &submitted.name,
            generate_name: &submitted.generate_name,
            owners: &submitted.owners,
            shape: &submitted.shape,
        };
        decide(&request, world, &world.operator)
    }
}

#[divan::bench]
fn decide_a_pod(bencher: Bencher<'_, '_>) {
    let sample = Sample::read(false);
    let mut next = sample.cases.iter().cycle();
    bencher.bench_local(|| sample.decide(black_box(next.next().expect("there are Pods"))));
}

#[divan::bench]
fn decide_an_injected_pod(bencher: Bencher<'_, '_>) {
    let sample = Sample::read(true);
    let mut next = sample.cases.iter().cycle();
    bencher.bench_local(|| sample.decide(black_box(next.next().expect("there are Pods"))));
}

#[divan::bench]
fn inject_a_pod(bencher: Bencher<'_, '_>) {
    let sample = Sample::read(true);
    let decisions: Vec<Decision> = sample.cases.iter().map(|case| sample.decide(case)).collect();
    let mut next = sample.cases.iter().zip(&decisions).cycle();
    bencher.bench_local(|| {
        let ((case, _), decision) = next.next().expect("there are Pods");
        inject(black_box(&case.submitted), &case.namespace, decision, &sample.worlds[&case.world])
    });
}

#[divan::bench]
fn find_marks(bencher: Bencher<'_, '_>) {
    let sample = Sample::read(false);
    let mut next = sample.cases.iter().cycle();
    bencher.bench_local(|| marks(black_box(&next.next().expect("there are Pods").1.shape)));
}
