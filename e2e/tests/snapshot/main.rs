//! Does `check -f` on a snapshot say what `check` says of the cluster itself, and does nothing private leave it?

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::path::Path;
use std::time::{Duration, Instant};

use e2e::operator::StandIn;
use e2e::product::{Product, kubectl};
use e2e::{Bed, Options};
use flate2::read::GzDecoder;
use serde_json::{Value, json};

const SURROUNDINGS: &str = include_str!("../controller/shop.yaml");
const SHOP: &str = include_str!("shop.yaml");

/// Allows to read the Pods and Deployments of one namespace and nothing else.
const PODS_ONLY: &str = "
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: pods-only, namespace: shop}
rules:
- {apiGroups: [''], resources: [pods], verbs: [get, list]}
- {apiGroups: [apps], resources: [deployments, replicasets], verbs: [get, list]}
";

/// A user with a Role in the namespace and no other rights.
fn user(name: &str, role: &str) -> String {
    format!(
        "
apiVersion: v1
kind: ServiceAccount
metadata: {{name: {name}, namespace: shop}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {{name: {name}, namespace: shop}}
roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: Role, name: {role}}}
subjects: [{{kind: ServiceAccount, name: {name}, namespace: shop}}]
"
    )
}

/// What is said of each workload, without the times of saying it.
fn said(printed: &str) -> Value {
    let mut list: Value = serde_json::from_str(printed).unwrap_or_else(|error| panic!("{error}: {printed}"));
    let forget = |items: &mut Value, fields: &[&str]| {
        for item in items.as_array_mut().into_iter().flatten() {
            for field in fields {
                item[*field] = Value::Null;
            }
        }
    };
    for item in list["items"].as_array_mut().unwrap() {
        forget(&mut item["status"]["conditions"], &["lastTransitionTime"]);
        forget(&mut item["status"]["findings"], &["since"]);
        forget(&mut item["status"]["history"], &["time"]);
    }
    list["items"].clone()
}

fn reason(said: &Value, name: &str) -> String {
    said_of(said, name)["metadata"]["labels"]["instrumentation-health.dev/reason"]
        .as_str()
        .unwrap()
        .to_owned()
}

fn said_of<'v>(said: &'v Value, name: &str) -> &'v Value {
    let items = said.as_array().unwrap();
    items.iter().find(|item| item["metadata"]["name"] == name).unwrap()
}

/// What the user of a kubeconfig is told of the namespace, and of a snapshot of it that this user takes: the same.
async fn check_twice(product: &Product, kubeconfig: &Path, file: &str) -> Value {
    let live = check(product, kubeconfig, &["-n", "shop"]).await;
    let arguments = ["snapshot", "-n", "shop", "-o", file];
    let (code, _, errors) = product.command_as(kubeconfig, &arguments).await.unwrap();
    assert_eq!(code, 0, "{errors}");
    assert_eq!(check(product, kubeconfig, &["-f", file]).await, live);
    live
}

