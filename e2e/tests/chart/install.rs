//! Does an installed release work, change and go as its notes say?

use std::process::Command;
use std::time::Duration;

use e2e::operator::StandIn;
use e2e::page::page;
use e2e::product::{free_port, kubectl, output, program};
use e2e::verdicts::{Verdict, until_verdicts, verdicts};
use e2e::{Bed, Options};
use serde_json::Value;

use crate::helm::{RELEASE, file, helm, objects, only};

/// For what happens at once, on a machine that does many things.
const PATIENCE: Duration = Duration::from_secs(60);
const OUR_CRD: &str = "instrumentationhealths.instrumentation-health.dev";
const SHOP: &str = include_str!("shop.yaml");

#[tokio::test(flavor = "multi_thread")]
async fn installs_runs_upgrades_and_goes() {
    let _one = crate::BED.lock().await;
    let bed = Bed::start(Options::named("chart")).await.unwrap();
    let _operator = StandIn::install(&bed, &[]).await.unwrap();
    bed.apply_yaml(SHOP).await.unwrap();
    let chart = file("deploy/chart");
    let chart = chart.to_str().unwrap();
    let address = format!("127.0.0.1:{}", free_port().unwrap());
    let values = values(&bed, &address);

    // Under Pod Security `restricted`: else no Pod becomes ready, and helm waits in vain.
    let waiting = ["--wait", "--timeout=90s", "-f", &values];
    let notes = helm(Some(&bed), &[&["install", RELEASE, chart][..], &waiting].concat()).await.unwrap();
    assert!(notes.contains("rollout status deployment/instrumentation-health"), "{notes}");
    assert!(notes.contains("names no registry"), "{notes}");

    start(&bed).await;
    let blind = [Verdict::new("shop", "deployment-checkout", "False", "NoInstrumentationInNamespace")];
    until_verdicts(&bed.client(), &blind, PATIENCE).await.unwrap();
    until_ready(&address).await;
    let needs =
        kubectl(&bed, &["-n", "shop", "get", "ih", "-o", "jsonpath={.items[*].status.notChecked[*].needs}"]);
    assert_eq!(needs.await.unwrap(), "", "the chart grants everything that is read");

    // The Pod of `helm test` is played; its command runs beside the bed, with the same account.
    helm(Some(&bed), &["test", RELEASE]).await.unwrap();
    let hooks = objects(&helm(Some(&bed), &["get", "hooks", RELEASE]).await.unwrap());
    let (code, said, complaints) =
        output(of_pod(&bed, &only(&hooks, "Pod")["spec"]).await.into()).await.unwrap();
    assert_eq!((code, said.as_str()), (0, "0 healthy, 1 failing.\n"), "{complaints}");

    let upgrade = [
        "upgrade",
        RELEASE,
        chart,
        "--set",
        "controller.writesPerSecond=20",
        "--set",
        "networkPolicy.enabled=true",
    ];
    helm(Some(&bed), &[&upgrade[..], &waiting].concat()).await.unwrap();
    bed.stop_program(RELEASE, PATIENCE);
    start(&bed).await;
    until_ready(&address).await;
    bed.stop_program(RELEASE, PATIENCE);

    // What the release installed goes; the definition and what was written stay, and a later release takes them over.
    helm(Some(&bed), &["uninstall", RELEASE, "--wait"]).await.unwrap();
    let left = kubectl(
        &bed,
        &[
            "get",
            "deploy,svc,sa,netpol,clusterrole,clusterrolebinding",
            "-A",
            "-l",
            "helm.sh/chart",
            "-o",
            "name",
        ],
    );
    assert_eq!(left.await.unwrap(), "");
    assert_eq!(verdicts(&bed.client()).await.unwrap(), blind);
    let going = ["install", RELEASE, chart, "--set", "crds.keep=false"];
    helm(Some(&bed), &[&going[..], &waiting].concat()).await.unwrap();
    assert_eq!(verdicts(&bed.client()).await.unwrap(), blind);
    helm(Some(&bed), &["uninstall", RELEASE, "--wait"]).await.unwrap();
    assert!(kubectl(&bed, &["get", "crd", OUR_CRD]).await.is_err());
    bed.stop();
}

/// Values for a bed, whose programs share one address: a port that is free, and a Pod of `helm test` that ends.
fn values(bed: &Bed, address: &str) -> String {
    let (host, port) = address.split_once(':').unwrap();
    let played = r#"{"containers": {"check": {"exit": {"code": 0, "after": 1}}}}"#;
    let values = serde_json::json!({
        "controller": {"listen": {"address": host, "port": port.parse::<u16>().unwrap()}},
        // Checks that are off by default are on, so that nothing at all is left unchecked.
        "checks": {"readKeys": true, "probeAdmission": true},
        "test": {"podAnnotations": {"kubelet.e2e.instrumentation-health.dev/play": played}},
    });
    let path = bed.logs().join("values.json");
    std::fs::write(&path, values.to_string()).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Starts the program as the Deployment says.
async fn start(bed: &Bed) {
    let deployment =
        kubectl(bed, &["-n", RELEASE, "get", "deployment", RELEASE, "-o", "json"]).await.unwrap();
    let deployment: Value = serde_json::from_str(&deployment).unwrap();
    bed.run(RELEASE, of_pod(bed, &deployment["spec"]["template"]["spec"]).await).unwrap();
}

/// What the only container of a Pod runs: its arguments, its environment, the account of the Pod.
pub async fn of_pod(bed: &Bed, pod: &Value) -> Command {
    let container = &pod["containers"][0];
    let account = pod["serviceAccountName"].as_str().unwrap();
    let mut command = Command::new(program().unwrap());
    command.args(container["args"].as_array().unwrap().iter().map(|argument| argument.as_str().unwrap()));
    for variable in container["env"].as_array().into_iter().flatten() {
        let value = match variable["valueFrom"]["fieldRef"]["fieldPath"].as_str() {
            Some("metadata.name") => "instrumentation-health-6d5f-x2x9k",
            Some("metadata.namespace") => RELEASE,
            Some(other) => panic!("no such field is known here: {other}"),
            None => variable["value"].as_str().unwrap(),
        };
        command.env(variable["name"].as_str().unwrap(), value);
    }
    command.env("KUBECONFIG", bed.kubeconfig_for(RELEASE, account).await.unwrap());
    command
}

pub async fn until_ready(address: &str) {
    let ready = async {
        while !matches!(page(address, "/readyz").await, Ok((200, _))) {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(PATIENCE, ready).await.expect("the controller becomes ready");
}
