//! Is the test bed what the other tests take it for? Everything here runs on real beds.

#![allow(clippy::unwrap_used)] // a test may stop at the first thing that does not work

mod processes;

use std::time::{Duration, Instant};

use e2e::{Bed, Options};
use k8s_openapi::api::core::v1::{ConfigMap, Pod};
use kube::Api;
use kube::api::{ListParams, PostParams};
use processes::{children_of, runs};

fn config_map(name: &str) -> ConfigMap {
    serde_json::from_value(serde_json::json!({"metadata": {"name": name}})).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_beds_run_side_by_side_survive_an_api_server_restart_and_leave_nothing_behind() {
    let (one, two) = tokio::join!(Bed::start(Options::named("one")), Bed::start(Options::named("two")));
    let (one, two) = (one.unwrap(), two.unwrap());
    assert_ne!(one.reserve_cluster_ip(), two.reserve_cluster_ip());

    let config_maps = |bed: &Bed| Api::<ConfigMap>::namespaced(bed.client(), "default");
    config_maps(&one).create(&PostParams::default(), &config_map("kept")).await.unwrap();
    assert!(config_maps(&two).get_opt("kept").await.unwrap().is_none(), "the beds share their data");

    let server = config_maps(&one);
    one.stop_apiserver();
    assert!(
        tokio::time::timeout(Duration::from_secs(2), server.get("kept"))
            .await
            .is_ok_and(|answer| answer.is_err())
    );
    config_maps(&two).list(&ListParams::default()).await.expect("the other bed goes on");
    one.start_apiserver().await.unwrap();
    config_maps(&one).get("kept").await.expect("etcd has kept the data");
    one.check().expect("the other programs have survived the restart");

    // A ServiceAccount has the rights it was given, which are none.
    let nobody = one.client_for("default", "default").await.unwrap();
    let refusal = Api::<Pod>::namespaced(nobody, "default").list(&ListParams::default()).await.unwrap_err();
    assert!(refusal.to_string().contains("system:serviceaccount:default:default"), "{refusal}");

    let pids = [one.process_ids(), two.process_ids()].concat();
    assert_eq!(pids.len(), 12);
    assert!(pids.iter().copied().all(runs));
    one.stop();
    two.stop();
    assert!(!pids.iter().copied().any(runs), "a program outlived its bed");
}

#[test]
fn nothing_is_left_of_a_bed_whose_process_is_killed() {
    use std::io::BufRead as _;

    let mut bed = std::process::Command::new(env!("CARGO_BIN_EXE_bed"))
        .args(["up", "--name", "killed"])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    // Kept open: a program that cannot print would end by itself.
    let mut output = std::io::BufReader::new(bed.stdout.take().unwrap());
    output.read_line(&mut line).unwrap();
    assert!(line.starts_with("export KUBECONFIG="), "{line}");
    let pids = children_of(bed.id());
    assert_eq!(pids.len(), 6, "five programs and the lifeline");

    bed.kill().unwrap();
    bed.wait().unwrap();
    let deadline = Instant::now() + Duration::from_secs(10);
    while pids.iter().copied().any(runs) {
        assert!(Instant::now() < deadline, "a program outlived a killed bed");
        std::thread::sleep(Duration::from_millis(50));
    }
}
