//! Do objects of a real API server look to Argo CD, Flux and kubectl as docs/gitops.md says?

use e2e::Bed;
use e2e::product::kubectl;
use e2e::readers::read;
use serde_json::Value;

use crate::helm::file;

/// As the page says it, but that a test waits for less long.
const WAIT: &str = "-n shop wait --for=condition=Healthy ih/deployment-checkout --timeout=2m";
const INSTALL: &str =
    "-n argocd patch configmap argocd-cm --type=merge --patch-file deploy/argo-cd/argocd-cm.yaml";
const ARGO_CD: &str = r#"
{apiVersion: v1, kind: Namespace, metadata: {name: argocd}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: argocd-cm, namespace: argocd, labels: {app.kubernetes.io/part-of: argocd}}
data: {url: "https://argocd.example.com"}
"#;

/// A workload of the demo that is fine, one that is not, one that is muted.
pub async fn see(bed: &Bed) {
    let page = std::fs::read_to_string(file("docs/gitops.md")).unwrap();
    for command in [WAIT, INSTALL] {
        assert!(page.contains(&format!("\nkubectl {command}\n")), "docs/gitops.md says otherwise: {command}");
    }
    let wait = |change: &dyn Fn(&str) -> String| {
        let command = change(WAIT);
        async move { kubectl(bed, &command.split(' ').collect::<Vec<_>>()).await }
    };
    wait(&str::to_owned).await.unwrap();
    wait(&|wait| wait.replace("checkout", "ads").replace("Healthy ", "Healthy=False ")).await.unwrap();
    let blind = wait(&|wait| wait.replace("checkout", "ads").replace("2m", "1s")).await;
    assert!(format!("{blind:?}").contains("timed out waiting"), "{blind:?}");
    // Whatever the verdict is, it is there.
    wait(&|wait| wait.replace("ih/deployment-checkout", "ih --all").replace("Healthy", "Ready"))
        .await
        .unwrap();

    bed.apply_yaml(ARGO_CD).await.unwrap();
    let patch = file("deploy/argo-cd/argocd-cm.yaml");
    let install = INSTALL.replace("deploy/argo-cd/argocd-cm.yaml", patch.to_str().unwrap());
    kubectl(bed, &install.split(' ').collect::<Vec<_>>()).await.unwrap();
    let settings =
        kubectl(bed, &["-n", "argocd", "get", "configmap", "argocd-cm", "-o", "json"]).await.unwrap();
    let settings: Value = serde_json::from_str(&settings).unwrap();
    assert_eq!(settings["data"]["url"], "https://argocd.example.com");
    let script =
        &settings["data"]["resource.customizations.health.instrumentation-health.dev_InstrumentationHealth"];
    let script_file = bed.logs().join("health.lua");
    std::fs::write(&script_file, script.as_str().unwrap()).unwrap();

    for (workload, health) in [("checkout", "Healthy"), ("ads", "Degraded"), ("muted", "Suspended")] {
        let name = format!("deployment-{workload}");
        let object = kubectl(bed, &["-n", "shop", "get", "ih", &name, "-o", "json"]).await.unwrap();
        let seen = read("argocd", &[&script_file], &object).unwrap();
        assert!(seen.starts_with(&format!("{health}\t")), "{workload}: {seen}");
        let seen = read("flux", &[], &object).unwrap();
        assert!(seen.starts_with("Current\t"), "{workload}: {seen}");
    }
}
