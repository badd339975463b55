//! Does every recorded cluster get the verdict that is known to be right?
//!
//! `SCENARIO=part-of-a-name` runs the matching ones only; where they are few, it prints everything that was said.
//! `SCENARIO=all` runs all of them without looking at `NOT_YET`.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod not_yet;
mod vary;
mod verdict;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use diagnosis::{OperatorState, diagnose, resource};
use serde_json::Value;

use crate::not_yet::NOT_YET;
use crate::vary::{VARIATIONS, Variation};
use crate::verdict::{Expect, Said, Scenario, Workload, mistakes};

/// So many scenarios are printed in full.
const FEW: usize = 3;

#[test]
fn every_scenario_gets_its_verdict() {
    let filter = std::env::var("SCENARIO").ok();
    let scenarios = scenarios(filter.as_deref());
    assert!(!scenarios.is_empty(), "no scenario is called like {filter:?}");
    let verbose = filter.is_some() && scenarios.len() <= FEW;
    let mut table = String::new();
    let mut failed = Vec::new();
    let mut passed = Vec::new();
    for (name, folder) in &scenarios {
        let report = judge(folder, verbose);
        let word = match (report.is_right, NOT_YET.contains(&name.as_str())) {
            (true, _) => "right",
            (false, true) => "not yet",
            (false, false) => "WRONG",
        };
        writeln!(table, "{word:8}{name}").unwrap();
        table.push_str(&report.text);
        if report.is_right { &mut passed } else { &mut failed }.push(name.as_str());
    }
    println!("{table}\n{} of {} scenarios right", passed.len(), scenarios.len());
    if filter.is_some() {
        assert!(failed.is_empty(), "wrong: {failed:?}");
        return;
    }
    let gone: Vec<_> = NOT_YET.iter().filter(|name| !scenarios.contains_key(**name)).collect();
    assert!(gone.is_empty(), "NOT_YET names scenarios that do not exist: {gone:?}");
    let shrink: Vec<_> = NOT_YET.iter().filter(|name| passed.contains(*name)).collect();
    assert!(shrink.is_empty(), "right by now, take them out of NOT_YET: {shrink:?}");
    failed.retain(|name| !NOT_YET.contains(name));
    assert!(failed.is_empty(), "wrong: {failed:?}");
}

/// What was recorded with one kind of workload, few Pods and a tidy cluster holds for others.
#[test]
fn every_scenario_keeps_its_verdict_where_nothing_changes_that_matters() {
    let scenarios = scenarios(std::env::var("SCENARIO").ok().as_deref());
    let mut wrong = String::new();
    for (what, variation) in VARIATIONS {
        let mut count = 0;
        for (name, folder) in scenarios.iter().filter(|(name, _)| !NOT_YET.contains(&name.as_str())) {
            let Some(report) = judge_varied(folder, variation) else { continue };
            count += 1;
            if !report.is_right {
                write!(wrong, "{name}, where {what}:\n{}", report.text).unwrap();
            }
        }
        assert!(count > 50 || scenarios.len() < 100, "{what}: only {count} scenarios");
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// Largest healthy object, without what the API server adds.
const HEALTHY_BYTES: usize = 3_250;

#[test]
fn a_healthy_object_is_small() {
    let mut largest = (0, String::new());
    for (name, folder) in scenarios(None).into_iter().filter(|(name, _)| name.starts_with("healthy-")) {
        let scenario = scenario(&folder);
        let input =
            input::load(&[folder.join("snapshot.json.gz")], &mut io::empty(), &input::Options::default());
        let input = input.unwrap();
        let operator = OperatorState::discover(&input.world);
        for workload in &scenario.workloads {
            let object = object_of(&input.world, &operator, workload, scenario.now);
            let object = object
                .filter(|object| Said::of(object).healthy == "True" && Said::of(object).findings.is_empty());
            largest = largest.max((object.map_or(0, |object| object.to_string().len()), name.clone()));
        }
    }
    assert!(largest.0 <= HEALTHY_BYTES, "{largest:?}");
}

fn scenarios(filter: Option<&str>) -> BTreeMap<String, PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let all: BTreeMap<String, PathBuf> = std::fs::read_dir(&root)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), path))
        .collect();
    match filter {
        None | Some("all") => all,
        Some(name) if all.contains_key(name) => all.into_iter().filter(|(other, _)| other == name).collect(),
        Some(part) => all.into_iter().filter(|(name, _)| name.contains(part)).collect(),
    }
}

struct Report {
    is_right: bool,
    text: String,
}

