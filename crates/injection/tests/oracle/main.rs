//! Is the model equal to thousands of recorded answers of the real operator?

mod check;
mod recording;
mod report;
mod world;

use std::path::PathBuf;

fn oracle() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("oracle")
}

#[test]
fn every_recorded_pod_of_0_158() {
    let report = check::pods(&oracle());
    report.print("0.158.0");
    assert_eq!(report.differing, 0);
}
