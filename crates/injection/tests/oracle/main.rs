//! Is the model equal to thousands of recorded answers of the real operator?

#![allow(clippy::unwrap_used, reason = "a test: what does not fit fails it")]

mod check;
mod instrumentations;
mod recording;
mod report;
mod world;

use std::path::PathBuf;

fn oracle() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("oracle")
}

#[test]
fn every_recorded_pod_of_0_158() {
    let report = check::pods(&oracle()).unwrap();
    report.print("0.158.0");
    assert_eq!(report.differing, 0);
}

#[test]
fn every_recorded_release() {
    let mut differing = 0;
    for release in injection::RECORDED {
        let report = check::pods(&oracle().join("releases").join(release.to_string())).unwrap();
        report.print(&release.to_string());
        differing += report.differing;
    }
    assert_eq!(differing, 0);
}

#[test]
fn every_recorded_instrumentation() {
    let report = instrumentations::instrumentations(&oracle().join("instrumentations.jsonl.gz")).unwrap();
    report.print("Instrumentations");
    assert_eq!(report.differing, 0);
}
