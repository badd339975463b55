//! Does the stand-in operator inject through a real webhook, Service and certificate, and fail as a real one does?

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::time::Duration;

use e2e::operator::{Program, StandIn};
use e2e::product::run_uninstalled;
use e2e::{Bed, Options};
use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use kube::api::ListParams;
use serde_json::Value;

const APPLICATION: &str = r#"
apiVersion: apps/v1
kind: Deployment
metadata: {name: NAME, namespace: default}
spec:
  selector: {matchLabels: {app: NAME}}
  template:
    metadata:
      labels: {app: NAME}
      annotations: {instrumentation.opentelemetry.io/inject-java: "true"}
    spec:
      containers: [{name: app, image: "registry.example.com/shop/checkout:1.4.2"}]
"#;

const INSTRUMENTATION: &str = r#"
apiVersion: opentelemetry.io/v1alpha1
kind: Instrumentation
metadata: {name: default, namespace: default}
spec: {exporter: {endpoint: "http://otel-collector.observability:4318"}, sampler: {type: always_on}}
"#;

/// Init containers of the only Pod of an application, once it is ready.
async fn init_containers_when_ready(bed: &Bed, app: &str) -> Vec<String> {
    let pod = pod_when_ready(bed, app).await;
    let init = pod.spec.iter().flat_map(|spec| spec.init_containers.iter().flatten());
    init.map(|container| container.name.clone()).collect()
}

/// The only Pod of an application, once it is ready.
async fn pod_when_ready(bed: &Bed, app: &str) -> Pod {
    let api: Api<Pod> = Api::namespaced(bed.client(), "default");
    let selector = ListParams::default().labels(&format!("app={app}"));
    for _ in 0..600 {
        let pods = api.list(&selector).await.unwrap();
        let is_ready = |pod: &&Pod| {
            let conditions = pod.status.iter().flat_map(|status| status.conditions.iter().flatten());
            conditions.into_iter().any(|condition| condition.type_ == "Ready" && condition.status == "True")
        };
        if let Some(pod) = pods.items.iter().find(is_ready) {
            return pod.clone();
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("no Pod of {app} became ready; logs: {}", bed.logs().display());
}

#[tokio::test(flavor = "multi_thread")]
async fn injects_while_up_and_fails_open_while_down() {
    let bed = Bed::start(Options::named("operator")).await.unwrap();
    let operator = StandIn::install(&bed, &[]).await.unwrap();
    injects_or_fails_open(&bed, operator).await;
    takes_no_bad_instrumentation(&bed).await;
    becomes_what_the_preview_shows(&bed).await;
}

/// `preview --live` shows, before it is deployed, the very Pod that the API server makes afterwards.
async fn becomes_what_the_preview_shows(bed: &Bed) {
    let manifest = APPLICATION.replace("NAME", "previewed");
    let file = bed.logs().with_file_name("previewed.yaml");
    std::fs::write(&file, &manifest).unwrap();
    let arguments = ["preview", "--live", "-f", file.to_str().unwrap()];
    let (code, yaml, errors) = run_uninstalled(bed, &arguments).await.unwrap();
    assert_eq!((code, errors.as_str()), (0, ""), "{yaml}");
    let shown: Value = serde_saphyr::from_str(&yaml).unwrap();

    bed.apply_yaml(&manifest).await.unwrap();
    let made = pod_when_ready(bed, "previewed").await;
    let owner = &made.metadata.owner_references.as_ref().unwrap()[0].name;
    let shown = shown.to_string().replace("previewed-<hash>", owner);
    let shown: Value = serde_json::from_str(&shown).unwrap();
    let made = serde_json::to_value(made.spec).unwrap();
    is_within(&shown["spec"], &made, "spec");
}

/// Holds everything that is shown to what was made, which has the API server's own additions beside it.
fn is_within(shown: &Value, made: &Value, path: &str) {
    match (shown, made) {
        (Value::Object(shown), Value::Object(made)) => {
            for (key, value) in shown {
                is_within(value, made.get(key).unwrap_or(&Value::Null), &format!("{path}.{key}"));
            }
        }
        (Value::Array(shown), Value::Array(made)) => {
            // The ServiceAccount's token comes last or, of mounts and volumes, first.
            let own = |item: &&Value| {
                !item["name"].as_str().is_some_and(|name| name.starts_with("kube-api-access-"))
            };
            let made: Vec<&Value> = made.iter().filter(own).collect();
            assert_eq!(shown.len(), made.len(), "{path}");
            for (index, (shown, made)) in shown.iter().zip(made).enumerate() {
                is_within(shown, made, &format!("{path}[{index}]"));
            }
        }
        _ => assert_eq!(shown, made, "{path}"),
    }
}

/// What `OTEL_OPERATOR_BIN` and `OTEL_OPERATOR_CRDS` do, with a program that has the real operator's command line.
#[tokio::test(flavor = "multi_thread")]
async fn a_program_can_take_its_place() {
    let bed = Bed::start(Options::named("operator-bin")).await.unwrap();
    let program = Program {
        path: env!("CARGO_BIN_EXE_stand-in-operator").into(),
        crds: Some(concat!(env!("CARGO_MANIFEST_DIR"), "/testbed/crds").into()),
    };
    let operator =
        StandIn::install_program(&bed, &["--enable-go-instrumentation=true"], program).await.unwrap();
    let log = bed.logs().join("opentelemetry-operator.log");
    assert!(log.is_file(), "the program's output is among the logs");
    injects_or_fails_open(&bed, operator).await;
}

async fn takes_no_bad_instrumentation(bed: &Bed) {
    let bad = INSTRUMENTATION.replace("{type: always_on}", r#"{type: traceidratio, argument: "2"}"#);
    let refused = bed.apply_yaml(&bad).await.unwrap_err();
    let text = e2e::cli::explain(&refused);
    assert!(
        text.contains("spec.sampler.argument should be in rage [0..1]: 2"),
        "the operator's own words: {text}"
    );
}

async fn injects_or_fails_open(bed: &Bed, mut operator: StandIn) {
    let stored = bed.apply_yaml(INSTRUMENTATION).await.unwrap();
    let image = stored[0].data["spec"]["java"]["image"].as_str().unwrap().to_owned();
    assert_eq!(
        image, "ghcr.io/open-telemetry/opentelemetry-operator/autoinstrumentation-java:2.30.0",
        "the defaulting webhook was called"
    );

    bed.apply_yaml(&APPLICATION.replace("NAME", "up")).await.unwrap();
    assert_eq!(init_containers_when_ready(bed, "up").await, ["opentelemetry-auto-instrumentation-java"]);

    operator.go_down().await.unwrap();
    bed.apply_yaml(&APPLICATION.replace("NAME", "down")).await.unwrap();
    assert!(init_containers_when_ready(bed, "down").await.is_empty(), "nobody was asked");

    operator.come_back().await.unwrap();
    bed.apply_yaml(&APPLICATION.replace("NAME", "back")).await.unwrap();
    assert_eq!(init_containers_when_ready(bed, "back").await, ["opentelemetry-auto-instrumentation-java"]);
}