async fn check(product: &Product, kubeconfig: &Path, arguments: &[&str]) -> Value {
    let arguments = [&["check", "-o", "json"], arguments].concat();
    let (code, printed, errors) = product.command_as(kubeconfig, &arguments).await.unwrap();
    assert!(code <= 2, "{errors}");
    said(&printed)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_gets_the_live_verdicts_and_keeps_what_is_private() {
    let bed = Bed::start(Options::named("snapshot")).await.unwrap();
    let _operator = StandIn::install(&bed, &[]).await.unwrap();
    let product = Product::install(&bed).await.unwrap();
    bed.apply_yaml(SURROUNDINGS).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    std::fs::write(path("shop.yaml"), SHOP).unwrap();
    kubectl(&bed, &["apply", "-f", &path("shop.yaml")]).await.unwrap();
    bed.apply_yaml(PODS_ONLY).await.unwrap();
    bed.apply_yaml(&user("reader", "pods-only")).await.unwrap();

    let admin = bed.kubeconfig();
    let begun = Instant::now();
    loop {
        let said = check(&product, &admin, &["-A"]).await;
        let reasons =
            ["deployment-ads", "deployment-cart", "deployment-mail"].map(|name| reason(&said, name));
        if reasons == ["EndpointServiceNotFound", "Instrumented", "InstrumentationNotFound"] {
            break;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "{reasons:?}");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }

    for (place, file) in [(&["-A"][..], path("all.json.gz")), (&["-n", "shop"], path("shop.yaml.gz"))] {
        let live = check(&product, &admin, place).await;
        let (code, printed, errors) =
            product.command(&bed, &[&["snapshot", "-o", &file], place].concat()).await.unwrap();
        assert_eq!((code, printed.as_str()), (0, ""), "{errors}");
        assert!(errors.starts_with("Wrote ") && !errors.contains("warning"), "{errors}");
        assert_eq!(check(&product, &admin, &["-f", &file]).await, live, "{place:?}");
        let mut text = String::new();
        std::io::Read::read_to_string(&mut GzDecoder::new(std::fs::File::open(&file).unwrap()), &mut text)
            .unwrap();
        for private in ["PRIVATE", "tls.key", "managedFields\":[{\"fieldsType"] {
            let at = text
                .find(private)
                .map(|at| text[at.saturating_sub(80)..].chars().take(160).collect::<String>());
            assert_eq!(at, None, "{private} left the cluster");
        }
        assert!(
            text.contains("tls.crt"),
            "the certificate of the webhook is public, and a diagnosis reads it"
        );
    }

    // What may not be read is named on the terminal and in the file, and is not taken for absent.
    let reader = bed.kubeconfig_for("shop", "reader").await.unwrap();
    let live = check(&product, &reader, &["-n", "shop"]).await;
    let file = path("reader.json");
    let arguments = ["snapshot", "-n", "shop", "-o", &file];
    let (code, _, errors) = product.command_as(&reader, &arguments).await.unwrap();
    assert_eq!(code, 0, "{errors}");
    let words = errors.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("may not be read, and so are not in it: namespaces,"), "{errors}");
    let list: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    assert_eq!(list["items"][0]["kind"], "ClusterSnapshot");
    let services =
        list["items"][0]["inputs"].as_array().unwrap().iter().find(|i| i["resource"] == "services");
    let needs = json!("list, watch services");
    assert_eq!(services.map(|s| (&s["state"], &s["needs"])), Some((&json!("Unreadable"), &needs)));
    assert_eq!(check(&product, &reader, &["-f", &file]).await, live);

    // With the rights that `config/namespaces-only` gives in one namespace, what that namespace alone tells is told; what others would tell is unknown.
    let rights = Path::new(env!("CARGO_MANIFEST_DIR")).join("../config/namespaces-only/rights");
    let rights = rights.to_str().unwrap();
    kubectl(&bed, &["apply", "--server-side", "-n", "shop", "-k", rights]).await.unwrap();
    bed.apply_yaml(&user("owner", "instrumentation-health-reads")).await.unwrap();
    let owner = bed.kubeconfig_for("shop", "owner").await.unwrap();
    let said = check_twice(&product, &owner, &path("owner.json")).await;
    assert_eq!(reason(&said, "deployment-mail"), "InstrumentationNotFound");
    for (name, needed) in [("deployment-ads", true), ("deployment-cart", true), ("deployment-mail", false)] {
        let lacking = said_of(&said, name)["status"]["notChecked"].to_string();
        assert_eq!(
            reason(&said, name) == "NotChecked",
            needed,
            "{name}: {:#}",
            said_of(&said, name)["status"]
        );
        assert!(lacking.contains("mutatingwebhookconfigurations"), "{name}: {lacking}");
    }
    // A collector in the same namespace is all that is missing for a clean bill.
    let here = SURROUNDINGS.replace("namespace: observability", "namespace: shop");
    bed.apply_yaml(&here[here.find("apiVersion: apps/v1").unwrap()..]).await.unwrap();
    let endpoint = r#"{"spec": {"exporter": {"endpoint": "http://otel-collector.shop:4318"}}}"#;
    kubectl(&bed, &["-n", "shop", "patch", "instrumentation", "default", "--type=merge", "-p", endpoint])
        .await
        .unwrap();
    kubectl(&bed, &["-n", "shop", "rollout", "restart", "deployment/cart"]).await.unwrap();
    let begun = Instant::now();
    while reason(&check(&product, &owner, &["-n", "shop"]).await, "deployment-cart") != "Instrumented" {
        assert!(begun.elapsed() < Duration::from_secs(60));
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    check_twice(&product, &owner, &path("owner.json")).await;

    // Nobody is left with half a file, and everybody is told why there is none.
    let file = path("no/such/folder/a.json");
    let (code, _, errors) = product.command(&bed, &["snapshot", "-A", "-o", &file]).await.unwrap();
    assert!(code == 2 && errors.starts_with("error: cannot write "), "{code} {errors}");
    bed.stop();
}
