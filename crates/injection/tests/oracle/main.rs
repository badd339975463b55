//! Is the model equal to thousands of recorded answers of the real operator?
//!
//! Would a mistake show? Each of these rules was broken by itself, and these tests failed every time:
//!
//! | rule | as broken | cases that differ |
//! |---|---|---|
//! | `annotation`: `false` on the Namespace gives way to the Pod's `true` | it stays | 59 of 13,788 |
//! | `annotation`: a name is cut at its first `/` | at its last | 174 |
//! | `lookup`: several Instrumentations are an error | the first is taken | 839 |
//! | `names`: only letters, digits, `-` and `,` | and `.` | 76 |
//! | `select`: no list means the first container | the last | 847 |
//! | `decide`: several languages, each with a list of its own | one may lack it | 209 |
//! | `decide`: the node-name variable of the collector sidecar is no mark | it is one | 9 |
//! | `language/java`: a blank before `-javaagent` | none | 573 |
//! | `language/go`: two names are too many | three are | 77 |
//! | `env`: the addresses come first | last | 3,529 |
//! | `resource`: the container's own attributes are left to it | overwritten | 629 |
//! | `exporter`: the CA file lies in the `ConfigMap`, if one is named | in the Secret | 138 |
//! | `instrumentation/default`: the Node.js agent requests 128Mi | 64Mi | 972 of 1,171 |
//! | `releases`: unknown names are ignored from 0.143 | from 0.146 | 80 of 690, of 0.145.0 |

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