fn judge(folder: &Path, verbose: bool) -> Report {
    let scenario = scenario(folder);
    let snapshot = folder.join("snapshot.json.gz");
    let input = input::load(&[snapshot], &mut io::empty(), &input::Options::default()).unwrap();
    assert_eq!(input.supplied, input::Supplied::Dump, "{}", folder.display());
    assert!(input.problems.is_empty(), "{:?}", input.problems);
    let operator = OperatorState::discover(&input.world);
    let mut report = Report { is_right: true, text: String::new() };
    if verbose {
        writeln!(report.text, "  {}\n  {operator:?}", scenario.title).unwrap();
    }
    for workload in &scenario.workloads {
        let object = object_of(&input.world, &operator, workload, scenario.now);
        let said = object.as_ref().map(Said::of);
        let mistakes = mistakes(&workload.expect, said.as_ref(), asks(&input.world, workload));
        report.is_right &= mistakes.is_empty();
        if verbose || !mistakes.is_empty() {
            describe(&mut report.text, workload, said.as_ref(), &mistakes);
        }
        if let Some(object) = object.filter(|_| verbose) {
            let status = serde_json::to_string_pretty(&object["status"]).unwrap();
            for line in status.lines() {
                writeln!(report.text, "    {line}").unwrap();
            }
        }
    }
    report
}

/// None where the variation changes nothing.
fn judge_varied(folder: &Path, variation: Variation) -> Option<Report> {
    let mut scenario = scenario(folder);
    let mut text = String::new();
    let packed = std::fs::File::open(folder.join("snapshot.json.gz")).unwrap();
    flate2::read::GzDecoder::new(packed).read_to_string(&mut text).unwrap();
    let mut list: Value = serde_json::from_str(&text).unwrap();
    if !variation(list["items"].as_array_mut().unwrap(), &mut scenario.workloads) {
        return None;
    }
    let input = input::load_text(&list.to_string(), &input::Options::default()).unwrap();
    let operator = OperatorState::discover(&input.world);
    let mut report = Report { is_right: true, text: String::new() };
    for workload in &scenario.workloads {
        let object = object_of(&input.world, &operator, workload, scenario.now);
        let said = object.as_ref().map(Said::of);
        let mistakes = mistakes(&workload.expect, said.as_ref(), asks(&input.world, workload));
        report.is_right &= mistakes.is_empty();
        if !mistakes.is_empty() {
            describe(&mut report.text, workload, said.as_ref(), &mistakes);
        }
    }
    Some(report)
}

fn scenario(folder: &Path) -> Scenario {
    serde_json::from_slice(&std::fs::read(folder.join("scenario.json")).unwrap()).unwrap()
}

/// The object that would be written about a workload, as its JSON is.
fn object_of(
    world: &world::World,
    operator: &OperatorState,
    workload: &Workload,
    now: jiff::Timestamp,
) -> Option<Value> {
    let id = world.workloads().into_iter().find(|id| is(id, workload));
    let subject = id.and_then(|id| world.subject(&id));
    let subject = subject.unwrap_or_else(|| panic!("the world lacks {}/{}", workload.kind, workload.name));
    let diagnosis = diagnose(&subject, world, operator, None, now, &diagnosis::Options::default())?;
    Some(serde_json::to_value(resource(&subject, &diagnosis)).unwrap())
}

fn is(id: &facts::WorkloadRef, workload: &Workload) -> bool {
    *id.kind == *workload.kind && *id.namespace == *workload.namespace && *id.name == *workload.name
}

/// Whether a key under the operator's prefix stands on the workload, its template, its Pods or its Namespace.
fn asks(world: &world::World, workload: &Workload) -> bool {
    let asks = |annotations: &facts::StringMap| {
        annotations.iter().any(|(key, _)| key.starts_with(facts::INSTRUMENTATION_PREFIX))
    };
    let namespace = facts::ClusterView::namespace(world, &workload.namespace).found();
    let id = world.workloads().into_iter().find(|id| is(id, workload));
    let subject = id.as_ref().and_then(|id| world.subject(id));
    namespace.is_some_and(|namespace| asks(&namespace.metadata.metadata.annotations))
        || subject.is_some_and(|subject| {
            subject.pods.iter().any(|pod| asks(&pod.shape.annotations))
                || subject.workload.is_some_and(|workload| {
                    asks(&workload.annotations) || asks(&workload.template.annotations)
                })
        })
}

fn describe(text: &mut String, workload: &Workload, said: Option<&Said>, mistakes: &[String]) {
    let Expect { healthy, causes, accept, not } = &workload.expect;
    writeln!(text, "    {}/{}: {}", workload.kind, workload.name, mistakes.join("; ")).unwrap();
    writeln!(text, "      expected {healthy} {causes:?} accept {accept:?} not {not:?}").unwrap();
    match said {
        Some(Said { healthy, reason, findings }) => {
            writeln!(text, "      said     {healthy} {reason} {findings:?}").unwrap();
        }
        None => writeln!(text, "      said     nothing").unwrap(),
    }
}
