//! Is nothing reported where nothing is wrong? `make soak` asks the same of 300 workloads for ten minutes.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::time::Duration;

use e2e::soak::{Settings, run};

#[tokio::test(flavor = "multi_thread")]
async fn healthy_workloads_that_come_and_go_raise_no_alarm() {
    let settings = Settings { workloads: 36, time: Duration::from_secs(30), rate: 3.0, seed: 1 };
    let verdict = run(&settings).await.unwrap();
    assert!(verdict.is_clean, "{}", verdict.line);
}
