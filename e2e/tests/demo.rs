//! Does the demo show what it promises, and leave nothing behind, whenever it is stopped?

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod processes;

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use processes::{children_of, runs};

/// Everything that the demo has to name.
const SHOWN: [&str; 11] = [
    "Instrumented",
    "NoInstrumentationInNamespace",
    "InstrumentationNotFound",
    "AnnotationNotOnPodTemplate",
    "InstrumentationCreatedAfterPod",
    "PodCreatedWhileWebhookUnavailable",
    "AgentImagePullFailed",
    "InitContainerOOMKilled",
    "EndpointServiceNotFound",
    "EnvValueFromBlocksInjection",
    "InstrumentationRecovered",
];

fn demo(more: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_bed")).arg("demo").args(more).stdout(Stdio::piped()).spawn().unwrap()
}

/// Ctrl-C.
fn interrupt(child: &Child) {
    let status = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(status.success());
}

/// Waits until a program and everything that it started has gone.
fn until_gone(child: &mut Child, children: &[u32]) -> Option<i32> {
    let code = child.wait().unwrap().code();
    let deadline = Instant::now() + Duration::from_secs(10);
    while children.iter().copied().any(runs) {
        assert!(Instant::now() < deadline, "a program outlived the demo");
        std::thread::sleep(Duration::from_millis(50));
    }
    code
}

/// Once while the control plane starts, once while the shop moves in.
#[test]
fn ctrl_c_leaves_nothing_behind() {
    for (step, least) in [("[1]", 0), ("[4]", 6)] {
        let mut demo = demo(&[]);
        let mut lines = BufReader::new(demo.stdout.take().unwrap()).lines();
        assert!(lines.by_ref().any(|line| line.unwrap().starts_with(step)), "it ended before step {step}");
        std::thread::sleep(Duration::from_millis(700));
        let children = children_of(demo.id());
        assert!(children.len() >= least, "{children:?}");
        interrupt(&demo);
        assert_eq!(until_gone(&mut demo, &children), Some(130));
    }
}

#[test]
fn all_causes_are_shown_and_kept_until_ctrl_c() {
    let mut demo = demo(&["--keep"]);
    let mut text = String::new();
    let mut lines = BufReader::new(demo.stdout.take().unwrap()).lines();
    let kubeconfig = loop {
        let line = lines.next().expect("the demo ended early").unwrap();
        if let Some(path) = line.strip_prefix("export KUBECONFIG=") {
            break path.to_owned();
        }
        text.push_str(&line);
        text.push('\n');
    };
    let missing: Vec<&str> = SHOWN.into_iter().filter(|reason| !text.contains(reason)).collect();
    assert!(missing.is_empty(), "not shown: {missing:?}\n{text}");
    let kubectl = lines.next().unwrap().unwrap();
    let kubectl = kubectl.rsplit(' ').next().unwrap();
    let asked =
        Command::new(kubectl).args(["get", "ih", "-A"]).env("KUBECONFIG", kubeconfig).output().unwrap();
    assert!(String::from_utf8_lossy(&asked.stdout).contains("deployment-checkout"), "{asked:?}");

    let children = children_of(demo.id());
    interrupt(&demo);
    assert_eq!(until_gone(&mut demo, &children), Some(0));
}
